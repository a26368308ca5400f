//! TLS for every connection: rustls with ring, trusting what the system trusts.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};

use crate::error::GatewayError;

/// Which authorities may vouch for a server.
#[derive(Clone, Debug, Default)]
pub enum TrustAnchors {
    /// Those of the operating system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR` where they are set.
    #[default]
    System,
    /// Those of the operating system, and these: a company's own authority.
    SystemAnd(Vec<CertificateDer<'static>>),
    /// These alone.
    Only(Vec<CertificateDer<'static>>),
}

/// What an https request says on a machine that trusts nobody.
pub(crate) const NO_ANCHORS: &str = "no system CA certificates were found, so no https server can be trusted: \
     install the ca-certificates package, or point SSL_CERT_FILE at a file of them";

/// Reads the certificates of a PEM file's content. Other things than certificates in it are passed over.
///
/// # Errors
/// [`GatewayError::Certificates`] where a certificate is damaged or none is there; nothing of the content is repeated.
pub fn certificates_from_pem(content: &[u8]) -> Result<Vec<CertificateDer<'static>>, GatewayError> {
    let mut certificates = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(content) {
        let number = certificates.len() + 1;
        let certificate = certificate.map_err(|error| {
            let problem = match error {
                pem::Error::MissingSectionEnd { .. } => "a section has no end line (\"-----END …-----\")",
                pem::Error::IllegalSectionStart { .. } => "a section's first line is damaged",
                pem::Error::Base64Decode(_) => "a section holds what is not base64",
                _ => "a section cannot be read",
            };
            GatewayError::Certificates(format!("{problem}, in place of certificate {number} or after it"))
        })?;
        // Held against a store of its own, to say which it is.
        RootCertStore::empty().add(certificate.clone()).map_err(|_| {
            GatewayError::Certificates(format!("certificate {number} is not one that can vouch for a server"))
        })?;
        certificates.push(certificate);
    }
    if certificates.is_empty() {
        let problem = "no certificate was found: a PEM file with \"-----BEGIN CERTIFICATE-----\" is wanted";
        return Err(GatewayError::Certificates(problem.into()));
    }
    Ok(certificates)
}

/// What the caller gives, held against the library at once, without reading what the system has.
pub(crate) fn check(anchors: &TrustAnchors) -> Result<(), GatewayError> {
    match anchors {
        TrustAnchors::System => Ok(()),
        TrustAnchors::SystemAnd(certificates) | TrustAnchors::Only(certificates) => {
            add(&mut RootCertStore::empty(), certificates)
        }
    }
}

/// The client's settings, and whether there is anybody to trust.
pub(crate) fn client_config(anchors: &TrustAnchors) -> Result<(ClientConfig, bool), GatewayError> {
    let mut roots = RootCertStore::empty();
    if let TrustAnchors::System | TrustAnchors::SystemAnd(_) = anchors {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::debug!(%error, "CA certificates could not be read");
        }
        // A system's collection may hold a certificate of a kind unknown to rustls: the rest still counts.
        roots.add_parsable_certificates(found.certs);
    }
    if let TrustAnchors::SystemAnd(certificates) | TrustAnchors::Only(certificates) = anchors {
        add(&mut roots, certificates)?;
    }
    let trusts_somebody = !roots.is_empty();
    // The provider is named here, not installed for the process: another crate may want another one.
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| GatewayError::Tls(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((config, trusts_somebody))
}

fn add(roots: &mut RootCertStore, certificates: &[CertificateDer<'static>]) -> Result<(), GatewayError> {
    certificates
        .iter()
        .try_for_each(|certificate| roots.add(certificate.clone()).map_err(|e| GatewayError::Tls(e.to_string())))
}

//! TLS for every connection: rustls with ring, trusting what the system trusts.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::error::GatewayError;

/// Which authorities may vouch for a server.
#[derive(Clone, Debug, Default)]
pub enum TrustAnchors {
    /// Those of the operating system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR` where they are set.
    #[default]
    System,
    /// These alone.
    Only(Vec<CertificateDer<'static>>),
}

/// What an https request says on a machine that trusts nobody.
pub(crate) const NO_ANCHORS: &str = "no system CA certificates were found, so no https server can be trusted: \
     install the ca-certificates package, or point SSL_CERT_FILE at a file of them";

/// The client's settings, and whether there is anybody to trust.
pub(crate) fn client_config(anchors: &TrustAnchors) -> Result<(ClientConfig, bool), GatewayError> {
    let mut roots = RootCertStore::empty();
    match anchors {
        TrustAnchors::System => {
            let found = rustls_native_certs::load_native_certs();
            for error in &found.errors {
                tracing::debug!(%error, "CA certificates could not be read");
            }
            // A system's collection may hold a certificate of a kind unknown to rustls: the rest still counts.
            roots.add_parsable_certificates(found.certs);
        }
        TrustAnchors::Only(certificates) => {
            for certificate in certificates {
                roots.add(certificate.clone()).map_err(|e| GatewayError::Tls(e.to_string()))?;
            }
        }
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

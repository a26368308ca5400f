//! The best plain Rust that could be written for the same work: no component, no check of who wrote the bytes.

pub(crate) mod parse;
pub(crate) mod read;
pub(crate) mod sync;

use crate::Failed;

/// A client as any program would make one.
pub(crate) fn client() -> Result<reqwest::Client, Failed> {
    // reqwest is built without a default for encryption, and wants one even where none is used.
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().tcp_nodelay(true).build()?)
}

//! Certificates that must not be trusted, and the protocols that are offered.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use scoresheet_gateway::{
    BaseUrl, ConnectionLimits, ConnectionSpec, Credential, Gateway, GatewayError, GatewayOptions, HttpError, Response,
    TrustAnchors, certificates_from_pem,
};
use scoresheet_test_support::{ScriptedResponse, ScriptedServer};
use tokio::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

use crate::support::get;

pub(crate) struct Identity {
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// A certificate for a host, signed by itself.
pub(crate) fn identity(host: &str, last_year: i32) -> Identity {
    identity_of("somebody", host, last_year)
}

fn identity_of(owner: &str, host: &str, last_year: i32) -> Identity {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new([host.to_owned()]).expect("a name");
    params.distinguished_name.push(DnType::CommonName, owner);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(last_year, 12, 31);
    let certificate = params.self_signed(&key).expect("a certificate").der().clone();
    Identity { certificate, key: PrivateKeyDer::try_from(key.serialize_der()).expect("a key") }
}

/// A server with this certificate that speaks one protocol.
pub(crate) fn server_config(identity: Identity, alpn: &[u8]) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate], identity.key)
        .expect("a certificate");
    config.alpn_protocols = vec![alpn.to_vec()];
    Arc::new(config)
}

/// Serves one connection, and returns the first bytes that came through it.
fn serve_once(identity: Identity, alpn: &[u8]) -> (String, JoinHandle<Vec<u8>>) {
    let config = server_config(identity, alpn);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("https://{}", listener.local_addr().expect("an address"));
    let serving = std::thread::spawn(move || {
        let (socket, _) = listener.accept().expect("a client");
        let mut stream = StreamOwned::new(ServerConnection::new(config).expect("a session"), socket);
        let mut seen = vec![0; 4096];
        let count = stream.read(&mut seen).unwrap_or_default();
        seen.truncate(count);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nsafe");
        let _ = stream.flush();
        seen
    });
    (base, serving)
}

async fn send(base: &str, trust: Vec<CertificateDer<'static>>) -> Result<Response, HttpError> {
    send_trusting(base, TrustAnchors::Only(trust)).await
}

async fn send_trusting(base: &str, trust: TrustAnchors) -> Result<Response, HttpError> {
    let options = GatewayOptions { trust, ..GatewayOptions::default() };
    let spec = ConnectionSpec {
        name: "crewhu".into(),
        base_url: BaseUrl::parse(base, false).expect("a base URL"),
        credential: Arc::new(Credential::None),
        headers: Vec::new(),
        secret_headers: Vec::new(),
        limits: ConnectionLimits { max_attempts: crate::support::count(1), ..ConnectionLimits::default() },
        allow_private_addresses: false,
        allow_post: true,
    };
    let connection = Gateway::new(options).expect("a gateway").connect(spec).expect("a connection");
    connection.send(get("x"), Instant::now() + Duration::from_secs(60), &CancellationToken::new()).await
}

#[tokio::test]
async fn a_trusted_server_is_spoken_to() {
    let identity = identity("127.0.0.1", 4000);
    let trust = vec![identity.certificate.clone()];
    let (base, serving) = serve_once(identity, b"http/1.1");
    assert_eq!(send(&base, trust).await.expect("an answer").body, b"safe");
    assert!(serving.join().expect("no panic").starts_with(b"GET /x HTTP/1.1\r\n"));
}

fn pem(label: &str, der: &[u8]) -> String {
    let lines = STANDARD.encode(der);
    let lines = lines.as_bytes().chunks(64).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
    format!("-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n")
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_beside_the_systems() {
    let own = identity("127.0.0.1", 4000);
    let file = format!("# ours\n{}", pem("CERTIFICATE", &own.certificate));
    let (base, serving) = serve_once(own, b"http/1.1");
    let trust = TrustAnchors::SystemAnd(certificates_from_pem(file.as_bytes()).expect("a certificate"));
    assert_eq!(send_trusting(&base, trust).await.expect("an answer").body, b"safe");
    serving.join().expect("no panic");
}

#[test]
fn a_file_of_certificates_is_read_or_says_what_is_wrong() {
    let (one, two) = (identity("a.example", 4000), identity("b.example", 4000));
    let both = [
        pem("CERTIFICATE", &one.certificate),
        pem("PRIVATE KEY", one.key.secret_der()),
        pem("CERTIFICATE", &two.certificate),
    ]
    .concat();
    let read = certificates_from_pem(both.as_bytes()).expect("two certificates");
    assert_eq!(read, [one.certificate.clone(), two.certificate]);
    let whole = pem("CERTIFICATE", &one.certificate);
    for (content, expected) in [
        (String::new(), "no certificate was found"),
        ("canary".into(), "no certificate was found"),
        (pem("PRIVATE KEY", one.key.secret_der()), "no certificate was found"),
        (whole.replace("-----END", "canary"), "no end line"),
        (whole.replace("CERTIFICATE-----\nM", "CERTIFICATE-----\n*canary*"), "not base64"),
        (format!("{whole}{}", pem("CERTIFICATE", b"canary")), "certificate 2 is not one"),
    ] {
        let error = certificates_from_pem(content.as_bytes()).expect_err(expected);
        assert!(matches!(error, GatewayError::Certificates(_)) && error.to_string().contains(expected), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
    let broken = GatewayOptions {
        trust: TrustAnchors::SystemAnd(vec![CertificateDer::from(b"canary".to_vec())]),
        ..GatewayOptions::default()
    };
    assert!(matches!(Gateway::new(broken), Err(GatewayError::Tls(_))), "found before the first request");
}

#[tokio::test]
async fn http_2_is_spoken_where_it_is_agreed_on() {
    let identity = identity("127.0.0.1", 4000);
    let trust = vec![identity.certificate.clone()];
    let (base, serving) = serve_once(identity, b"h2");
    send(&base, trust).await.expect_err("the answer is not HTTP/2");
    assert!(serving.join().expect("no panic").starts_with(b"PRI * HTTP/2.0\r\n"));
}

#[tokio::test]
async fn a_doubtful_certificate_is_refused_and_named() {
    let trusted = |identity: &Identity| vec![identity.certificate.clone()];
    let other = identity_of("somebody else", "127.0.0.1", 4000);
    for (server, trust, expected) in [
        (identity("127.0.0.1", 2021), None, "has expired"),
        (identity("other.example", 4000), None, "is for another name"),
        (identity("127.0.0.1", 4000), Some(trusted(&other)), "issued by nobody whom this machine trusts"),
    ] {
        let trust = trust.unwrap_or_else(|| trusted(&server));
        let (base, serving) = serve_once(server, b"http/1.1");
        let error = send(&base, trust).await.expect_err(expected);
        let told = matches!(&error, HttpError::Network(text) if text.contains("certificate problem") && text.contains(expected));
        assert!(told, "{error}");
        assert!(serving.join().expect("no panic").is_empty(), "nothing was sent");
    }
}

#[tokio::test]
async fn without_authorities_only_https_fails_and_says_why() {
    let error = send("https://127.0.0.1:1", Vec::new()).await.expect_err("nobody to trust");
    assert!(
        matches!(&error, HttpError::Network(text) if text.contains("no system CA certificates were found")),
        "{error}"
    );
    let server = ScriptedServer::start([ScriptedResponse::ok("here")]).await;
    assert_eq!(send(&server.base_url, Vec::new()).await.expect("plain http works").body, b"here");
}

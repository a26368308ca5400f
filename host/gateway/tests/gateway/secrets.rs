//! A canary for a credential, and everywhere that it must not turn up.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get as on_get;
use scoresheet_gateway::{Credential, CredentialSource, HttpError, Request, Response};
use scoresheet_test_support::{End, ScriptedResponse, ScriptedServer};
use tracing::instrument::WithSubscriber;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Rig, get, pairs};

const CANARY: &str = "canary/Secret+4711";
const BASE64_OF_PAIR: &str = "Y2FuYXJ5K3VzZXI6Y2FuYXJ5L1NlY3JldCs0NzEx";

fn kinds() -> [Credential; 3] {
    [
        Credential::Bearer(CANARY.into()),
        Credential::Basic { user: "canary+user".into(), password: CANARY.into() },
        Credential::Header { name: "X_CREWHU_APITOKEN".into(), value: CANARY.into() },
    ]
}

fn assert_clean(what: &str, text: &str) {
    for form in ["canary", "Secret+4711", BASE64_OF_PAIR] {
        assert!(!text.contains(form), "{what} shows {form}: {text}");
    }
}

/// A server that shows the caller what it was sent.
async fn echo() -> String {
    let app = Router::new().route(
        "/echo",
        on_get(async |headers: HeaderMap| {
            let secret = headers
                .get("authorization")
                .or(headers.get("x_crewhu_apitoken"))
                .and_then(|value| value.to_str().ok())
                .expect("a credential arrived")
                .to_owned();
            let json = format!("{{\"you sent\": \"{}\", \"password\": \"canary\\/Secret+4711\"}}", secret.clone());
            ([("x-request-id", secret.clone()), ("x-secret", secret), ("etag", CANARY.to_owned())], json)
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await.expect("serves") });
    format!("http://{address}")
}

#[tokio::test]
async fn an_echoed_credential_is_redacted() {
    let base = echo().await;
    for credential in kinds() {
        let mut rig = Rig::new();
        rig.credential = Arc::new(credential);
        let answer = rig.send(&base, get("echo")).await.expect("an answer");
        assert_eq!(answer.status, 200);
        assert!(String::from_utf8_lossy(&answer.body).contains("[redacted]"));
        assert!(answer.header("x-request-id").is_some_and(|value| value.ends_with("[redacted]")));
        assert_eq!(answer.header("etag"), Some("[redacted]"));
        assert_eq!(answer.header("x-secret"), None);
        assert_eq!(answer.header("content-length"), None, "it is no longer the body's length");
        assert_clean("body", &String::from_utf8_lossy(&answer.body));
        assert_clean("Debug of the answer", &format!("{answer:?}"));
    }
}

/// A second key, as some APIs want one beside the credential.
#[tokio::test]
async fn a_secret_header_is_kept_out_like_the_credential() {
    let base = echo().await;
    for credential in [Credential::None, Credential::Bearer("another/Token+4711".into())] {
        let mut rig = Rig::new();
        rig.credential = Arc::new(credential);
        rig.headers = pairs(&[("x-region", "visible-region")]);
        rig.secret_headers = vec![("X_CREWHU_APITOKEN".into(), CANARY.into())];
        let answer = rig.send(&base, get("echo")).await.expect("an answer");
        let body = String::from_utf8_lossy(&answer.body);
        assert!(body.contains("\"password\": \"[redacted]\"") && !body.contains("another/Token"), "{body}");
        assert_eq!(answer.header("etag"), Some("[redacted]"));
        assert_clean("the answer", &format!("{answer:?} {body}"));
        let log = logged(rig.send(&base, get("echo"))).await;
        assert!(log.contains("http.request"), "{log}");
        assert_clean("the log", &log);
    }
    // The caller may replace it as little as any other of the operator's, and no error shows it.
    let mut rig = Rig::new();
    rig.secret_headers = vec![("x-own-key".into(), CANARY.into())];
    assert_clean("Debug of a connection", &format!("{:?}", rig.connect(&base)));
    let request = Request { headers: pairs(&[("x_own_key", "mine")]), ..get("echo") };
    let error = rig.send(&base, request).await.expect_err("it is fixed");
    assert!(error.to_string().contains("is fixed by the connection's settings"), "{error}");
    assert_clean("an error", &format!("{error} {error:?}"));
}

#[tokio::test]
async fn no_debug_and_no_error_shows_it() {
    for credential in kinds() {
        let mut rig = Rig::new();
        rig.credential = Arc::new(credential.clone());
        assert_clean("Debug of a credential", &format!("{credential:?}"));
        for answer in [
            ScriptedResponse::raw("", End::Reset),
            ScriptedResponse::raw("garbage", End::Close),
            ScriptedResponse::raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", End::Close),
        ] {
            let server = ScriptedServer::start([answer]).await;
            let request = Request { query: pairs(&[("key", "canary-query")]), ..get("x") };
            let error = rig.send(&server.base_url, request).await.expect_err("broken");
            assert_clean("an error", &format!("{error} {error:?}"));
            let connection = rig.connect(&server.base_url);
            assert_clean("Debug of a connection", &format!("{connection:?} {:?}", rig.gateway));
        }
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Everything that is logged while an answer comes.
async fn logged(sending: impl Future<Output = Result<Response, HttpError>>) -> String {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    sending.with_subscriber(subscriber).await.expect("an answer");
    String::from_utf8(log.0.lock().expect("not poisoned").clone()).expect("text")
}

#[tokio::test]
async fn the_log_tells_what_happened_and_no_secret() {
    let mut rig = Rig::new();
    rig.credential = Arc::new(Credential::Bearer(CANARY.into()));
    let server = ScriptedServer::start([ScriptedResponse::status(503), ScriptedResponse::ok("four")]).await;
    let request = Request { query: pairs(&[("key", "canary-query")]), ..get("api/v1/x") };
    let log = logged(rig.send(&server.base_url, request)).await;
    assert_clean("the log", &log);
    for expected in [
        "http.request",
        "connection=crewhu",
        "method=GET",
        "path=\"api/v1/x\"",
        "attempt=1 status=503 wait=Some(500ms)",
        "attempt=2 status=200 wait=None",
        "status=200",
        "attempts=2",
        "duration_ms=500",
        "bytes=4",
    ] {
        assert!(log.contains(expected), "{expected} in {log}");
    }
}

/// Gives out another token each time.
#[derive(Default)]
struct Rotating(AtomicUsize);

impl CredentialSource for Rotating {
    fn current(&self) -> Result<Credential, String> {
        Ok(Credential::Bearer(format!("token-{}", self.0.fetch_add(1, Ordering::SeqCst)).into()))
    }
}

#[tokio::test]
async fn a_credential_is_read_anew_for_every_try() {
    let mut rig = Rig::new();
    rig.credential = Arc::new(Rotating::default());
    let server = ScriptedServer::start([ScriptedResponse::status(503), ScriptedResponse::ok("token-1 token-2")]).await;
    let answer = rig.send(&server.base_url, get("x")).await.expect("an answer");
    // The first was read when the connection was made.
    let sent = server.requests();
    assert!(sent[0].contains("authorization: Bearer token-1\r\n"), "{}", sent[0]);
    assert!(sent[1].contains("authorization: Bearer token-2\r\n"), "{}", sent[1]);
    assert_eq!(answer.body, b"token-1 [redacted]", "what goes with this try is taken out of its answer");
}

/// Gives each question the next of its tokens, and the last one again and again.
struct Turning(Vec<&'static str>, AtomicUsize);

impl CredentialSource for Turning {
    fn current(&self) -> Result<Credential, String> {
        let number = self.1.fetch_add(1, Ordering::SeqCst);
        Ok(Credential::Bearer(self.0[number.min(self.0.len() - 1)].into()))
    }
}

#[tokio::test]
async fn a_refused_credential_is_tried_again_only_if_it_has_changed() {
    // The first is read when the connection is made, then one for each try and one for each comparison.
    for (tokens, max_attempts, status, tries) in [
        (vec!["token-1"], 3, 401, 1),
        (vec!["token-1", "token-1", "token-2"], 3, 200, 2),
        // Changed again meanwhile: once is enough.
        (vec!["token-1", "token-1", "token-3", "token-4", "token-5"], 3, 401, 2),
        (vec!["token-1", "token-1", "token-2"], 1, 401, 1),
    ] {
        let mut rig = Rig::new();
        rig.credential = Arc::new(Turning(tokens.clone(), AtomicUsize::new(0)));
        rig.limits.max_attempts = crate::support::count(max_attempts);
        let answers = if status == 200 {
            vec![ScriptedResponse::status(401), ScriptedResponse::ok("")]
        } else {
            vec![ScriptedResponse::status(401)]
        };
        let server = ScriptedServer::start(answers).await;
        let answer = rig.send(&server.base_url, get("x")).await.expect("an answer");
        assert_eq!((answer.status, server.count()), (status, tries), "{tokens:?}");
        assert!(rig.slept().is_empty(), "there is nothing to wait for");
    }
    let mut rig = Rig::new();
    rig.credential = Arc::new(Turning(vec!["token-1", "token-1", "token-2"], AtomicUsize::new(0)));
    let server = ScriptedServer::start([ScriptedResponse::status(401)]).await;
    rig.send(&server.base_url, crate::support::post("x", "{}")).await.expect("an answer");
    assert_eq!(server.count(), 1, "a POST is sent exactly once");
}

#[tokio::test]
async fn a_connections_fingerprint_follows_its_credential() {
    let mut rig = Rig::new();
    rig.credential = Arc::new(Turning(vec!["x", CANARY, CANARY, "another/Secret+4711"], AtomicUsize::new(0)));
    let connection = rig.connect("http://127.0.0.1:1");
    let prints: Vec<_> = (0..3).map(|_| connection.credential_fingerprint(b"salt").expect("can be read")).collect();
    assert!(prints[0].is_some() && prints[0] == prints[1] && prints[1] != prints[2], "{prints:?}");
    assert_clean("a fingerprint", &format!("{prints:?}"));
}

//! What is sent, to whom, and what is refused before anything is.

use std::sync::Arc;

use scoresheet_gateway::{
    BaseUrl, BaseUrlError, ConnectionError, ConnectionLimits, ConnectionSpec, Credential, CredentialSource, HttpError,
    Request,
};
use scoresheet_test_support::{ScriptedResponse, ScriptedServer};

use crate::support::{Rig, get, pairs, post};

#[tokio::test]
async fn a_request_arrives_as_it_was_meant() {
    let mut rig = Rig::new();
    rig.headers = pairs(&[("clientId", "0000-1111")]);
    rig.credential = Arc::new(Credential::Basic { user: "Aladdin".into(), password: "open sesame".into() });
    let server = ScriptedServer::start([ScriptedResponse::new(
        201,
        &[("etag", "\"1\""), ("set-cookie", "a=b"), ("link", "</p/2>; rel=next")],
        "made",
    )])
    .await;
    let request = Request {
        query: pairs(&[("conditions", "a = \"b c\" & d"), ("page", "1")]),
        headers: pairs(&[("Content-Type", "application/json")]),
        ..post("service/tickets", "{\"a\":1}")
    };
    let answer = rig.send(&format!("{}/v4_6_release/apis/3.0/", server.base_url), request).await.expect("an answer");
    assert_eq!((answer.status, answer.body.as_slice()), (201, b"made".as_slice()));
    assert_eq!((answer.header("etag"), answer.header("set-cookie")), (Some("\"1\""), None));
    assert_eq!((answer.header("link"), answer.header("content-length")), (Some("</p/2>; rel=next"), Some("4")));

    let sent = server.requests().concat();
    let (line, rest) = sent.split_once("\r\n").expect("a request line");
    assert_eq!(
        line,
        "POST /v4_6_release/apis/3.0/service/tickets?conditions=a%20%3D%20%22b%20c%22%20%26%20d&page=1 HTTP/1.1"
    );
    let rest = rest.to_ascii_lowercase();
    for header in [
        "clientid: 0000-1111\r\n",
        "authorization: basic qwxhzgrpbjpvcgvuihnlc2ftzq==\r\n",
        "content-type: application/json\r\n",
        "content-length: 7\r\n",
        concat!("user-agent: scoresheet/", env!("CARGO_PKG_VERSION"), "\r\n"),
    ] {
        assert!(rest.contains(header), "{header} in {rest}");
    }
    assert!(rest.ends_with("\r\n\r\n{\"a\":1}"));
}

#[tokio::test]
async fn a_post_is_denied_unless_the_connection_allows_it() {
    let server = ScriptedServer::start([ScriptedResponse::ok("made")]).await;
    let mut rig = Rig::new();
    rig.allow_post = false;
    let error = rig.send(&server.base_url, post("find", "{}")).await.expect_err("not allowed");
    let why = "a POST is not allowed on this connection; allow_post = true allows it";
    assert_eq!(error, HttpError::Denied(why.to_owned()));
    assert_eq!(server.count(), 0, "nothing was sent");
    assert_eq!(rig.send(&server.base_url, get("find")).await.expect("a GET is allowed").status, 200);
    rig.allow_post = true;
    assert_eq!(rig.send(&server.base_url, post("find", "{}")).await.expect("allowed").body, b"made");
}

#[test]
fn a_proxy_in_the_environment_is_ignored() {
    // Another process, since the environment of this one is shared by every test in it.
    let mut again = std::process::Command::new(std::env::current_exe().expect("this test"));
    again.args(["--exact", "policy::a_request_arrives_as_it_was_meant"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        again.env(name, "http://127.0.0.1:1");
    }
    let output = again.env_remove("no_proxy").env_remove("NO_PROXY").output().expect("runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn a_redirect_comes_back_as_it_is() {
    let elsewhere = ScriptedServer::start([ScriptedResponse::ok("fooled")]).await;
    for status in [301, 302, 303, 307, 308] {
        let mut rig = Rig::new();
        rig.credential = Arc::new(Credential::Bearer("canary-secret".into()));
        let server =
            ScriptedServer::start([ScriptedResponse::new(status, &[("location", &elsewhere.base_url)], "gone")]).await;
        let answer = rig.send(&server.base_url, get("x")).await.expect("an answer");
        assert_eq!((answer.status, answer.body.as_slice()), (status, b"gone".as_slice()));
        assert_eq!((answer.header("location"), server.count()), (Some(elsewhere.base_url.as_str()), 1));
    }
    assert_eq!(elsewhere.count(), 0);
}

#[tokio::test]
async fn what_breaks_the_policy_is_never_sent() {
    let mut rig = Rig::new();
    rig.headers = pairs(&[("ClientId", "x")]);
    rig.credential = Arc::new(Credential::Header { name: "X_CREWHU_APITOKEN".into(), value: "canary-secret".into() });
    let server = ScriptedServer::start([ScriptedResponse::ok("fooled")]).await;
    let elsewhere = ScriptedServer::start([ScriptedResponse::ok("fooled")]).await;
    let with_header = |name: &str, value: &str| Request { headers: pairs(&[(name, value)]), ..get("x") };
    let mut get_with_body = get("x");
    get_with_body.body = Some(Vec::new());
    for request in [
        get(&elsewhere.base_url),
        get(elsewhere.base_url.trim_start_matches("http:")),
        get("/x"),
        get("../x"),
        get("%2e%2e/x"),
        get("x?canary-query=1"),
        get("x#y"),
        get("@127.0.0.1"),
        get("x\r\nHost: evil.example"),
        get("\\\\127.0.0.1"),
        get("user:canary-password@evil.example/x"),
        get("user@evil.example/x"),
        get("127.0.0.1:1/x"),
        get(":1/x"),
        get("[::1]/x"),
        get("https://127.0.0.1/x"),
        get("HTTP:x"),
        get("http:/x"),
        get("\thttp://evil.example"),
        get("x\ty"),
        get("x\\..\\y"),
        get("x/%2e%2e/%2e%2e/y"),
        get("x/.%2E/y"),
        get("x%2f..%2fy"),
        get("x%5c..%5cy"),
        get("%00"),
        get("x%0d%0aHost:%20evil.example"),
        get("\u{ff0f}\u{ff0f}evil.example"),
        get("\u{ff48}ttp://evil.example"),
        get("\u{ff0e}\u{ff0e}/x"),
        get("%EF%BC%8E%EF%BC%8E/x"),
        get("evil\u{3002}example"),
        get("m\u{fc}ller.example"),
        get_with_body,
        with_header("Host", "evil.example"),
        with_header("Content-Length", "0"),
        with_header("content_length", "0"),
        with_header("Transfer-Encoding", "chunked"),
        with_header("Connection", "close"),
        with_header("Proxy-Authorization", "Basic mine"),
        with_header("Cookie", "a=b"),
        with_header("X-Forwarded-Host", "evil.example"),
        with_header("x\r\nHost", "evil.example"),
        with_header("x", "a\nHost: evil.example"),
        with_header("x", "a\rHost: evil.example"),
        with_header("x", "a\0"),
        with_header("\u{ff28}ost", "evil.example"),
        with_header("Authorization", "Bearer mine"),
        with_header("X-Crewhu-Apitoken", "mine"),
        with_header("clientid", "mine"),
        with_header("x", "a\r\nHost: evil.example"),
        Request { query: pairs(&[("q", &"canary-query".repeat(1_000))]), ..get("x") },
    ] {
        let shown = format!("{request:?}").chars().take(200).collect::<String>();
        let error = rig.send(&server.base_url, request).await.expect_err(&shown);
        assert!(matches!(error, HttpError::Denied(_)), "{shown}: {error}");
        let error = error.to_string();
        assert!(
            !error.contains("canary") && !error.contains("evil") && !error.chars().any(char::is_control),
            "{error}"
        );
    }
    assert_eq!((server.count(), elsewhere.count()), (0, 0));
}

#[tokio::test]
async fn what_only_looks_like_a_host_stays_a_path() {
    let server = ScriptedServer::start([ScriptedResponse::ok("")]).await;
    let rig = Rig::new();
    let paths = [
        "evil.example/x",
        "evil.example./x",
        "www.evil.example",
        "xn--e1afmkfd.example/x",
        "127.0.0.1/x",
        "2130706433/x",
        "0x7f000001",
        "localhost",
        "a%40b.example/x",
        "x%3A8443/y",
        "%EF%BC%A1/x",
    ];
    for path in paths {
        rig.send(&format!("{}/api", server.base_url), get(path)).await.expect(path);
    }
    let authority = server.base_url.trim_start_matches("http://");
    for (sent, path) in server.requests().iter().zip(paths) {
        assert!(sent.starts_with(&format!("GET /api/{path} HTTP/1.1\r\n")), "{sent}");
        assert!(sent.to_ascii_lowercase().contains(&format!("host: {authority}\r\n")), "{sent}");
    }
    assert_eq!(server.count(), paths.len());
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let refused = BaseUrl::parse("http://api.example", false).expect_err("plain http");
    assert_eq!(refused, BaseUrlError::Insecure);
    assert!(refused.to_string().contains("use https"));
}

#[test]
fn fixed_headers_and_credentials_are_checked_when_a_connection_is_made() {
    let rig = Rig::new();
    let connect = |headers: &[(&str, &str)], credential: Credential| {
        rig.gateway.connect(ConnectionSpec {
            name: "crewhu".into(),
            base_url: BaseUrl::parse("https://api.example", false).expect("a base URL"),
            credential: Arc::new(credential),
            headers: pairs(headers),
            secret_headers: Vec::new(),
            limits: ConnectionLimits::default(),
            allow_private_addresses: false,
            allow_post: true,
        })
    };
    assert!(connect(&[("Accept", "application/json"), ("User-Agent", "mine"), ("x-a", "1")], Credential::None).is_ok());
    for headers in [
        &[("Host", "canary-value")][..],
        &[("Content-Length", "canary-value")],
        &[("transfer_encoding", "canary-value")],
        &[("Connection", "canary-value")],
        &[("Authorization", "canary-value")],
        &[("Cookie", "canary-value")],
        &[("a b", "canary-value")],
        &[("x", "canary-value\r\nHost: y")],
        &[("x-a", "canary-value"), ("X_A", "canary-value")],
    ] {
        let error = connect(headers, Credential::None).expect_err(headers[0].0);
        assert!(matches!(&error, ConnectionError::Header { connection, .. } if connection == "crewhu"), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
    for credential in [
        Credential::Bearer("canary-value\n".into()),
        Credential::Header { name: "Host".into(), value: "canary-value".into() },
        Credential::Header { name: "x-a".into(), value: "canary-value".into() },
    ] {
        let error = connect(&[("X-A", "1")], credential).expect_err("can never be sent");
        assert!(matches!(error, ConnectionError::Credential { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}

struct Unreadable;

impl CredentialSource for Unreadable {
    fn current(&self) -> Result<Credential, String> {
        Err("CREWHU_API_KEY is not set".into())
    }
}

#[tokio::test]
async fn without_its_credential_a_request_is_not_sent() {
    let mut rig = Rig::new();
    rig.credential = Arc::new(Unreadable);
    let server = ScriptedServer::start([ScriptedResponse::ok("")]).await;
    let error = rig.send(&server.base_url, get("x")).await.expect_err("no credential");
    assert_eq!(error, HttpError::Denied("the credential of crewhu cannot be read: CREWHU_API_KEY is not set".into()));
    assert_eq!(server.count(), 0);
}

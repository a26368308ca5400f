//! Requests of a component, through a real connection to a server in this process.

use std::{num::NonZeroU32, sync::Arc};

use crate::common::{Guest, configured, image, run, window};
use scoresheet_domain::{Cursor, Failure, ObservationPage};
use scoresheet_engine::{Provider, RunContext};
use scoresheet_gateway::{BaseUrl, Connection, ConnectionLimits, ConnectionSpec, Credential, Gateway, GatewayOptions};
use scoresheet_runtime::{ComponentProvider, Limits};
use scoresheet_test_support::{End, ScriptedResponse, ScriptedServer};
use tokio_util::sync::CancellationToken;

fn connection(server: &ScriptedServer) -> Connection {
    connection_with(server, false)
}

fn connection_with(server: &ScriptedServer, allow_post: bool) -> Connection {
    let spec = ConnectionSpec {
        name: "test".into(),
        base_url: BaseUrl::parse(&format!("{}/base", server.base_url), false).expect("a URL"),
        credential: Arc::new(Credential::None),
        headers: Vec::new(),
        secret_headers: Vec::new(),
        limits: ConnectionLimits { max_attempts: NonZeroU32::MIN, ..ConnectionLimits::default() },
        allow_private_addresses: false,
        allow_post,
    };
    Gateway::new(GatewayOptions::default()).expect("a gateway").connect(spec).expect("a connection")
}

/// A server that sends 200 with this body to every request, on one connection.
async fn serve(body: &str) -> ScriptedServer {
    let response =
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    ScriptedServer::start([ScriptedResponse::raw(response, End::KeepAlive)]).await
}

/// A server that never responds.
async fn hang() -> ScriptedServer {
    ScriptedServer::start([ScriptedResponse::raw("", End::Hang)]).await
}

/// On its second page asks `GET data/x?since=a%20b` ten times; gives `cancelled` when a request
/// fails, and nothing sensible when one is not answered with 200 and a body that begins with "x".
async fn provider(server: &ScriptedServer, limits: Limits) -> ComponentProvider {
    let mut guest = Guest::new();
    let path = guest.image.place(b"data/x");
    let pair = image::Fields::default().string(&mut guest.image, "since").string(&mut guest.image, "a b");
    let query = guest.image.place(&pair.0);
    let cancelled = image::cancelled(&mut guest.image);
    let page = image::page(&mut guest.image, 5, 4.0);
    guest.pull = format!(
        "(local $n i32)
         (if (local.get 6) (then (loop $again
           (call $send (i32.const 0) (i32.const {path}) (i32.const 6) (i32.const {query}) (i32.const 1)
             (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64))
           (if (i32.load8_u (i32.const 64)) (then (return (i32.const {cancelled}))))
           (if (i32.ne (i32.load16_u (i32.const 72)) (i32.const 200)) (then unreachable))
           ;; the body follows the headers
           (if (i32.ne (i32.load8_u (i32.load (i32.const 84))) (i32.const 120)) (then unreachable))
           (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10))))))
         i32.const {page}"
    );
    configured(guest.build()).await.instance(Some(Arc::new(connection(server))), limits)
}

async fn second_page(provider: &ComponentProvider, run: &RunContext) -> Result<ObservationPage, Failure> {
    provider.pull(run, &[0], window(), Some(&Cursor(vec![1]))).await
}

#[tokio::test]
async fn requests_go_out_and_answers_come_in() {
    let server = serve("xyz").await;
    let provider = provider(&server, Limits::default()).await;
    assert_eq!(second_page(&provider, &run()).await.expect("a page").items.len(), 1);
    let requests = server.requests();
    let lines: Vec<&str> = requests.iter().filter_map(|request| request.lines().next()).collect();
    assert_eq!(lines, ["GET /base/data/x?since=a%20b HTTP/1.1"; 10]);
}

#[tokio::test]
async fn requests_are_counted() {
    let server = serve("xyz").await;
    let provider = provider(&server, Limits { http_calls: 2, ..Limits::default() }).await;
    let failure = second_page(&provider, &run()).await.expect_err("too many");
    assert_eq!(failure, Failure::Component("more than 2 requests in one call".into()));
    assert_eq!(server.count(), 2, "the third was never sent");
}

#[tokio::test]
async fn bytes_are_counted() {
    let server = serve(&"x".repeat(1000)).await;
    let provider = provider(&server, Limits { http_bytes: 2500, ..Limits::default() }).await;
    let failure = second_page(&provider, &run()).await.expect_err("too much");
    assert_eq!(failure, Failure::Component("more than 2500 bytes over HTTP in one call".into()));
}

#[tokio::test]
async fn a_source_that_hangs_is_the_sources_fault() {
    let server = hang().await;
    let provider = provider(&server, Limits { deadline_secs: 1, ..Limits::default() }).await;
    let failure = second_page(&provider, &run()).await.expect_err("no answer");
    assert_eq!(failure, Failure::Unavailable("the source gave no complete answer in time".into()));
}

#[tokio::test]
async fn a_request_is_cancelled_while_it_waits() {
    let server = hang().await;
    let provider = provider(&server, Limits::default()).await;
    let run = RunContext { cancel: CancellationToken::new(), ..run() };
    let (called, ()) = tokio::join!(second_page(&provider, &run), async {
        server.arrived().await;
        run.cancel.cancel();
    });
    assert_eq!(called, Err(Failure::Cancelled));
}

/// Asks for the relative form of a link, and gives a page if it is `expected`; the failure `unauthorized` with the host's
/// words if the link is refused.
async fn resolve(provider_connection: Option<Connection>, link: &str, expected: &str) -> Result<(), Failure> {
    let mut guest = Guest::new();
    let (at, wanted) = (guest.image.place(link.as_bytes()), guest.image.place(expected.as_bytes()));
    let page = image::page(&mut guest.image, 5, 4.0);
    // The host's text is put into the failure: `err` and its case, then address and length.
    let refused = image::unauthorized(&mut guest.image, "");
    guest.pull = format!(
        "(local $n i32)
         (call $relative (i32.const {at}) (i32.const {len}) (i32.const 64))
         (if (i32.load8_u (i32.const 64)) (then
           (i32.store (i32.const {text}) (i32.load (i32.const 68)))
           (i32.store (i32.const {text_len}) (i32.load (i32.const 72)))
           (return (i32.const {refused}))))
         (if (i32.ne (i32.load (i32.const 72)) (i32.const {wanted_len})) (then unreachable))
         (block $equal (loop $next
           (br_if $equal (i32.ge_u (local.get $n) (i32.const {wanted_len})))
           (if (i32.ne (i32.load8_u (i32.add (i32.load (i32.const 68)) (local.get $n)))
                       (i32.load8_u (i32.add (i32.const {wanted}) (local.get $n)))) (then unreachable))
           (local.set $n (i32.add (local.get $n) (i32.const 1)))
           (br $next)))
         i32.const {page}",
        len = link.len(),
        wanted_len = expected.len(),
        text = refused + 16,
        text_len = refused + 20,
    );
    let connection =
        provider_connection.map(|connection| Arc::new(connection) as Arc<dyn scoresheet_gateway::Outbound>);
    let provider = configured(guest.build()).await.instance(connection, Limits::default());
    provider.pull(&run(), &[0], window(), None).await.map(|_| ())
}

#[tokio::test]
async fn a_link_of_a_response_becomes_a_relative_path() {
    let server = serve("xyz").await;
    for (link, expected) in [
        (format!("{}/base/data/x?page=2&size=10", server.base_url), "data/x?page=2&size=10"),
        ("/base/data/a%20b".to_owned(), "data/a%20b"),
    ] {
        assert_eq!(resolve(Some(connection(&server)), &link, expected).await, Ok(()), "{link}");
    }
    for (link, why) in [
        ("https://evil.example/base/data", "the link leads to another server than the base URL"),
        ("/other/data", "the link leads outside the base URL's path"),
        ("data/x", "the link is neither absolute nor does it begin with a slash"),
    ] {
        let refused = resolve(Some(connection(&server)), link, "").await;
        assert_eq!(refused, Err(Failure::Unauthorized(why.to_owned())), "{link}");
    }
    assert_eq!(server.count(), 0, "a link is no request");
}

#[tokio::test]
async fn without_a_connection_a_link_is_refused() {
    let refused = resolve(None, "/base/data", "").await;
    assert_eq!(refused, Err(Failure::Unauthorized("this provider has no connection".to_owned())));
}

/// Sends `POST data/x` on a connection; the guest panics unless the status is 200 or the request is denied.
async fn post(server: &ScriptedServer, allow_post: bool) -> Result<ObservationPage, Failure> {
    let mut guest = Guest::new();
    let (path, body) = (guest.image.place(b"data/x"), guest.image.place(b"{\"n\":1}"));
    let page = image::page(&mut guest.image, 5, 4.0);
    let denied = image::unauthorized(&mut guest.image, "");
    // The host's text is put into the failure.
    guest.pull = format!(
        "(call $send (i32.const 1) (i32.const {path}) (i32.const 6) (i32.const 0) (i32.const 0)
           (i32.const 0) (i32.const 0) (i32.const 1) (i32.const {body}) (i32.const 7) (i32.const 64))
         (if (i32.load8_u (i32.const 64)) (then
           (if (i32.load8_u (i32.const 72)) (then unreachable))
           (i32.store (i32.const {text}) (i32.load (i32.const 80)))
           (i32.store (i32.const {text_len}) (i32.load (i32.const 84)))
           (return (i32.const {denied}))))
         (if (i32.ne (i32.load16_u (i32.const 72)) (i32.const 200)) (then unreachable))
         i32.const {page}",
        text = denied + 16,
        text_len = denied + 20,
    );
    let connection = Arc::new(connection_with(server, allow_post));
    let provider = configured(guest.build()).await.instance(Some(connection), Limits::default());
    provider.pull(&run(), &[0], window(), None).await
}

#[tokio::test]
async fn a_post_is_sent_only_where_the_connection_allows_it() {
    let server = serve("xyz").await;
    let refused = post(&server, false).await.expect_err("not allowed");
    let why = "a POST is not allowed on this connection; allow_post = true allows it";
    assert_eq!(refused, Failure::Unauthorized(why.to_owned()));
    assert_eq!(server.count(), 0);
    assert_eq!(post(&server, true).await.expect("a page").items.len(), 1);
    let sent = server.requests().concat();
    assert!(sent.starts_with("POST /base/data/x HTTP/1.1\r\n") && sent.ends_with("{\"n\":1}"), "{sent}");
}

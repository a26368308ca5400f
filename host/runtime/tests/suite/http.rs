//! Requests of a component, through a real connection to a server in this process.

use std::{num::NonZeroU32, sync::Arc};

use crate::common::{Guest, image, run, runtime, window};
use scoresheet_domain::{Cursor, Failure, ObservationPage};
use scoresheet_engine::{Provider, RunContext};
use scoresheet_gateway::{BaseUrl, Connection, ConnectionLimits, ConnectionSpec, Credential, Gateway, GatewayOptions};
use scoresheet_runtime::{ComponentProvider, Limits};
use scoresheet_test_support::{End, ScriptedResponse, ScriptedServer};
use tokio_util::sync::CancellationToken;

fn connection(server: &ScriptedServer) -> Connection {
    let spec = ConnectionSpec {
        name: "test".into(),
        base_url: BaseUrl::parse(&format!("{}/base", server.base_url), false).expect("a URL"),
        credential: Arc::new(Credential::None),
        headers: Vec::new(),
        secret_headers: Vec::new(),
        limits: ConnectionLimits { max_attempts: NonZeroU32::MIN, ..ConnectionLimits::default() },
        allow_private_addresses: false,
        allow_post: true,
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
         (if (local.get 7) (then (loop $again
           (call $send (i32.const 0) (i32.const {path}) (i32.const 6) (i32.const {query}) (i32.const 1)
             (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64))
           (if (i32.load8_u (i32.const 64)) (then (return (i32.const {cancelled}))))
           (if (i32.ne (i32.load16_u (i32.const 72)) (i32.const 200)) (then unreachable))
           ;; the body follows the headers
           (if (i32.ne (i32.load8_u (i32.load (i32.const 84))) (i32.const 120)) (then unreachable))
           (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10))))))
         i32.const {page}"
    );
    runtime().load(guest.build()).await.expect("it loads").instance(Some(Arc::new(connection(server))), limits)
}

async fn second_page(provider: &ComponentProvider, run: &RunContext) -> Result<ObservationPage, Failure> {
    provider.pull(run, "{}", window(), None, Some(&Cursor(vec![1]))).await
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

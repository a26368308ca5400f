//! Requests of a component, through a real connection to a server in this process.

use std::{num::NonZeroU32, sync::Arc};

use crate::common::{Guest, image, run, runtime, window};
use scoresheet_domain::{Cursor, Failure, ObservationPage};
use scoresheet_engine::{Provider, RunContext};
use scoresheet_gateway::{BaseUrl, Connection, ConnectionLimits, ConnectionSpec, Credential, Gateway, GatewayOptions};
use scoresheet_runtime::{ComponentProvider, Limits};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

/// A server that answers every request alike, or never, and tells which requests came.
struct Server {
    base_url: String,
    requests: mpsc::UnboundedReceiver<String>,
}

impl Server {
    async fn start(answer: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base_url = format!("http://{}/base", listener.local_addr().expect("an address"));
        let (sender, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answer.clone(), sender.clone()));
            }
        });
        Self { base_url, requests }
    }

    fn connection(&self) -> Connection {
        let spec = ConnectionSpec {
            name: "test".into(),
            base_url: BaseUrl::parse(&self.base_url, false).expect("a URL"),
            credential: Arc::new(Credential::None),
            headers: Vec::new(),
            secret_headers: Vec::new(),
            limits: ConnectionLimits { max_attempts: NonZeroU32::MIN, ..ConnectionLimits::default() },
            allow_private_addresses: false,
        };
        Gateway::new(GatewayOptions::default()).expect("a gateway").connect(spec).expect("a connection")
    }
}

async fn serve(mut stream: TcpStream, answer: Option<String>, requests: mpsc::UnboundedSender<String>) {
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(len) => received.extend(&buffer[..len]),
        }
        while let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            let head: Vec<u8> = received.drain(..end + 4).collect();
            let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
            let _ = requests.send(line);
            let Some(answer) = &answer else { continue };
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

fn ok(body: &str) -> Option<String> {
    Some(format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
}

/// On its second page asks `GET data/x?since=a%20b` ten times; gives `cancelled` when a request
/// fails, and nothing sensible when one is not answered with 200 and a body that begins with "x".
async fn provider(server: &Server, limits: Limits) -> ComponentProvider {
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
    runtime()
        .load(guest.build())
        .await
        .expect("it loads")
        .instance(Some(std::sync::Arc::new(server.connection())), limits)
}

async fn second_page(provider: &ComponentProvider, run: &RunContext) -> Result<ObservationPage, Failure> {
    provider.pull(run, "{}", window(), None, Some(&Cursor(vec![1]))).await
}

#[tokio::test]
async fn requests_go_out_and_answers_come_in() {
    let mut server = Server::start(ok("xyz")).await;
    let provider = provider(&server, Limits::default()).await;
    assert_eq!(second_page(&provider, &run()).await.expect("a page").items.len(), 1);
    for _ in 0..10 {
        assert_eq!(server.requests.recv().await.expect("a request"), "GET /base/data/x?since=a%20b HTTP/1.1");
    }
    assert!(server.requests.try_recv().is_err());
}

#[tokio::test]
async fn requests_are_counted() {
    let mut server = Server::start(ok("xyz")).await;
    let provider = provider(&server, Limits { http_calls: 2, ..Limits::default() }).await;
    let failure = second_page(&provider, &run()).await.expect_err("too many");
    assert_eq!(failure, Failure::Component("more than 2 requests in one call".into()));
    server.requests.close();
    let mut came = 0;
    while server.requests.recv().await.is_some() {
        came += 1;
    }
    assert_eq!(came, 2, "the third never left");
}

#[tokio::test]
async fn bytes_are_counted() {
    let server = Server::start(ok(&"x".repeat(1000))).await;
    let provider = provider(&server, Limits { http_bytes: 2500, ..Limits::default() }).await;
    let failure = second_page(&provider, &run()).await.expect_err("too much");
    assert_eq!(failure, Failure::Component("more than 2500 bytes over HTTP in one call".into()));
}

#[tokio::test]
async fn a_source_that_hangs_is_the_sources_fault() {
    let server = Server::start(None).await;
    let provider = provider(&server, Limits { deadline_secs: 1, ..Limits::default() }).await;
    let failure = second_page(&provider, &run()).await.expect_err("no answer");
    assert_eq!(failure, Failure::Unavailable("the source gave no complete answer in time".into()));
}

#[tokio::test]
async fn a_request_is_cancelled_while_it_waits() {
    let mut server = Server::start(None).await;
    let provider = provider(&server, Limits::default()).await;
    let run = RunContext { cancel: CancellationToken::new(), ..run() };
    let (called, ()) = tokio::join!(second_page(&provider, &run), async {
        server.requests.recv().await.expect("a request");
        run.cancel.cancel();
    });
    assert_eq!(called, Err(Failure::Cancelled));
}

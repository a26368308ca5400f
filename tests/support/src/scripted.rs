//! A raw TCP server that responds to each HTTP request with the bytes it is given.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// What happens to the connection after the bytes of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It stays open for the next request.
    KeepAlive,
    /// It is closed (TCP FIN).
    Close,
    /// It is reset (TCP RST).
    Reset,
    /// Nothing more is sent, and it stays open.
    Hang,
    /// One more byte every 5 ms, without end.
    Drip,
    /// Zeros without end.
    Endless,
}

/// The response to one request.
#[derive(Clone, Debug)]
pub struct ScriptedResponse {
    /// Sent as they are.
    pub bytes: Vec<u8>,
    /// What follows them.
    pub end: End,
}

impl ScriptedResponse {
    /// Any bytes, HTTP or not.
    pub fn raw(bytes: impl Into<Vec<u8>>, end: End) -> Self {
        Self { bytes: bytes.into(), end }
    }

    /// A complete HTTP response on a connection that is then closed.
    pub fn new(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut head = format!("HTTP/1.1 {status} Scripted\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        Self::raw([head.as_bytes(), b"\r\n", body].concat(), End::Close)
    }

    /// A status without a body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(status, &[], "")
    }

    /// 200 with this body.
    #[must_use]
    pub fn ok(body: &str) -> Self {
        Self::new(200, &[], body)
    }
}

/// Sends the n-th response to the n-th request, and then the last one again and again.
pub struct ScriptedServer {
    /// `http://127.0.0.1:PORT`.
    pub base_url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    script: Mutex<Script>,
    arrived: Notify,
}

#[derive(Default)]
struct Script {
    responses: Vec<ScriptedResponse>,
    requests: Vec<String>,
}

impl State {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ScriptedServer {
    /// Listens on a free port of 127.0.0.1 for as long as its runtime lives.
    ///
    /// # Panics
    /// When no port is free, or there are no responses.
    pub async fn start(responses: impl IntoIterator<Item = ScriptedResponse>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base_url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = Self { base_url, state: Arc::default() };
        server.set_responses(responses);
        let state = Arc::clone(&server.state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&state)));
            }
        });
        server
    }

    /// Starts over with other responses, and forgets the requests so far.
    ///
    /// # Panics
    /// When there are no responses.
    pub fn set_responses(&self, responses: impl IntoIterator<Item = ScriptedResponse>) {
        let responses: Vec<_> = responses.into_iter().collect();
        assert!(!responses.is_empty(), "a script needs a response");
        *self.state.script() = Script { responses, requests: Vec::new() };
    }

    /// The requests so far, head and body as they came.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.state.script().requests.clone()
    }

    /// The number of requests so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.state.script().requests.len()
    }

    /// Returns when a request has arrived, even if that was before the call.
    pub async fn arrived(&self) {
        self.state.arrived.notified().await;
    }
}

async fn serve(mut stream: TcpStream, state: Arc<State>) {
    let mut received = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut received).await {
        let response = {
            let mut script = state.script();
            script.requests.push(request);
            script.responses[script.requests.len().min(script.responses.len()) - 1].clone()
        };
        state.arrived.notify_one();
        // A client that has read enough may close the connection.
        let _ = stream.write_all(&response.bytes).await;
        match response.end {
            End::KeepAlive => {}
            End::Close => {
                let _ = stream.shutdown().await;
                return;
            }
            End::Reset => return stream.set_zero_linger().expect("linger can be set"),
            End::Hang => std::future::pending().await,
            End::Drip => {
                while stream.write_all(b"x").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                return;
            }
            End::Endless => {
                while stream.write_all(&[b'0'; 16 * 1024]).await.is_ok() {}
                return;
            }
        }
    }
}

/// The next request; none when the client closes the connection. What follows it stays in `received`.
async fn read_request(stream: &mut TcpStream, received: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(head_end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&received[..head_end]).to_ascii_lowercase();
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().expect("a content length"));
            let request_end = head_end + 4 + length;
            if received.len() >= request_end {
                let request: Vec<u8> = received.drain(..request_end).collect();
                return Some(String::from_utf8_lossy(&request).into_owned());
            }
        }
        if stream.read_buf(received).await.ok()? == 0 {
            return None;
        }
    }
}

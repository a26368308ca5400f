//! Servers with a script, connections to them, and requests on those.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scoresheet_gateway::{
    BaseUrl, Clock, Connection, ConnectionLimits, ConnectionSpec, Credential, CredentialSource, FakeClock, FixedJitter,
    Gateway, GatewayOptions, HttpError, Method, Request, Response,
};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Sun, 06 Nov 1994 08:49:37 GMT, where every fake clock begins.
pub(crate) const WALL_SECONDS: u64 = 784_111_777;

/// Gives this process a subscriber that takes everything and keeps nothing. Without one, a place in the code that is
/// first come by on another test's thread, in the moment in which a test makes its own subscriber, stays silent for it.
fn keep_logging() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let sink = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(std::io::sink);
        tracing::subscriber::set_global_default(sink.finish()).expect("nobody else sets one");
    });
}

/// How a scripted answer ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// The connection is closed in good order.
    Close,
    /// The connection is reset.
    Reset,
    /// Nothing more comes, and nothing is closed.
    Hang,
    /// Zeros without end.
    Endless,
}

/// What a scripted server sends for one request.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: End,
}

impl Answer {
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>, end: End) -> Self {
        Self { bytes: bytes.into(), end }
    }

    pub(crate) fn with(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut head = format!("HTTP/1.1 {status} Scripted\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        Self::raw([head.as_bytes(), b"\r\n", body].concat(), End::Close)
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::with(status, &[], "")
    }

    pub(crate) fn ok(body: &str) -> Self {
        Self::with(200, &[], body)
    }
}

/// A server that gives the n-th request the n-th answer, and then the last one again and again.
pub(crate) struct Server {
    pub(crate) base: String,
    heads: Arc<Mutex<Vec<String>>>,
    arrived: Arc<Notify>,
}

impl Server {
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers: Arc<[Answer]> = answers.into_iter().collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let server = Self { base, heads: Arc::default(), arrived: Arc::default() };
        let (heads, arrived) = (Arc::clone(&server.heads), Arc::clone(&server.arrived));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (heads, arrived, answers) = (Arc::clone(&heads), Arc::clone(&arrived), Arc::clone(&answers));
                tokio::spawn(async move {
                    let mut stream = stream;
                    let Some(head) = read_request(&mut stream).await else { return };
                    let number = {
                        let mut heads = heads.lock().expect("not poisoned");
                        heads.push(head);
                        heads.len()
                    };
                    arrived.notify_one();
                    play(stream, &answers[number.min(answers.len()) - 1]).await;
                });
            }
        });
        server
    }

    /// The requests so far: head and body as they came.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.heads.lock().expect("not poisoned").clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.requests().len()
    }

    /// Ends when a request has arrived, even if that was before the call.
    pub(crate) async fn arrived(&self) {
        self.arrived.notified().await;
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        seen.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&seen).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned))
                .map_or(0, |length| length.parse().expect("a length"));
            if body.len() >= length {
                return Some(text);
            }
        }
    }
}

async fn play(mut stream: TcpStream, answer: &Answer) {
    // A client that has seen enough hangs up: that is its right.
    let _ = stream.write_all(&answer.bytes).await;
    match answer.end {
        End::Close => {
            let _ = stream.shutdown().await;
        }
        End::Reset => stream.set_zero_linger().expect("can be set to reset"),
        End::Hang => std::future::pending().await,
        End::Endless => while stream.write_all(&[b'0'; 16 * 1024]).await.is_ok() {},
    }
}

/// A connection with a fake clock and no chance in its waits.
pub(crate) struct Rig {
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) gateway: Gateway,
    pub(crate) limits: ConnectionLimits,
    pub(crate) credential: Arc<dyn CredentialSource>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) secret_headers: Vec<(String, SecretString)>,
    pub(crate) allow_private_addresses: bool,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with_clock(FakeClock::at(wall()))
    }

    pub(crate) fn with_clock(clock: FakeClock) -> Self {
        Self::with_options(clock, |_| {})
    }

    /// With further options than the clock and the waits.
    pub(crate) fn with_options(clock: FakeClock, set: impl FnOnce(&mut GatewayOptions)) -> Self {
        keep_logging();
        let clock = Arc::new(clock);
        let mut options = GatewayOptions {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            jitter: Arc::new(FixedJitter(100)),
            ..GatewayOptions::default()
        };
        set(&mut options);
        Self {
            gateway: Gateway::new(options).expect("a gateway"),
            clock,
            limits: ConnectionLimits::default(),
            credential: Arc::new(Credential::None),
            headers: Vec::new(),
            secret_headers: Vec::new(),
            allow_private_addresses: false,
        }
    }

    pub(crate) fn connect(&self, base: &str) -> Connection {
        let spec = ConnectionSpec {
            name: "crewhu".into(),
            base_url: BaseUrl::parse(base, true).expect("a base URL"),
            credential: Arc::clone(&self.credential),
            headers: self.headers.clone(),
            secret_headers: self.secret_headers.clone(),
            limits: self.limits.clone(),
            allow_private_addresses: self.allow_private_addresses,
        };
        self.gateway.connect(spec).expect("a connection")
    }

    /// Sends with so many seconds to go by the fake clock.
    pub(crate) async fn send_within(&self, base: &str, request: Request, seconds: u64) -> Result<Response, HttpError> {
        let deadline = self.clock.now() + Duration::from_secs(seconds);
        self.connect(base).send(request, deadline, &CancellationToken::new()).await
    }

    pub(crate) async fn send(&self, base: &str, request: Request) -> Result<Response, HttpError> {
        self.send_within(base, request, 3_600).await
    }

    /// The waits so far, in seconds.
    pub(crate) fn slept(&self) -> Vec<f64> {
        self.clock.slept().iter().map(Duration::as_secs_f64).collect()
    }
}

pub(crate) fn wall() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(WALL_SECONDS)
}

pub(crate) fn count(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).expect("not zero")
}

pub(crate) fn get(path: &str) -> Request {
    Request { method: Method::Get, path: path.into(), query: Vec::new(), headers: Vec::new(), body: None }
}

pub(crate) fn post(path: &str, body: &str) -> Request {
    Request { method: Method::Post, body: Some(body.into()), ..get(path) }
}

pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

//! A server on this machine, in the thread of the client, that plays back what it is told and remembers what it was asked.

use std::{
    cell::RefCell,
    collections::VecDeque,
    num::NonZeroU32,
    rc::Rc,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use scoresheet_gateway::{
    BaseUrl, Clock as _, ConnectionLimits, ConnectionSpec, Credential, FakeClock, FixedJitter, Gateway, GatewayOptions,
    HttpError, Method, Request, Response,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    task::LocalSet,
};
use tokio_util::sync::CancellationToken;

/// Sun, 06 Nov 1994 08:49:37 GMT, where every clock begins.
pub(crate) const WALL_SECONDS: u64 = 784_111_777;

/// A request has so many seconds.
pub(crate) const DEADLINE_SECONDS: u64 = 3_600;

/// The server and its client.
pub(crate) struct Loopback {
    runtime: Runtime,
    tasks: LocalSet,
    address: String,
    script: Rc<RefCell<Script>>,
}

#[derive(Default)]
struct Script {
    /// What is answered next; after that, [`PLAIN`].
    answers: VecDeque<Vec<u8>>,
    /// The heads of the requests so far.
    heads: Vec<String>,
}

/// What came of a request.
pub(crate) struct Exchange {
    pub(crate) result: Result<Response, HttpError>,
    /// The heads that arrived.
    pub(crate) heads: Vec<String>,
    /// How long was waited between tries.
    pub(crate) waits: Vec<Duration>,
}

const PLAIN: &[u8] = b"HTTP/1.1 200 OK\r\ncache-control: no-store\r\ncontent-length: 2\r\n\r\nok";

impl Loopback {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let tasks = LocalSet::new();
        let script = Rc::new(RefCell::new(Script::default()));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let of_server = Rc::clone(&script);
        tasks.spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::task::spawn_local(serve(stream, Rc::clone(&of_server)));
            }
        });
        Self { runtime, tasks, address, script }
    }

    /// Does something with this thread's server.
    pub(crate) fn with<T>(work: impl FnOnce(&Self) -> T) -> T {
        thread_local! {
            // Never dropped: a runtime cannot end while its thread does.
            static LOOPBACK: &'static Loopback = Box::leak(Box::new(Loopback::start()));
        }
        LOOPBACK.with(|loopback| work(loopback))
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Sends one GET below a base URL through a gateway of its own, and answers as told.
    pub(crate) fn get(
        &self,
        base_url: BaseUrl,
        path: &str,
        query: &[(String, String)],
        answers: impl IntoIterator<Item = Vec<u8>>,
    ) -> Exchange {
        *self.script.borrow_mut() = Script { answers: answers.into_iter().collect(), heads: vec![] };
        let clock = Arc::new(FakeClock::at(wall()));
        let options = GatewayOptions {
            clock: Arc::clone(&clock) as Arc<_>,
            jitter: Arc::new(FixedJitter(0)),
            ..GatewayOptions::default()
        };
        let limits = ConnectionLimits { requests_per_minute: NonZeroU32::MAX, ..ConnectionLimits::default() };
        let spec = ConnectionSpec {
            name: "fuzzed".into(),
            base_url,
            credential: Arc::new(Credential::None),
            headers: vec![],
            secret_headers: vec![],
            limits,
            allow_private_addresses: false,
        };
        let request =
            Request { method: Method::Get, path: path.to_owned(), query: query.to_vec(), headers: vec![], body: None };
        let gateway = Gateway::new(options).expect("a gateway");
        let connection = gateway.connect(spec).expect("a connection");
        let deadline = clock.now() + Duration::from_secs(DEADLINE_SECONDS);
        let cancel = CancellationToken::new();
        let result = self.tasks.block_on(&self.runtime, connection.send(request, deadline, &cancel));
        Exchange { result, heads: std::mem::take(&mut self.script.borrow_mut().heads), waits: clock.slept() }
    }
}

/// The wall clock of every request.
pub(crate) fn wall() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(WALL_SECONDS)
}

async fn serve(mut stream: TcpStream, script: Rc<RefCell<Script>>) {
    let mut received = Vec::new();
    loop {
        while let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            let head: Vec<u8> = received.drain(..end + 4).collect();
            let answer = {
                let mut script = script.borrow_mut();
                script.heads.push(String::from_utf8_lossy(&head).into_owned());
                script.answers.pop_front().unwrap_or_else(|| PLAIN.to_vec())
            };
            if stream.write_all(&answer).await.is_err() {
                return;
            }
        }
        match stream.read_buf(&mut received).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

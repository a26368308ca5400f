//! A scripted server on this machine, in the thread of its client, and GETs to it through a gateway.

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use scoresheet_gateway::{
    BaseUrl, Clock as _, ConnectionLimits, ConnectionSpec, Credential, FakeClock, FixedJitter, Gateway, GatewayOptions,
    HttpError, Method, Request, Response,
};
use scoresheet_test_support::{End, ScriptedResponse, ScriptedServer};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// Sun, 06 Nov 1994 08:49:37 GMT, where every clock begins.
pub(crate) const WALL_SECONDS: u64 = 784_111_777;

/// A request has so many seconds.
pub(crate) const DEADLINE_SECONDS: u64 = 3_600;

/// The server and the runtime that it shares with its client.
pub(crate) struct Loopback {
    runtime: Runtime,
    server: ScriptedServer,
}

/// What came of a request.
pub(crate) struct Exchange {
    pub(crate) result: Result<Response, HttpError>,
    /// The heads that arrived.
    pub(crate) heads: Vec<String>,
    /// How long was waited between tries.
    pub(crate) waits: Vec<Duration>,
}

/// Follows the responses of a case.
fn plain() -> ScriptedResponse {
    ScriptedResponse::raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", End::KeepAlive)
}

impl Loopback {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let server = runtime.block_on(ScriptedServer::start([plain()]));
        Self { runtime, server }
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
        self.server.base_url.trim_start_matches("http://")
    }

    /// Sends one GET below a base URL through a gateway of its own, and answers as told.
    pub(crate) fn get(
        &self,
        base_url: BaseUrl,
        path: &str,
        query: &[(String, String)],
        answers: impl IntoIterator<Item = Vec<u8>>,
    ) -> Exchange {
        let answers = answers.into_iter().map(|bytes| ScriptedResponse::raw(bytes, End::KeepAlive));
        self.server.set_responses(answers.chain([plain()]));
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
            allow_post: false,
        };
        let request =
            Request { method: Method::Get, path: path.to_owned(), query: query.to_vec(), headers: vec![], body: None };
        let gateway = Gateway::new(options).expect("a gateway");
        let connection = gateway.connect(spec).expect("a connection");
        let deadline = clock.now() + Duration::from_secs(DEADLINE_SECONDS);
        let cancel = CancellationToken::new();
        let result = self.runtime.block_on(connection.send(request, deadline, &cancel));
        Exchange { result, heads: self.server.requests(), waits: clock.slept() }
    }
}

/// The wall clock of every request.
pub(crate) fn wall() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(WALL_SECONDS)
}

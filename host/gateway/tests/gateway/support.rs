//! Connections with a fake clock, and requests on them.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scoresheet_gateway::{
    BaseUrl, Clock, Connection, ConnectionLimits, ConnectionSpec, Credential, CredentialSource, FakeClock, FixedJitter,
    Gateway, GatewayOptions, HttpError, Method, Request, Response,
};
use secrecy::SecretString;
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

/// A connection with a fake clock and no chance in its waits.
pub(crate) struct Rig {
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) gateway: Gateway,
    pub(crate) limits: ConnectionLimits,
    pub(crate) credential: Arc<dyn CredentialSource>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) secret_headers: Vec<(String, SecretString)>,
    pub(crate) allow_private_addresses: bool,
    pub(crate) allow_post: bool,
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
            allow_post: true,
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
            allow_post: self.allow_post,
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

//! CrewHu's dialects over HTTP: `guide`, `open`, or both ([`Dialect`]).
//!
//! | route | response |
//! | --- | --- |
//! | `GET /api/v1/health` | `{"status": "ok"}` |
//! | `GET /api/v1/clients` | a page of clients |
//! | `GET /api/v1/csat/scores` | a page of responses |
//! | `GET /api/v1/user` | the `open` dialect's probe |
//! | `GET /api/v1/survey` | the `open` dialect's page of surveys, in one of its envelopes ([`Envelope`]) |
//!
//! A request is checked in this order: rate limit (429), path (404), API key (401), company (400 if missing, 403 if
//! wrong), parameters (400), permissions (403). The `open` dialect has no company, and its token is in
//! `X_CREWHU_APITOKEN`. Error bodies are `{"error": {"code", "message"}}` and never contain a credential.

mod dialect;
mod gate;
mod limit;
mod open;
mod page;
pub mod response;
mod routes;
mod state;

use std::{fmt, net::Ipv4Addr, sync::Arc, time::Duration};

use axum::{Router, http::HeaderMap, serve::ListenerExt as _};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub use dialect::{Dialect, Envelope};
pub use page::{EditPage, Page};
pub use state::{Permission, Permissions};

use crate::data::World;
use state::Shared;

/// What a server serves, and how.
#[derive(Clone)]
pub struct SimulatorOptions {
    /// The account.
    pub world: Arc<World>,
    /// The only API key that is accepted.
    pub api_key: String,
    /// The only company that is served.
    pub company_id: String,
    /// The cap on `per_page`; at least 1 is used.
    pub max_per_page: u32,
    /// The delay before each request is handled.
    pub latency: Duration,
    /// Requests per minute, counted from the first one; further ones get 429.
    pub requests_per_minute: Option<u32>,
    /// Whether lists come as bare JSON arrays, whole, instead of pages.
    pub bare_arrays: bool,
    /// The dialects that are served.
    pub dialect: Dialect,
    /// The envelope around the surveys of the `open` dialect.
    pub envelope: Envelope,
}

impl SimulatorOptions {
    /// No latency and no rate limit; key `simulated-key`, company `simulated`, pages of at most 1000 rows.
    #[must_use]
    pub fn new(world: impl Into<Arc<World>>) -> Self {
        Self {
            world: world.into(),
            api_key: "simulated-key".to_owned(),
            company_id: "simulated".to_owned(),
            max_per_page: 1000,
            latency: Duration::ZERO,
            requests_per_minute: None,
            bare_arrays: false,
            dialect: Dialect::Guide,
            envelope: Envelope::BareArray,
        }
    }
}

impl fmt::Debug for SimulatorOptions {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatorOptions")
            .field("world", &self.world)
            .field("company_id", &self.company_id)
            .field("max_per_page", &self.max_per_page)
            .field("latency", &self.latency)
            .field("requests_per_minute", &self.requests_per_minute)
            .field("bare_arrays", &self.bare_arrays)
            .field("dialect", &self.dialect)
            .field("envelope", &self.envelope)
            .finish_non_exhaustive()
    }
}

/// The simulated API without a listener. Clones share their state.
#[derive(Clone)]
pub struct Api {
    shared: Arc<Shared>,
}

impl Api {
    /// An API whose delays end when `stopping` is cancelled.
    #[must_use]
    pub fn new(options: SimulatorOptions, stopping: CancellationToken) -> Self {
        Self { shared: Arc::new(Shared::new(options, stopping)) }
    }

    /// All routes. A request with an [`EditPage`] extension gets the page that it makes.
    pub fn router(&self) -> Router {
        routes::router(Arc::clone(&self.shared))
    }

    /// The account that is served now.
    #[must_use]
    pub fn world(&self) -> Arc<World> {
        self.shared.world()
    }

    /// Serves another account from the next request on.
    pub fn set_world(&self, world: impl Into<Arc<World>>) {
        self.shared.set_world(world.into());
    }

    /// Rotates the API key: the old one gets 401 from now on.
    pub fn set_api_key(&self, api_key: impl Into<String>) {
        self.shared.set_api_key(api_key.into());
    }

    /// Sets the permissions of the API key.
    pub fn set_permissions(&self, permissions: Permissions) {
        self.shared.set_permissions(permissions);
    }

    /// The credential of a request for this path: an `Authorization` value, or the `open` dialect's token.
    #[must_use]
    pub fn credential(path: &str, headers: &HeaderMap) -> Option<String> {
        dialect::credential(path, headers)
    }

    /// Whether this credential is valid for this path.
    #[must_use]
    pub fn authorizes(&self, path: &str, credential: Option<&str>) -> bool {
        self.shared.authorizes(path, credential)
    }

    /// Waits for the configured latency, or until the server stops.
    pub async fn delay(&self) {
        self.shared.delay().await;
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("world", &self.world()).finish_non_exhaustive()
    }
}

/// The loopback interface has no free port.
#[derive(Debug, thiserror::Error)]
#[error("the simulator cannot listen on 127.0.0.1: {0}")]
pub struct StartError(#[from] std::io::Error);

/// A running server. Dropping it stops it; [`Server::shutdown`] also waits for responses in flight.
pub struct Server {
    base_url: String,
    serving: JoinHandle<()>,
    stopping: CancellationToken,
}

impl Server {
    /// Listens on a free port of 127.0.0.1. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] when no port is free.
    pub async fn start(options: SimulatorOptions) -> Result<Self, StartError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let stopping = CancellationToken::new();
        let router = Api::new(options, stopping.clone()).router();
        // Head and body may be two writes: without this the second waits for the first one's acknowledgement.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let serve = axum::serve(listener, router).with_graceful_shutdown(stopping.clone().cancelled_owned());
        let serving = tokio::spawn(async move {
            // It only ends by the shutdown.
            let _ = serve.await;
        });
        Ok(Self { base_url, serving, stopping })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Stops accepting requests and waits at most one second for responses in flight.
    pub async fn shutdown(mut self) {
        self.stopping.cancel();
        if tokio::time::timeout(GRACE, &mut self.serving).await.is_err() {
            self.serving.abort();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// How long a shutdown waits for responses in flight.
const GRACE: Duration = Duration::from_secs(1);

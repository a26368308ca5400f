//! CrewHu's dialects over HTTP on a free loopback port: `guide`, `open`, or both ([`Dialect`]).
//!
//! | route | answers |
//! | --- | --- |
//! | `GET /api/v1/health` | `{"status": "ok"}` |
//! | `GET /api/v1/clients` | a page of clients |
//! | `GET /api/v1/csat/scores` | a page of responses |
//! | `GET /api/v1/user` | the `open` dialect's probe |
//! | `GET /api/v1/survey` | the `open` dialect's page of surveys, in one of its envelopes ([`Envelope`]) |
//!
//! A request meets, in this order: a fault that answers in its place, the rate limit (429), the key (401),
//! the company (400 where it is missing, 403 where it is another's), the parameters (400), the permissions (403).
//! The `open` dialect has no company, and its token comes in `X_CREWHU_APITOKEN`. What the other dialect serves is 404.
//! Error bodies are `{"error": {"code", "message"}}` and never hold a credential, unless the fault
//! [`Fault::EchoCredential`] says so.

mod answer;
mod dialect;
mod effect;
mod fault;
mod gate;
mod limit;
mod log;
mod open;
mod page;
mod routes;
mod rows;
mod state;
mod stuff;
mod wire;

use std::{fmt, net::Ipv4Addr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub use dialect::{Dialect, Envelope};
pub use fault::{EchoedPage, Fault, FaultRule, NameForm, Permission, Times, UnknownFault};
pub use log::LoggedRequest;
pub use state::Permissions;

use crate::data::World;
use state::Shared;
use wire::{Door, Wire, WireListener};

/// What a server serves, and how.
#[derive(Clone)]
pub struct SimulatorOptions {
    /// The account.
    pub world: Arc<World>,
    /// The only key that is accepted.
    pub api_key: String,
    /// The only company that may be asked for.
    pub company_id: String,
    /// The cap on `per_page`; at least 1 is used.
    pub max_per_page: u32,
    /// Every request waits so long before it is looked at.
    pub latency: Duration,
    /// So many requests within a minute, counted from the first one, are answered; further ones get 429.
    pub requests_per_minute: Option<u32>,
    /// What goes wrong, first rule that applies.
    pub faults: Vec<FaultRule>,
    /// Whether lists come as bare JSON arrays, whole, instead of pages.
    pub bare_arrays: bool,
    /// Which dialects are spoken.
    pub dialect: Dialect,
    /// What stands around the surveys of the `open` dialect.
    pub envelope: Envelope,
}

impl SimulatorOptions {
    /// A quick server without limit or fault: key `simulated-key`, company `simulated`, pages of at most 1000.
    #[must_use]
    pub fn new(world: impl Into<Arc<World>>) -> Self {
        Self {
            world: world.into(),
            api_key: "simulated-key".to_owned(),
            company_id: "simulated".to_owned(),
            max_per_page: 1000,
            latency: Duration::ZERO,
            requests_per_minute: None,
            faults: vec![],
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
            .field("faults", &self.faults)
            .field("bare_arrays", &self.bare_arrays)
            .field("dialect", &self.dialect)
            .field("envelope", &self.envelope)
            .finish_non_exhaustive()
    }
}

/// The loopback interface gave no port.
#[derive(Debug, thiserror::Error)]
#[error("the simulator cannot listen on 127.0.0.1: {0}")]
pub struct StartError(#[from] std::io::Error);

/// A running stand-in. Dropping it ends it at once; [`Server::shutdown`] lets answers finish first.
pub struct Server {
    base_url: String,
    shared: Arc<Shared>,
    serving: Option<JoinHandle<()>>,
    stopping: CancellationToken,
    killed: CancellationToken,
}

impl Server {
    /// Listens on a free port of 127.0.0.1 and serves until it is shut down or dropped. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] when there is no port to be had.
    pub async fn start(options: SimulatorOptions) -> Result<Self, StartError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let (stopping, killed) = (CancellationToken::new(), CancellationToken::new());
        let door = Arc::new(Door::open(listener, killed.clone())?);
        let shared = Arc::new(Shared::new(options, stopping.clone(), Arc::clone(&door)));

        let router: Router = routes::router(Arc::clone(&shared));
        let serve = axum::serve(WireListener::new(door), router.into_make_service_with_connect_info::<Wire>())
            .with_graceful_shutdown(stopping.clone().cancelled_owned());
        let serving = tokio::spawn(async move {
            // A server with a listener that never fails ends only when it is told to.
            let _ = serve.await;
        });
        Ok(Self { base_url, shared, serving: Some(serving), stopping, killed })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The account that is served now.
    #[must_use]
    pub fn world(&self) -> Arc<World> {
        self.shared.world()
    }

    /// Every request so far, in the order of arrival; of a very long run the last 100,000.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.log().entries()
    }

    /// The most requests that were being answered at one moment, each from its arrival until its answer stood.
    #[must_use]
    pub fn max_in_flight(&self) -> usize {
        self.shared.max_in_flight()
    }

    /// Serves another account from the next request on: what changed between two pages has drifted.
    pub fn set_world(&self, world: impl Into<Arc<World>>) {
        self.shared.set_world(world.into());
    }

    /// Rotates the key: the former one gets 401 from now on.
    pub fn set_api_key(&self, api_key: impl Into<String>) {
        self.shared.set_api_key(api_key.into());
    }

    /// Grants and takes the key's permissions.
    pub fn set_permissions(&self, permissions: Permissions) {
        self.shared.set_permissions(permissions);
    }

    /// Puts these faults in the place of the former; counting begins anew, and a port that [`Fault::Refused`] had shut is
    /// open again.
    pub fn set_faults(&self, faults: impl IntoIterator<Item = impl Into<FaultRule>>) {
        self.shared.set_faults(faults.into_iter().map(Into::into).collect());
    }

    /// Takes no more requests, lets the answers under way finish (for at most a second), and returns once all connections are closed.
    pub async fn shutdown(mut self) {
        self.stopping.cancel();
        if let Some(mut serving) = self.serving.take()
            && tokio::time::timeout(GRACE, &mut serving).await.is_err()
        {
            self.killed.cancel();
            // It ends now, and a panic in it would have no other place to be told.
            let _ = serving.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.cancel();
        self.killed.cancel();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// For so long a shutdown waits for answers under way.
const GRACE: Duration = Duration::from_secs(1);

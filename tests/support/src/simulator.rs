//! The simulated CrewHu with faults and a request log, on a listener that can break connections.

mod effect;
mod fault;
mod gate;
mod log;
mod oversized;
mod page;
mod rows;
mod state;
mod wire;

use std::{fmt, net::Ipv4Addr, sync::Arc, time::Duration};

use axum::{Router, middleware};
use scoresheet_simulator::{Api, Permissions, SimulatorOptions, StartError, World};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub use fault::{EchoedPage, Fault, FaultRule, NameForm, Times, UnknownFault};
pub use log::LoggedRequest;

use state::Shared;
use wire::{Port, Wire, WireListener};

/// A running simulator. Dropping it ends it at once; [`FaultySimulator::shutdown`] lets responses finish first.
pub struct FaultySimulator {
    base_url: String,
    shared: Arc<Shared>,
    serving: Option<JoinHandle<()>>,
    stopping: CancellationToken,
    killed: CancellationToken,
}

impl FaultySimulator {
    /// Listens on a free port of 127.0.0.1, without faults at first. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] when no port is free.
    pub async fn start(options: SimulatorOptions) -> Result<Self, StartError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let (stopping, killed) = (CancellationToken::new(), CancellationToken::new());
        let port = Arc::new(Port::open(listener, killed.clone())?);
        let api = Api::new(options, stopping.clone());
        let shared = Arc::new(Shared::new(api, stopping.clone(), Arc::clone(&port)));

        let layer = middleware::from_fn_with_state(Arc::clone(&shared), gate::gate);
        let router: Router = shared.api.router().layer(layer);
        let serve = axum::serve(WireListener::new(port), router.into_make_service_with_connect_info::<Wire>())
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
        self.shared.api.world()
    }

    /// Every request so far, in the order of arrival; of a very long run the last 100,000.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.log().entries()
    }

    /// The most requests in flight at one moment, each from its arrival until its response was made.
    #[must_use]
    pub fn max_in_flight(&self) -> usize {
        self.shared.max_in_flight()
    }

    /// Serves another account from the next request on.
    pub fn set_world(&self, world: impl Into<Arc<World>>) {
        self.shared.api.set_world(world);
    }

    /// Rotates the API key: the old one gets 401 from now on.
    pub fn set_api_key(&self, api_key: impl Into<String>) {
        self.shared.api.set_api_key(api_key);
    }

    /// Sets the permissions of the API key.
    pub fn set_permissions(&self, permissions: Permissions) {
        self.shared.api.set_permissions(permissions);
    }

    /// Replaces the faults and resets their counters; a port that [`Fault::Refused`] had closed is open again.
    pub fn set_faults(&self, faults: impl IntoIterator<Item = impl Into<FaultRule>>) {
        self.shared.set_faults(faults.into_iter().map(Into::into).collect());
    }

    /// Stops accepting requests, waits at most one second for responses in flight, and returns once all connections
    /// are closed.
    pub async fn shutdown(mut self) {
        self.stopping.cancel();
        if let Some(mut serving) = self.serving.take()
            && tokio::time::timeout(GRACE, &mut serving).await.is_err()
        {
            self.killed.cancel();
            // It ends now, and a panic in it would be reported nowhere else.
            let _ = serving.await;
        }
    }
}

impl Drop for FaultySimulator {
    fn drop(&mut self) {
        self.stopping.cancel();
        self.killed.cancel();
    }
}

impl fmt::Debug for FaultySimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultySimulator").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// How long a shutdown waits for responses in flight.
const GRACE: Duration = Duration::from_secs(1);

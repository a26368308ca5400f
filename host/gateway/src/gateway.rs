//! The pooled clients behind all connections: one for http, one for https. What a connection does with them is left to
//! `connection`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Client, ClientBuilder, redirect, retry};
use tokio::sync::OnceCell;

use crate::clock::{Clock, SystemClock};
use crate::connection::{Connection, ConnectionSpec};
use crate::error::{ConnectionError, GatewayError};
use crate::fault::Fault;
use crate::jitter::{Jitter, RandomJitter};
use crate::tls::{self, NO_ANCHORS, TrustAnchors};

/// What all connections share.
#[derive(Clone, Debug)]
pub struct GatewayOptions {
    /// Sent as `User-Agent` where a connection fixes no other. Default `scoresheet/` and the version.
    pub user_agent: String,
    /// Until TCP and TLS stand, name resolution included. Default 10 s.
    pub connect_timeout: Duration,
    /// How long an idle connection is kept for the next request. Default 60 s.
    pub pool_idle_timeout: Duration,
    /// Who may vouch for an https server. Default: whom the system trusts.
    pub trust: TrustAnchors,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Chance in the waits between tries.
    pub jitter: Arc<dyn Jitter>,
}

impl Default for GatewayOptions {
    fn default() -> Self {
        Self {
            user_agent: concat!("scoresheet/", env!("CARGO_PKG_VERSION")).into(),
            connect_timeout: Duration::from_secs(10),
            pool_idle_timeout: Duration::from_secs(60),
            trust: TrustAnchors::System,
            clock: Arc::new(SystemClock),
            jitter: Arc::new(RandomJitter::new()),
        }
    }
}

/// Makes connections. Cheap to clone: all clones and all connections share their pools.
#[derive(Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    jitter: Arc<dyn Jitter>,
}

struct Shared {
    plain: Client,
    /// Made for the first https request: reading a system's certificates takes longer than everything else that a
    /// program does which only generates a sheet. None where there is nobody to trust.
    secure: OnceCell<Option<Client>>,
    user_agent: HeaderValue,
    connect_timeout: Duration,
    pool_idle_timeout: Duration,
    trust: TrustAnchors,
}

/// For each host; more than one connection has in flight, since several may share a host.
const MAX_IDLE_PER_HOST: usize = 32;
const KEEP_ALIVE: Duration = Duration::from_secs(15);

impl Gateway {
    /// Builds what http needs; what https needs is read for the first such request. A machine
    /// without CA certificates gets a gateway too: http to itself works, and an https request
    /// then says what is missing.
    ///
    /// # Errors
    /// [`GatewayError`] when the options cannot be used.
    pub fn new(options: GatewayOptions) -> Result<Self, GatewayError> {
        let user_agent = HeaderValue::from_str(&options.user_agent).map_err(|_| GatewayError::UserAgent)?;
        if let TrustAnchors::Only(_) = &options.trust {
            // What the caller gives is held against them at once.
            tls::client_config(&options.trust)?;
        }
        let GatewayOptions { connect_timeout, pool_idle_timeout, trust, clock, jitter, .. } = options;
        let (nobody, _) = tls::client_config(&TrustAnchors::Only(Vec::new()))?;
        let plain = Client::builder().tls_backend_preconfigured(nobody);
        let plain = with_policy(plain, &user_agent, connect_timeout, pool_idle_timeout)?;
        let secure = OnceCell::new();
        let shared = Arc::new(Shared { plain, secure, user_agent, connect_timeout, pool_idle_timeout, trust });
        Ok(Self { shared, clock, jitter })
    }

    /// Opens a connection: nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectionError`] when a fixed header or the credential could never be sent. A
    /// credential that cannot be read now is no error: it may be there when it is needed.
    pub fn connect(&self, spec: ConnectionSpec) -> Result<Connection, ConnectionError> {
        Connection::open(spec, self)
    }

    /// The client for a request; for https the system's certificates are read first, once.
    pub(crate) async fn client(&self, https: bool) -> Result<&Client, Fault> {
        if !https {
            return Ok(&self.shared.plain);
        }
        let secure = self
            .shared
            .secure
            .get_or_try_init(|| async {
                let shared = Arc::clone(&self.shared);
                // Files are read: nothing for the threads that others' requests run on.
                tokio::task::spawn_blocking(move || shared.secure_client())
                    .await
                    .map_err(|error| Fault::Lasting(error.to_string()))?
                    .map_err(|error| Fault::Lasting(error.to_string()))
            })
            .await?;
        secure.as_ref().ok_or_else(|| Fault::Lasting(NO_ANCHORS.into()))
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(crate) fn jitter(&self) -> &Arc<dyn Jitter> {
        &self.jitter
    }
}

impl Shared {
    fn secure_client(&self) -> Result<Option<Client>, GatewayError> {
        let (tls, trusts_somebody) = tls::client_config(&self.trust)?;
        if !trusts_somebody {
            return Ok(None);
        }
        let client = Client::builder().tls_backend_preconfigured(tls).https_only(true);
        with_policy(client, &self.user_agent, self.connect_timeout, self.pool_idle_timeout).map(Some)
    }
}

/// What holds for every request, encrypted or not.
fn with_policy(
    client: ClientBuilder,
    user_agent: &HeaderValue,
    connect_timeout: Duration,
    pool_idle_timeout: Duration,
) -> Result<Client, GatewayError> {
    client
        .user_agent(user_agent.clone())
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .gzip(true)
        // The retries are our own: the client's would count neither tries nor the rate.
        .retry(retry::never())
        .connect_timeout(connect_timeout)
        .tcp_nodelay(true)
        .tcp_keepalive(KEEP_ALIVE)
        .pool_idle_timeout(pool_idle_timeout)
        .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
        .build()
        .map_err(|e| GatewayError::Client(e.without_url().to_string()))
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("trust", &self.shared.trust).finish_non_exhaustive()
    }
}

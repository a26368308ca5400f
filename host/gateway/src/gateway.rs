//! The one pooled client behind all connections. What a connection does with it is left to `connection`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Client, redirect, retry};

use crate::clock::{Clock, SystemClock};
use crate::connection::{Connection, ConnectionSpec};
use crate::error::{ConnectionError, GatewayError};
use crate::jitter::{Jitter, RandomJitter};
use crate::tls::{self, TrustAnchors};

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

/// Makes connections. Cheap to clone: all clones and all connections share one pool.
#[derive(Clone)]
pub struct Gateway {
    client: Client,
    /// Without any CA certificate, https is refused before it is tried.
    trusts_somebody: bool,
    clock: Arc<dyn Clock>,
    jitter: Arc<dyn Jitter>,
}

/// For each host; more than one connection has in flight, since several may share a host.
const MAX_IDLE_PER_HOST: usize = 32;
const KEEP_ALIVE: Duration = Duration::from_secs(15);

impl Gateway {
    /// Builds the client. A machine without CA certificates gets one too: http to itself
    /// works, and an https request then says what is missing.
    ///
    /// # Errors
    /// [`GatewayError`] when the options cannot be used.
    pub fn new(options: GatewayOptions) -> Result<Self, GatewayError> {
        let user_agent = HeaderValue::from_str(&options.user_agent).map_err(|_| GatewayError::UserAgent)?;
        let (tls, trusts_somebody) = tls::client_config(&options.trust)?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(user_agent)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .gzip(true)
            // The retries are our own: the client's would count neither tries nor the rate.
            .retry(retry::never())
            .connect_timeout(options.connect_timeout)
            .tcp_nodelay(true)
            .tcp_keepalive(KEEP_ALIVE)
            .pool_idle_timeout(options.pool_idle_timeout)
            .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
            .build()
            .map_err(|e| GatewayError::Client(e.without_url().to_string()))?;
        Ok(Self { client, trusts_somebody, clock: options.clock, jitter: options.jitter })
    }

    /// Opens a connection: nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectionError`] when a fixed header or the credential could never be sent. A
    /// credential that cannot be read now is no error: it may be there when it is needed.
    pub fn connect(&self, spec: ConnectionSpec) -> Result<Connection, ConnectionError> {
        Connection::open(spec, self)
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) const fn trusts_somebody(&self) -> bool {
        self.trusts_somebody
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(crate) fn jitter(&self) -> &Arc<dyn Jitter> {
        &self.jitter
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("trusts_somebody", &self.trusts_somebody).finish_non_exhaustive()
    }
}

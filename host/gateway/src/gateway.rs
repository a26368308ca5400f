//! The pooled clients behind all connections: for http and for https, and each of them once for the internet and once
//! for connections that may reach private addresses. What a connection does with them is left to `connection`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Client, ClientBuilder, redirect, retry};
use rustls::ClientConfig;
use tokio::sync::OnceCell;

use crate::base_url::BaseUrl;
use crate::clock::{Clock, SystemClock};
use crate::connection::{Connection, ConnectionSpec};
use crate::error::{ConnectionError, GatewayError};
use crate::fault::Fault;
use crate::jitter::{Jitter, RandomJitter};
use crate::journal::Journal;
use crate::resolve::{CheckedResolver, Resolver, SystemResolver};
use crate::retry_budget::{RetryBudget, RetryBudgets};
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
    /// Who is asked for a name's addresses. Default: the operating system. Which of them may be connected to is
    /// checked afterwards, whoever answered.
    pub resolver: Arc<dyn Resolver>,
    /// Told of each try. Default: nobody.
    pub journal: Option<Arc<dyn Journal>>,
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
            resolver: Arc::new(SystemResolver),
            journal: None,
            clock: Arc::new(SystemClock),
            jitter: Arc::new(RandomJitter::new()),
        }
    }
}

/// Makes connections. Cheap to clone: all clones and all connections share their pools.
#[derive(Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
    retry_budgets: Arc<RetryBudgets>,
    journal: Option<Arc<dyn Journal>>,
    clock: Arc<dyn Clock>,
    jitter: Arc<dyn Jitter>,
}

struct Shared {
    /// Those who may reach private addresses have clients, and so pools, of their own: what one of them opened is never
    /// handed to a connection that may not.
    public: Clients,
    private: Clients,
    /// Read for the first https request: reading a system's certificates takes longer than everything else that a
    /// program does which only generates a sheet. None where there is nobody to trust.
    tls: OnceCell<Option<ClientConfig>>,
    user_agent: HeaderValue,
    connect_timeout: Duration,
    pool_idle_timeout: Duration,
    trust: TrustAnchors,
    resolver: Arc<dyn Resolver>,
}

/// Each is made when it is first needed.
#[derive(Default)]
struct Clients {
    plain: OnceCell<Client>,
    secure: OnceCell<Client>,
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
        tls::check(&options.trust)?;
        let GatewayOptions { connect_timeout, pool_idle_timeout, trust, resolver, journal, clock, jitter, .. } =
            options;
        let shared = Shared {
            public: Clients::default(),
            private: Clients::default(),
            tls: OnceCell::new(),
            user_agent,
            connect_timeout,
            pool_idle_timeout,
            trust,
            resolver,
        };
        // One of them is made at once, so that settings no client can be made with are found now.
        let plain = shared.plain_client(false)?;
        let public = Clients { plain: OnceCell::new_with(Some(plain)), ..Clients::default() };
        let shared = Arc::new(Shared { public, ..shared });
        Ok(Self { shared, retry_budgets: Arc::default(), journal, clock, jitter })
    }

    /// Opens a connection: nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectionError`] when a fixed header or the credential could never be sent, or the base URL names an address
    /// that no request may go to. A credential that cannot be read now is no error: it may be there when it is needed.
    pub fn connect(&self, spec: ConnectionSpec) -> Result<Connection, ConnectionError> {
        Connection::open(spec, self)
    }

    /// The client for a request; for https the system's certificates are read first, once.
    pub(crate) async fn client(&self, https: bool, allow_private: bool) -> Result<&Client, Fault> {
        let lasting = |error: GatewayError| Fault::Lasting(error.to_string());
        let clients = if allow_private { &self.shared.private } else { &self.shared.public };
        if !https {
            let plain = clients.plain.get_or_try_init(async || self.shared.plain_client(allow_private)).await;
            return plain.map_err(lasting);
        }
        if let Some(client) = clients.secure.get() {
            return Ok(client);
        }
        let tls = self
            .shared
            .tls
            .get_or_try_init(|| async {
                let trust = self.shared.trust.clone();
                // Files are read: nothing for the threads that others' requests run on.
                let (tls, trusts_somebody) = tokio::task::spawn_blocking(move || tls::client_config(&trust))
                    .await
                    .map_err(|error| Fault::Lasting(error.to_string()))?
                    .map_err(lasting)?;
                Ok(trusts_somebody.then_some(tls))
            })
            .await?;
        let Some(tls) = tls else { return Err(Fault::Lasting(NO_ANCHORS.into())) };
        let secure =
            clients.secure.get_or_try_init(async || self.shared.secure_client(tls.clone(), allow_private)).await;
        secure.map_err(lasting)
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The retry budget of a base URL's origin, shared by all connections to it.
    pub(crate) fn retry_budget(&self, base: &BaseUrl) -> Arc<RetryBudget> {
        self.retry_budgets.get(base)
    }

    pub(crate) fn journal(&self) -> Option<&dyn Journal> {
        self.journal.as_deref()
    }

    pub(crate) fn jitter(&self) -> &Arc<dyn Jitter> {
        &self.jitter
    }
}

impl Shared {
    fn plain_client(&self, allow_private: bool) -> Result<Client, GatewayError> {
        let (nobody, _) = tls::client_config(&TrustAnchors::Only(Vec::new()))?;
        self.with_policy(Client::builder().tls_backend_preconfigured(nobody), allow_private)
    }

    fn secure_client(&self, tls: ClientConfig, allow_private: bool) -> Result<Client, GatewayError> {
        self.with_policy(Client::builder().tls_backend_preconfigured(tls).https_only(true), allow_private)
    }

    /// What holds for every request, encrypted or not.
    fn with_policy(&self, client: ClientBuilder, allow_private: bool) -> Result<Client, GatewayError> {
        client
            .user_agent(self.user_agent.clone())
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .gzip(true)
            // The retries are our own: the client's would count neither tries nor the rate.
            .retry(retry::never())
            .dns_resolver(CheckedResolver { resolver: Arc::clone(&self.resolver), allow_private })
            .connect_timeout(self.connect_timeout)
            .tcp_nodelay(true)
            .tcp_keepalive(KEEP_ALIVE)
            .pool_idle_timeout(self.pool_idle_timeout)
            .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
            .build()
            .map_err(|e| GatewayError::Client(e.without_url().to_string()))
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("trust", &self.shared.trust).finish_non_exhaustive()
    }
}

//! Putting an engine together, and what can be wrong with it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use scoresheet_domain::roster;
use scoresheet_engine::{Parts, Store, definition::RosterSource};
use scoresheet_gateway::{Gateway, GatewayOptions, TrustAnchors};
use scoresheet_runtime::{Runtime, RuntimeOptions};

use crate::{
    alerting::Alerting,
    clock::{Clock, GatewayClock, SystemClock},
    components::Components,
    config::{Config, Environment, ProcessEnvironment},
    error::OpenError,
    facade::Engine,
    info::ProviderInfo,
    traffic::Traffic,
    usage::UsageLog,
    wiring::{self, Setup},
};

/// Puts an engine together. Registering is cheap; nothing is read before [`Builder::open`].
pub struct Builder {
    config: Config,
    components: Components,
    cache_dir: Option<PathBuf>,
    environment: Arc<dyn Environment>,
    clock: Arc<dyn Clock>,
    store: Option<Arc<dyn Store>>,
    traffic: Traffic,
    user: Option<String>,
}

impl Engine {
    /// Begins to put an engine together.
    #[must_use]
    pub fn builder(config: Config) -> Builder {
        Builder::new(config)
    }
}

impl Components {
    /// What each of them says of itself, by name; needs no configuration.
    ///
    /// # Errors
    /// [`OpenError`] where one of them cannot be loaded.
    pub async fn describe(&self, cache_dir: Option<PathBuf>) -> Result<Vec<ProviderInfo>, OpenError> {
        let runtime = Runtime::new(RuntimeOptions { cache_dir, ..RuntimeOptions::default() })?;
        wiring::registered_infos(self, &runtime).await.map_err(|problem| OpenError::Setup(vec![problem]))
    }
}

impl Builder {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            config,
            components: Components::new(),
            cache_dir: None,
            environment: Arc::new(ProcessEnvironment),
            clock: Arc::new(SystemClock),
            store: None,
            traffic: Traffic::Live,
            user: None,
        }
    }

    /// Registers a component's bytes under the name that `component = "…"` uses.
    #[must_use]
    pub fn component(mut self, name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        self.components = self.components.bytes(name, bytes);
        self
    }

    /// Registers a component's file under the name that `component = "…"` uses.
    #[must_use]
    pub fn component_file(mut self, name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.components = self.components.file(name, path);
        self
    }

    /// Registers all of these.
    #[must_use]
    pub fn components(mut self, components: Components) -> Self {
        self.components.0.extend(components.0);
        self
    }

    /// Keeps compiled components in this folder, so that the next start compiles nothing. Without it nothing is kept.
    #[must_use]
    pub fn cache_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache_dir = Some(folder.into());
        self
    }

    /// Where credentials are read from, each time anew: the process's environment unless given.
    #[must_use]
    pub fn environment(mut self, environment: Arc<dyn Environment>) -> Self {
        self.environment = environment;
        self
    }

    /// What time it is: the system's unless given.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// A store of the embedder's own, instead of the configuration's.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// Writes each exchange with a source into a folder of the provider's name in this one, without credentials and
    /// personal data, for [`Builder::replay`]. The clock stands still meanwhile. What is asked for depends on what is
    /// stored already: record a first sync, or a full one.
    #[must_use]
    pub fn record(mut self, folder: impl Into<PathBuf>) -> Self {
        self.traffic = Traffic::Record(folder.into());
        self
    }

    /// Asks no source: the answers are those that [`Builder::record`] wrote into this folder, and the time is the one
    /// when it did.
    #[must_use]
    pub fn replay(mut self, folder: impl Into<PathBuf>) -> Self {
        self.traffic = Traffic::Replay(folder.into());
        self
    }

    /// To whom the audit log puts down what is changed; "unknown" unless given.
    #[must_use]
    pub fn acting_for(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Loads the components, checks every setting, and opens the store last: where anything else is wrong, no file is made.
    ///
    /// # Errors
    /// [`OpenError`]; what is wrong with providers, components and settings is told together.
    #[tracing::instrument(name = "open", skip_all)]
    pub async fn open(self) -> Result<Engine, OpenError> {
        let runtime = Runtime::new(RuntimeOptions {
            cache_dir: self.cache_dir.clone(),
            max_component_mib: self.config.sections.runtime.max_component_mib,
            max_compile_secs: self.config.sections.runtime.max_compile_secs,
            ..RuntimeOptions::default()
        })?;
        let clock = self.traffic.clock(&self.clock)?;
        let usage = Arc::new(UsageLog::default());
        let trust = trust(self.config.sections.network.ca_file.as_deref())?;
        let gateway = Gateway::new(GatewayOptions {
            trust: trust.clone(),
            journal: Some(Arc::clone(&usage) as _),
            clock: Arc::new(GatewayClock(Arc::clone(&clock))),
            ..GatewayOptions::default()
        })?;
        let setup = Setup {
            config: &self.config,
            components: &self.components,
            environment: &self.environment,
            traffic: &self.traffic,
        };
        let wired = wiring::wire(&setup, &runtime, &gateway, &usage).await.map_err(OpenError::Setup)?;
        let alerting = Alerting::of(&self.config, &self.environment, trust)?;
        let roster_file = self.config.sections.clients.file.clone();
        let roster = match &roster_file {
            Some(path) => RosterSource::Given(read_roster(path)?),
            None => RosterSource::StoredOr(wired.own_roster.clone()),
        };
        let store = match self.store {
            Some(store) => store,
            None => scoresheet_store::open(&self.config.sections.store.url).await?,
        };
        let mut inner = scoresheet_engine::Engine::new(Parts {
            store,
            providers: wired.providers,
            sheet: wired.sheet,
            roster,
            policy: self.config.sync,
            host: host_name(),
        })
        .with_hook(usage)
        .retaining(self.config.sections.retention.policy())?;
        if let Some(user) = self.user {
            inner = inner.acting_for(user);
        }
        self.traffic.begin(clock.now())?;
        Ok(Engine { inner, clock, infos: wired.infos, roster_file, runtime, components: wired.components, alerting })
    }
}

/// The usual folder for compiled components: `$XDG_CACHE_HOME/scoresheet`, else `~/.cache/scoresheet`.
#[must_use]
pub fn default_cache_dir(environment: &dyn Environment) -> Option<PathBuf> {
    let folder = |name: &str| environment.var(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder("XDG_CACHE_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("scoresheet"))
}

/// Who may vouch for a server: those of the system, and those of the operator's file.
fn trust(ca_file: Option<&Path>) -> Result<TrustAnchors, OpenError> {
    let Some(path) = ca_file else { return Ok(TrustAnchors::System) };
    let problem = |reason: String| OpenError::Authorities { path: path.to_owned(), reason };
    let content = std::fs::read(path).map_err(|error| problem(error.to_string()))?;
    let certificates =
        scoresheet_gateway::certificates_from_pem(&content).map_err(|error| problem(error.to_string()))?;
    Ok(TrustAnchors::SystemAnd(certificates))
}

fn read_roster(path: &Path) -> Result<Vec<scoresheet_domain::Client>, OpenError> {
    let bytes = std::fs::read(path).map_err(|source| OpenError::RosterFile { path: path.to_owned(), source })?;
    roster::parse(&bytes).map_err(|problems| OpenError::Roster { name: path.display().to_string(), problems })
}

/// The host's name, for the audit log.
fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_owned())
        .ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this host".to_owned())
}

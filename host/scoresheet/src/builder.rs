//! Putting an engine together, and what can be wrong with it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use scoresheet_domain::ProviderName;
use scoresheet_domain::roster::{self, RosterProblem};
use scoresheet_engine::{EngineError, Parts, Store, StoreError, definition::RosterSource};
use scoresheet_gateway::{Gateway, GatewayError, GatewayOptions, RecordingError, TrustAnchors};
use scoresheet_runtime::{LoadError, Runtime, RuntimeError, RuntimeOptions};

use crate::{
    alerting::Alerting,
    clock::{Clock, GatewayClock, SystemClock},
    config::{Config, ConfigProblem, Environment, ProcessEnvironment},
    facade::Engine,
    info::ProviderInfo,
    traffic::Traffic,
    usage::UsageLog,
    wiring,
};

/// Components by the names under which `component = "…"` finds them.
#[derive(Clone, Default)]
pub struct Components(pub(crate) BTreeMap<String, Registered>);

/// Where a component's bytes come from.
#[derive(Clone)]
pub(crate) enum Registered {
    Bytes(Arc<[u8]>),
    File(PathBuf),
}

impl Components {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a component's bytes, in the place of an earlier one of this name.
    #[must_use]
    pub fn bytes(mut self, name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        self.0.insert(name.into(), Registered::Bytes(bytes.into()));
        self
    }

    /// Adds a component's file, in the place of an earlier one of this name. It is read when it is needed.
    #[must_use]
    pub fn file(mut self, name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.0.insert(name.into(), Registered::File(path.into()));
        self
    }

    /// All but those of these names.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|name, _| !names.contains(&name.as_str()));
        self
    }

    /// What each of them says of itself, by name; needs no configuration.
    ///
    /// # Errors
    /// [`OpenError`] where one of them cannot be loaded.
    pub async fn describe(&self, cache_dir: Option<PathBuf>) -> Result<Vec<ProviderInfo>, OpenError> {
        let runtime = Runtime::new(RuntimeOptions { cache_dir, ..RuntimeOptions::default() })?;
        wiring::registered_infos(self, &runtime).await.map_err(|problem| OpenError::Setup(vec![problem]))
    }
}

/// Puts an engine together. Registering is cheap; nothing is read before [`Builder::open`].
pub struct Builder {
    pub(crate) config: Config,
    pub(crate) components: Components,
    cache_dir: Option<PathBuf>,
    pub(crate) environment: Arc<dyn Environment>,
    pub(crate) clock: Arc<dyn Clock>,
    store: Option<Arc<dyn Store>>,
    pub(crate) traffic: Traffic,
    user: Option<String>,
}

/// One thing that keeps a provider from being set up, with its place in the configuration.
#[derive(Debug, thiserror::Error)]
pub enum SetupProblem {
    /// A component that is registered, or that the configuration names, could not be loaded.
    #[error("{at}: {source}")]
    Component {
        /// Where it is named.
        at: String,
        /// Why.
        source: LoadError,
    },
    /// A component's file could not be read.
    #[error("{at}: {}: {source}", path.display())]
    File {
        /// Where it is named.
        at: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is nothing to record into, or nothing to replay.
    #[error("{provider}: {source}")]
    Recording {
        /// The provider.
        provider: ProviderName,
        /// Why.
        source: RecordingError,
    },
    /// What the configuration asks for is not there, breaks a schema or cannot be connected to.
    #[error("{0}")]
    Configuration(ConfigProblem),
}

/// Why an engine could not be put together. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Providers, components or settings: everything that is wrong with them, together.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Setup(Vec<SetupProblem>),
    /// The roster has lines that cannot be used.
    #[error("{}", .problems.iter().map(|problem| format!("{name}: {problem}")).collect::<Vec<_>>().join("\n"))]
    Roster {
        /// The file.
        name: String,
        /// The lines.
        problems: Vec<RosterProblem>,
    },
    /// There is no recording to replay, or none can be made.
    #[error("{}: {reason}", path.display())]
    Recording {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file of further authorities cannot be used.
    #[error("[network] ca_file {}: {reason}", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The roster's file could not be read.
    #[error("[clients] file {}: {source}", path.display())]
    RosterFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The store could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The WebAssembly runtime could not start.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The HTTP client could not start.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// A use case failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// What an import kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RosterReport {
    /// How many clients.
    pub clients: usize,
    /// How many of them are active.
    pub active: usize,
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
        let wired = wiring::wire(&self, &runtime, &gateway, &usage).await.map_err(OpenError::Setup)?;
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

//! A loaded component, and one with settings.

use std::{fmt, sync::Arc};

use scoresheet_domain::{Description, Digest, Failure, Instant, ProviderSpec};
use scoresheet_gateway::Outbound;
use tokio_util::sync::CancellationToken;
use wasmtime::component::Linker;

use crate::{
    bindings::{MetricProvider, MetricProviderPre},
    convert,
    engine::{MAX_MEMORIES, TABLES_PER_SLOT},
    error::{ConfigureError, LoadError},
    guest::{Call, Guest},
    limits::Limits,
    loading::Compiled,
    preflight::CONTRACT,
    provider::ComponentProvider,
    runtime::Shared,
    state::State,
    text,
};

/// A component that can be called. Cheap to clone.
#[derive(Clone)]
pub struct Component {
    loaded: Arc<Loaded>,
}

/// What a component consists of.
pub(crate) struct Loaded {
    pub(crate) linked: Linked,
    pub(crate) spec: ProviderSpec,
    pub(crate) digest: Digest,
    from_cache: bool,
}

/// A component with settings. Cheap to clone.
#[derive(Clone)]
pub struct Configured {
    pub(crate) inner: Arc<Settled>,
}

/// What a configured component consists of.
pub(crate) struct Settled {
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) description: Description,
    /// The settings, as each call gets them.
    pub(crate) settings: String,
}

/// A component's code, tied to what the host gives it.
pub(crate) struct Linked {
    pub(crate) shared: Arc<Shared>,
    /// For `source`.
    pub(crate) source: MetricProviderPre<State>,
    /// For `metrics`.
    pub(crate) pure: MetricProviderPre<State>,
    /// How many slots it takes while it runs.
    pub(crate) weight: u32,
}

impl Component {
    pub(crate) async fn link(shared: Arc<Shared>, compiled: Compiled) -> Result<Self, LoadError> {
        let linked = Linked {
            source: pre(&shared.source, &compiled.component)?,
            pure: pre(&shared.pure, &compiled.component)?,
            weight: weight(&compiled.component)?,
            shared,
        };
        let spec = linked.spec(compiled.digest).await?;
        let Compiled { digest, from_cache, .. } = compiled;
        Ok(Self { loaded: Arc::new(Loaded { linked, spec, digest, from_cache }) })
    }

    /// What the component says of itself, whatever the settings.
    #[must_use]
    pub fn spec(&self) -> &ProviderSpec {
        &self.loaded.spec
    }

    /// The digest of the component's bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.loaded.digest
    }

    /// Whether its compiled code came from the cache.
    #[must_use]
    pub fn from_cache(&self) -> bool {
        self.loaded.from_cache
    }

    /// The component with settings, which have passed its schema with defaults filled in.
    ///
    /// # Errors
    /// [`ConfigureError`] if it refuses the settings or its description breaks the contract.
    pub async fn configure(&self, settings: &serde_json::Value) -> Result<Configured, ConfigureError> {
        let settings = settings.to_string();
        let linked = &self.loaded.linked;
        let call = linked.call(&self.loaded.spec.id, "metrics.describe");
        let mut guest = Guest::enter(&linked.shared, call).await.map_err(ConfigureError::Describe)?;
        let (supervisor, span) = guest.supervisor();
        let called = supervisor
            .watch(span, async {
                let exports = linked.pure.instantiate_async(&mut guest.store).await?;
                exports.accellis_scoresheet_metrics().call_describe(&mut guest.store, &settings).await
            })
            .await;
        let (described, gave_up) = guest.leave(called).map_err(ConfigureError::Describe)?;
        let given = described.map_err(|failed| match convert::failure(failed, gave_up.as_ref()) {
            Failure::Settings(problems) => ConfigureError::Settings(problems),
            other => ConfigureError::Describe(other),
        })?;
        let description =
            convert::description(given).map_err(|broken| ConfigureError::Description(broken.to_string()))?;
        Ok(Configured { inner: Arc::new(Settled { loaded: Arc::clone(&self.loaded), description, settings }) })
    }
}

impl Configured {
    /// What the component says of itself, whatever the settings.
    #[must_use]
    pub fn spec(&self) -> &ProviderSpec {
        &self.inner.loaded.spec
    }

    /// What it measures with its settings.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.inner.description
    }

    /// With a connection and limits: a provider. Without a connection its requests are refused.
    #[must_use]
    pub fn instance(&self, connection: Option<Arc<dyn Outbound>>, limits: Limits) -> ComponentProvider {
        ComponentProvider::new(Arc::clone(&self.inner), connection, limits)
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component")
            .field("id", &self.loaded.spec.id)
            .field("digest", &self.loaded.digest)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Configured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Configured").field("id", &self.inner.loaded.spec.id).finish_non_exhaustive()
    }
}

impl Linked {
    /// A call outside of any run: there is no connection, and what it returns depends on no time.
    fn call<'a>(&self, provider: &'a str, function: &'static str) -> Call<'a> {
        Call {
            provider,
            function,
            limits: self.shared.describe_limits,
            now: Instant::from_millis(0),
            connection: None,
            cancel: CancellationToken::new(),
            weight: self.weight,
            meter: None,
        }
    }

    async fn spec(&self, digest: Digest) -> Result<ProviderSpec, LoadError> {
        let name = digest.hex();
        let mut guest =
            Guest::enter(&self.shared, self.call(&name[..12], "metrics.spec")).await.map_err(LoadError::Describe)?;
        let (supervisor, span) = guest.supervisor();
        let mut unfit = None;
        let called = supervisor
            .watch(span, async {
                let instance = self.pure.instance_pre().instantiate_async(&mut guest.store).await?;
                // Here the exports' types are compared with the contract's.
                match MetricProvider::new(&mut guest.store, &instance) {
                    Ok(exports) => Ok(Some(exports.accellis_scoresheet_metrics().call_spec(&mut guest.store).await?)),
                    Err(error) => {
                        unfit = Some(link_error(&error));
                        Ok(None)
                    }
                }
            })
            .await;
        let (described, _) = guest.leave(called).map_err(LoadError::Describe)?;
        match described {
            Some(given) => convert::spec(given).map_err(|broken| LoadError::Spec(broken.to_string())),
            None => Err(unfit.unwrap_or_else(|| LoadError::Describe(Failure::Component("it said nothing".to_owned())))),
        }
    }
}

fn pre(
    linker: &Linker<State>,
    component: &wasmtime::component::Component,
) -> Result<MetricProviderPre<State>, LoadError> {
    linker.instantiate_pre(component).and_then(MetricProviderPre::new).map_err(|error| link_error(&error))
}

fn link_error(error: &wasmtime::Error) -> LoadError {
    LoadError::Link { supported: CONTRACT, message: text::line(&format!("{error:#}"), 500) }
}

/// How many slots of the pool a component takes: as many as it has memories, or as its
/// tables fill.
fn weight(component: &wasmtime::component::Component) -> Result<u32, LoadError> {
    let link = |message: String| LoadError::Link { supported: CONTRACT, message };
    let needs = component
        .resources_required()
        .ok_or_else(|| link("it imports a core module, which no component is given".to_owned()))?;
    let weight = needs.num_memories.max(needs.num_tables.div_ceil(TABLES_PER_SLOT)).max(1);
    if weight > MAX_MEMORIES {
        return Err(link(format!(
            "it has {} memories and {} tables; at most {MAX_MEMORIES} and {} are allowed",
            needs.num_memories,
            needs.num_tables,
            MAX_MEMORIES * TABLES_PER_SLOT
        )));
    }
    Ok(weight)
}

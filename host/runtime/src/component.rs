//! A loaded component: compiled, linked and described.

use std::{fmt, sync::Arc};

use scoresheet_domain::{Description, Digest, Failure, Instant};
use scoresheet_gateway::Outbound;
use tokio_util::sync::CancellationToken;
use wasmtime::component::Linker;

use crate::{
    bindings::{MetricProvider, MetricProviderPre, optional},
    convert,
    engine::{MAX_MEMORIES, TABLES_PER_SLOT},
    error::LoadError,
    guest::{Call, Guest},
    limits::Limits,
    loading::Compiled,
    preflight::{CONTRACT, PACKAGE},
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
    pub(crate) description: Description,
    pub(crate) digest: Digest,
    from_cache: bool,
}

/// A component's code, tied to what the host gives it.
pub(crate) struct Linked {
    pub(crate) shared: Arc<Shared>,
    /// For `source`.
    pub(crate) source: MetricProviderPre<State>,
    /// For `metrics`.
    pub(crate) pure: MetricProviderPre<State>,
    /// For `history`, where it is exported: as pure.
    pub(crate) history: Option<optional::WithHistoryPre<State>>,
    /// How many slots it takes while it runs.
    pub(crate) weight: u32,
}

impl Component {
    pub(crate) async fn link(shared: Arc<Shared>, compiled: Compiled) -> Result<Self, LoadError> {
        let pure = pre(&shared.pure, &compiled.component)?;
        let linked = Linked {
            source: pre(&shared.source, &compiled.component)?,
            history: history(&pure, &compiled.component)?,
            pure,
            weight: weight(&compiled.component)?,
            shared,
        };
        let description = linked.describe(compiled.digest).await?;
        let Compiled { digest, from_cache, .. } = compiled;
        Ok(Self { loaded: Arc::new(Loaded { linked, description, digest, from_cache }) })
    }

    /// What the component says of itself.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.loaded.description
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

    /// The component with a way out and limits: a provider. Without a way out its requests
    /// are refused.
    #[must_use]
    pub fn instance(&self, connection: Option<Arc<dyn Outbound>>, limits: Limits) -> ComponentProvider {
        ComponentProvider::new(Arc::clone(&self.loaded), connection, limits)
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component")
            .field("id", &self.loaded.description.id)
            .field("digest", &self.loaded.digest)
            .finish_non_exhaustive()
    }
}

impl Linked {
    async fn describe(&self, digest: Digest) -> Result<Description, LoadError> {
        let call = Call {
            provider: &digest.hex()[..12],
            function: "metrics.describe",
            limits: self.shared.describe_limits,
            // There is no run yet, and a description depends on nothing.
            now: Instant::from_millis(0),
            connection: None,
            cancel: CancellationToken::new(),
            weight: self.weight,
            meter: None,
        };
        let mut guest = Guest::enter(&self.shared, call).await.map_err(LoadError::Describe)?;
        let (supervisor, span) = guest.supervisor();
        let mut unfit = None;
        let called = supervisor
            .watch(span, async {
                let instance = self.pure.instance_pre().instantiate_async(&mut guest.store).await?;
                // Here the exports' types are compared with the contract's.
                let exports = MetricProvider::new(&mut guest.store, &instance);
                let exports = exports.and_then(|exports| match self.history {
                    Some(_) => optional::WithHistory::new(&mut guest.store, &instance).map(|_| exports),
                    None => Ok(exports),
                });
                match exports {
                    Ok(exports) => {
                        Ok(Some(exports.accellis_scoresheet_metrics().call_describe(&mut guest.store).await?))
                    }
                    Err(error) => {
                        unfit = Some(link_error(&error));
                        Ok(None)
                    }
                }
            })
            .await;
        let (described, _) = guest.leave(called).map_err(LoadError::Describe)?;
        match described {
            Some(given) => convert::description(given).map_err(|broken| LoadError::Description(broken.to_string())),
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

fn history(
    pure: &MetricProviderPre<State>,
    component: &wasmtime::component::Component,
) -> Result<Option<optional::WithHistoryPre<State>>, LoadError> {
    if component.get_export_index(None, format!("{PACKAGE}/history@{CONTRACT}")).is_none() {
        return Ok(None);
    }
    optional::WithHistoryPre::new(pure.instance_pre().clone()).map(Some).map_err(|error| link_error(&error))
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

//! One engine for all components of a process, and what they share.

use std::{fmt, path::PathBuf, sync::Arc};

use scoresheet_domain::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{Engine, component::Linker};

use crate::{
    cache::CodeCache,
    compiler::Compiler,
    component::Component,
    engine,
    error::{LoadError, RuntimeError},
    host,
    limits::Limits,
    loading::Loader,
    quarantine::Quarantine,
    state::State,
    ticker::{Running, Ticker},
};

/// How a runtime is set up.
#[derive(Clone, Debug)]
pub struct RuntimeOptions {
    /// Where compiled components are kept, and which ones are in [`Quarantine`]; none: nothing is written to disk. A
    /// folder that cannot be used costs time at each start, and a warning.
    pub cache_dir: Option<PathBuf>,
    /// Whether memory is pooled, which makes calls cheaper, where this process's address space
    /// has room for it; true.
    pub pooling: bool,
    /// The program that compiles components which are not in the cache yet, in a process of its own with limits on
    /// time and memory; none: they are compiled in this process, whose memory the compiler then shares.
    pub compiler: Option<Compiler>,
    /// How long to wait for a component to be compiled, in seconds; 120. A compiler in a process of its own is ended
    /// then. In this process it cannot be: it works on, to no end, until it is done or the process ends.
    pub compile_secs: u32,
    /// What a component may use while it describes itself as it is loaded.
    pub describe_limits: Limits,
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        let describe_limits = Limits { deadline_secs: 30, compute_secs: 10, ..Limits::default() };
        Self { cache_dir: None, pooling: true, compiler: None, compile_secs: 120, describe_limits }
    }
}

/// Loads components. Cheap to clone; the last clone or [`Component`] to go ends its thread.
#[derive(Clone)]
pub struct Runtime {
    shared: Arc<Shared>,
}

impl Runtime {
    /// Starts an engine and the clock that interrupts components.
    ///
    /// # Errors
    /// [`RuntimeError`] where this machine cannot run components at all.
    pub fn new(options: RuntimeOptions) -> Result<Self, RuntimeError> {
        let (engine, layout) = engine::engine(options.pooling)?;
        let loader = Loader {
            cache: options.cache_dir.as_deref().and_then(|folder| CodeCache::open(folder, &engine)),
            quarantine: options.cache_dir.as_deref().map(Quarantine::at),
            compiler: options.compiler,
            compile_secs: options.compile_secs,
            layout,
            engine: engine.clone(),
        };
        let shared = Shared {
            source: host::source_linker(&engine)?,
            pure: host::pure_linker(&engine)?,
            ticker: Ticker::start(&engine).map_err(RuntimeError::Clock)?,
            slots: Arc::new(Semaphore::new(engine::SLOTS as usize)),
            loader: Arc::new(loader),
            describe_limits: options.describe_limits,
            engine,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Checks a component's bytes, compiles them or takes them from the cache, and asks the
    /// component what it is. Wants a tokio runtime with its timer; the compiling is done on a
    /// thread or in a process of its own, which ends with the returned future.
    ///
    /// # Errors
    /// [`LoadError`] says what is wrong with the component, and what would be right.
    pub async fn load(&self, bytes: impl Into<Arc<[u8]>>) -> Result<Component, LoadError> {
        self.load_from(bytes.into(), None).await
    }

    /// The same, by somebody who knows what time it is: where the component is put in quarantine, its record tells
    /// since when.
    ///
    /// # Errors
    /// As for [`Runtime::load`].
    pub async fn load_at(&self, bytes: impl Into<Arc<[u8]>>, now: Instant) -> Result<Component, LoadError> {
        self.load_from(bytes.into(), Some(now)).await
    }

    /// The components that this runtime refuses to compile; none where it keeps nothing on disk.
    #[must_use]
    pub fn quarantine(&self) -> Option<&Quarantine> {
        self.shared.loader.quarantine.as_ref()
    }

    async fn load_from(&self, bytes: Arc<[u8]>, now: Option<Instant>) -> Result<Component, LoadError> {
        let compiled = self.shared.loader.load(bytes, now).await?;
        Component::link(Arc::clone(&self.shared), compiled).await
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}

/// What all components of a runtime share.
pub(crate) struct Shared {
    /// What `source` is linked to.
    pub(crate) source: Linker<State>,
    /// What `metrics` is linked to.
    pub(crate) pure: Linker<State>,
    /// What a component may use while it is loaded.
    pub(crate) describe_limits: Limits,
    loader: Arc<Loader>,
    slots: Arc<Semaphore>,
    ticker: Ticker,
    engine: Engine,
}

impl Shared {
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Waits until so many slots are free.
    pub(crate) async fn slots(&self, count: u32) -> OwnedSemaphorePermit {
        let slots = Arc::clone(&self.slots);
        slots.acquire_many_owned(count).await.expect("the semaphore is never closed")
    }

    /// Keeps the interrupting clock running until dropped.
    pub(crate) fn running(&self) -> Running {
        self.ticker.running()
    }
}

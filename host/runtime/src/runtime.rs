//! One engine for all components of a process, and what they share.

use std::{fmt, path::PathBuf, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{Engine, component::Linker};

use crate::{
    cache::CodeCache,
    component::Component,
    engine,
    error::{LoadError, RuntimeError},
    host,
    limits::Limits,
    loading::Loader,
    state::State,
    ticker::{Running, Ticker},
};

/// How a runtime is set up.
#[derive(Clone, Debug)]
pub struct RuntimeOptions {
    /// Where compiled components are cached; none: nothing is written to disk. A folder that cannot be used costs time
    /// at each start, and a warning.
    pub cache_dir: Option<PathBuf>,
    /// Whether memory is pooled, which makes calls cheaper, where this process's address space
    /// has room for it; true.
    pub pooling: bool,
    /// The largest component that is loaded, in MiB; 64.
    pub max_component_mib: u32,
    /// The longest that compiling a component may take, in seconds; 20. It is estimated from the component's code
    /// before anything is compiled, since the compiler cannot be interrupted.
    pub max_compile_secs: u32,
    /// What a component may use while it describes itself as it is loaded.
    pub describe_limits: Limits,
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        let describe_limits = Limits { deadline_secs: 30, compute_secs: 10, ..Limits::default() };
        Self { cache_dir: None, pooling: true, max_component_mib: 64, max_compile_secs: 20, describe_limits }
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
        let engine = engine::engine(options.pooling)?;
        let loader = Loader {
            cache: options.cache_dir.as_deref().and_then(|folder| CodeCache::open(folder, &engine)),
            max_component_mib: options.max_component_mib,
            max_compile_secs: options.max_compile_secs,
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

    /// Checks a component's bytes, compiles them or takes them from the cache, and asks the component to describe
    /// itself. Needs a tokio runtime with its timer. Compiling runs on a blocking thread, which cannot be interrupted:
    /// a program that must not wait for it ends with `tokio::runtime::Runtime::shutdown_background`.
    ///
    /// # Errors
    /// [`LoadError`] says what is wrong with the component, and what would be right.
    pub async fn load(&self, bytes: impl Into<Arc<[u8]>>) -> Result<Component, LoadError> {
        let compiled = self.shared.loader.load(bytes.into()).await?;
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

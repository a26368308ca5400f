//! One engine for all components of a process, and what they share.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use scoresheet_domain::Digest;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use wasmtime::{Engine, component::Linker};

use crate::{
    cache::CodeCache,
    complexity,
    component::Component,
    engine,
    error::{LoadError, RuntimeError},
    host,
    limits::Limits,
    preflight,
    state::State,
    text,
    ticker::{Running, Ticker},
};

/// How a runtime is set up.
#[derive(Clone, Debug)]
pub struct RuntimeOptions {
    /// Where compiled components are kept; none: nothing is written to disk. A folder that
    /// cannot be used costs time at each start, and a warning.
    pub cache_dir: Option<PathBuf>,
    /// Whether memory is pooled, which makes calls cheaper, where this process's address space
    /// has room for it; true.
    pub pooling: bool,
    /// How long to wait for a component to be compiled, in seconds; 120. The compiler cannot be
    /// stopped: it works on, to no end, until it is done or the process ends.
    pub compile_secs: u32,
    /// What a component may use while it describes itself as it is loaded.
    pub describe_limits: Limits,
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        let describe_limits = Limits { deadline_secs: 30, compute_secs: 10, ..Limits::default() };
        Self { cache_dir: None, pooling: true, compile_secs: 120, describe_limits }
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
        let cache = options.cache_dir.as_deref().and_then(|folder| CodeCache::open(folder, &engine));
        let shared = Shared {
            source: host::source_linker(&engine)?,
            pure: host::pure_linker(&engine)?,
            ticker: Ticker::start(&engine).map_err(RuntimeError::Clock)?,
            slots: Arc::new(Semaphore::new(engine::SLOTS as usize)),
            cache,
            compile_secs: options.compile_secs,
            describe_limits: options.describe_limits,
            engine,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Checks a component's bytes, compiles them or takes them from the cache, and asks the
    /// component what it is. Wants a tokio runtime with its timer; the compiling is done on a
    /// thread of its own.
    ///
    /// # Errors
    /// [`LoadError`] says what is wrong with the component, and what would be right.
    pub async fn load(&self, bytes: impl Into<Arc<[u8]>>) -> Result<Component, LoadError> {
        let compiled = self.compile(bytes.into()).await?;
        Component::link(Arc::clone(&self.shared), compiled).await
    }

    /// Not tokio's pool for blocking work: a program that ends waits for that, and a
    /// compilation can be long.
    async fn compile(&self, bytes: Arc<[u8]>) -> Result<Compiled, LoadError> {
        let (sender, receiver) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        std::thread::Builder::new()
            .name("scoresheet-compile".to_owned())
            .spawn(move || {
                // Nobody is waiting any more: then there is nobody to tell.
                let _ = sender.send(shared.compile(&bytes));
            })
            .map_err(|error| LoadError::Host(format!("no thread to compile on: {error}")))?;
        let secs = self.shared.compile_secs;
        match tokio::time::timeout(Duration::from_secs(u64::from(secs)), receiver).await {
            Ok(Ok(compiled)) => compiled,
            Ok(Err(_)) => Err(LoadError::Host("the compiler panicked".to_owned())),
            Err(_) => Err(LoadError::TooComplex(format!("it was not done after {secs} s"))),
        }
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}

/// A component as wasmtime has it.
pub(crate) struct Compiled {
    pub(crate) component: wasmtime::component::Component,
    pub(crate) digest: Digest,
    pub(crate) from_cache: bool,
}

/// What all components of a runtime share.
pub(crate) struct Shared {
    /// What `source` is linked to.
    pub(crate) source: Linker<State>,
    /// What `metrics` is linked to.
    pub(crate) pure: Linker<State>,
    /// What a component may use while it is loaded.
    pub(crate) describe_limits: Limits,
    compile_secs: u32,
    slots: Arc<Semaphore>,
    cache: Option<CodeCache>,
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

    fn compile(&self, bytes: &[u8]) -> Result<Compiled, LoadError> {
        preflight::check(bytes)?;
        let digest = Digest::of(bytes);
        if let Some(component) = self.cache.as_ref().and_then(|cache| cache.load(&self.engine, digest)) {
            return Ok(Compiled { component, digest, from_cache: true });
        }
        complexity::check(bytes)?;
        let component = wasmtime::component::Component::from_binary(&self.engine, bytes)
            .map_err(|error| LoadError::Invalid(text::line(&format!("{error:#}"), 500)))?;
        if let Some(cache) = &self.cache {
            match component.serialize() {
                Ok(code) => cache.store(digest, &code),
                Err(error) => tracing::warn!(reason = %error, "compiled code could not be kept"),
            }
        }
        Ok(Compiled { component, digest, from_cache: false })
    }
}

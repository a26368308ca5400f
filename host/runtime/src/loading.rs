//! From a component's bytes to its code: checked, taken from the cache, or compiled.

use std::{sync::Arc, time::Duration};

use scoresheet_domain::{Digest, Instant};
use tokio::sync::oneshot;
use wasmtime::Engine;

use crate::{
    cache::CodeCache,
    code,
    compiler::{Compiler, Leash},
    complexity,
    engine::{self, Layout},
    error::LoadError,
    preflight,
    quarantine::{Quarantine, Quarantined},
    text,
    wire::Request,
};

/// A component as wasmtime has it.
pub(crate) struct Compiled {
    pub(crate) component: wasmtime::component::Component,
    pub(crate) digest: Digest,
    pub(crate) from_cache: bool,
}

/// What is needed to come from bytes to code.
pub(crate) struct Loader {
    pub(crate) engine: Engine,
    pub(crate) layout: Layout,
    pub(crate) cache: Option<CodeCache>,
    pub(crate) quarantine: Option<Quarantine>,
    pub(crate) compiler: Option<Compiler>,
    pub(crate) compile_secs: u32,
}

impl Loader {
    /// Waits for [`Loader::work`], on a thread of its own, for as long as a compilation may take. `now` is when a
    /// component is put in quarantine.
    ///
    /// Not on tokio's pool for blocking work: a program that ends waits for that, and a compilation can be long.
    pub(crate) async fn load(self: &Arc<Self>, bytes: Arc<[u8]>, now: Option<Instant>) -> Result<Compiled, LoadError> {
        let (sender, receiver) = oneshot::channel();
        let leash = Leash::default();
        // Ends the compiler's process when nobody waits for it any more.
        let _keeper = leash.keeper();
        let (loader, worked) = (Arc::clone(self), Arc::clone(&bytes));
        std::thread::Builder::new()
            .name("scoresheet-compile".to_owned())
            .spawn(move || {
                // Nobody is waiting any more: then there is nobody to tell.
                let _ = sender.send(loader.work(&worked, &leash));
            })
            .map_err(|error| LoadError::Host(format!("no thread to compile on: {error}")))?;
        let compiled = match tokio::time::timeout(Duration::from_secs(u64::from(self.compile_secs)), receiver).await {
            Ok(Ok(compiled)) => compiled,
            Ok(Err(_)) => Err(LoadError::Host("the compiler panicked".to_owned())),
            Err(_) => Err(self.too_slow()),
        };
        if let (Err(error), Some(quarantine)) = (&compiled, &self.quarantine)
            && error.condemns()
        {
            quarantine.put(&Quarantined {
                digest: Digest::of(&bytes),
                reason: error.to_string(),
                since: now,
                bytes: bytes.len() as u64,
            });
        }
        compiled
    }

    fn too_slow(&self) -> LoadError {
        let secs = self.compile_secs;
        match self.compiler {
            // Its computing is bounded by itself: so long a wait is no fault of the component's.
            Some(_) => LoadError::Host(format!(
                "the compiler was not done after {secs} s, and had not used up its computing time: is this machine busy?"
            )),
            None => LoadError::TooComplex(format!("it was not done after {secs} s")),
        }
    }

    fn work(&self, bytes: &[u8], leash: &Leash) -> Result<Compiled, LoadError> {
        preflight::check(bytes)?;
        let digest = Digest::of(bytes);
        if let Some(known) = self.quarantine.as_ref().and_then(|quarantine| quarantine.get(digest)) {
            return Err(LoadError::Quarantined { digest, reason: known.reason, since: known.since });
        }
        if let Some(component) = self.cache.as_ref().and_then(|cache| cache.load(&self.engine, digest)) {
            return Ok(Compiled { component, digest, from_cache: true });
        }
        complexity::check(bytes)?;
        let component = match &self.compiler {
            Some(compiler) => self.compile_elsewhere(compiler, leash, digest, bytes)?,
            None => self.compile_here(digest, bytes)?,
        };
        Ok(Compiled { component, digest, from_cache: false })
    }

    fn compile_elsewhere(
        &self,
        compiler: &Compiler,
        leash: &Leash,
        digest: Digest,
        bytes: &[u8],
    ) -> Result<wasmtime::component::Component, LoadError> {
        let request = Request {
            cpu_secs: compiler.cpu_secs,
            memory_mib: compiler.memory_mib,
            layout: self.layout,
            compatibility: engine::compatibility(&self.engine),
            component_bytes: bytes.len() as u64,
        };
        let compiled = compiler.compile(leash, &request, bytes)?;
        let component = code::deserialize(&self.engine, &compiled).map_err(|error| {
            LoadError::Host(format!("what the compiler gave does not fit: {}", text::line(&format!("{error:#}"), 300)))
        })?;
        if let Some(cache) = &self.cache {
            cache.store(digest, &compiled);
        }
        Ok(component)
    }

    fn compile_here(&self, digest: Digest, bytes: &[u8]) -> Result<wasmtime::component::Component, LoadError> {
        let component = wasmtime::component::Component::from_binary(&self.engine, bytes)
            .map_err(|error| LoadError::Invalid(text::line(&format!("{error:#}"), 500)))?;
        if let Some(cache) = &self.cache {
            match component.serialize() {
                Ok(code) => cache.store(digest, &code),
                Err(error) => tracing::warn!(reason = %error, "compiled code could not be kept"),
            }
        }
        Ok(component)
    }
}

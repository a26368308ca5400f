//! From a component's bytes to its code: checked, taken from the cache, or compiled.

use std::sync::Arc;

use scoresheet_domain::Digest;
use wasmtime::{Engine, component::Component};

use crate::{cache::CodeCache, complexity, error::LoadError, preflight, text};

/// A component as wasmtime has it.
pub(crate) struct Compiled {
    pub(crate) component: Component,
    pub(crate) digest: Digest,
    pub(crate) from_cache: bool,
}

/// What is needed to come from bytes to code.
pub(crate) struct Loader {
    pub(crate) engine: Engine,
    pub(crate) cache: Option<CodeCache>,
    pub(crate) max_component_mib: u32,
    pub(crate) max_compile_secs: u32,
}

impl Loader {
    /// Runs [`Loader::load_blocking`] on a thread for blocking work. Cranelift cannot be interrupted: a caller that
    /// drops the future leaves the thread at work.
    pub(crate) async fn load(self: &Arc<Self>, bytes: Arc<[u8]>) -> Result<Compiled, LoadError> {
        let loader = Arc::clone(self);
        tokio::task::spawn_blocking(move || loader.load_blocking(&bytes))
            .await
            .unwrap_or_else(|_| Err(LoadError::Host("the compiler panicked".to_owned())))
    }

    fn load_blocking(&self, bytes: &[u8]) -> Result<Compiled, LoadError> {
        preflight::check(bytes, self.max_component_mib)?;
        let digest = Digest::of(bytes);
        if let Some(component) = self.cache.as_ref().and_then(|cache| cache.load(&self.engine, digest)) {
            return Ok(Compiled { component, digest, from_cache: true });
        }
        complexity::check(bytes, self.max_compile_secs)?;
        let component = Component::from_binary(&self.engine, bytes)
            .map_err(|error| LoadError::Invalid(text::line(&format!("{error:#}"), 500)))?;
        if let Some(cache) = &self.cache {
            match component.serialize() {
                Ok(code) => cache.store(digest, &code),
                Err(error) => tracing::warn!(reason = %error, "failed to serialize compiled code for the cache"),
            }
        }
        Ok(Compiled { component, digest, from_cache: false })
    }
}

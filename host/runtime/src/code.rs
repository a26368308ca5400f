//! The one place where bytes become code that runs.

use wasmtime::{Engine, component::Component};

/// A component from its compiled form. Only for bytes from the cache (`cache`), once their MAC was verified.
#[expect(unsafe_code, reason = "wasmtime offers no safe way to load compiled code")]
pub(crate) fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes lie in this process's memory, and nobody else can change them. They were verified
    // against a MAC that only a process of this user can have made, and only over what the compiler gave. wasmtime
    // checks by itself that the code was compiled by the same version with the same settings.
    unsafe { Component::deserialize(engine, code) }
}

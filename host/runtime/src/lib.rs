//! Loads, verifies, compiles, limits and calls metric-provider components. The only crate
//! that knows wasmtime.
//!
//! A component is untrusted. It gets a fresh instance for every call, an empty sandbox, and a
//! way out through one connection; how much memory, time and data it may use is in [`Limits`].
//! What it gives is held against its description and the contract before anybody sees it.
//!
//! 1. [`Runtime::load`]: the names at the component's outside are compared with the contract
//!    (`preflight`), its code is taken from the cache (`cache`) or compiled, unless that would
//!    take too long (`complexity`), linked twice
//!    (`host`: with `http` and `run`, and without), and asked what it is.
//! 2. [`Component::configure`] asks it what it measures with its settings: a [`Configured`] component.
//! 3. [`Configured::instance`] ties that to a connection and limits: a [`ComponentProvider`], which
//!    is the engine's `Provider`.
//! 4. Each call runs in a store of its own (`guest`, `state`, `sandbox`); what comes out is
//!    checked (`convert`), and why it was stopped is put in words (`refusal`).
//!
//! Requests, credentials and origins are the gateway's; what to call and when is the engine's.

mod bindings;
mod cache;
mod cache_key;
mod code;
mod code_folder;
mod complexity;
mod component;
mod convert;
mod engine;
mod error;
mod guest;
mod host;
mod limits;
mod loading;
mod preflight;
mod provider;
mod refusal;
mod runtime;
mod sandbox;
mod state;
mod text;
mod ticker;
mod usage;

pub use code_folder::{Cleared, CodeFolder, CompiledCode};
pub use component::{Component, Configured};
pub use error::{ConfigureError, LoadError, RuntimeError};
pub use limits::{Limits, Row};
pub use provider::ComponentProvider;
pub use runtime::{Runtime, RuntimeOptions};
pub use usage::Usage;

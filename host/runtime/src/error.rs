//! Why a runtime could not start and why a component could not be loaded.

use scoresheet_domain::{Failure, SettingsProblem};

/// Why a runtime could not start.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// wasmtime refused its configuration or this machine.
    #[error("the WebAssembly engine could not start: {0}")]
    Engine(String),
    /// The contract and the linker disagree.
    #[error("the WebAssembly engine could not link the host's functions: {0}")]
    Linker(String),
    /// No thread for the interrupting clock.
    #[error("the clock that interrupts components could not start: {0}")]
    Clock(#[source] std::io::Error),
}

/// Why a component could not be loaded. Each says what would be right.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes are no WebAssembly at all.
    #[error("this is not a WebAssembly file: give a component, built for wasm32-wasip2")]
    NotWasm,
    /// A core module instead of a component.
    #[error(
        "this is a core WebAssembly module, not a component: build it for wasm32-wasip2, \
         or wrap it with `wasm-tools component new`"
    )]
    CoreModule,
    /// More bytes than a component may have.
    #[error(
        "the component is {bytes} bytes long, more than the {max_mib} MiB allowed: build it in release mode and strip it, or raise max_component_mib in [runtime]"
    )]
    TooLarge {
        /// How many it has.
        bytes: usize,
        /// How many MiB it may have.
        max_mib: u32,
    },
    /// Truncated, damaged, or using what the host has switched off.
    #[error("the component is truncated, damaged or uses a feature that is not supported: {0}")]
    Invalid(String),
    /// It would cost too much to compile.
    #[error("the component would take too long to compile: {0}")]
    TooComplex(String),
    /// The contract's exports are not there.
    #[error("the component does not export {}: it must implement the world metric-provider of accellis:scoresheet@{supported}", missing.join(", "))]
    MissingExports {
        /// What it does not export.
        missing: Vec<String>,
        /// The contract that this host speaks.
        supported: &'static str,
    },
    /// It was built against another version of the contract.
    #[error(
        "the component was built against accellis:scoresheet@{found} ({interface}), and this host speaks accellis:scoresheet@{supported}: {remedy}"
    )]
    WrongVersion {
        /// The version it was built against.
        found: String,
        /// The version that this host speaks.
        supported: &'static str,
        /// Where that version stands.
        interface: String,
        /// What to do about it.
        remedy: String,
    },
    /// It asks for what no component is given.
    #[error(
        "the component imports {}, which no component is given: it may import accellis:scoresheet/http and run, \
         and what a language's standard library needs of WASI 0.2 (cli, io, clocks, random, filesystem, sockets)",
        imports.join(", ")
    )]
    ForeignImports {
        /// What it asks for.
        imports: Vec<String>,
    },
    /// Its imports or exports have other types than the contract's.
    #[error("the component does not fit accellis:scoresheet@{supported}: {message}")]
    Link {
        /// The contract that this host speaks.
        supported: &'static str,
        /// What does not fit.
        message: String,
    },
    /// It failed to say what it is.
    #[error("the component could not describe itself: {0}")]
    Describe(#[source] Failure),
    /// What it says it is breaks the contract.
    #[error("the component's spec breaks the contract: {0}")]
    Spec(String),
    /// The host's own fault.
    #[error("the component could not be loaded: {0}")]
    Host(String),
}

/// Why a component could not be configured.
#[derive(Debug, thiserror::Error)]
pub enum ConfigureError {
    /// The component refuses its settings, which fit its schema.
    #[error("{}", .0.iter().map(|problem| format!("{}: {}", problem.pointer, problem.message)).collect::<Vec<_>>().join("; "))]
    Settings(Vec<SettingsProblem>),
    /// It failed to describe what it measures with these settings.
    #[error("the component could not describe itself: {0}")]
    Describe(#[source] Failure),
    /// Its description breaks the contract.
    #[error("the component's description breaks the contract: {0}")]
    Description(String),
}

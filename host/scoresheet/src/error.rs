//! Why an engine could not be put together.

use std::path::PathBuf;

use scoresheet_domain::{ProviderName, roster::RosterProblem};
use scoresheet_engine::{EngineError, StoreError};
use scoresheet_gateway::{GatewayError, RecordingError};
use scoresheet_runtime::{LoadError, RuntimeError};

use crate::config::ConfigProblem;

/// One thing that keeps a provider from being set up, with its place in the configuration.
#[derive(Debug, thiserror::Error)]
pub enum SetupProblem {
    /// A component that is registered, or that the configuration names, could not be loaded.
    #[error("{at}: {source}")]
    Component {
        /// Where it is named.
        at: String,
        /// Why.
        source: LoadError,
    },
    /// A component's file could not be read.
    #[error("{at}: {}: {source}", path.display())]
    File {
        /// Where it is named.
        at: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is nothing to record into, or nothing to replay.
    #[error("{provider}: {source}")]
    Recording {
        /// The provider.
        provider: ProviderName,
        /// Why.
        source: RecordingError,
    },
    /// What the configuration asks for is not there, breaks a schema or cannot be connected to.
    #[error("{0}")]
    Configuration(ConfigProblem),
}

/// Why an engine could not be put together. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Providers, components or settings: everything that is wrong with them, together.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Setup(Vec<SetupProblem>),
    /// The roster has lines that cannot be used.
    #[error("{}", .problems.iter().map(|problem| format!("{name}: {problem}")).collect::<Vec<_>>().join("\n"))]
    Roster {
        /// The file.
        name: String,
        /// The lines.
        problems: Vec<RosterProblem>,
    },
    /// There is no recording to replay, or none can be made.
    #[error("{}: {reason}", path.display())]
    Recording {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file of further authorities cannot be used.
    #[error("[network] ca_file {}: {reason}", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The roster's file could not be read.
    #[error("[clients] file {}: {source}", path.display())]
    RosterFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The store could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The WebAssembly runtime could not start.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The HTTP client could not start.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// A use case failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

//! How a command ends: what is told, and with which exit code.

use std::{io, process::ExitCode};

use scoresheet::{EngineError, OpenError, StoreError, config::ConfigErrors, report::ReportError};

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A usage or configuration error: nothing was done.
    #[error("{0}")]
    Usage(String),
    /// Something failed on the way.
    #[error("{0}")]
    Failed(String),
    /// A person gave up.
    #[error("{0}")]
    Interrupted(String),
    /// Whoever read stdout has gone; there is nobody to tell.
    #[error("nobody reads the output")]
    Closed,
}

/// How a command that did its work ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// All is well.
    Well,
    /// Something failed, and is told where it stands.
    WithFailures,
}

/// What a command gives back.
pub(crate) type Outcome = Result<Done, Failure>;

/// The exit code of an outcome; documented in README and `--help`.
pub(crate) fn code(outcome: &Outcome) -> ExitCode {
    match outcome {
        Ok(Done::Well) | Err(Failure::Closed) => ExitCode::SUCCESS,
        Ok(Done::WithFailures) | Err(Failure::Failed(_)) => ExitCode::from(1),
        Err(Failure::Usage(_)) => ExitCode::from(2),
        Err(Failure::Interrupted(_)) => ExitCode::from(130),
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match &error {
            EngineError::UnknownClient { .. }
            | EngineError::NotErased(_)
            | EngineError::InactiveClient(_)
            | EngineError::UnknownProvider { .. }
            | EngineError::UnknownAlert(_)
            | EngineError::UnknownSourceClient { .. }
            | EngineError::UnknownMetric { .. }
            | EngineError::Entry(_)
            | EngineError::Retention { .. }
            | EngineError::Future { .. } => Self::Usage(error.to_string()),
            EngineError::Store(_) | EngineError::Inputs(_) => Self::Failed(error.to_string()),
            EngineError::Cancelled => Self::Interrupted(error.to_string()),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match &error {
            OpenError::Store(StoreError::Address(_))
            | OpenError::Setup(_)
            | OpenError::Authorities { .. }
            | OpenError::Recording { .. }
            | OpenError::Engine(EngineError::Retention { .. })
            | OpenError::Roster { .. }
            | OpenError::RosterFile { .. } => Self::Usage(error.to_string()),
            OpenError::Store(_) | OpenError::Runtime(_) | OpenError::Gateway(_) | OpenError::Engine(_) => {
                Self::Failed(error.to_string())
            }
        }
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::Usage(errors.to_string())
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Io(error) => error.into(),
            ReportError::Workbook(_) | ReportError::NoRoom => Self::Failed(error.to_string()),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::Closed
        } else {
            Self::Failed(format!("the output could not be written: {error}"))
        }
    }
}

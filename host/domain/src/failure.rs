//! Why a call to a provider gave nothing, grouped by what can be done about it.

use crate::problem::ProblemKind;

/// A setting that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SettingsProblem {
    /// JSON Pointer into the settings.
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// Why a call to a provider failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The operator's settings are wrong.
    #[error("the settings are wrong: {}", join(.0))]
    Settings(Vec<SettingsProblem>),
    /// The source does not know the credential (401).
    #[error("the source refused the credential: {0}")]
    Unauthorized(String),
    /// The credential may not do this (403).
    #[error("the credential is not allowed to do this: {0}")]
    Forbidden(String),
    /// The source has no such thing (404).
    #[error("not found at the source: {0}")]
    NotFound(String),
    /// The source asked for patience beyond the host's own retries; milliseconds to wait, where known.
    #[error("the source limits the rate of requests{}", wait(.0))]
    RateLimited(Option<u64>),
    /// The source could not be reached, or answered with an error of its own.
    #[error("the source is unavailable: {0}")]
    Unavailable(String),
    /// The source's answer was not what its API promises.
    #[error("the source's answer could not be used: {0}")]
    InvalidResponse(String),
    /// The component itself failed: a trap, a limit, an output that breaks the contract.
    #[error("the component failed: {0}")]
    Component(String),
    /// A person or a deadline gave up on the call.
    #[error("cancelled")]
    Cancelled,
    /// Anything else that the provider tells.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// The kind under which a sheet lists it.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        match self {
            Self::Settings(_) => ProblemKind::Settings,
            Self::Unauthorized(_) => ProblemKind::Unauthorized,
            Self::Forbidden(_) => ProblemKind::Forbidden,
            Self::NotFound(_) => ProblemKind::NotFound,
            Self::RateLimited(_) => ProblemKind::RateLimited,
            Self::Unavailable(_) | Self::Cancelled => ProblemKind::Unavailable,
            Self::InvalidResponse(_) => ProblemKind::InvalidResponse,
            Self::Component(_) | Self::Other(_) => ProblemKind::Component,
        }
    }
}

fn join(problems: &[SettingsProblem]) -> String {
    problems
        .iter()
        .map(|p| if p.pointer.is_empty() { p.message.clone() } else { format!("{}: {}", p.pointer, p.message) })
        .collect::<Vec<_>>()
        .join("; ")
}

fn wait(millis: &Option<u64>) -> String {
    millis.map(|ms| format!(": it asks to wait {} s", ms.div_ceil(1000))).unwrap_or_default()
}

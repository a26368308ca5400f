//! `check`.

use schemars::JsonSchema;
use scoresheet_domain::{CheckStep, ProblemKind, ProviderName};
use scoresheet_engine::ConnectionCheck;
use serde::Serialize;

/// The connection test of a provider.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Check {
    /// The provider.
    pub provider: ProviderName,
    /// Whether its figures are made up.
    pub stub: bool,
    /// Whether every step passed.
    pub ok: bool,
    /// Duration in milliseconds.
    pub took_ms: u64,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// A step of a connection test.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Step {
    /// What was tested.
    pub title: String,
    /// Whether it passed.
    pub ok: bool,
    /// What was found.
    pub detail: String,
    /// Kind of problem, if it failed.
    pub problem: Option<ProblemKind>,
    /// Error, if it failed.
    pub message: Option<String>,
    /// What the operator can do about it.
    pub remedy: Option<String>,
}

impl From<ConnectionCheck> for Check {
    fn from(check: ConnectionCheck) -> Self {
        Self {
            ok: check.passed(),
            provider: check.provider,
            stub: check.stub,
            took_ms: u64::try_from(check.took.as_millis()).unwrap_or(u64::MAX),
            steps: check.steps.into_iter().map(Step::from).collect(),
        }
    }
}

impl From<CheckStep> for Step {
    fn from(step: CheckStep) -> Self {
        let failure = step.outcome.err();
        Self {
            title: step.title,
            ok: failure.is_none(),
            detail: step.detail,
            problem: failure.as_ref().map(|failure| failure.kind()),
            message: failure.map(|failure| failure.to_string()),
            remedy: step.remedy,
        }
    }
}

//! `check`.

use schemars::JsonSchema;
use scoresheet_domain::{CheckStep, Instant, MetricId, Problem, ProblemKind, ProviderName, SourceId};
use scoresheet_engine::ConnectionCheck;
use serde::Serialize;

use super::{sync::RejectedValue, view};

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
    /// Metrics that cannot be measured while it fails.
    pub costs: Vec<MetricId>,
}

/// What a source has for one client.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClientCheck {
    /// The provider.
    pub provider: ProviderName,
    /// Whether its figures are made up.
    pub stub: bool,
    /// First instant that was looked up.
    pub from: Instant,
    /// First instant after.
    pub until: Instant,
    /// Source clients that the client is mapped to; empty if the source does not know it.
    pub sources: Vec<ClientSource>,
    /// Observations by kind.
    pub kinds: Vec<KindCheck>,
    /// Rejected records by reason, field and value.
    pub rejected: Vec<RejectedValue>,
    /// Why the source could not be asked.
    pub problem: Option<Problem>,
}

/// A source client.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClientSource {
    /// Id at the source.
    pub id: SourceId,
    /// Name at the source.
    pub name: String,
}

view! {
    /// Observations of one kind.
    KindCheck from scoresheet_engine::KindCheck {
        /// The kind.
        kind: String,
        /// How many.
        count: u64,
        /// When the first one happened or began.
        first: Option<Instant>,
        /// When the last one happened or began.
        last: Option<Instant>,
    }
}

impl From<scoresheet_engine::ClientCheck> for ClientCheck {
    fn from(check: scoresheet_engine::ClientCheck) -> Self {
        Self {
            provider: check.provider,
            stub: check.stub,
            from: check.window.start,
            until: check.window.end,
            sources: check.sources.into_iter().map(|(id, name)| ClientSource { id, name }).collect(),
            kinds: check.kinds.into_iter().map(KindCheck::from).collect(),
            rejected: check.rejected.into_iter().map(RejectedValue::from).collect(),
            problem: check.problem,
        }
    }
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
            costs: step.costs,
        }
    }
}

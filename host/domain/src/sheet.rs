//! The scoresheet: the JSON contract `accellis.scoresheet/1.1`, as types.
//!
//! Keys are always present, in the order of the fields, null where there is nothing.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::{
    benchmark::Benchmark,
    id::{ClientId, MetricId, ProviderName},
    outcome::Interval,
    problem::Problem,
    review::Review,
    time::{Instant, Window},
    trend::Trend,
};

/// The name and version of the contract.
pub const SCHEMA: &str = "accellis.scoresheet/1.1";

/// A scoresheet: a pure function of store, configuration and `as_of`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "accellis.scoresheet/1.1", deny_unknown_fields)]
pub struct Scoresheet {
    /// The contract and its version: `accellis.scoresheet/1.1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// The digest of the sheet's inputs: `sha256:` and 64 hexadecimal digits.
    #[schemars(regex(pattern = r"^sha256:[0-9a-f]{64}$"))]
    pub id: String,
    /// The sheet's name.
    pub sheet: String,
    /// The instant at which every metric's window ends.
    pub as_of: Instant,
    /// Whether any figure on the sheet is made up.
    pub stub: bool,
    /// A row a client, by client id.
    pub clients: Vec<ClientRow>,
    /// What is wrong, and what to do about it.
    pub problems: Vec<Problem>,
    /// Whom to call first, and who is doing well.
    pub review: Review,
}

/// One client's row.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClientRow {
    /// The roster's id.
    pub id: ClientId,
    /// The client's name.
    pub name: String,
    /// The kind of business, where the roster says.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The metrics, composed.
    pub engagement: Engagement,
    /// The metrics, in the sheet's order.
    pub metrics: Vec<MetricCell>,
    /// The metrics composed group by group, in the sheet's order; empty where the sheet has no groups.
    pub groups: Vec<GroupScore>,
    /// The engagement score against those of the clients of this type; null where there are fewer than five.
    pub benchmark: Option<Benchmark>,
    /// The engagement score that clients of this type should reach, where one is set.
    pub target: Option<f64>,
}

/// The metrics of one group, composed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct GroupScore {
    /// The group's id.
    pub id: String,
    /// The group's name.
    pub name: String,
    /// How much the group weighs in the engagement score.
    pub weight: f64,
    /// The weighted mean of the group's scores, 1 to 5, unrounded; null where coverage is too low.
    #[schemars(range(min = 1, max = 5))]
    pub score: Option<f64>,
    /// The share of the group's weight that has a score, 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    pub coverage: f64,
}

/// A client's metrics, composed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Engagement {
    /// The weighted mean of the scores, 1 to 5, unrounded; null where coverage is too low.
    #[schemars(range(min = 1, max = 5))]
    pub score: Option<f64>,
    /// What the score means; null where there is none.
    pub band: Option<Band>,
    /// The share of the weight that has a score, 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    pub coverage: f64,
}

/// What an engagement score means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Band {
    /// Below the `watch` threshold.
    AtRisk,
    /// At or above the `watch` threshold.
    Watch,
    /// At or above the `healthy` threshold.
    Healthy,
}

impl Band {
    /// The word that the JSON contract uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AtRisk => "at-risk",
            Self::Watch => "watch",
            Self::Healthy => "healthy",
        }
    }
}

/// What became of a metric for a client. Never collapsed into a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeKind {
    /// A provider computed the score.
    Measured,
    /// A person set the score over the computed one.
    Overridden,
    /// A person entered the score; the metric has no provider.
    Manual,
    /// There is too little to score, or the window was never synced.
    NoData,
    /// The provider does not know which of its clients this is.
    Unmapped,
    /// The metric means nothing for this client.
    NotApplicable,
    /// The provider failed to answer.
    Failed,
}

impl OutcomeKind {
    /// The word that the JSON contract uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Overridden => "overridden",
            Self::Manual => "manual",
            Self::NoData => "no-data",
            Self::Unmapped => "unmapped",
            Self::NotApplicable => "not-applicable",
            Self::Failed => "failed",
        }
    }
}

/// One metric of one client.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct MetricCell {
    /// The sheet's id of the metric.
    pub id: MetricId,
    /// The metric's name.
    pub name: String,
    /// The provider; null for a manual metric.
    pub provider: Option<ProviderName>,
    /// How much it weighs in the engagement score.
    pub weight: f64,
    /// What became of it.
    pub outcome: OutcomeKind,
    /// 1 to 5; null where there is none.
    #[serde(serialize_with = "whole_without_point")]
    #[schemars(with = "Option<f64>", range(min = 1, max = 5))]
    pub score: Option<f64>,
    /// The figure that the score was made from, unrounded.
    pub value: Option<f64>,
    /// The unit of `value`, in words; null for a manual metric.
    pub unit: Option<String>,
    /// How many observations count.
    pub samples: u32,
    /// How many equal observations would weigh as much; null where nothing was scored.
    pub effective_samples: Option<f64>,
    /// 95 %, on the scale of `value`.
    pub interval: Option<Interval>,
    /// How many records were rejected, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// What the metric looks at, half-open.
    pub window: CellWindow,
    /// Whether the figures are made up.
    pub stub: bool,
    /// Whether the provider's last sync failed or is overdue, so that this is what was known.
    pub stale: bool,
    /// A person's score over the computed one.
    #[serde(rename = "override")]
    pub overridden: Option<Override>,
    /// Plain words, a line each.
    pub explanation: Vec<String>,
    /// The id of the metric's group; null where it is in none.
    pub group: Option<String>,
    /// Where it is heading; null for a manual metric, and where the sheet shows no trends.
    pub trend: Option<Trend>,
    /// `value` against those of the clients of this type; null where there are fewer than five.
    pub benchmark: Option<Benchmark>,
    /// The `value` that clients of this type should reach, where one is set.
    pub target: Option<f64>,
    /// Who entered a manual metric, and when; null elsewhere.
    pub entered: Option<Entered>,
}

impl MetricCell {
    /// A cell of which nothing is known yet: no data, and no provider.
    #[must_use]
    pub fn unscored(id: MetricId, name: impl Into<String>, weight: f64, window: impl Into<CellWindow>) -> Self {
        Self {
            id,
            name: name.into(),
            provider: None,
            weight,
            outcome: OutcomeKind::NoData,
            score: None,
            value: None,
            unit: None,
            samples: 0,
            effective_samples: None,
            interval: None,
            rejected: BTreeMap::new(),
            window: window.into(),
            stub: false,
            stale: false,
            overridden: None,
            explanation: Vec::new(),
            group: None,
            trend: None,
            benchmark: None,
            target: None,
            entered: None,
        }
    }
}

/// A score that a person entered.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Entered {
    /// Who entered it.
    pub author: String,
    /// From when on it holds.
    pub at: Instant,
    /// What they wrote beside it.
    pub note: Option<String>,
}

/// A metric's window, half-open, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CellWindow {
    /// The first instant inside.
    pub from: Instant,
    /// The first instant after.
    pub until: Instant,
}

impl From<Window> for CellWindow {
    fn from(window: Window) -> Self {
        Self { from: window.start, until: window.end }
    }
}

/// A person's score over the computed one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Override {
    /// 1 to 5.
    #[serde(serialize_with = "whole_number_without_point")]
    #[schemars(with = "f64", range(min = 1, max = 5))]
    pub score: f64,
    /// Who set it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// When it was set.
    pub at: Instant,
    /// When it ends, where it does.
    pub until: Option<Instant>,
    /// The computed score beside it.
    #[serde(serialize_with = "whole_without_point")]
    #[schemars(with = "Option<f64>", range(min = 1, max = 5))]
    pub computed: Option<f64>,
    /// From when on it holds: when it was set, or another day that its author gave.
    pub from: Instant,
}

#[expect(clippy::ref_option, reason = "the signature is serde's")]
fn whole_without_point<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => whole_number_without_point(value, serializer),
        None => serializer.serialize_none(),
    }
}

/// Scores are whole numbers nearly always: `4`, not `4.0`.
fn whole_number_without_point<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        serializer.serialize_i64(*value as i64)
    } else {
        serializer.serialize_f64(*value)
    }
}

/// The JSON Schema (draft 2020-12) of the contract, generated from the types above.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    // What is written, not what would be read: there every key is present.
    schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Scoresheet>()
        .to_value()
}

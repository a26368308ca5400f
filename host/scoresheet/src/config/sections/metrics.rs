//! `[[groups]]` and `[[metrics]]`: what is on the sheet, in order.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{MAX_LOOKBACK_DAYS, name};

/// Largest weight. It keeps sums of weights finite.
const MAX_WEIGHT: u32 = 1_000_000;

/// `[[groups]]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["id"]))]
pub struct GroupSection {
    /// Id of the group.
    #[schemars(schema_with = "name", example = &"service")]
    pub id: String,
    /// Name on the sheet. Default: the id in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"Service")]
    pub name: Option<String>,
    /// Weight of the group in the engagement score.
    #[schemars(range(max = MAX_WEIGHT), extend("exclusiveMinimum" = 0))]
    pub weight: f64,
}

impl Default for GroupSection {
    fn default() -> Self {
        Self { id: String::new(), name: None, weight: 1.0 }
    }
}

/// `[[metrics]]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["id"]))]
pub struct MetricSection {
    /// Id of the metric on the sheet.
    #[schemars(schema_with = "name", example = &"support-engagement-satisfaction")]
    pub id: String,
    /// Name on the sheet. Default: the id in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"Support Engagement Satisfaction")]
    pub name: Option<String>,
    /// Set for a metric that users score, 1 to 5, with `scoresheet manual set`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub manual: bool,
    /// Days after which a manual score is reported as stale; it still counts. Default: 90. For manual metrics only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650))]
    pub stale_after_days: Option<u32>,
    /// Provider that computes the metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"crewhu")]
    pub provider: Option<String>,
    /// Id of the metric at the provider. Default: the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "name", example = &"support-engagement-satisfaction")]
    pub metric: Option<String>,
    /// Weight of the metric in the engagement score.
    #[schemars(range(max = MAX_WEIGHT), extend("exclusiveMinimum" = 0))]
    pub weight: f64,
    /// Group that the metric is weighted in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"service")]
    pub group: Option<String>,
    /// Client types that the metric applies to; all if not set. It is `not-applicable` to others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = serde_json::json!(["legal", "medical"]))]
    pub client_types: Option<Vec<String>>,
    /// Target value by client type, in the metric's unit.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(example = serde_json::json!({"legal": 4.5}))]
    pub targets: BTreeMap<String, f64>,
    /// Days before the sheet's date that the metric covers. Default: that of `[sheet]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_LOOKBACK_DAYS), example = 90)]
    pub lookback_days: Option<u32>,
    /// Settings of the metric. `scoresheet provider info NAME` lists them.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schemars(example = serde_json::json!({"min_responses": 3}))]
    pub settings: Map<String, Value>,
}

impl Default for MetricSection {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: None,
            manual: false,
            stale_after_days: None,
            provider: None,
            metric: None,
            weight: 1.0,
            group: None,
            client_types: None,
            targets: BTreeMap::new(),
            lookback_days: None,
            settings: Map::new(),
        }
    }
}

impl MetricSection {
    /// Days after which a manual score is stale, if not set.
    pub(in crate::config) const STALE_AFTER_DAYS: u32 = 90;
}

//! Settings of the metric.

use scoresheet_sdk::Settings;
use serde::Deserialize;

use crate::Kind;

/// Settings of Support Engagement Satisfaction.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[cfg_attr(test, schemars(title = "Support Engagement Satisfaction"))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MetricSettings {
    /// Fewer responses in the window give no score.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub(crate) min_responses: u64,
    /// A response of this age weighs half of one given at the window's end. Without it all weigh the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "f64", extend("exclusiveMinimum" = 0)))]
    pub(crate) half_life_days: Option<f64>,
    /// Which CSAT types count.
    #[cfg_attr(test, schemars(length(min = 1), extend("uniqueItems" = true)))]
    pub(crate) types: Vec<Type>,
    /// With api = 'open': leave out surveys that one customer answered within 45 seconds of each other without comment or
    /// tag, as mail scanners do.
    pub(crate) drop_suspected_bots: bool,
}

/// A CSAT type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Type {
    Overall,
    Resolution,
    Communication,
    Timeliness,
}

impl Default for MetricSettings {
    fn default() -> Self {
        let types = vec![Type::Overall, Type::Resolution, Type::Communication, Type::Timeliness];
        Self { min_responses: 1, half_life_days: None, types, drop_suspected_bots: true }
    }
}

impl Settings for MetricSettings {
    const SCHEMA: &'static str = include_str!("../../schema/metric.json");
}

impl MetricSettings {
    /// Whether observations of this kind count.
    pub(crate) fn counts(&self, kind: Kind) -> bool {
        self.types.contains(&match kind {
            Kind::Overall | Kind::OverallBare => Type::Overall,
            Kind::Resolution => Type::Resolution,
            Kind::Communication => Type::Communication,
            Kind::Timeliness => Type::Timeliness,
        })
    }
}

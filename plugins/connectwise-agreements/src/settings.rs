//! The metric's settings.

use scoresheet_sdk::Settings;
use serde::Deserialize;

/// Settings of Agreement Coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema), schemars(title = "Agreement Coverage"))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MetricSettings {
    /// An agreement that ends within so many days after the window scores 3, one that runs on for longer 5.
    #[cfg_attr(test, schemars(range(max = 3650)))]
    pub(crate) renewal_days: u32,
}

impl Default for MetricSettings {
    fn default() -> Self {
        Self { renewal_days: 90 }
    }
}

impl Settings for MetricSettings {
    const SCHEMA: &'static str = include_str!("../schema/metric.json");
}

#[cfg(test)]
mod tests {
    use scoresheet_sdk::testing::{assert_schema, parse_settings};

    use super::*;

    #[test]
    fn checked_in_schema_is_current() {
        assert_schema::<MetricSettings>("schema/metric.json");
    }

    #[test]
    fn the_schemas_defaults_are_the_codes() {
        assert_eq!(parse_settings("{}"), Ok(MetricSettings::default()));
        assert_eq!(MetricSettings::default(), MetricSettings { renewal_days: 90 });
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for (wrong, pointer) in [
            (r#"{"renewal_days": -1}"#, "/renewal_days"),
            (r#"{"renewal_days": 3651}"#, "/renewal_days"),
            (r#"{"renewal": 90}"#, ""),
        ] {
            assert_eq!(parse_settings::<MetricSettings>(wrong), Err(vec![pointer.to_owned()]), "{wrong}");
        }
    }
}

//! The metric's settings.

use scoresheet_sdk::{Problem, Settings, settings::is_ascending};
use serde::Deserialize;

/// Settings of Project Engagement.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema), schemars(title = "Project Engagement"))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MetricSettings {
    /// Hours in 30 days, ascending, from which the score is 3, 4 and 5. Fewer hours are 2, none at all 1.
    #[cfg_attr(test, schemars(extend("items" = {"type": "number", "exclusiveMinimum": 0})))]
    pub(crate) hours_steps: [f64; 3],
}

impl Default for MetricSettings {
    fn default() -> Self {
        Self { hours_steps: [10.0, 20.0, 40.0] }
    }
}

impl Settings for MetricSettings {
    const SCHEMA: &'static str = include_str!("../schema/metric.json");

    fn problems(&self) -> Vec<Problem> {
        if is_ascending(&self.hours_steps) {
            return Vec::new();
        }
        vec![Problem::new("/hours_steps", "must be 3 numbers above 0, each larger than the one before")]
    }
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
        assert_eq!(MetricSettings::default(), MetricSettings { hours_steps: [10.0, 20.0, 40.0] });
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for (wrong, pointer) in [
            (r#"{"hours_steps": [1, 2]}"#, "/hours_steps"),
            (r#"{"hours_steps": [1, 3, 2]}"#, "/hours_steps"),
            (r#"{"hours_steps": 5}"#, "/hours_steps"),
            (r#"{"hours": 1}"#, ""),
        ] {
            assert_eq!(parse_settings::<MetricSettings>(wrong), Err(vec![pointer.to_owned()]), "{wrong}");
        }
    }
}

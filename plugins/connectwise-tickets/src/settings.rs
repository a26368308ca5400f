//! The metric's settings.

use scoresheet_sdk::{Problem, Settings, settings::is_ascending};
use serde::Deserialize;

/// Settings of Help Desk Usage.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema), schemars(title = "Help Desk Usage"))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MetricSettings {
    /// Tickets in 30 days that make a point, if the roster does not know the client's seats.
    #[cfg_attr(test, schemars(extend("exclusiveMinimum" = 0)))]
    pub(crate) tickets_per_point: f64,
    /// Tickets per seat in 30 days, ascending: below the first is 1, below the second 2, up to and including the third 3,
    /// up to and including the fourth 4, above it 5.
    #[cfg_attr(test, schemars(extend("items" = {"type": "number", "exclusiveMinimum": 0})))]
    pub(crate) per_seat_steps: [f64; 4],
}

impl Default for MetricSettings {
    fn default() -> Self {
        Self { tickets_per_point: 2.0, per_seat_steps: [0.125, 0.25, 0.5, 1.0] }
    }
}

impl Settings for MetricSettings {
    const SCHEMA: &'static str = include_str!("../schema/metric.json");

    fn problems(&self) -> Vec<Problem> {
        if is_ascending(&self.per_seat_steps) {
            return Vec::new();
        }
        vec![Problem::new("/per_seat_steps", "must be 4 numbers above 0, each larger than the one before")]
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
        let expected = MetricSettings { tickets_per_point: 2.0, per_seat_steps: [0.125, 0.25, 0.5, 1.0] };
        assert_eq!(MetricSettings::default(), expected);
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for (wrong, pointer) in [
            (r#"{"tickets_per_point": 0}"#, "/tickets_per_point"),
            (r#"{"per_seat_steps": [1, 2, 3]}"#, "/per_seat_steps"),
            (r#"{"per_seat_steps": [1, 2, 3, 3]}"#, "/per_seat_steps"),
            (r#"{"per_seat_steps": [0, 1, 2, 3]}"#, "/per_seat_steps/0"),
            (r#"{"tickets": 2}"#, ""),
        ] {
            assert_eq!(parse_settings::<MetricSettings>(wrong), Err(vec![pointer.to_owned()]), "{wrong}");
        }
    }
}

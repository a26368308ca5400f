//! The metric's settings, with the schema that describes them.

use scoresheet_sdk::{Failure, settings::Settings};

/// JSON Schema (draft 2020-12) of [`MetricSettings`].
pub(crate) const METRIC_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Help Desk Usage",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "tickets_per_point": {
      "type": "number",
      "exclusiveMinimum": 0,
      "default": 2,
      "description": "Tickets in 30 days that make a point, where the roster does not know the client's seats."
    },
    "per_seat_steps": {
      "type": "array",
      "items": { "type": "number", "exclusiveMinimum": 0 },
      "minItems": 4,
      "maxItems": 4,
      "default": [0.125, 0.25, 0.5, 1.0],
      "description": "Tickets per seat in 30 days, ascending: below the first is 1, below the second 2, up to and with the third 3, up to and with the fourth 4, above 5."
    }
  }
}"#;

/// What `score` gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MetricSettings {
    /// Tickets in 30 days that make a point.
    pub(crate) tickets_per_point: f64,
    /// Tickets per seat in 30 days: where 2 begins, where 3 begins, where 3 ends, where 4 ends.
    pub(crate) per_seat_steps: [f64; 4],
}

impl MetricSettings {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let mut settings = Settings::parse(text)?;
        let tickets_per_point = settings.positive("tickets_per_point", 2.0);
        let per_seat_steps = settings.ascending("per_seat_steps", [0.125, 0.25, 0.5, 1.0]);
        settings.finish(Self { tickets_per_point, per_seat_steps })
    }
}

#[cfg(test)]
mod tests {
    use scoresheet_sdk::testing::with_defaults;

    use super::*;

    #[test]
    fn the_schemas_defaults_are_the_codes() {
        let schema = serde_json::from_str(METRIC_SCHEMA).expect("the schema is JSON");
        let schema = jsonschema::draft202012::new(&schema).expect("the schema is one");
        let filled = with_defaults(METRIC_SCHEMA, "{}");
        assert!(schema.is_valid(&filled), "{filled}");
        let parsed = MetricSettings::parse("{}").expect("settings");
        assert_eq!(MetricSettings::parse(&filled.to_string()), Ok(parsed));
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for wrong in [
            r#"{"tickets_per_point": 0}"#,
            r#"{"per_seat_steps": [1, 2, 3]}"#,
            r#"{"per_seat_steps": [1, 2, 3, 3]}"#,
            r#"{"per_seat_steps": [0, 1, 2, 3]}"#,
            r#"{"tickets": 2}"#,
        ] {
            assert!(matches!(MetricSettings::parse(wrong), Err(Failure::Settings(_))), "{wrong}");
        }
    }
}

//! The metric's settings, with the schema that describes them.

use scoresheet_sdk::{Failure, settings::Settings};

/// JSON Schema (draft 2020-12) of [`MetricSettings`].
pub(crate) const METRIC_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Project Engagement",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "hours_steps": {
      "type": "array",
      "items": { "type": "number", "exclusiveMinimum": 0 },
      "minItems": 3,
      "maxItems": 3,
      "default": [10, 20, 40],
      "description": "Hours in 30 days, ascending, from which the score is 3, 4 and 5. Fewer hours are 2, none at all 1."
    }
  }
}"#;

/// What `score` gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MetricSettings {
    /// Hours in 30 days from which the score is 3, 4 and 5.
    pub(crate) hours_steps: [f64; 3],
}

impl MetricSettings {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let mut settings = Settings::parse(text)?;
        let hours_steps = settings.ascending("hours_steps", [10.0, 20.0, 40.0]);
        settings.finish(Self { hours_steps })
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
        for wrong in
            [r#"{"hours_steps": [1, 2]}"#, r#"{"hours_steps": [1, 3, 2]}"#, r#"{"hours_steps": 5}"#, r#"{"hours": 1}"#]
        {
            assert!(matches!(MetricSettings::parse(wrong), Err(Failure::Settings(_))), "{wrong}");
        }
    }
}

//! The metric's settings, with the schema that describes them.

use scoresheet_sdk::{Failure, settings::Settings};

/// JSON Schema (draft 2020-12) of [`MetricSettings`].
pub(crate) const METRIC_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Agreement Coverage",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "renewal_days": {
      "type": "integer",
      "minimum": 0,
      "maximum": 3650,
      "default": 90,
      "description": "An agreement that ends within so many days after the window scores 3, one that runs on for longer 5."
    }
  }
}"#;

/// What `score` gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MetricSettings {
    /// An agreement that ends within so many days is due for renewal.
    pub(crate) renewal_days: f64,
}

impl MetricSettings {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let mut settings = Settings::parse(text)?;
        let renewal_days = settings.whole("renewal_days", 0..=3_650, 90);
        settings.finish(Self { renewal_days: renewal_days as f64 })
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
        for wrong in [r#"{"renewal_days": -1}"#, r#"{"renewal_days": 3651}"#, r#"{"renewal": 90}"#] {
            assert!(matches!(MetricSettings::parse(wrong), Err(Failure::Settings(_))), "{wrong}");
        }
    }
}

//! The settings of the provider and of its metric, with the schemas that describe them.

use scoresheet_sdk::{Failure, settings::Settings};

use crate::response::KINDS;

/// The API dialects that the provider speaks.
const APIS: [&str; 1] = ["guide"];

/// JSON Schema (draft 2020-12) of [`ProviderSettings`].
pub(crate) const PROVIDER_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "CrewHu",
  "type": "object",
  "additionalProperties": false,
  "required": ["company_id"],
  "properties": {
    "company_id": {
      "type": "string",
      "pattern": "\\S",
      "description": "The company's id at CrewHu, as CREWHU_COMPANY_ID gives it."
    },
    "api": {
      "type": "string",
      "enum": ["guide"],
      "default": "guide",
      "description": "The dialect: 'guide' is the API of CrewHu's integration guide."
    },
    "page_size": {
      "type": "integer",
      "minimum": 1,
      "maximum": 1000,
      "default": 1000,
      "description": "Rows to ask for on a page; the server may give fewer."
    }
  }
}"#;

/// JSON Schema (draft 2020-12) of [`MetricSettings`].
pub(crate) const METRIC_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Support Engagement Satisfaction",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "min_responses": {
      "type": "integer",
      "minimum": 1,
      "default": 1,
      "description": "Fewer responses in the window give no score."
    },
    "types": {
      "type": "array",
      "items": { "type": "string", "enum": ["overall", "resolution", "communication", "timeliness"] },
      "minItems": 1,
      "uniqueItems": true,
      "default": ["overall", "resolution", "communication", "timeliness"],
      "description": "Which CSAT types count."
    }
  }
}"#;

/// What `check`, `clients` and `pull` get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProviderSettings {
    /// Whose data: the MSP's own id at CrewHu.
    pub(crate) company_id: String,
    /// Rows to ask for on a page, 1 to 1000.
    pub(crate) page_size: u64,
}

impl ProviderSettings {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let mut settings = Settings::parse(text)?;
        let company_id = settings.required_text("company_id");
        settings.one_of("api", &APIS);
        let page_size = settings.whole("page_size", 1..=1_000, 1_000);
        settings.finish(Self { company_id, page_size })
    }
}

/// What `score` gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MetricSettings {
    /// Fewer responses give no score; at least 1.
    pub(crate) min_responses: u32,
    /// Whether the kind of this index counts.
    pub(crate) counts: [bool; KINDS.len()],
}

impl MetricSettings {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let mut settings = Settings::parse(text)?;
        let min_responses = settings.whole("min_responses", 1..=u64::MAX, 1);
        let types = settings.some_of("types", &KINDS);
        settings.finish(Self {
            // More than four billion responses cannot be reached either way.
            min_responses: u32::try_from(min_responses).unwrap_or(u32::MAX),
            counts: std::array::from_fn(|kind| types.contains(&kind)),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    fn schema(text: &str) -> Value {
        let schema: Value = serde_json::from_str(text).expect("the schema is JSON");
        jsonschema::draft202012::meta::validate(&schema).expect("the schema is one");
        schema
    }

    fn accepts(schema: &Value, settings: &Value) -> bool {
        jsonschema::draft202012::new(schema).expect("the schema compiles").is_valid(settings)
    }

    fn with_defaults(schema: &Value, given: &Value) -> Value {
        let mut filled: Map<String, Value> = given.as_object().expect("an object").clone();
        for (key, property) in schema["properties"].as_object().expect("properties") {
            match property.get("default") {
                Some(default) => filled.entry(key.clone()).or_insert_with(|| default.clone()),
                None => filled.get_mut(key).expect("what has no default is given"),
            };
        }
        filled.into()
    }

    #[test]
    fn the_schemas_defaults_are_the_codes() {
        let provider = schema(PROVIDER_SCHEMA);
        let given = json!({"company_id": "c"});
        let filled = with_defaults(&provider, &given);
        assert!(accepts(&provider, &filled), "{filled}");
        let expected = ProviderSettings { company_id: "c".to_owned(), page_size: 1_000 };
        assert_eq!(ProviderSettings::parse(&given.to_string()), Ok(expected.clone()));
        assert_eq!(ProviderSettings::parse(&filled.to_string()), Ok(expected));

        let metric = schema(METRIC_SCHEMA);
        let filled = with_defaults(&metric, &json!({}));
        assert!(accepts(&metric, &filled), "{filled}");
        let expected = MetricSettings { min_responses: 1, counts: [true; 4] };
        assert_eq!(MetricSettings::parse("{}"), Ok(expected));
        assert_eq!(MetricSettings::parse(&filled.to_string()), Ok(expected));
    }

    #[test]
    fn schema_and_code_accept_the_same() {
        let provider = schema(PROVIDER_SCHEMA);
        for (settings, pointer) in [
            (json!({"company_id": "c", "api": "guide", "page_size": 1}), None),
            (json!({}), Some("/company_id")),
            (json!({"company_id": ""}), Some("/company_id")),
            (json!({"company_id": " "}), Some("/company_id")),
            (json!({"company_id": 5}), Some("/company_id")),
            (json!({"company_id": "c", "api": "open"}), Some("/api")),
            (json!({"company_id": "c", "page_size": 0}), Some("/page_size")),
            (json!({"company_id": "c", "page_size": 1001}), Some("/page_size")),
            (json!({"company_id": "c", "page_size": 1.5}), Some("/page_size")),
            (json!({"company_id": "c", "page_size": "1"}), Some("/page_size")),
            (json!({"company_id": "c", "pagesize": 1}), Some("/pagesize")),
            (json!([]), Some("")),
        ] {
            assert_eq!(accepts(&provider, &settings), pointer.is_none(), "{settings}");
            assert_eq!(refused(ProviderSettings::parse(&settings.to_string())).as_deref(), pointer, "{settings}");
        }

        let metric = schema(METRIC_SCHEMA);
        for (settings, pointer) in [
            (json!({"min_responses": 3, "types": ["timeliness"]}), None),
            (json!({"min_responses": 3.0}), None),
            (json!({"min_responses": u64::MAX}), None),
            (json!({"min_responses": 0}), Some("/min_responses")),
            (json!({"min_responses": -1}), Some("/min_responses")),
            (json!({"min_responses": null}), Some("/min_responses")),
            (json!({"types": []}), Some("/types")),
            (json!({"types": ["overall", "overall"]}), Some("/types")),
            (json!({"types": ["Overall"]}), Some("/types")),
            (json!({"types": "overall"}), Some("/types")),
            (json!({"half_life_days": 30}), Some("/half_life_days")),
        ] {
            assert_eq!(accepts(&metric, &settings), pointer.is_none(), "{settings}");
            assert_eq!(refused(MetricSettings::parse(&settings.to_string())).as_deref(), pointer, "{settings}");
        }
    }

    #[test]
    fn the_types_are_the_kinds() {
        let metric = schema(METRIC_SCHEMA);
        assert_eq!(metric["properties"]["types"]["items"]["enum"], json!(KINDS));
        let parsed = MetricSettings::parse(r#"{"types": ["timeliness", "overall"]}"#).expect("settings");
        assert_eq!(parsed.counts, [true, false, false, true]);
    }

    /// The pointer of the one problem; `None` where the settings were taken.
    fn refused<T: std::fmt::Debug>(parsed: Result<T, Failure>) -> Option<String> {
        match parsed {
            Ok(_) => None,
            Err(Failure::Settings(problems)) => {
                assert_eq!(problems.len(), 1, "{problems:?}");
                problems.into_iter().next().map(|problem| problem.pointer)
            }
            Err(other) => panic!("expected settings, got {other:?}"),
        }
    }
}

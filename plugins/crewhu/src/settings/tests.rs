//! The schemas and the code say the same.

use serde_json::{Map, Value, json};

use scoresheet_sdk::Failure;

use super::*;
use crate::response::{OVERALL_BARE, TYPES};

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
        if let Some(default) = property.get("default") {
            filled.entry(key.clone()).or_insert_with(|| default.clone());
        }
    }
    filled.into()
}

#[test]
fn the_schemas_defaults_are_the_codes() {
    let provider = schema(PROVIDER_SCHEMA);
    let given = json!({"company_id": "c"});
    let filled = with_defaults(&provider, &given);
    assert!(accepts(&provider, &filled), "{filled}");
    let expected = ProviderSettings { api: Api::Guide { company_id: "c".to_owned() }, page_size: 1_000 };
    assert_eq!(ProviderSettings::parse(&given.to_string()), Ok(expected.clone()));
    assert_eq!(ProviderSettings::parse(&filled.to_string()), Ok(expected));

    let metric = schema(METRIC_SCHEMA);
    let filled = with_defaults(&metric, &json!({}));
    assert!(accepts(&metric, &filled), "{filled}");
    let expected =
        MetricSettings { min_responses: 1, half_life_days: None, types: [true; 4], drop_suspected_bots: true };
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
        (json!({"api": "open"}), None),
        (json!({"company_id": "c", "api": "open", "type_tags": {"timeliness": ["Response Time"]}}), None),
        (json!({"api": "guide"}), Some("/company_id")),
        (json!({"api": "open", "company_id": " "}), Some("/company_id")),
        (json!({"company_id": "c", "api": "closed"}), Some("/api")),
        (json!({"api": "open", "type_tags": []}), Some("/type_tags")),
        (json!({"api": "open", "type_tags": {"speed": []}}), Some("/type_tags/speed")),
        (json!({"api": "open", "type_tags": {"timeliness": "x"}}), Some("/type_tags/timeliness")),
        (json!({"api": "open", "type_tags": {"timeliness": ["x", "x"]}}), Some("/type_tags/timeliness/1")),
        (json!({"api": "open", "type_tags": {"timeliness": [" "]}}), Some("/type_tags/timeliness/0")),
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
        (json!({"half_life_days": 30, "drop_suspected_bots": false}), None),
        (json!({"half_life_days": 0.5}), None),
        (json!({"half_life_days": 0}), Some("/half_life_days")),
        (json!({"half_life_days": "30"}), Some("/half_life_days")),
        (json!({"half_life_days": null}), Some("/half_life_days")),
        (json!({"drop_suspected_bots": "no"}), Some("/drop_suspected_bots")),
        (json!({"half_life": 30}), Some("/half_life")),
    ] {
        assert_eq!(accepts(&metric, &settings), pointer.is_none(), "{settings}");
        assert_eq!(refused(MetricSettings::parse(&settings.to_string())).as_deref(), pointer, "{settings}");
    }
}

#[test]
fn the_types_are_the_kinds() {
    let metric = schema(METRIC_SCHEMA);
    assert_eq!(metric["properties"]["types"]["items"]["enum"], json!(TYPES));
    let parsed = MetricSettings::parse(r#"{"types": ["timeliness", "overall"]}"#).expect("settings");
    assert_eq!(parsed.types, [true, false, false, true]);
}

#[test]
fn a_bare_answer_is_about_the_service_overall() {
    let parsed = MetricSettings::parse(r#"{"types": ["overall"]}"#).expect("settings");
    assert_eq!([0, 1, OVERALL_BARE, 9].map(|kind| parsed.counts(kind)), [true, false, true, false]);
}

/// Stored answers belong to the digest of these settings: a further default would make them another source's.
#[test]
fn no_default_was_added_to_the_providers_settings() {
    let filled = with_defaults(&schema(PROVIDER_SCHEMA), &json!({"company_id": "c"}));
    assert_eq!(filled, json!({"company_id": "c", "api": "guide", "page_size": 1_000}));
}

#[test]
fn tags_tell_the_type() {
    let text = r#"{"api": "open", "type_tags": {"timeliness": ["Response Time", "Resolution Time"], "overall": ["Great"],
        "communication": ["Friendly"]}}"#;
    let Api::Open(tags) = ProviderSettings::parse(text).expect("settings").api else { panic!("the open dialect") };
    for (given, expected) in [
        (vec![], 0),
        (vec!["Great"], 0),
        (vec!["unknown"], 0),
        (vec![" response TIME "], 3),
        (vec!["Great", "Friendly"], 2),
        (vec!["Friendly", "Resolution Time"], 3),
        (vec!["Resolution Time", "Friendly"], 3),
    ] {
        assert_eq!(tags.type_of(given.iter().copied()), expected, "{given:?}");
    }
    let twice = r#"{"api": "open", "type_tags": {"timeliness": ["Fast"], "resolution": ["fast "]}}"#;
    assert_eq!(refused(ProviderSettings::parse(twice)).as_deref(), Some("/type_tags"));
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

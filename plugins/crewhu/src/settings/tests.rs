//! What the schemas and the types accept.

use scoresheet_sdk::{
    Kind as _, Settings,
    testing::{assert_schema, parse_settings},
};
use serde_json::{Value, json};

use super::*;
use crate::Kind;

#[test]
fn checked_in_schema_is_current() {
    assert_schema::<ProviderSettings>("schema/provider.json");
    assert_schema::<MetricSettings>("schema/metric.json");
}

#[test]
fn the_schemas_defaults_are_the_codes() {
    let parsed: ProviderSettings = parse_settings(r#"{"company_id": "c"}"#).expect("settings");
    assert_eq!((parsed.dialect(), parsed.page_size), (Dialect::Guide { company_id: "c" }, 1_000));
    let parsed: ProviderSettings = parse_settings(r#"{"api": "open"}"#).expect("settings");
    assert_eq!((parsed.dialect(), parsed.page_size), (Dialect::Open(&TypeTags::default()), 1_000));

    let parsed: MetricSettings = parse_settings("{}").expect("settings");
    assert_eq!(parsed, MetricSettings::default());
    assert_eq!((parsed.min_responses, parsed.half_life_days, parsed.drop_suspected_bots), (1, None, true));
    assert_eq!(parsed.types.len(), 4);
}

/// The pointers of all problems; empty if the settings are accepted.
fn problems<S: Settings>(settings: &Value) -> Vec<String> {
    parse_settings::<S>(&settings.to_string()).err().unwrap_or_default()
}

#[test]
fn settings_of_the_provider_are_checked() {
    for (settings, pointer) in [
        (json!({"company_id": "c", "api": "guide", "page_size": 1}), None),
        (json!({"company_id": "c", "page_size": 1.0}), None),
        (json!({}), Some("")),
        (json!({"company_id": ""}), Some("/company_id")),
        (json!({"company_id": " "}), Some("/company_id")),
        (json!({"company_id": 5}), Some("/company_id")),
        (json!({"company_id": null}), Some("/company_id")),
        (json!({"api": "open"}), None),
        (json!({"company_id": "c", "api": "open", "type_tags": {"timeliness": ["Response Time"]}}), None),
        (json!({"api": "guide"}), Some("")),
        (json!({"api": "open", "company_id": " "}), Some("/company_id")),
        (json!({"company_id": "c", "api": "closed"}), Some("/api")),
        (json!({"api": "open", "type_tags": []}), Some("/type_tags")),
        (json!({"api": "open", "type_tags": {"speed": []}}), Some("/type_tags")),
        (json!({"api": "open", "type_tags": {"timeliness": "x"}}), Some("/type_tags/timeliness")),
        (json!({"api": "open", "type_tags": {"timeliness": ["x", "x"]}}), Some("/type_tags/timeliness")),
        (json!({"api": "open", "type_tags": {"timeliness": [" "]}}), Some("/type_tags/timeliness/0")),
        (json!({"api": "open", "type_tags": {"timeliness": ["Fast"], "resolution": ["fast "]}}), Some("/type_tags")),
        (json!({"company_id": "c", "page_size": 0}), Some("/page_size")),
        (json!({"company_id": "c", "page_size": 1001}), Some("/page_size")),
        (json!({"company_id": "c", "page_size": 1.5}), Some("/page_size")),
        (json!({"company_id": "c", "page_size": "1"}), Some("/page_size")),
        (json!({"company_id": "c", "pagesize": 1}), Some("")),
        (json!([]), Some("")),
    ] {
        let expected: Vec<&str> = pointer.into_iter().collect();
        assert_eq!(problems::<ProviderSettings>(&settings), expected, "{settings}");
    }
}

#[test]
fn settings_of_the_metric_are_checked() {
    for (settings, pointer) in [
        (json!({"min_responses": 3, "types": ["timeliness"]}), None),
        (json!({"min_responses": 3.0}), None),
        (json!({"min_responses": u64::MAX}), None),
        (json!({"min_responses": 0}), Some("/min_responses")),
        (json!({"min_responses": -1}), Some("/min_responses")),
        (json!({"min_responses": null}), Some("/min_responses")),
        (json!({"types": []}), Some("/types")),
        (json!({"types": ["overall", "overall"]}), Some("/types")),
        (json!({"types": ["Overall"]}), Some("/types/0")),
        (json!({"types": ["overall-bare"]}), Some("/types/0")),
        (json!({"types": "overall"}), Some("/types")),
        (json!({"half_life_days": 30, "drop_suspected_bots": false}), None),
        (json!({"half_life_days": 0.5}), None),
        (json!({"half_life_days": 0}), Some("/half_life_days")),
        (json!({"half_life_days": "30"}), Some("/half_life_days")),
        (json!({"half_life_days": null}), Some("/half_life_days")),
        (json!({"drop_suspected_bots": "no"}), Some("/drop_suspected_bots")),
        (json!({"half_life": 30}), Some("")),
    ] {
        let expected: Vec<&str> = pointer.into_iter().collect();
        assert_eq!(problems::<MetricSettings>(&settings), expected, "{settings}");
    }
}

/// Stored responses belong to the digest of these settings: another default would start them from scratch.
#[test]
fn no_default_was_added_to_the_providers_settings() {
    let schema: Value = serde_json::from_str(ProviderSettings::SCHEMA).expect("JSON");
    let defaults = schema["properties"].as_object().expect("properties").iter();
    let defaults: Vec<(&str, &Value)> =
        defaults.filter_map(|(key, property)| Some((key.as_str(), property.get("default")?))).collect();
    assert_eq!(defaults, [("api", &json!("guide")), ("page_size", &json!(1_000))]);
    let tuning: Vec<&str> = ["company_id", "api", "page_size", "type_tags"]
        .into_iter()
        .filter(|key| schema["properties"][key]["x-tuning"] == true)
        .collect();
    assert_eq!(tuning, ["page_size"]);
}

#[test]
fn kinds_count_by_their_type() {
    let counted = |settings: &str| -> Vec<&str> {
        let parsed: MetricSettings = parse_settings(settings).expect("settings");
        let kinds = (0..5).filter_map(Kind::from_index).filter(|kind| parsed.counts(*kind));
        kinds.map(|kind| Kind::NAMES[usize::from(kind.index())]).collect()
    };
    assert_eq!(counted(r#"{"types": ["timeliness", "overall"]}"#), ["overall", "timeliness", "overall-bare"]);
    assert_eq!(counted(r#"{"types": ["resolution", "communication"]}"#), ["resolution", "communication"]);
}

#[test]
fn tags_tell_the_type() {
    let text = r#"{"api": "open", "type_tags": {"timeliness": ["Response Time", "Resolution Time"], "overall": ["Great"],
        "communication": ["Friendly"]}}"#;
    let settings: ProviderSettings = parse_settings(text).expect("settings");
    let Dialect::Open(tags) = settings.dialect() else { panic!("the open dialect") };
    for (given, expected) in [
        (vec![], Kind::Overall),
        (vec!["Great"], Kind::Overall),
        (vec!["unknown"], Kind::Overall),
        (vec![" response TIME "], Kind::Timeliness),
        (vec!["Great", "Friendly"], Kind::Communication),
        (vec!["Friendly", "Resolution Time"], Kind::Timeliness),
        (vec!["Resolution Time", "Friendly"], Kind::Timeliness),
    ] {
        assert_eq!(tags.type_of(given.iter().copied()), expected, "{given:?}");
    }
}

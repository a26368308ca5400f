//! Validates a component's settings against the JSON Schema that it declares, and fills in the defaults.
//!
//! The schema is a component's, so it is not trusted: it cannot reach anything outside itself, and its patterns run in
//! linear time.

use std::collections::BTreeMap;

use jsonschema::{Draft, PatternOptions};
use scoresheet_domain::SettingsProblem;
use serde_json::{Map, Value};

use words::{Finding, explain, unknown_key};

pub(super) mod words;

/// Most problems that are reported of one table of settings.
const MAX_PROBLEMS: usize = 50;

/// Keywords that may allow settings beyond `properties`; without any of them, an unknown key is rejected.
const OPENING: [&str; 12] = [
    "$dynamicRef",
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "dependentSchemas",
    "else",
    "if",
    "oneOf",
    "patternProperties",
    "then",
    "unevaluatedProperties",
];

/// The defaults of the schema's own properties.
pub(crate) fn defaults(schema: &Value) -> Map<String, Value> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let default = |(name, property): (&String, &Value)| Some((name.clone(), property.get("default")?.clone()));
    properties.into_iter().flatten().filter_map(default).collect()
}

/// Fills in the defaults of the schema's properties and validates the settings.
///
/// The result is an object with its keys in order, so that equal settings are equal as text. Rejects keys that the schema
/// does not have, even without `additionalProperties: false`. Messages show values as they are in `written`.
///
/// # Errors
/// Every problem with its JSON Pointer, or that the schema itself is invalid.
pub fn complete(schema: &Value, settings: &Value, written: &Value) -> Result<Value, Vec<SettingsProblem>> {
    let given = match settings {
        Value::Object(given) => given.clone(),
        Value::Null => Map::new(),
        other => {
            let message = format!("{} is not a table of settings; give {{ name = value }}", words::shown(other));
            return Err(vec![SettingsProblem { pointer: String::new(), message }]);
        }
    };
    let validator = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex())
        .build(schema)
        .map_err(|error| {
            let why = words::capped_at(&error.to_string(), 200);
            let message = format!("the component declares an invalid schema: {why}; report this to its author");
            vec![SettingsProblem { pointer: String::new(), message }]
        })?;
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut complete: BTreeMap<String, Value> = given.into_iter().collect();
    for (name, default) in defaults(schema) {
        complete.entry(name).or_insert(default);
    }
    let mut findings = Vec::new();
    if let Some(properties) = properties
        && !OPENING.iter().any(|keyword| schema.get(keyword).is_some())
    {
        let unknown = complete.keys().filter(|name| !properties.contains_key(*name));
        findings.extend(unknown.map(|name| unknown_key(schema, "", name)));
    }
    let complete = Value::Object(complete.into_iter().collect());
    for error in validator.iter_errors(&complete).take(MAX_PROBLEMS) {
        findings.extend(explain(schema, &complete, written, &error));
    }
    if findings.is_empty() {
        return Ok(complete);
    }
    findings.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    Err(findings.into_iter().map(|Finding { pointer, message }| SettingsProblem { pointer, message }).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["company_id"],
            "properties": {
                "company_id": {"type": "string", "minLength": 1},
                "api": {"enum": ["guide", "open"], "default": "guide"},
                "min_responses": {"type": "integer", "minimum": 1, "default": 1},
                "half_life_days": {"type": ["number", "null"], "exclusiveMinimum": 0, "default": null},
                "type_tags": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {"timeliness": {"type": "array", "items": {"type": "string"}, "uniqueItems": true}},
                },
            },
        })
    }

    fn told(schema: &Value, settings: &Value) -> Vec<String> {
        let problems = complete(schema, settings, settings).expect_err("settings that do not fit");
        problems.iter().map(|problem| format!("{}: {}", problem.pointer, problem.message)).collect()
    }

    #[test]
    fn defaults_are_filled_in_a_stable_order() {
        let expected = r#"{"api":"open","company_id":"c","half_life_days":null,"min_responses":1}"#;
        for given in [json!({"company_id": "c", "api": "open"}), json!({"api": "open", "company_id": "c"})] {
            assert_eq!(complete(&schema(), &given, &Value::Null).expect("settings").to_string(), expected);
        }
        assert_eq!(complete(&json!(true), &Value::Null, &Value::Null).expect("settings"), json!({}));
    }

    #[test]
    fn all_problems_are_reported() {
        let settings = json!({
            "min_response": 3, "colour": "red", "api": "opn", "min_responses": 0, "half_life_days": "x".repeat(500),
            "type_tags": {"timeliness": ["a", 1, "a"], "speed": []},
        });
        insta::assert_snapshot!(told(&schema(), &settings).join("\n"), @r#"
        /api: 'opn' is not valid; did you mean 'open'?
        /colour: unknown key; known keys: company_id, api, min_responses, half_life_days, type_tags
        /company_id: missing; give a string
        /half_life_days: found a string; give a number above 0
        /min_response: unknown key; did you mean 'min_responses'?
        /min_responses: 0 is out of range; give a whole number of at least 1
        /type_tags/speed: unknown key; known keys: timeliness
        /type_tags/timeliness: an item is given twice; give each once
        /type_tags/timeliness/1: found a whole number; give a string
        "#);
    }

    #[test]
    fn unknown_key_is_rejected_unless_schema_is_open() {
        let closed = json!({"properties": {"api": {}}});
        assert_eq!(told(&closed, &json!({"apu": 1})), ["/apu: unknown key; did you mean 'api'?"]);
        let open = json!({"properties": {"api": {}}, "additionalProperties": true});
        assert!(complete(&open, &json!({"apu": 1}), &Value::Null).is_ok());
        assert!(complete(&json!({"type": "object"}), &json!({"apu": 1}), &Value::Null).is_ok());
    }

    #[test]
    fn hostile_schema_is_rejected_or_harmless() {
        for (wrong, part) in [
            (json!({"type": "nothing"}), "invalid schema"),
            (json!({"$ref": "http://localhost:1/schema"}), "invalid schema"),
            (json!({"$ref": "file:///etc/passwd"}), "invalid schema"),
            (json!({"properties": {"a": {"pattern": "(?=x)y"}}}), "report this to its author"),
            (json!("x".repeat(1000)), "invalid schema"),
        ] {
            let told = told(&wrong, &json!({}));
            assert!(told.len() == 1 && told[0].contains(part) && told[0].len() < 400, "{told:?}");
        }
        for endless in [json!({"$ref": "#"}), json!({"allOf": [{"$ref": "#"}]})] {
            assert!(complete(&endless, &json!({}), &Value::Null).is_ok());
        }
        let many = json!({"additionalProperties": {"type": "string"}});
        let settings = Value::Object((0..500).map(|n| (format!("k{n}"), json!(n))).collect());
        assert_eq!(told(&many, &settings).len(), MAX_PROBLEMS);
        let slow = json!({"properties": {"a": {"pattern": "^(a+)+$"}}});
        assert_eq!(told(&slow, &json!({"a": format!("{}b", "a".repeat(5_000))})).len(), 1);
    }

    #[test]
    fn settings_must_be_a_table() {
        assert_eq!(told(&schema(), &json!(3)), [": 3 is not a table of settings; give { name = value }"]);
    }
}

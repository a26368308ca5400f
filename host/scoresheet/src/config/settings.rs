//! A component's settings against the JSON Schema that it declares.
//!
//! Fills in the defaults and says in plain words what does not fit. The schema is a component's, so
//! it is not trusted: it reaches nothing outside itself, and its patterns run in linear time.

use std::collections::BTreeMap;

use jsonschema::{Draft, PatternOptions, ValidationError};
use scoresheet_domain::SettingsProblem;
use serde_json::{Map, Value};

use super::document::nearest;

mod words;

/// More problems than this with one table of settings are not told.
const MAX_PROBLEMS: usize = 50;

/// Keywords that may allow settings beyond `properties`; without any of them, an unknown setting is a mistake.
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

/// Completes settings with the defaults of the schema's own properties, and checks them.
///
/// The result is an object, its keys in order, so
/// that equal settings are equal as text. Keys that the schema names nowhere are refused even where
/// it does not say `additionalProperties: false`.
///
/// # Errors
/// Everything that does not fit, each with its JSON Pointer; or that the schema itself is wrong.
pub fn complete(schema: &Value, settings: &Value) -> Result<Value, Vec<SettingsProblem>> {
    let given = match settings {
        Value::Object(given) => given.clone(),
        Value::Null => Map::new(),
        other => {
            let message = format!("{} are no settings; give a table, as {{ name = value }}", words::shown(other));
            return Err(vec![SettingsProblem { pointer: String::new(), message }]);
        }
    };
    let validator = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex())
        .build(schema)
        .map_err(|error| {
            let why = words::capped(&error.to_string(), 200);
            let message =
                format!("the schema that the component declares cannot be used: {why}; report this to its author");
            vec![SettingsProblem { pointer: String::new(), message }]
        })?;
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut complete: BTreeMap<String, Value> = given.into_iter().collect();
    for (name, default) in defaults(schema) {
        complete.entry(name).or_insert(default);
    }
    let mut problems = Vec::new();
    if let Some(properties) = properties
        && !OPENING.iter().any(|keyword| schema.get(keyword).is_some())
    {
        let unknown = complete.keys().filter(|name| !properties.contains_key(*name));
        problems.extend(unknown.map(|name| unknown_setting(schema, "", name)));
    }
    let complete = Value::Object(complete.into_iter().collect());
    for error in validator.iter_errors(&complete).take(MAX_PROBLEMS) {
        problems.extend(explain(schema, &error));
    }
    problems.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    if problems.is_empty() { Ok(complete) } else { Err(problems) }
}

fn explain(schema: &Value, error: &ValidationError<'_>) -> Vec<SettingsProblem> {
    let pointer = error.instance_path().as_str();
    match words::unexpected(error.kind()) {
        Some(names) => names.iter().map(|name| unknown_setting(schema, pointer, name)).collect(),
        None => vec![SettingsProblem { pointer: pointer.to_owned(), message: words::of(error) }],
    }
}

fn unknown_setting(schema: &Value, pointer: &str, name: &str) -> SettingsProblem {
    let known = known(schema, pointer);
    let right = if let Some(meant) = nearest(name, known.iter().copied()) {
        format!("did you mean '{meant}'?")
    } else if known.is_empty() {
        "there are none here".to_owned()
    } else {
        format!("known here: {}", known.join(", "))
    };
    SettingsProblem {
        pointer: format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")),
        message: format!("unknown setting '{}'; {right}", words::capped(&name.escape_debug().to_string(), 60)),
    }
}

/// The names that the schema knows at a place, as far as they stand in `properties`.
fn known<'s>(schema: &'s Value, pointer: &str) -> Vec<&'s str> {
    let mut place = Some(schema);
    for step in pointer.split('/').skip(1) {
        place = place.and_then(|schema| schema.get("properties")?.get(step));
    }
    let properties = place.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
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
        let problems = complete(schema, settings).expect_err("settings that do not fit");
        problems.iter().map(|problem| format!("{}: {}", problem.pointer, problem.message)).collect()
    }

    #[test]
    fn fills_in_defaults_in_a_stable_order() {
        let expected = r#"{"api":"open","company_id":"c","half_life_days":null,"min_responses":1}"#;
        for given in [json!({"company_id": "c", "api": "open"}), json!({"api": "open", "company_id": "c"})] {
            assert_eq!(complete(&schema(), &given).expect("settings").to_string(), expected);
        }
        assert_eq!(complete(&json!(true), &Value::Null).expect("settings"), json!({}));
    }

    #[test]
    fn says_everything_that_does_not_fit() {
        let settings = json!({
            "min_response": 3, "colour": "red", "api": "opn", "min_responses": 0, "half_life_days": "x".repeat(500),
            "type_tags": {"timeliness": ["a", 1, "a"], "speed": []},
        });
        insta::assert_snapshot!(told(&schema(), &settings).join("\n"), @r#"
        : 'company_id' is missing
        /api: "opn" is none of "guide", "open"
        /colour: unknown setting 'colour'; known here: company_id, api, min_responses, half_life_days, type_tags
        /half_life_days: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… is no number
        /min_response: unknown setting 'min_response'; did you mean 'min_responses'?
        /min_responses: 0 is less than the minimum of 1
        /type_tags/speed: unknown setting 'speed'; known here: timeliness
        /type_tags/timeliness: one of these stands twice; give each once
        /type_tags/timeliness/1: 1 is no text
        "#);
    }

    #[test]
    fn an_unknown_setting_is_a_mistake_unless_the_schema_is_open() {
        let closed = json!({"properties": {"api": {}}});
        assert_eq!(told(&closed, &json!({"apu": 1})), ["/apu: unknown setting 'apu'; did you mean 'api'?"]);
        let open = json!({"properties": {"api": {}}, "additionalProperties": true});
        assert!(complete(&open, &json!({"apu": 1})).is_ok());
        assert!(complete(&json!({"type": "object"}), &json!({"apu": 1})).is_ok());
    }

    #[test]
    fn a_hostile_schema_is_told_or_borne() {
        for (wrong, part) in [
            (json!({"type": "nothing"}), "cannot be used"),
            (json!({"$ref": "http://localhost:1/schema"}), "cannot be used"),
            (json!({"$ref": "file:///etc/passwd"}), "cannot be used"),
            (json!({"properties": {"a": {"pattern": "(?=x)y"}}}), "report this to its author"),
            (json!("x".repeat(1000)), "cannot be used"),
        ] {
            let told = told(&wrong, &json!({}));
            assert!(told.len() == 1 && told[0].contains(part) && told[0].len() < 400, "{told:?}");
        }
        for endless in [json!({"$ref": "#"}), json!({"allOf": [{"$ref": "#"}]})] {
            assert!(complete(&endless, &json!({})).is_ok());
        }
        let many = json!({"additionalProperties": {"type": "string"}});
        let settings = Value::Object((0..500).map(|n| (format!("k{n}"), json!(n))).collect());
        assert_eq!(told(&many, &settings).len(), MAX_PROBLEMS);
        let slow = json!({"properties": {"a": {"pattern": "^(a+)+$"}}});
        assert_eq!(told(&slow, &json!({"a": format!("{}b", "a".repeat(5_000))})).len(), 1);
    }

    #[test]
    fn settings_are_a_table() {
        assert_eq!(told(&schema(), &json!(3)), [": 3 are no settings; give a table, as { name = value }"]);
    }
}

//! Schemas that are generated from settings types and checked in.

use std::fs;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use crate::{Failure, Settings, settings};

/// Writes the schemas instead of comparing them if this environment variable is set.
const UPDATE: &str = "UPDATE_SCHEMAS";

/// Asserts that [`Settings::SCHEMA`] is the schema of the type. It is checked in as this file, relative to the crate's
/// folder, where cargo runs tests. With `UPDATE_SCHEMAS=1` the file is written instead. Call it in a test named
/// `checked_in_schema_is_current`: the message of a failure gives the command to update the file.
///
/// # Panics
/// If they differ.
pub fn assert_schema<S: Settings + JsonSchema>(file: &str) {
    let generator = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).into_generator();
    let mut generated = generator.into_root_schema_for::<S>().to_value();
    tidy(&mut generated);
    settings::integers(&mut generated);
    let generated = serde_json::to_string_pretty(&generated).expect("a schema is JSON") + "\n";
    if std::env::var_os(UPDATE).is_some() {
        fs::write(file, generated).expect("the schema is written");
        return;
    }
    assert!(
        S::SCHEMA == generated,
        "{file} is not the schema of its type; run `{UPDATE}=1 cargo test checked_in_schema` in this crate and review the change:\n{generated}"
    );
}

/// Settings as a provider gets them: the host fills in the schema's defaults and checks the schema, then the type's own
/// [`Settings::problems`] are asked for. The error is the JSON Pointer of each problem.
///
/// # Errors
/// The pointers of all problems.
///
/// # Panics
/// If the schema is not valid, or accepts settings that the type does not.
pub fn parse_settings<S: Settings>(json: &str) -> Result<S, Vec<String>> {
    let schema: Value = serde_json::from_str(S::SCHEMA).expect("the schema is JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("the schema is valid");
    let filled = with_defaults(&schema, json);
    let wrong: Vec<String> = validator.iter_errors(&filled).map(|error| error.instance_path().to_string()).collect();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    match settings::parse(&filled.to_string()) {
        Ok(settings) => Ok(settings),
        Err(Failure::Settings(problems)) if problems.iter().all(|problem| !problem.pointer.is_empty()) => {
            Err(problems.into_iter().map(|problem| problem.pointer).collect())
        }
        Err(failure) => panic!("the schema accepts {filled}, the type does not: {failure:?}"),
    }
}

fn with_defaults(schema: &Value, json: &str) -> Value {
    let mut filled: Value = serde_json::from_str(json).expect("the settings are JSON");
    if let (Some(fields), Some(properties)) = (filled.as_object_mut(), schema["properties"].as_object()) {
        for (key, property) in properties {
            if let Some(default) = property.get("default") {
                fields.entry(key.clone()).or_insert_with(|| default.clone());
            }
        }
    }
    filled
}

/// Joins the lines of descriptions, and removes `format`: "uint64" and "double" say nothing to an operator.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("format").is_some_and(Value::is_string) {
                fields.shift_remove("format");
            }
            if let Some(Value::String(text)) = fields.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            fields.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

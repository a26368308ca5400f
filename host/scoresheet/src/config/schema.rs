//! The JSON Schema of the configuration file, derived from its declaration in [`super::sections`].
//!
//! Keywords beyond JSON Schema's own: `x-valid` describes a valid value in words, `writeOnly` marks text that is never
//! shown, and `format: password` a credential, which may not be used elsewhere.

use std::sync::LazyLock;

use schemars::{
    Schema,
    generate::SchemaSettings,
    transform::{RecursiveTransform, Transform},
};
use serde_json::{Value, json};

use super::sections::Sections;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<Sections>();
    RecursiveTransform(simplify).transform(&mut schema);
    schema.to_value()
});

/// The JSON Schema of the configuration file.
#[must_use]
pub fn schema() -> &'static Value {
    &SCHEMA
}

/// Removes what says nothing about a TOML file: null, integer formats, and defaults that stand for "not set".
fn simplify(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|branch| branch["type"] != "null");
        if let [Value::Object(only)] = branches.as_mut_slice() {
            let only = std::mem::take(only);
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    // An enum whose variants have docs of their own: the doc of the setting lists them.
    let words: Option<Vec<Value>> = object
        .get("oneOf")
        .and_then(Value::as_array)
        .and_then(|branches| branches.iter().map(|branch| branch.get("const").cloned()).collect());
    if let Some(words) = words {
        object.remove("oneOf");
        object.insert("type".to_owned(), json!("string"));
        object.insert("enum".to_owned(), words.into());
    }
    if object.get("format").is_some_and(|format| format != "password") {
        object.remove("format");
    }
    let required = object.get("required").cloned().unwrap_or_default();
    for (name, property) in object.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let unset = |default: &Value| match default {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(_) => true,
            _ => false,
        };
        let is_required = required.as_array().is_some_and(|required| required.iter().any(|it| it == name.as_str()));
        if let Some(property) = property.as_object_mut()
            && property.get("default").is_some_and(|default| is_required || unset(default))
        {
            property.remove("default");
        }
    }
}

/// The schema of a value within one, by its JSON Pointer. None where no such key is known.
pub(super) fn at<'s>(schema: &'s Value, value: &Value, pointer: &str) -> Option<&'s Value> {
    let (mut schema, mut value) = (schema, value);
    for step in pointer.split('/').skip(1) {
        let key = step.replace("~1", "/").replace("~0", "~");
        schema = child(branch(schema, value), &key, value.is_array())?;
        value = value.get(&key).or_else(|| value.get(key.parse::<usize>().ok()?)).unwrap_or(&Value::Null);
    }
    Some(schema)
}

/// The schema of a key of a table, or of an item of an array. None where the key is not known.
pub(super) fn child<'s>(schema: &'s Value, key: &str, in_array: bool) -> Option<&'s Value> {
    static ANY: Value = Value::Bool(true);
    if schema.get("oneOf").is_some() || schema.get("type").is_some_and(|name| (name == "array") != in_array) {
        return None;
    }
    if let Some(known) = schema.get("properties").and_then(|properties| properties.get(key)) {
        return Some(known);
    }
    match schema.get(if in_array { "items" } else { "additionalProperties" }) {
        Some(Value::Bool(false)) => None,
        Some(rest) => Some(rest),
        None => Some(&ANY),
    }
}

/// The branch of a `oneOf` that the value is meant for: the one of its tag, or of the one key that it has.
pub(super) fn branch<'s>(schema: &'s Value, value: &Value) -> &'s Value {
    let mut meant = branches(schema).iter().filter(|branch| is_meant(branch, value));
    match (meant.next(), meant.next()) {
        (Some(branch), None) => branch,
        _ => schema,
    }
}

/// The branches of a `oneOf`; none where there is none.
pub(super) fn branches(schema: &Value) -> &[Value] {
    schema.get("oneOf").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether a value is meant for this branch of a `oneOf`.
pub(super) fn is_meant(branch: &Value, value: &Value) -> bool {
    match tag(branch) {
        Some((name, word)) => value.get(name) == Some(word),
        None => branch["required"][0].as_str().is_some_and(|key| value.get(key).is_some()),
    }
}

/// The property that tells this branch of a `oneOf` from the others, and its value.
pub(super) fn tag(branch: &Value) -> Option<(&str, &Value)> {
    branch
        .get("properties")?
        .as_object()?
        .iter()
        .find_map(|(name, property)| Some((name.as_str(), property.get("const")?)))
}

/// A valid value in words: "a whole number from 1 to 3650".
pub(super) fn expected(schema: &Value) -> String {
    if let Some(valid) = schema.get("x-valid").and_then(Value::as_str) {
        return valid.to_owned();
    }
    if let Some(options) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<String> = options.iter().map(plain).collect();
        return format!("one of {}", words.join(", "));
    }
    let bound = |keyword: &str| schema.get(keyword).map(plain);
    let range = match (bound("minimum"), bound("maximum"), bound("exclusiveMinimum")) {
        (Some(min), Some(max), _) => format!(" from {min} to {max}"),
        (None, Some(max), Some(above)) => format!(" above {above}, at most {max}"),
        (None, None, Some(above)) => format!(" above {above}"),
        (Some(min), None, _) => format!(" of at least {min}"),
        (None, Some(max), None) => format!(" of at most {max}"),
        (None, None, None) => String::new(),
    };
    let types = match schema.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect(),
        Some(Value::String(name)) => vec![name.as_str()],
        _ => Vec::new(),
    };
    let words: Vec<String> = types
        .into_iter()
        .map(|name| match name {
            "integer" => format!("a whole number{range}"),
            "number" => format!("a number{range}"),
            "string" => "a string".to_owned(),
            "boolean" => "true or false".to_owned(),
            "array" => match schema.get("items") {
                Some(items) if items["type"] == "string" => "an array of strings".to_owned(),
                Some(items) if items["type"] == "object" => "an array of tables".to_owned(),
                _ => "an array".to_owned(),
            },
            _ => "a table".to_owned(),
        })
        .collect();
    if words.is_empty() { "a value".to_owned() } else { words.join(" or ") }
}

/// A number without a needless fraction, a string without quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.as_f64().map_or_else(|| value.to_string(), |number| number.to_string()),
    }
}

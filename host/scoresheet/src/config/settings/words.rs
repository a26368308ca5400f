//! Errors of JSON Schema validation in plain words: of the configuration file and of a component's settings.

use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::{Map, Value, json};

use crate::config::{
    schema::{at, branch, branches, expected, is_meant, tag},
    show::inline,
};

/// Longest part of a value that a message repeats, in characters.
const MAX_SHOWN: usize = 60;

/// What is wrong at a place.
pub(in crate::config) struct Finding {
    /// JSON Pointer.
    pub(in crate::config) pointer: String,
    /// What is wrong, and what would be valid.
    pub(in crate::config) message: String,
}

/// Explains an error of validating `value` with `schema`.
///
/// Messages show values as they are in `written`: the same value before variables were replaced.
pub(in crate::config) fn explain(
    schema: &Value,
    value: &Value,
    written: &Value,
    error: &ValidationError<'_>,
) -> Vec<Finding> {
    let pointer = error.instance_path().as_str();
    let own = at(schema, value, pointer).unwrap_or(&Value::Null);
    let finding = |pointer: String, message: String| vec![Finding { pointer, message }];
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let own = branch(own, error.instance());
            unexpected.iter().map(|name| unknown_key(own, pointer, name)).collect()
        }
        Kind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            let place = extend(pointer, property);
            let missing = at(schema, value, &place).unwrap_or(&Value::Null);
            let example =
                missing["examples"].get(0).map_or_else(String::new, |example| format!(", as {}", inline(example)));
            finding(place, format!("missing; give {}{example}", expected(missing)))
        }
        Kind::PropertyNames { error } => {
            let name = error.instance().as_str().unwrap_or_default();
            let valid = own.get("propertyNames").map_or_else(|| "another name".to_owned(), expected);
            finding(
                extend(pointer, name),
                format!("'{}' is not valid; give {valid}", capped(&name.escape_debug().to_string())),
            )
        }
        Kind::OneOfNotValid { context }
            if error.instance().is_object() && branches(own).iter().all(is_discriminated) =>
        {
            let meant: Vec<usize> =
                (0..branches(own).len()).filter(|index| is_meant(&branches(own)[*index], error.instance())).collect();
            match meant.as_slice() {
                [one] => context[*one].iter().flat_map(|error| explain(schema, value, written, error)).collect(),
                several => vec![no_branch(own, several, pointer, written)],
            }
        }
        kind => {
            finding(pointer.to_owned(), message(kind, own, error, written.pointer(pointer).unwrap_or(error.instance())))
        }
    }
}

/// Reports a key that the schema does not have.
pub(in crate::config) fn unknown_key(schema: &Value, pointer: &str, name: &str) -> Finding {
    let known = known_keys(schema);
    let fix = match did_you_mean(name, known.iter().copied()) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None if known.is_empty() => "there are none here".to_owned(),
        None => format!("known keys: {}", known.join(", ")),
    };
    Finding { pointer: extend(pointer, name), message: format!("unknown key; {fix}") }
}

/// The keys of a table, in any branch of its `oneOf`.
fn known_keys(schema: &Value) -> Vec<&str> {
    let tables = std::iter::once(schema).chain(branches(schema));
    let mut known: Vec<&str> = Vec::new();
    for key in tables.filter_map(|table| table.get("properties")?.as_object()).flat_map(Map::keys) {
        if !known.contains(&key.as_str()) {
            known.push(key);
        }
    }
    known
}

fn is_discriminated(branch: &Value) -> bool {
    tag(branch).is_some() || branch["required"].is_array()
}

/// A table that is meant for no branch of a `oneOf`, or for several.
fn no_branch(schema: &Value, several: &[usize], pointer: &str, written: &Value) -> Finding {
    let branches = branches(schema);
    if let Some((name, _)) = tag(&branches[0]) {
        let words: Vec<&str> = branches.iter().filter_map(|branch| tag(branch)?.1.as_str()).collect();
        let place = extend(pointer, name);
        let message = match written.pointer(&place) {
            None => format!("missing; give one of {}", words.join(", ")),
            Some(given) => no_option(given, &words),
        };
        return Finding { pointer: place, message };
    }
    let given = written.pointer(pointer).and_then(Value::as_object);
    let known = known_keys(schema);
    if several.is_empty()
        && let Some(unknown) = given.into_iter().flat_map(Map::keys).find(|key| !known.contains(&key.as_str()))
    {
        return unknown_key(schema, pointer, unknown);
    }
    let keys: Vec<&str> = several.iter().filter_map(|index| branches[*index]["required"][0].as_str()).collect();
    let message = if keys.is_empty() {
        format!("empty or incomplete; give {}", expected(schema))
    } else {
        format!("{} are both set; give one of them", keys.join(" and "))
    };
    Finding { pointer: pointer.to_owned(), message }
}

fn message(kind: &Kind, schema: &Value, error: &ValidationError<'_>, written: &Value) -> String {
    let valid = || expected(schema);
    match kind {
        Kind::Type { .. } | Kind::OneOfNotValid { .. }
            if schema.get("type").is_some() || schema.get("x-valid").is_some() =>
        {
            wrong_type(found(written), schema)
        }
        Kind::Type { kind } => {
            let types: Vec<String> = match kind {
                TypeKind::Single(one) => vec![one.to_string()],
                TypeKind::Multiple(several) => several.iter().map(|one| one.to_string()).collect(),
            };
            wrong_type(found(written), &json!({"type": types}))
        }
        Kind::Minimum { .. } | Kind::Maximum { .. } | Kind::ExclusiveMinimum { .. } | Kind::ExclusiveMaximum { .. } => {
            out_of_range(&shown(written), schema)
        }
        Kind::MultipleOf { multiple_of } => format!("{} is not a multiple of {multiple_of}", shown(written)),
        Kind::MinLength { limit: 1 } => format!("empty; give {}", valid()),
        Kind::MinLength { limit } => format!("{} is too short; give at least {limit} characters", shown(written)),
        Kind::MaxLength { limit } => format!("{} is too long; give at most {limit} characters", shown(written)),
        Kind::Pattern { .. } if schema.get("x-valid").is_some() => {
            format!("{} is not valid; give {}", shown(written), valid())
        }
        Kind::Pattern { pattern } => format!("{} does not match the pattern {}", shown(written), capped(pattern)),
        Kind::Format { format } => format!("{} is not a valid {}", shown(written), capped(format)),
        Kind::Enum { options } => {
            let options: Vec<String> = options.as_array().into_iter().flatten().map(text).collect();
            no_option(written, &options.iter().map(String::as_str).collect::<Vec<_>>())
        }
        Kind::Constant { expected_value } => format!("{} is not valid; give {}", shown(written), shown(expected_value)),
        Kind::MinItems { limit: 1 } if schema.get("x-valid").is_some() => format!("empty; give {}", valid()),
        Kind::MinItems { limit: 1 } | Kind::MinProperties { limit: 1 } => "empty; give at least one".to_owned(),
        Kind::MinItems { limit } | Kind::MinProperties { limit } => format!("too few; give at least {limit}"),
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => format!("too many; give at most {limit}"),
        Kind::AdditionalItems { limit } => format!("too many; give at most {limit}"),
        Kind::UniqueItems => "an item is given twice; give each once".to_owned(),
        Kind::Contains => "no item is valid; give at least one that is".to_owned(),
        Kind::FalseSchema => "not allowed here; remove it".to_owned(),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => alternatives(context, written),
        // The rest are rare in settings: the validator's own words, without the value.
        _ => capped_at(&error.masked().to_string(), 200),
    }
}

/// `found a string; give a whole number from 1 to 3650`
pub(in crate::config) fn wrong_type(found: &str, schema: &Value) -> String {
    format!("found {found}; give {}", expected(schema))
}

/// `-1 is out of range; give a number from 0 to 100`
pub(in crate::config) fn out_of_range(value: &str, schema: &Value) -> String {
    format!("{value} is out of range; give {}", expected(schema))
}

/// `'flor' is not valid; did you mean 'floor'?`
fn no_option(given: &Value, options: &[&str]) -> String {
    const MAX_OPTIONS: usize = 12;
    let word = text(given);
    let fix = match did_you_mean(&word, options.iter().copied()) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None => {
            let rest = options.len().saturating_sub(MAX_OPTIONS);
            let more = if rest == 0 { String::new() } else { format!(", {rest} more") };
            format!("give one of {}{more}", capped_at(&options[..options.len() - rest].join(", "), 300))
        }
    };
    format!("{} is not valid; {fix}", shown(given))
}

fn alternatives(context: &[Vec<ValidationError<'static>>], written: &Value) -> String {
    let reason = |error: &ValidationError<'_>| message(error.kind(), &Value::Null, error, written);
    let mut reasons: Vec<String> = context.iter().filter_map(|branch| branch.first().map(reason)).collect();
    reasons.dedup();
    reasons.truncate(4);
    let reasons = reasons.join("; or ");
    if reasons.is_empty() { format!("{} is not valid", shown(written)) } else { capped_at(&reasons, 300) }
}

/// The type of a value, as TOML calls it.
fn found(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Number(number) if number.is_f64() => "a float",
        Value::Number(_) => "a whole number",
        Value::Bool(_) => "a boolean",
        Value::Array(_) => "an array",
        Value::Object(_) => "a table",
        Value::Null => "null",
    }
}

/// The beginning of a value, for a message.
pub(in crate::config) fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "a table".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        Value::String(text) => format!("'{}'", capped(&text.escape_debug().to_string())),
        other => other.to_string(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn capped(text: &str) -> String {
    capped_at(text, MAX_SHOWN)
}

/// A key as part of a label.
pub(in crate::config) fn label(key: &str) -> String {
    capped(&key.escape_debug().to_string())
}

/// The beginning of a text, on one line.
pub(super) fn capped_at(text: &str, max_chars: usize) -> String {
    let mut letters = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let beginning: String = letters.by_ref().take(max_chars).collect();
    if letters.next().is_some() { format!("{beginning}…") } else { beginning }
}

/// A pointer with one more step.
pub(in crate::config) fn extend(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The word of `known` that `word` probably stands for.
pub(in crate::config) fn did_you_mean<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // Jaro-Winkler favours a common beginning: `lookback` for `lookback_days`, `backfil` for `backfill_days`.
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(similarity, _)| *similarity >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn similar_key_is_suggested() {
        let known = ["name", "lookback_days", "min_coverage", "bands"];
        for (word, meant) in [
            ("lookback", Some("lookback_days")),
            ("lookback-days", Some("lookback_days")),
            ("coverage_min", None),
            ("min_covrage", Some("min_coverage")),
            ("band", Some("bands")),
            ("colour", None),
        ] {
            assert_eq!(did_you_mean(word, known), meant, "{word}");
        }
    }
}

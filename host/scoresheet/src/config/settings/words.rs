//! What a JSON Schema's keyword found, in plain words. No value is repeated beyond its beginning.

use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::Value;

/// So many characters of a value are repeated at most.
const MAX_SHOWN: usize = 60;

/// What is wrong, and what would be right.
pub(super) fn of(error: &ValidationError<'_>) -> String {
    let value = || shown(error.instance());
    match error.kind() {
        Kind::Type { kind } => format!("{} is no {}", value(), types(kind)),
        Kind::Required { property } => format!("{} is missing", named(property)),
        Kind::Minimum { limit } => format!("{} is less than the minimum of {}", value(), shown(limit)),
        Kind::Maximum { limit } => format!("{} is more than the maximum of {}", value(), shown(limit)),
        Kind::ExclusiveMinimum { limit } => format!("{} is too small; give more than {}", value(), shown(limit)),
        Kind::ExclusiveMaximum { limit } => format!("{} is too large; give less than {}", value(), shown(limit)),
        Kind::MultipleOf { multiple_of } => format!("{} is no multiple of {multiple_of}", value()),
        Kind::MinLength { limit: 1 } => "this text is empty".to_owned(),
        Kind::MinLength { limit } => format!("{} is too short; give at least {limit} characters", value()),
        Kind::MaxLength { limit } => format!("{} is too long; give at most {limit} characters", value()),
        Kind::Pattern { pattern } => format!("{} does not fit the pattern {}", value(), capped(pattern, MAX_SHOWN)),
        Kind::Format { format } => format!("{} is no {}", value(), capped(format, MAX_SHOWN)),
        Kind::Enum { options } => format!("{} is none of {}", value(), list(options)),
        Kind::Constant { expected_value } => format!("{} cannot be; give {}", value(), shown(expected_value)),
        Kind::MinItems { limit } => format!("there are too few; give at least {limit}"),
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => {
            format!("there are too many; give at most {limit}")
        }
        Kind::MinProperties { limit } => format!("there are too few settings; give at least {limit}"),
        Kind::AdditionalItems { limit } => format!("there are too many; give at most {limit}"),
        Kind::UniqueItems => "one of these stands twice; give each once".to_owned(),
        Kind::Contains => "none of these fits; at least one must".to_owned(),
        Kind::FalseSchema => "nothing may stand here; take it away".to_owned(),
        Kind::PropertyNames { error } => format!("a name here is not allowed: {}", of(error)),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => alternatives(&value(), context),
        // The rest are rare in settings; the words are the validator's own, without the value.
        _ => capped(&error.masked().to_string(), 200),
    }
}

/// The names that should not be there, where that is what is wrong.
pub(super) fn unexpected(kind: &Kind) -> Option<&[String]> {
    match kind {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => Some(unexpected),
        _ => None,
    }
}

/// The beginning of a value, as JSON.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "a table".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        other => capped(&other.to_string(), MAX_SHOWN),
    }
}

/// The beginning of a text, on one line.
pub(super) fn capped(text: &str, most: usize) -> String {
    let mut letters = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let beginning: String = letters.by_ref().take(most).collect();
    if letters.next().is_some() { format!("{beginning}…") } else { beginning }
}

fn named(property: &Value) -> String {
    match property {
        Value::String(name) => format!("'{}'", capped(name, MAX_SHOWN)),
        other => shown(other),
    }
}

fn types(kind: &TypeKind) -> String {
    let mut words: Vec<String> = match kind {
        TypeKind::Single(kind) => vec![kind.to_string()],
        TypeKind::Multiple(kinds) => kinds.iter().map(|kind| kind.to_string()).collect(),
    };
    // TOML has no null: nobody can give one.
    if words.len() > 1 {
        words.retain(|word| word != "null");
    }
    let plain = |word: &String| match word.as_str() {
        "integer" => "whole number".to_owned(),
        "string" => "text".to_owned(),
        "boolean" => "true or false".to_owned(),
        "object" => "table".to_owned(),
        other => other.to_owned(),
    };
    words.iter().map(plain).collect::<Vec<_>>().join(" or ")
}

fn list(options: &Value) -> String {
    const MOST: usize = 12;
    let options = options.as_array().map_or(&[][..], Vec::as_slice);
    let mut words: Vec<String> = options.iter().take(MOST).map(shown).collect();
    if options.len() > MOST {
        words.push(format!("{} more", options.len() - MOST));
    }
    words.join(", ")
}

fn alternatives(value: &str, context: &[Vec<ValidationError<'static>>]) -> String {
    let mut reasons: Vec<String> = context.iter().filter_map(|branch| branch.first().map(of)).collect();
    reasons.dedup();
    reasons.truncate(4);
    let reasons = reasons.join("; or ");
    if reasons.is_empty() { format!("{value} fits none of what is allowed") } else { capped(&reasons, 300) }
}

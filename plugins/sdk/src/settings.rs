//! Settings as types of the provider.

use serde::de::DeserializeOwned;
use serde_json::{Number, Value};

use crate::{Failure, Problem};

/// Settings of a provider or of one of its metrics.
///
/// An author writes a struct with doc comments and defaults. The JSON Schema is generated from it by schemars in a test
/// ([`testing::assert_schema`](crate::testing::assert_schema)), checked in, and included as text:
///
/// ```ignore
/// #[derive(Deserialize)]
/// #[serde(default, deny_unknown_fields)]
/// #[cfg_attr(test, derive(Serialize, JsonSchema))]
/// struct MySettings {
///     /// Rows to request per page.
///     #[cfg_attr(test, schemars(range(min = 1, max = 1000), extend("x-tuning" = true)))]
///     page_size: u32,
/// }
///
/// impl Settings for MySettings {
///     const SCHEMA: &'static str = include_str!("../schema/settings.json");
/// }
/// ```
///
/// A change of a provider setting starts the provider's stored data from scratch, unless its schema says
/// `"x-tuning": true`. Use that only for settings that change neither ids nor values, nor which rows count or whose they
/// are.
pub trait Settings: DeserializeOwned {
    /// JSON Schema (draft 2020-12) of the settings.
    const SCHEMA: &'static str;

    /// All problems that the schema cannot express. The host has checked the schema and filled in the defaults before.
    fn problems(&self) -> Vec<Problem> {
        Vec::new()
    }
}

impl Problem {
    /// A problem of the setting at this JSON Pointer.
    #[must_use]
    pub fn new(pointer: &str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.to_owned(), message: message.into() }
    }
}

/// Whether these are finite numbers above 0, each greater than the one before. For [`Settings::problems`].
#[must_use]
pub fn is_ascending(numbers: &[f64]) -> bool {
    numbers.first().is_none_or(|first| *first > 0.0) && numbers.windows(2).all(|pair| pair[0] < pair[1])
}

/// Parses settings and checks them with [`Settings::problems`].
pub(crate) fn parse<S: Settings>(json: &str) -> Result<S, Failure> {
    let settings: S = serde_json::from_value(object(json)?).map_err(|error| invalid(&error))?;
    let problems = settings.problems();
    if problems.is_empty() { Ok(settings) } else { Err(Failure::Settings(problems)) }
}

/// Not inlined, as it does not depend on the type: every copy weighs in a component.
#[inline(never)]
fn object(json: &str) -> Result<Value, Failure> {
    let mut value = crate::json::tree(json).map_err(|error| invalid(&error))?;
    if !value.is_object() {
        // serde would read a struct from an array too.
        return Err(Failure::Settings(vec![Problem::new("", "must be a JSON object")]));
    }
    integers(&mut value);
    Ok(value)
}

#[inline(never)]
fn invalid(error: &serde_json::Error) -> Failure {
    Failure::Settings(vec![Problem::new("", error.to_string())])
}

/// Turns floats without a fraction into integers: to JSON Schema, 3.0 is an integer, but not to serde.
pub(crate) fn integers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            // Up to 2^53, floats hold every integer exactly.
            let whole = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0);
            if let Some(whole) = whole.filter(|_| number.is_f64()) {
                *number = Number::from(whole as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(integers),
        Value::Object(fields) => fields.values_mut().for_each(integers),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Example {
        size: u64,
        steps: Vec<f64>,
    }

    impl Settings for Example {
        const SCHEMA: &'static str = "{}";

        fn problems(&self) -> Vec<Problem> {
            if is_ascending(&self.steps) { Vec::new() } else { vec![Problem::new("/steps", "not ascending")] }
        }
    }

    #[test]
    fn integers_may_be_written_as_floats() {
        let parsed = |json| parse::<Example>(json).expect("settings");
        assert_eq!(parsed("{}"), Example::default());
        assert_eq!(parsed(r#"{"size": 3.0, "steps": [1.0, 2, 2.5]}"#), Example { size: 3, steps: vec![1.0, 2.0, 2.5] });
        assert_eq!(parsed(r#"{"size": 18446744073709551615}"#).size, u64::MAX);
    }

    #[test]
    fn invalid_settings_are_reported_as_problems() {
        for (json, pointer) in [
            ("[", ""),
            ("[]", ""),
            (r#"{"size": -1}"#, ""),
            (r#"{"size": 1.5}"#, ""),
            (r#"{"sizes": 1}"#, ""),
            (r#"{"steps": [2, 1]}"#, "/steps"),
            (r#"{"steps": [0, 1]}"#, "/steps"),
        ] {
            let Err(Failure::Settings(problems)) = parse::<Example>(json) else { panic!("{json} is accepted") };
            let pointers: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
            assert_eq!(pointers, [pointer], "{json}");
        }
    }
}

//! Whether a text names somebody: in an audit entry's detail, a request's path, a failure's message.

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// What somebody is called: ids and names.
pub(super) struct Needles(Vec<String>);

impl Needles {
    pub(super) fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words: Vec<String> =
            words.into_iter().map(|word| word.trim().to_lowercase()).filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        words.dedup();
        Self(words)
    }

    /// Whether the text holds any of them as a word of its own: `42` stands in `/clients/42/scores` and not in `1428`.
    pub(super) fn stand_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|word| text.match_indices(word.as_str()).any(|(at, _)| is_apart(&text, at, word.len())))
    }

    /// The same for a path, which may be escaped.
    pub(super) fn stand_in_path(&self, path: &str) -> bool {
        self.stand_in(path)
            || (path.contains('%') && self.stand_in(&percent_decode_str(path).decode_utf8_lossy()))
            || (path.contains('+') && self.stand_in(&percent_decode_str(&path.replace('+', " ")).decode_utf8_lossy()))
    }

    /// The same for the texts in a JSON value; its keys are the program's own words.
    pub(super) fn stand_in_json(&self, json: &str) -> bool {
        match serde_json::from_str::<Value>(json) {
            Ok(value) => self.stand_in_value(&value),
            Err(_) => self.stand_in(json),
        }
    }

    fn stand_in_value(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.stand_in(text),
            Value::Array(values) => values.iter().any(|value| self.stand_in_value(value)),
            Value::Object(fields) => fields.values().any(|value| self.stand_in_value(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
}

/// Whether what stands there is no part of a longer word.
fn is_apart(text: &str, at: usize, length: usize) -> bool {
    let (before, after) = (text[..at].chars().next_back(), text[at + length..].chars().next());
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_words_and_no_parts_of_words() {
        let needles = Needles::new(["42", "Müller & Söhne", " ", "acme"]);
        for text in ["/clients/42/scores", "42", "client '42'", "of MÜLLER & SÖHNE.", "(Acme)", "acme_x acme"] {
            assert!(needles.stand_in(text), "{text}");
        }
        for text in ["", "1428", "/v42/", "Müller", "Acmeist", "pages: 420"] {
            assert!(!needles.stand_in(text), "{text}");
        }
    }

    #[test]
    fn finds_what_is_escaped() {
        let needles = Needles::new(["Müller & Söhne", "a b"]);
        assert!(needles.stand_in_path("/by-name/M%C3%BCller%20%26%20S%C3%B6hne"));
        assert!(needles.stand_in_path("/by-name/a+b"));
        assert!(!needles.stand_in_path("/by-name/other%20one"));
        let quoted = Needles::new(["Joe \"the\" Baker"]);
        assert!(quoted.stand_in_json(&serde_json::json!({"a": [1, {"b": "Joe \"the\" Baker"}]}).to_string()));
        assert!(!quoted.stand_in_json(&serde_json::json!({"Joe \"the\" Baker": 1}).to_string()));
        assert!(!quoted.stand_in_json("{\"a\":\"Joe\"}"));
    }
}

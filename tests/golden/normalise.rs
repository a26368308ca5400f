//! Reduces output to data: JSON exactly, without ids, versions, timings and wording; text as tokens.

use serde_json::{Map, Value};

use super::setup::METRIC_NAMES;

/// Keys whose strings are prose: only their tokens with a digit count.
const PROSE: [&str; 13] = [
    "basis",
    "description",
    "detail",
    "error",
    "evidence",
    "explanation",
    "message",
    "reasons",
    "remedy",
    "resolution",
    "title",
    "warnings",
    "why",
];

/// Keys whose strings name a user and a host.
const WHO: [&str; 2] = ["actor", "by"];

/// Keys whose values differ between two runs of one binary, or between two builds of one source.
const VOLATILE: [&str; 2] = ["fingerprint", "version"];

/// Units of figures about what a call used that a new build changes. Requests, lines and items stay.
const BUILD_UNITS: [&str; 5] = ["MiB", "KiB", "s", "elements", "handles"];

/// What stands for a value that may differ.
const ANY: &str = "ANY";

/// Texts of one run that stand for nothing: the folder, the source's address, the host.
pub(crate) struct Scrub {
    texts: Vec<(String, &'static str)>,
}

impl Scrub {
    /// Replaces each text by its placeholder, in this order.
    pub(crate) fn new(texts: Vec<(String, &'static str)>) -> Self {
        Self { texts }
    }

    /// The text with placeholders for digests, schema versions, and this run's own texts.
    pub(crate) fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (own, placeholder) in &self.texts {
            text = text.replace(own, placeholder);
        }
        without_digests(&text)
    }
}

/// Replaces digests, which are runs of 16 or more hexadecimal digits with a letter and a digit, and takes the version
/// off a schema's name.
fn without_digests(text: &str) -> String {
    const SHORTEST: usize = 16;
    const SCHEMA: [&str; 2] = ["accellis.scoresheet/", "accellis.scoresheet.alert/"];
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((name, after)) = SCHEMA.iter().find_map(|name| Some((name, rest.strip_prefix(name)?))) {
            clean.push_str(name.trim_end_matches('/'));
            rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            continue;
        }
        let run = rest.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).count();
        let has = |test: fn(&u8) -> bool| rest.as_bytes()[..run].iter().any(test);
        if run >= SHORTEST && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) {
            clean.push_str("HEX");
            rest = &rest[run..];
        } else {
            let step = run.max(first.len_utf8());
            clean.push_str(&rest[..step]);
            rest = &rest[step..];
        }
    }
    clean
}

/// Normalises a JSON document and writes it in lines.
pub(crate) fn json(value: &Value, scrub: &Scrub) -> String {
    let mut text = String::new();
    write(&normalise(value, "", scrub), 0, &mut text);
    text
}

fn normalise(value: &Value, key: &str, scrub: &Scrub) -> Value {
    let prose = PROSE.contains(&key);
    match value {
        _ if is_volatile(key) && !value.is_null() && !value.is_object() => ANY.into(),
        Value::String(text) if prose => format!("~{}", sentence(key, &scrub.apply(text))).into(),
        Value::String(text) if WHO.contains(&key) => match text.split_once('@') {
            Some((user, _)) => format!("{user}@HOST").into(),
            None => text.as_str().into(),
        },
        Value::String(text) => scrub.apply(text).into(),
        Value::Array(items) => items.iter().map(|item| normalise(item, key, scrub)).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                // An override's reason is what its author wrote; a matching rule's is the program's.
                let is_prose = name == "reason" && fields.contains_key("matches");
                let is_of_build = name == "used"
                    && !value.is_null()
                    && fields.get("unit").and_then(Value::as_str).is_some_and(|unit| BUILD_UNITS.contains(&unit));
                let value = match is_of_build {
                    true => ANY.into(),
                    false => normalise(value, if is_prose { "message" } else { name }, scrub),
                };
                (scrub.apply(name), value)
            };
            fields.iter().map(field).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

fn is_volatile(key: &str) -> bool {
    VOLATILE.contains(&key) || key.ends_with("_ms") || key.starts_with("bytes") || key.ends_with("_bytes")
}

/// What counts of a sentence: its tokens with a digit, and of a reason for a review the metric too.
pub(crate) fn sentence(key: &str, text: &str) -> String {
    let metric = METRIC_NAMES.iter().find(|name| key == "reasons" && text.contains(**name));
    metric.map_or_else(|| digits(text), |name| format!("{name} {}", digits(text)).trim_end().to_owned())
}

/// The tokens of a prose text that hold a digit, in order, without the punctuation around them.
pub(crate) fn digits(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for token in text.split_whitespace() {
        let token = bare(token);
        if token.contains(|c: char| c.is_ascii_digit()) {
            kept.push(token);
        } else if token == "ms" {
            // A latency.
            kept.pop();
        }
    }
    kept.join(" ")
}

/// A token without the punctuation around it; signs of a number and marks of a figure stay.
pub(crate) fn bare(token: &str) -> &str {
    let end = token.trim_end_matches(|c: char| !c.is_alphanumeric() && !"*†…".contains(c));
    let start = end.trim_start_matches(|c: char| !c.is_alphanumeric() && !"+-−".contains(c));
    if start.contains(char::is_alphanumeric) { start } else { "" }
}

/// How many levels a value has: a scalar none, and a list of rows no more than a list of scalars. A list of several
/// objects counts for more than any line holds.
fn height(value: &Value) -> usize {
    let highest = |values: &mut dyn Iterator<Item = &Value>| values.map(height).max().unwrap_or(0);
    match value {
        Value::Array(items) if is_table(items) => 1,
        Value::Array(items) if items.len() > 1 && items.iter().any(Value::is_object) => MAX_FLAT + 1,
        Value::Array(items) => 1 + highest(&mut items.iter()),
        Value::Object(fields) => 1 + highest(&mut fields.values()),
        _ => 0,
    }
}

/// Levels that fit on a line.
const MAX_FLAT: usize = 2;

/// Whether these are rows: objects with the same fields in the same order, all of them scalars.
fn is_table(items: &[Value]) -> bool {
    let Some(Value::Object(first)) = items.first().filter(|_| items.len() > 2) else { return false };
    let is_row = |item: &Value| {
        item.as_object().is_some_and(|row| row.keys().eq(first.keys()) && row.values().all(|value| height(value) == 0))
    };
    !first.is_empty() && items.iter().all(is_row)
}

/// Writes flat values on one line, consecutive flat fields of an object together, and spreads all others over lines.
fn write(value: &Value, depth: usize, text: &mut String) {
    let indent = " ".repeat(depth);
    match value {
        Value::Array(items) if is_table(items) => {
            text.push_str(&format!("[({})\n", columns(items)));
            for item in items {
                text.push_str(&format!("{indent} {}\n", row(item)));
            }
            text.push_str(&format!("{indent}]\n"));
        }
        Value::Array(items) if height(value) > MAX_FLAT => {
            text.push_str("[\n");
            for item in items {
                text.push_str(&indent);
                text.push(' ');
                write(item, depth + 1, text);
            }
            text.push_str(&format!("{indent}]\n"));
        }
        Value::Object(fields) if fields.values().any(|field| height(field) > MAX_FLAT) => {
            text.push_str("{\n");
            let mut is_open = false;
            for (name, value) in fields {
                if !is_open {
                    text.push_str(&indent);
                    text.push(' ');
                }
                text.push_str(&format!("{}:", quoted(name)));
                is_open = height(value) <= MAX_FLAT && !value.as_array().is_some_and(|items| is_table(items));
                if is_open {
                    compact(value, text);
                    text.push(',');
                } else {
                    write(value, depth + 1, text);
                }
            }
            text.push_str(if is_open { "\n" } else { "" });
            text.push_str(&format!("{indent}}}\n"));
        }
        _ => {
            compact(value, text);
            text.push('\n');
        }
    }
}

/// The names of a table's columns.
fn columns(items: &[Value]) -> String {
    let names = items.first().and_then(Value::as_object).into_iter().flat_map(Map::keys).map(String::as_str);
    names.collect::<Vec<_>>().join(",")
}

/// A row of a table.
fn row(item: &Value) -> String {
    let cells = item.as_object().into_iter().flat_map(Map::values).map(ToString::to_string);
    format!("({})", cells.collect::<Vec<_>>().join(","))
}

fn quoted(name: &str) -> String {
    Value::from(name).to_string()
}

fn compact(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) if is_table(items) => {
            text.push_str(&format!("[({})", columns(items)));
            for item in items {
                text.push_str(&format!(" {}", row(item)));
            }
            text.push(']');
        }
        Value::Object(fields) => {
            text.push('{');
            for (at, (name, value)) in fields.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                text.push_str(&format!("{}:", quoted(name)));
                compact(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                compact(item, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reworded_prose_is_equal_and_another_number_is_not() {
        let scrub = Scrub::new(Vec::new());
        let told = |message: &str| json(&json!({ "message": message }), &scrub);
        assert_eq!(told("3 of 5 answers, 95 % sure."), told("3 (out of 5); confidence: 95%"));
        assert_eq!(told("4 responses, mean 3.75"), "{\"message\":\"~4 3.75\"}\n");
        assert_ne!(told("4 responses, mean 3.75"), told("4 responses, mean 3.76"));
        assert_eq!(told("answered in 12 ms: 200"), told("200, after all"));
    }

    #[test]
    fn data_stays_exact_and_in_order() {
        let scrub = Scrub::new(vec![("/tmp/x".to_owned(), "FOLDER")]);
        let value = json!({"b": 4.0, "a": 4, "took_ms": 7, "note": "it's 5", "path": "/tmp/x/y", "none": null});
        let expected = r#"{"b":4.0,"a":4,"took_ms":"ANY","note":"it's 5","path":"FOLDER/y","none":null}"#;
        assert_eq!(json(&value, &scrub).trim_end(), expected);
    }

    #[test]
    fn equal_objects_become_a_table() {
        let scrub = Scrub::new(Vec::new());
        let months = json!([{"month": "a", "value": 1}, {"month": "b", "value": null}, {"month": "c", "value": 2.5}]);
        let expected = "{\"months\":[(month,value) (\"a\",1) (\"b\",null) (\"c\",2.5)]}\n";
        assert_eq!(json(&json!({ "months": months }), &scrub), expected);
    }
}

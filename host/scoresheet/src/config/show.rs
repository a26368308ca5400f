//! The effective configuration as TOML, each value with where it comes from, or as JSON.
//!
//! Credentials and header values serialise as `(set)` or `(set by NAME)`.

use std::fmt::Write as _;

use scoresheet_domain::shown::acts;
use serde_json::{Map, Value, json};

use super::{Config, Origin, document::Origins, settings::words::extend};

/// The sections as JSON, then the warnings.
pub(super) fn show_json(config: &Config) -> Value {
    let mut shown = Map::new();
    shown.insert("origin".to_owned(), config.origin.to_string().into());
    shown.extend(sections(config));
    shown.insert("warnings".to_owned(), json!(config.warnings));
    shown.into()
}

fn sections(config: &Config) -> Map<String, Value> {
    match serde_json::to_value(&config.sections) {
        Ok(Value::Object(sections)) => sections,
        _ => unreachable!("sections serialise as a table"),
    }
}

/// As TOML, with comments.
pub(super) fn show(config: &Config) -> String {
    let from = match &config.origin {
        Origin::Environment => "the environment alone".to_owned(),
        origin => origin.to_string(),
    };
    let mut text = comment(&format!("The effective configuration, from {from}."));
    text.push_str(&comment("A value's comment says where it comes from; ${NAME} is an environment variable."));
    for (name, section) in sections(config) {
        let pointer = format!("/{name}");
        match section {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    table(&mut text, &format!("[[{name}]]"), item, &format!("{pointer}/{index}"), &config.origins);
                }
            }
            Value::Object(entries) if ["providers", "channels"].contains(&name.as_str()) => {
                for (inner, entry) in &entries {
                    let head = format!("[{name}.{}]", key(inner));
                    table(&mut text, &head, entry, &extend(&pointer, inner), &config.origins);
                }
            }
            section => table(&mut text, &format!("[{name}]"), &section, &pointer, &config.origins),
        }
        if name == "clients" && config.sections.clients.file.is_none() {
            text.push_str(&comment(
                "no file: the roster in the store, or else the active clients of the first provider that is not a stub",
            ));
        }
    }
    text
}

fn table(text: &mut String, head: &str, section: &Value, pointer: &str, origins: &Origins) {
    // Writing into a String does not fail.
    let _ = writeln!(text, "\n{head}");
    entries(text, section, "", pointer, origins);
}

/// The entries of a table, those of inner tables with dotted keys. A setting of a component is one entry.
fn entries(text: &mut String, section: &Value, prefix: &str, pointer: &str, origins: &Origins) {
    for (name, value) in section.as_object().into_iter().flatten() {
        let pointer = extend(pointer, name);
        let name = format!("{prefix}{}", key(name));
        match value {
            Value::Object(_) if prefix != "settings." => entries(text, value, &format!("{name}."), &pointer, origins),
            value => {
                let origin = origin(origins, &pointer);
                let origin = if origin.is_empty() { origin } else { format!("  # {origin}") };
                // Writing into a String does not fail.
                let _ = writeln!(text, "{name} = {}{origin}", inline(value));
            }
        }
    }
}

/// `line 4`, `line 4, ${NAME}`, `default`; empty for what follows from the environment alone.
fn origin(origins: &Origins, pointer: &str) -> String {
    let mut provenance = origins.get(pointer);
    // A metric without a lookback has that of the sheet.
    if provenance.is_none() && pointer.starts_with("/metrics/") && pointer.ends_with("/lookback_days") {
        provenance = origins.get("/sheet/lookback_days");
    }
    let Some(provenance) = provenance else { return "default".to_owned() };
    let line = provenance.line.map(|line| format!("line {line}"));
    line.into_iter().chain(provenance.variables.iter().cloned()).collect::<Vec<_>>().join(", ")
}

/// A comment line.
fn comment(text: &str) -> String {
    let visible = |c: char| if acts(c) { '\u{fffd}' } else { c };
    format!("# {}\n", text.chars().map(visible).collect::<String>())
}

/// A key: bare where it may be, quoted otherwise.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { name.to_owned() } else { quoted(name) }
}

/// A value on one line. TOML has no null.
pub(super) fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter(|item| !item.is_null()).map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(table) if table.is_empty() => "{}".to_owned(),
        Value::Object(table) => {
            let given = table.iter().filter(|(_, value)| !value.is_null());
            let entries: Vec<String> =
                given.map(|(name, value)| format!("{} = {}", key(name), inline(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// A string on one line, with nothing in it that a terminal would act on.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if acts(c) => {
                // Writing into a String does not fail.
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

//! TOML as it is printed: each value on one line, and nothing in it that a terminal would act on.

use std::fmt::Write as _;

use scoresheet_domain::shown::acts;
use serde_json::Value;

use super::Entry;

/// A comment line.
pub(super) fn comment(text: &str) -> String {
    let visible = |c: char| if acts(c) { '\u{fffd}' } else { c };
    format!("# {}\n", text.chars().map(visible).collect::<String>())
}

/// A table with its head.
pub(super) fn table(head: &str, entries: &[Entry]) -> String {
    let mut text = format!("\n{head}\n");
    // TOML has no null, and only a default is ever null.
    for entry in entries.iter().filter(|entry| !entry.value.is_null()) {
        let keys: Vec<String> = entry.keys.iter().map(|name| key(name)).collect();
        let origin = if entry.origin.is_empty() { String::new() } else { format!("  # {}", entry.origin) };
        // Writing into a String does not fail.
        let _ = writeln!(text, "{} = {}{origin}", keys.join("."), inline(&entry.value));
    }
    text
}

/// A key: bare where it may be, quoted otherwise.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { name.to_owned() } else { quoted(name) }
}

/// A value on one line.
fn inline(value: &Value) -> String {
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

/// A string on one line.
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

//! The `scoresheet.toml` that `scoresheet init` writes.
//!
//! `init.toml` has the example's values. The other keys, with their defaults and docs, come from the declaration.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Map, Value};

use super::{
    reference::first_sentence,
    schema::{branch, schema},
    show::inline,
};

/// Column of the comments.
const COMMENT_COLUMN: usize = 40;

/// A commented configuration that works once `CREWHU_API_KEY` and `CREWHU_COMPANY_ID` are set.
#[must_use]
pub fn init_template() -> String {
    let mut written = BTreeSet::new();
    let blocks: Vec<String> = include_str!("init.toml")
        .trim_end()
        .split("\n\n")
        .map(|block| {
            let is_header = |line: &&str| line.trim_start_matches("# ").starts_with('[');
            match block.lines().position(|line| is_header(&line)) {
                Some(at) => complete(block, at, &mut written).unwrap_or_else(|| block.to_owned()),
                None => block.to_owned(),
            }
        })
        .collect();
    format!("{}\n", blocks.join("\n\n"))
}

/// Adds the missing keys and the docs to the first block of its kind. `at` is the line of its header.
fn complete(block: &str, at: usize, written: &mut BTreeSet<String>) -> Option<String> {
    let lines: Vec<&str> = block.lines().collect();
    let prefix = if lines[at].starts_with("# ") { "# " } else { "" };
    let plain: Vec<&str> = lines[at..].iter().map(|line| line.strip_prefix(prefix).unwrap_or(line)).collect();
    let name = plain[0].trim_matches(['[', ']']).split('.').next()?;
    let given: Value = toml::from_str(&plain[1..].join("\n")).ok()?;
    let node = schema()["properties"].get(name)?;
    let node =
        node.get("items").or_else(|| node.get("additionalProperties").filter(|it| it.is_object())).unwrap_or(node);
    let node = branch(node, &given);
    let kind = node["properties"].get("kind").and_then(|kind| kind.get("const"));
    if !written.insert(format!("{name} {kind:?}")) {
        return None;
    }
    let mut text = lines[..=at].join("\n");
    keys(&mut text, prefix, "", node, given.as_object()?);
    Some(text)
}

fn keys(text: &mut String, prefix: &str, table: &str, node: &Value, given: &Map<String, Value>) {
    let empty = Map::new();
    for (name, property) in node["properties"].as_object().into_iter().flatten() {
        let value = given.get(name);
        if property.get("properties").is_some() {
            let inner = value.and_then(Value::as_object).unwrap_or(&empty);
            keys(text, prefix, &format!("{table}{name}."), property, inner);
            continue;
        }
        let unset = if value.is_some() { "" } else { "# " };
        let Some(value) = value.or_else(|| property.get("default")).or_else(|| property["examples"].get(0)) else {
            continue;
        };
        let line = format!("{prefix}{unset}{table}{name} = {}", inline(value));
        // Writing into a String does not fail.
        let _ = match property.get("description").and_then(Value::as_str) {
            Some(doc) => write!(text, "\n{line:COMMENT_COLUMN$} # {}", first_sentence(doc)),
            None => write!(text, "\n{line}"),
        };
    }
}

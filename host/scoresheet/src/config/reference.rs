//! The reference page of the configuration file, in Markdown.

use std::fmt::Write as _;

use serde_json::Value;

use super::{
    schema::{branches, expected, schema, tag},
    show::inline,
};

const INTRODUCTION: &str = "# Configuration reference

<!-- Generated from host/scoresheet/src/config/sections: a test rewrites this page. -->

`scoresheet.toml` is read from `--config FILE`, or else from the current folder. `scoresheet init` writes a commented one.
`scoresheet config show` prints the effective configuration, and `scoresheet config schema` a JSON Schema for editors.

- Paths are relative to the file.
- In a string, `${NAME}` is replaced by the environment variable NAME, or else by the content of the file that `NAME_FILE`
  names. `${NAME:-default}` has a default, and `$$` is a dollar sign.
- Credentials are read again for every request, so a key can be rotated. They are never shown. A variable that holds one
  can only be used as a credential.
- All problems are reported together, each with its line.
";

/// Every setting with its range, default and doc.
#[must_use]
pub fn reference() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (name, section) in schema()["properties"].as_object().into_iter().flatten() {
        let (head, table) =
            match (section.get("items"), section.get("additionalProperties").filter(|it| it.is_object())) {
                (Some(items), _) => (format!("[[{name}]]"), items),
                (_, Some(entries)) => (format!("[{name}.NAME]"), entries),
                _ => (format!("[{name}]"), section),
            };
        // Writing into a String does not fail.
        let _ = write!(page, "\n## `{head}`\n{}\n", doc(section));
        if branches(table).is_empty() {
            keys(&mut page, table);
        }
        for branch in branches(table) {
            if let Some((key, value)) = tag(branch) {
                let _ = write!(page, "\n### `{head}` with `{key} = {}`\n{}\n", inline(value), doc(branch));
            }
            keys(&mut page, branch);
        }
    }
    page
}

fn keys(page: &mut String, table: &Value) {
    page.push_str("\n| key | value | default | description |\n| --- | --- | --- | --- |\n");
    rows(page, "", table);
}

fn rows(page: &mut String, prefix: &str, table: &Value) {
    for (name, property) in table["properties"].as_object().into_iter().flatten() {
        let key = format!("{prefix}{name}");
        if property.get("properties").is_some() {
            rows(page, &format!("{key}."), property);
            continue;
        }
        if !branches(property).is_empty() {
            branches(property).iter().for_each(|branch| rows(page, &format!("{key}."), branch));
            continue;
        }
        let required = table["required"].as_array().is_some_and(|required| required.iter().any(|it| it == name));
        let value = property.get("const").map_or_else(|| expected(property), |word| format!("`{}`", inline(word)));
        let default = match property.get("default") {
            Some(default) => format!("`{}`", inline(default)),
            None if required && prefix.is_empty() => "required".to_owned(),
            None => String::new(),
        };
        // Writing into a String does not fail.
        let _ = writeln!(
            page,
            "| `{key}` | {} | {default} | {} |",
            value.replace('|', "\\|"),
            doc(property).replace('|', "\\|")
        );
    }
}

/// The doc of a setting on one line.
fn doc(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first sentence of a doc, on one line and without its full stop.
pub(super) fn first_sentence(doc: &str) -> String {
    let doc = doc.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = doc.find(". ").unwrap_or(doc.len());
    doc[..end].trim_end_matches('.').to_owned()
}

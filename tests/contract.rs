//! The contracts that others build on change deliberately or not at all: the WIT and the JSON Schema.

use std::path::Path;

use scoresheet::Digest;

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The digest of wit/scoresheet.wit at version 0.2.0. A change of the contract needs a new version, an
/// entry in wit/CHANGES.md, and its digest here.
const WIT: &str = "sha256:7ac14adacf64db4a3f9edb6aa338bbb1201205ff0016336e5527142141cf870c";

#[test]
fn the_wit_is_the_one_that_its_version_names() {
    let text = std::fs::read_to_string(root().join("wit/scoresheet.wit")).expect("the contract");
    assert_eq!(Digest::of(&text).to_string(), WIT, "the contract changed: see wit/CHANGES.md");
    let version = text
        .lines()
        .find_map(|line| line.strip_prefix("package accellis:scoresheet@"))
        .and_then(|rest| rest.strip_suffix(';'))
        .expect("a version");
    let changes = std::fs::read_to_string(root().join("wit/CHANGES.md")).expect("the changes");
    assert!(changes.contains(&format!("## {version}\n")), "wit/CHANGES.md has no entry for {version}");
}

#[test]
fn the_json_schema_is_the_one_that_was_published() {
    insta::assert_json_snapshot!("schema", scoresheet::sheet::json_schema());
}

/// Keys are always present: the schema asks for every one of them.
#[test]
fn the_schema_asks_for_every_key() {
    let schema = scoresheet::sheet::json_schema();
    let mut objects: Vec<&serde_json::Value> = vec![&schema];
    objects.extend(schema["$defs"].as_object().expect("definitions").values());
    let mut checked = 0;
    for object in objects {
        let Some(properties) = object["properties"].as_object() else { continue };
        let required: Vec<&str> = object["required"]
            .as_array()
            .expect("required keys")
            .iter()
            .filter_map(serde_json::Value::as_str)
            .collect();
        assert_eq!(required, properties.keys().collect::<Vec<_>>());
        checked += 1;
    }
    assert!(checked >= 6, "only {checked} objects in the schema");
}

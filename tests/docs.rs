//! The documentation says what the program does: every command, every exit code, a sheet that the demo could print.

use std::{collections::BTreeSet, path::Path};

use crate::common::{Place, serve, world};
use serde_json::Value;

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).expect("README.md")
}

fn part<'a>(text: &'a str, name: &str) -> &'a str {
    let (begin, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let from = text.find(&begin).expect("a beginning") + begin.len();
    &text[from..text.find(&end).expect("an end")]
}

#[test]
fn the_readme_names_every_command_and_no_other() {
    let readme = readme();
    let named: Vec<&str> = part(&readme, "commands")
        .lines()
        .filter_map(|line| line.strip_prefix("| `scoresheet "))
        .filter_map(|line| line.split('`').next())
        .collect();
    let command = scoresheet_cli::command();
    let there: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    assert_eq!(named, there);
    // And within a group, every command by name.
    for group in command.get_subcommands() {
        let row = part(&readme, "commands")
            .lines()
            .find(|line| line.starts_with(&format!("| `scoresheet {}`", group.get_name())))
            .expect("a row");
        for inner in group.get_subcommands() {
            assert!(row.contains(&format!("`{}`", inner.get_name())), "{} {}", group.get_name(), inner.get_name());
        }
    }
}

#[test]
fn the_readme_names_the_contract() {
    assert!(
        readme().contains(&format!("the\ncontract `{}`", scoresheet::sheet::SCHEMA)),
        "not {}",
        scoresheet::sheet::SCHEMA
    );
}

#[test]
fn the_readme_shows_a_sheet() {
    let readme = readme();
    let sheet = part(&readme, "sheet");
    for word in ["STUB", "healthy", "Satisfaction"] {
        assert!(sheet.contains(word), "the sheet in README.md has no '{word}'");
    }
}

/// The keys of an object or of a list's objects, and of the objects and lists under the documented names.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        Value::Object(members) => {
            for (key, member) in members {
                found.insert(key.clone());
                if [
                    "providers",
                    "steps",
                    "suggestions",
                    "decisions",
                    "sources",
                    "alerts",
                    "deliveries",
                    "data",
                    "metrics",
                ]
                .contains(&key.as_str())
                {
                    keys(member, found);
                }
            }
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_names_every_key_of_the_commands_json() {
    let readme = readme();
    let rows = part(&readme, "json");
    let server = serve(world(41, 4, 0.0)).await;
    let place = Place::reaching(&server);
    place.write("pairs.csv", "a,b,same\nAcme Inc,Acme LLC,0\n");
    place.write("clients.csv", "id,name\nmine,Nothing Like It\n");
    let id = server.world().clients()[0].id.clone();
    let source = format!("crewhu:{id}");
    for (name, arguments) in [
        ("sync", &["sync"][..]),
        ("check", &["check"]),
        ("check --client", &["check", "--client", &id]),
        ("clients list", &["clients", "list"]),
        ("mapping set`, `reject", &["mapping", "set", &id, &source]),
        ("mapping clear", &["mapping", "clear", &id]),
        ("mapping explain", &["mapping", "explain", "Acme Inc", "Acme LLC"]),
        ("mapping evaluate", &["mapping", "evaluate", "pairs.csv"]),
        ("provider list`, `info", &["provider", "info", "crewhu"]),
        ("trend", &["trend", &id]),
        ("review", &["review"]),
        ("override set`, `list", &["override", "set", &id, "support-engagement-satisfaction", "2", "--reason", "x"]),
        ("override clear`, `manual clear", &["override", "clear", &id, "support-engagement-satisfaction"]),
        ("alerts`, `alerts list", &["alerts"]),
        ("alerts check", &["alerts", "check"]),
        ("health", &["health"]),
        ("audit", &["audit"]),
        ("audit --scores", &["audit", "--scores"]),
        ("audit --verify", &["audit", "--verify"]),
        ("init", &["init", "--config", "new.toml"]),
        ("clients import", &["clients", "import", "clients.csv"]),
    ] {
        let row = rows.lines().find(|line| line.starts_with(&format!("| `{name}`"))).expect(name);
        let mut all = arguments.to_vec();
        all.push("--json");
        let mut found = BTreeSet::new();
        keys(&place.run(&all).await.expect(0).json(), &mut found);
        assert!(!found.is_empty(), "{name} printed no key");
        // The sources of a client are under the providers' names, which are the operator's.
        found.remove("crewhu");
        for key in found {
            assert!(row.contains(&format!("\"{key}\"")), "the README has no word on '{key}' of {name}");
        }
    }
}

/// Every Rust source below a folder.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push((entry.display().to_string(), std::fs::read_to_string(&entry).expect("a source")));
        }
    }
}

#[test]
fn every_test_that_the_catalogue_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let catalogue = std::fs::read_to_string(root.join("tests/CATALOGUE.md")).expect("tests/CATALOGUE.md");
    let mut all = Vec::new();
    for folder in ["host", "plugins", "tests"] {
        sources(&root.join(folder), &mut all);
    }
    let mut named = 0;
    for row in part(&catalogue, "catalogue").lines().filter(|line| line.starts_with("| ")) {
        let held_by = row.split('|').nth(2).expect("two columns");
        for name in held_by.split('`').skip(1).step_by(2).filter(|name| !name.contains('=')) {
            named += 1;
            let there = if name.ends_with(".rs") {
                all.iter().any(|(path, _)| path.ends_with(&format!("/{name}")))
            } else {
                all.iter().any(|(_, text)| text.contains(&format!("fn {name}(")))
            };
            assert!(there, "there is no {name}, which tests/CATALOGUE.md names");
        }
    }
    assert!(named > 80, "only {named} tests are named");
}

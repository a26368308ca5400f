//! The documentation says what the program does: every command, every exit code, a sheet that the demo could print.

use std::path::Path;

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
fn the_readme_names_every_key_of_the_configuration() {
    let readme = readme();
    let documented =
        readme.split("## Configuration").nth(1).expect("a section").split("\n## ").next().expect("its text");
    for key in scoresheet::config::init_template().lines().filter_map(|line| {
        let line = line.trim_start_matches(['#', ' ']);
        let (key, value) = line.split_once(" = ")?;
        (!value.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')).then_some(key)
    }) {
        assert!(
            documented.contains(&format!("`{key}`")) || documented.contains(&format!("`{key} =")),
            "no word on {key}"
        );
    }
}

#[test]
fn the_readme_shows_a_sheet() {
    let readme = readme();
    let sheet = part(&readme, "sheet");
    for word in ["STUB", "healthy", "Satisfaction"] {
        assert!(sheet.contains(word), "the sheet in README.md has no '{word}'");
    }
}

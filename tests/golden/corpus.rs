//! The recorded files: writing, reading and comparing them.

use std::{fs, path::PathBuf};

use super::{recorder::Section, setup::Spec};

/// At most so many commands of a world are shown.
const MAX_SECTIONS: usize = 8;

/// At most so many lines of a command are shown.
const MAX_LINES: usize = 5;

/// How much of a line is shown.
const SHOWN_CHARS: usize = 240;

/// How much of a line is shown around what differs.
const CONTEXT_CHARS: usize = 30;

/// The folder of the corpus.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/worlds")
}

fn path(spec: &Spec) -> PathBuf {
    folder().join(format!("{:02}.txt", spec.number))
}

/// Writes a world's file.
pub(crate) fn record(spec: &Spec, sections: &[Section]) {
    let mut text = format!("world {}: {}\n", spec.number, spec.describe());
    for section in sections {
        text.push_str(&format!("\n# {}\n{}", section.title, section.body));
    }
    fs::create_dir_all(folder()).expect("the corpus's folder");
    fs::write(path(spec), text).expect("a recorded world");
}

/// What differs from the recorded file, a command each; empty where nothing does.
pub(crate) fn differences(spec: &Spec, sections: &[Section]) -> Vec<String> {
    let path = path(spec);
    let Ok(text) = fs::read_to_string(&path) else { return vec![format!("{} is not recorded\n", path.display())] };
    let recorded = parse(&text);
    let mut found = Vec::new();
    let titles = |sections: &[Section]| sections.iter().map(|section| section.title.clone()).collect::<Vec<_>>();
    if titles(&recorded) != titles(sections) {
        let lines = changed(&titles(&recorded).join("\n"), &titles(sections).join("\n"));
        found.push(format!("other commands or exit codes\n{lines}"));
    }
    for section in sections {
        let Some(before) = recorded.iter().find(|before| before.title == section.title) else { continue };
        if before.body != section.body {
            found.push(format!("{}\n{}", section.title, changed(&before.body, &section.body)));
        }
    }
    let more = found.len().saturating_sub(MAX_SECTIONS);
    found.truncate(MAX_SECTIONS);
    if more > 0 {
        found.push(format!("{more} more commands differ\n"));
    }
    found
}

fn parse(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("# ") {
            sections.push(Section { title: title.to_owned(), body: String::new() });
        } else if let Some(section) = sections.last_mut()
            && !line.is_empty()
        {
            section.body.push_str(line);
            section.body.push('\n');
        }
    }
    sections
}

/// The first lines that differ, old and new.
fn changed(before: &str, after: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let start = before.iter().zip(&after).take_while(|(before, after)| before == after).count();
    let (before, after) = (&before[start..], &after[start..]);
    let end = before.iter().rev().zip(after.iter().rev()).take_while(|(before, after)| before == after).count();
    let (before, after) = (&before[..before.len() - end], &after[..after.len() - end]);
    let mut told = String::new();
    for at in 0..before.len().max(after.len()).min(MAX_LINES) {
        let (old, new) = (before.get(at).copied(), after.get(at).copied());
        if old == new {
            continue;
        }
        let (from, to) = (old.unwrap_or("").chars(), new.unwrap_or("").chars());
        let same = from.clone().zip(to.clone()).take_while(|(old, new)| old == new).count();
        let same_end = from.rev().zip(to.rev()).take_while(|(old, new)| old == new).count();
        let excerpt = |line: &str| {
            let end = line.chars().count().saturating_sub(same_end.saturating_sub(CONTEXT_CHARS));
            let start = same.saturating_sub(CONTEXT_CHARS);
            line.chars().take(end).skip(start).take(SHOWN_CHARS).collect::<String>()
        };
        let line = start + at + 1;
        told.push_str(&old.map(|old| format!("  line {line} old: {}\n", excerpt(old))).unwrap_or_default());
        told.push_str(&new.map(|new| format!("  line {line} new: {}\n", excerpt(new))).unwrap_or_default());
    }
    told
}

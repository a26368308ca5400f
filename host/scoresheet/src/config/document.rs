//! A TOML document with its lines: reads field by field and gathers every problem.
//!
//! serde stops at the first error, so the sections ask here for each of their keys, with the
//! type it must have. What was asked for is what is known: every other key is refused.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use toml::de::DeTable;

use super::{
    environment::{Environment, world_readable},
    problem::ConfigProblem,
    section::Section,
};

/// Where a value comes from that is not a default.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Provenance {
    /// The line, from 1; none where the environment alone configures.
    pub(super) line: Option<usize>,
    /// The variables that are in it, in words: `${NAME}`, `${NAME} (not set)`.
    pub(super) variables: Vec<String>,
}

/// Where each value comes from, by its path: `sheet.name`, `metrics.gut-instinct.weight`.
pub(super) type Origins = BTreeMap<String, Provenance>;

/// What reading gathers besides the values.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) problems: Vec<ConfigProblem>,
    pub(super) warnings: Vec<ConfigProblem>,
    pub(super) origins: Origins,
    /// Whether a credential stands in the text itself.
    pub(super) literal_credential: bool,
}

/// The document that is read.
pub(super) struct Document<'d> {
    name: String,
    text: &'d str,
    /// Whether there are lines to point at.
    located: bool,
    pub(super) env: &'d dyn Environment,
    /// The variables that hold credentials: they may stand in `auth` and nowhere else.
    pub(super) credentials: BTreeSet<String>,
    findings: RefCell<Findings>,
}

impl<'d> Document<'d> {
    pub(super) fn new(name: String, text: &'d str, located: bool, env: &'d dyn Environment) -> Self {
        Self { name, text, located, env, credentials: BTreeSet::new(), findings: RefCell::default() }
    }

    /// Parses the text.
    ///
    /// The parser's own display repeats the line, which may hold a credential: only its reason is told.
    pub(super) fn parse(&self) -> Result<DeTable<'d>, ConfigProblem> {
        DeTable::parse(self.text).map(toml::Spanned::into_inner).map_err(|error| {
            let span = error.span();
            ConfigProblem {
                name: self.name.clone(),
                line: span.as_ref().and_then(|span| self.line(span)),
                column: span.as_ref().map(|span| self.column(span)),
                message: format!("this is no TOML: {}", error.message().trim()),
            }
        })
    }

    /// The document's own table.
    pub(super) fn root(&'d self, table: &'d DeTable<'d>) -> Section<'d> {
        Section::new(self, String::new(), None, Some(table))
    }

    /// Notes a problem with what stands at `path`.
    pub(super) fn problem(&self, line: Option<usize>, path: &str, message: impl AsRef<str>) {
        let message = message.as_ref();
        let message = if path.is_empty() { message.to_owned() } else { format!("{path}: {message}") };
        let problem = ConfigProblem { name: self.name.clone(), line, column: None, message };
        self.findings.borrow_mut().problems.push(problem);
    }

    /// Notes something that works and should not stay so.
    pub(super) fn warn(&self, line: Option<usize>, path: &str, message: impl AsRef<str>) {
        let message = format!("{path}: {}", message.as_ref());
        let warning = ConfigProblem { name: self.name.clone(), line, column: None, message };
        self.findings.borrow_mut().warnings.push(warning);
    }

    /// Warns of a credential that stands in the text itself.
    pub(super) fn warn_of_literal(&self, line: Option<usize>, path: &str) {
        self.findings.borrow_mut().literal_credential = true;
        let message = "a credential stands in the file itself; put it into an environment variable and write ${NAME}";
        self.warn(line, path, message);
    }

    /// Warns of a credential's file that every user may read.
    pub(super) fn warn_of_file(&self, line: Option<usize>, path: &str, variable: &str, file: &std::path::Path) {
        if world_readable(file) {
            let message = format!(
                "{variable}_FILE names {}, which every user of this machine may read; chmod 600 it",
                file.display()
            );
            self.warn(line, path, message);
        }
    }

    /// Notes where a value comes from.
    pub(super) fn origin(&self, path: String, line: Option<usize>, variables: Vec<String>) {
        self.findings.borrow_mut().origins.insert(path, Provenance { line, variables });
    }

    /// Moves what was noted under one path to another.
    pub(super) fn rename(&self, from: &str, to: &str) {
        let origins = &mut self.findings.borrow_mut().origins;
        let moved: Vec<String> = origins.keys().filter(|path| within(path, from)).cloned().collect();
        for path in moved {
            if let Some(provenance) = origins.remove(&path) {
                origins.insert(format!("{to}{}", &path[from.len()..]), provenance);
            }
        }
    }

    /// The line of a place, from 1.
    pub(super) fn line(&self, span: &Range<usize>) -> Option<usize> {
        self.located.then(|| {
            self.text.as_bytes()[..span.start.min(self.text.len())].iter().filter(|b| **b == b'\n').count() + 1
        })
    }

    fn column(&self, span: &Range<usize>) -> usize {
        let mut at = span.start.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &self.text[..at];
        before.rsplit('\n').next().unwrap_or(before).chars().count() + 1
    }

    /// What was gathered, by line.
    pub(super) fn finish(self) -> Findings {
        let mut findings = self.findings.into_inner();
        for list in [&mut findings.problems, &mut findings.warnings] {
            list.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
        }
        findings
    }
}

/// Whether a path is `table` or lies in it.
fn within(path: &str, table: &str) -> bool {
    path.strip_prefix(table).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The word of `known` that was probably meant by `word`.
pub(super) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // Jaro-Winkler favours a common beginning: `lookback` for `lookback_days`, `backfil` for `backfill_days`.
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(similarity, _)| *similarity >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_what_was_meant() {
        let known = ["name", "lookback_days", "min_coverage", "bands"];
        for (word, meant) in [
            ("lookback", Some("lookback_days")),
            ("lookback-days", Some("lookback_days")),
            ("coverage_min", None),
            ("min_covrage", Some("min_coverage")),
            ("band", Some("bands")),
            ("colour", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
    }
}

//! What is wrong with a configuration: every problem, together, with its place.

use std::{fmt, io, path::PathBuf};

/// One thing that is wrong: where, what, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The file, or what the text was called.
    pub name: String,
    /// The line, from 1, where there is one.
    pub line: Option<usize>,
    /// The column, from 1: only where the text is no TOML.
    pub column: Option<usize>,
    /// What is wrong, and what would be right. Never a credential.
    pub message: String,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigErrors {
    /// There is no file, and the environment says nothing either.
    #[error(
        "nothing is configured: set CREWHU_API_KEY and CREWHU_COMPANY_ID, or write a scoresheet.toml with 'scoresheet init'; 'scoresheet demo' needs neither"
    )]
    NothingConfigured,
    /// The file cannot be read.
    #[error("{}: cannot be read: {reason}; 'scoresheet init' writes one", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        reason: io::Error,
    },
    /// All that is wrong, by line.
    #[error("{}", lines(.0))]
    Invalid(Vec<ConfigProblem>),
}

impl ConfigErrors {
    /// The problems, where the text was read.
    #[must_use]
    pub fn problems(&self) -> &[ConfigProblem] {
        match self {
            Self::Invalid(problems) => problems,
            Self::NothingConfigured | Self::Unreadable { .. } => &[],
        }
    }
}

fn lines(problems: &[ConfigProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

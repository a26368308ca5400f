//! Configuration problems with their place in the file.

use std::{fmt, io, path::PathBuf};

/// A problem: where it is, what is wrong, and what would be valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The file, or the name of the text.
    pub name: String,
    /// The line, from 1, if there is one.
    pub line: Option<usize>,
    /// The column, from 1, if the text is not TOML.
    pub column: Option<usize>,
    /// What is wrong, and what would be valid. Never contains a credential.
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
    /// There is no file, and no variable is set.
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
    /// All problems, by line.
    #[error("{}", lines(.0))]
    Invalid(Vec<ConfigProblem>),
}

impl ConfigErrors {
    /// The problems, if the text was read.
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

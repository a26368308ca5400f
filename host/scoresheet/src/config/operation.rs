//! The sections `[network]` and `[retention]`: what holds for every connection, and how long things are kept.

use std::path::{Path, PathBuf};

use super::section::Section;

/// `[network]`: what holds for every connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkConfig {
    /// A PEM file of authorities that may vouch for a server beside the system's; the path is absolute.
    pub ca_file: Option<PathBuf>,
    /// Whether answers are kept in the store as far as their servers allow, and asked for by their validators. Default: yes.
    pub cache: bool,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self { ca_file: None, cache: true }
    }
}

/// `[retention]`: how long things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionConfig {
    /// Observations older than so many days are removed at the end of a sync, and their months stay as sums; 31 to
    /// 36,500. Default: they are kept.
    pub observations_days: Option<u32>,
    /// Rows of the access log, 1 to 3650. Default 30.
    pub access_days: u32,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        Self { observations_days: None, access_days: 30 }
    }
}

/// `ca_file`, `cache`.
pub(super) fn network(mut section: Section<'_>, base_dir: &Path) -> NetworkConfig {
    let ca_file = match section.text("ca_file") {
        Some(file) if file.value.is_empty() => {
            section.problem("ca_file", "the path is empty; give the path of a PEM file of CA certificates");
            None
        }
        file => file.map(|file| base_dir.join(file.value)),
    };
    let cache = section.flag("cache").unwrap_or(NetworkConfig::default().cache);
    section.finish();
    NetworkConfig { ca_file, cache }
}

/// `observations_days`, `access_days`.
pub(super) fn retention(mut section: Section<'_>) -> RetentionConfig {
    let defaults = RetentionConfig::default();
    let retention = RetentionConfig {
        observations_days: section.integer("observations_days", 31..=36_500),
        access_days: section.integer("access_days", 1..=3650).unwrap_or(defaults.access_days),
    };
    section.finish();
    retention
}

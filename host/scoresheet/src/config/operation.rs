//! The sections `[network]` and `[retention]`: what holds for every connection, and how long things are kept.

use std::path::{Path, PathBuf};

use scoresheet_engine::definition::RetentionPolicy;

use super::section::Section;

/// `[network]`: what holds for every connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkConfig {
    /// A PEM file of authorities that may vouch for a server beside the system's; the path is absolute.
    pub ca_file: Option<PathBuf>,
}

/// `ca_file`.
pub(super) fn network(mut section: Section<'_>, base_dir: &Path) -> NetworkConfig {
    let ca_file = match section.text("ca_file") {
        Some(file) if file.value.is_empty() => {
            section.problem("ca_file", "the path is empty; give the path of a PEM file of CA certificates");
            None
        }
        file => file.map(|file| base_dir.join(file.value)),
    };
    section.finish();
    NetworkConfig { ca_file }
}

/// `observations_days`, `access_days`, `sheets_days`.
pub(super) fn retention(mut section: Section<'_>) -> RetentionPolicy {
    let defaults = RetentionPolicy::default();
    let observations_days = section.integer("observations_days", 31..=36_500);
    let access_days = section.integer("access_days", 1..=3650).unwrap_or(defaults.access_days);
    let sheets_days = section.integer("sheets_days", 1..=36_500).or(defaults.sheets_days);
    section.finish();
    RetentionPolicy { observations_days, access_days, sheets_days, ..defaults }
}

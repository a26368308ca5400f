//! The sections `[network]`, `[runtime]` and `[retention]`: what holds for every connection and every component, and how
//! long things are kept.

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

/// `[runtime]`: which components are too large to load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuntimeConfig {
    /// The largest component that is loaded, in MiB, 1 to 1024. Default 64.
    pub max_component_mib: u32,
    /// The longest that compiling a component may take, estimated from its code, in seconds, 1 to 3600. Default 20.
    pub max_compile_secs: u32,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self { max_component_mib: 64, max_compile_secs: 20 }
    }
}

/// `max_component_mib`, `max_compile_secs`.
pub(super) fn runtime(mut section: Section<'_>) -> RuntimeConfig {
    let defaults = RuntimeConfig::default();
    let max_component_mib = section.integer("max_component_mib", 1..=1024).unwrap_or(defaults.max_component_mib);
    let max_compile_secs = section.integer("max_compile_secs", 1..=3600).unwrap_or(defaults.max_compile_secs);
    section.finish();
    RuntimeConfig { max_component_mib, max_compile_secs }
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

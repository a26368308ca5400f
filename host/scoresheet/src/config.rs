//! Configuration: `scoresheet.toml` or the environment alone, checked as a whole before anything runs.
//!
//! Every problem is told together, with its line and what would be right. What comes out is plain
//! data: turning it into a store, providers and an engine is left to the facade. What a provider's
//! own settings may be is known once its component is loaded: see [`settings`].

mod alerts;
mod document;
mod environment;
mod free;
mod init;
mod load;
mod metric;
mod operation;
mod problem;
mod provider;
mod secret;
mod section;
pub mod settings;
mod sheet;
mod show;
mod template;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use scoresheet_domain::{ChannelName, MetricId, ProviderName, SettingsProblem};
use scoresheet_engine::definition::{GroupDefinition, MetricDefinition, RetentionPolicy, SyncPolicy};

pub use alerts::{ChannelConfig, EmailConfig, MailLogin, WebhookConfig};
pub use environment::{Environment, FixedEnvironment, ProcessEnvironment, VariableError};
pub use init::init_template;
pub use operation::{NetworkConfig, RuntimeConfig};
pub use problem::{ConfigErrors, ConfigProblem};
pub use provider::{Auth, ComponentRef, Limits, ProviderConfig};
pub use secret::{SecretError, SecretSource};
pub use sheet::{RosterConfig, SheetConfig, StoreLocation};
pub use template::TemplateError;

/// The file that is looked for where none is named.
pub const FILE_NAME: &str = "scoresheet.toml";

/// Where a configuration is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    /// A file; paths in it are relative to its folder.
    Path(PathBuf),
    /// A text that the caller holds.
    Text {
        /// What problems call it.
        name: String,
        /// TOML.
        text: String,
        /// What paths in it are relative to.
        base_dir: PathBuf,
    },
    /// No file: `CREWHU_API_KEY`, `CREWHU_COMPANY_ID` and, where it is set, `CREWHU_BASE_URL`.
    /// The store is `scoresheet.db` in the folder in which the program runs.
    EnvironmentOnly,
}

impl ConfigSource {
    /// The file that was named; or else `scoresheet.toml` in `folder`, if it is there; or else the environment.
    #[must_use]
    pub fn find(named: Option<&Path>, folder: &Path) -> Self {
        let usual = folder.join(FILE_NAME);
        match named {
            Some(path) => Self::Path(path.to_owned()),
            None if usual.exists() => Self::Path(usual),
            None => Self::EnvironmentOnly,
        }
    }
}

/// Where a configuration was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This file.
    File(PathBuf),
    /// A text of this name.
    Text(String),
    /// The environment alone.
    Environment,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Text(name) => f.write_str(name),
            Self::Environment => f.write_str("environment"),
        }
    }
}

/// A configuration that has been checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it was read from.
    pub origin: Origin,
    /// `[sheet]`: the name, the usual lookback, coverage and bands.
    pub sheet: SheetConfig,
    /// `[sync]`: how far back, and how much again.
    pub sync: SyncPolicy,
    /// `[store]`: where the data is.
    pub store: StoreLocation,
    /// `[network]`: what holds for every connection.
    pub network: NetworkConfig,
    /// `[runtime]`: which components are too large to load.
    pub runtime: RuntimeConfig,
    /// `[retention]`: how long things are kept.
    pub retention: RetentionPolicy,
    /// `[clients]`: where the roster comes from.
    pub roster: RosterConfig,
    /// `[providers.NAME]`, by name.
    pub providers: BTreeMap<ProviderName, ProviderConfig>,
    /// `[[groups]]`, in the sheet's order.
    pub groups: Vec<GroupDefinition>,
    /// `[[metrics]]`, in the sheet's order; at least one, each id once. A provider metric's settings are as they
    /// stand in the file: the component's schema has not been applied.
    pub metrics: Vec<MetricDefinition>,
    /// `[[alerts]]`: what persons are told, each id once. Where no channel was named, all of them are.
    pub alerts: Vec<scoresheet_domain::alert::Rule>,
    /// `[channels.NAME]`, by name.
    pub channels: BTreeMap<ChannelName, ChannelConfig>,
    /// What works and should not stay so, a line each: a credential in the file, a file that everybody may read.
    pub warnings: Vec<String>,
    origins: document::Origins,
}

/// Whose settings are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsOf<'a> {
    /// `[providers.NAME] settings`.
    Provider(&'a ProviderName),
    /// `[[metrics]] settings`.
    Metric(&'a MetricId),
}

impl Config {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// [`ConfigErrors`]: everything that is wrong, together; or that nothing is configured at all.
    pub fn load(source: ConfigSource, env: &dyn Environment) -> Result<Self, ConfigErrors> {
        load::load(source, env)
    }

    /// The effective configuration as TOML, each value with where it comes from; credentials as `(set)`.
    #[must_use]
    pub fn show(&self) -> String {
        show::show(self)
    }

    /// The same as JSON, without where the values come from: `origin`, the sections by name, `warnings`.
    #[must_use]
    pub fn show_json(&self) -> serde_json::Value {
        show::show_json(self)
    }

    /// The metric of this id.
    #[must_use]
    pub fn metric(&self, id: &str) -> Option<&MetricDefinition> {
        self.metrics.iter().find(|metric| metric.id.as_str() == id)
    }

    /// Puts a problem with a component's settings at its place in the file.
    #[must_use]
    pub fn settings_problem(&self, of: SettingsOf<'_>, problem: &SettingsProblem) -> ConfigProblem {
        let table = match of {
            SettingsOf::Provider(name) => format!("providers.{name}"),
            SettingsOf::Metric(id) => format!("metrics.{id}"),
        };
        let within = if problem.pointer.is_empty() { String::new() } else { format!(" {}", problem.pointer) };
        self.problem_at(
            &format!("{table}.settings{}", problem.pointer),
            format!("{table}.settings{within}: {}", problem.message),
        )
    }

    /// A problem at a place like `providers.crewhu.component`; what does not stand in the file is told at its table.
    pub(crate) fn problem_at(&self, place: &str, message: String) -> ConfigProblem {
        let mut place = place;
        let mut line = self.line(place);
        while line.is_none()
            && let Some((outer, _)) = place.rsplit_once(['/', '.'])
        {
            place = outer;
            line = self.line(place);
        }
        ConfigProblem { name: self.origin.to_string(), line, column: None, message }
    }

    fn line(&self, path: &str) -> Option<usize> {
        self.origins.get(path).and_then(|provenance| provenance.line)
    }
}

//! Configuration: `scoresheet.toml` or the environment alone, checked as a whole before anything runs.
//!
//! Every setting is declared once, in `sections`. A file is parsed (`document`), checked against the schema of that
//! declaration (`schema`), deserialised, and checked for what a schema cannot express (`check`). All problems are reported
//! together, with their lines. A component's own settings are checked once it is loaded: see [`settings`].

mod check;
mod document;
mod environment;
mod init;
mod load;
mod problem;
mod reference;
mod schema;
mod secret;
mod sections;
pub mod settings;
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
use scoresheet_engine::definition::{GroupDefinition, MetricDefinition, SyncPolicy};
use serde_json::Value;

use settings::words::extend;

pub use check::{ComponentRef, ProviderConfig};
pub use environment::{Environment, FixedEnvironment, ProcessEnvironment, VariableError};
pub use init::init_template;
pub use problem::{ConfigErrors, ConfigProblem};
pub use reference::reference;
pub use schema::schema;
pub use secret::{SecretError, SecretSource};
pub use sections::{
    AlertSection, Auth, Bands, ChannelSection, ClientsSection, EmailSection, GroupSection, MAX_LOOKBACK_DAYS,
    MetricSection, NetworkSection, ProviderLimits, ProviderSection, RetentionSection, RuntimeSection, Sections,
    SheetSection, StoreSection, SyncSection, WebhookSection,
};
pub use template::TemplateError;

/// Default name of the file.
pub const FILE_NAME: &str = "scoresheet.toml";

/// Where a configuration is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    /// A file; paths in it are relative to its folder.
    Path(PathBuf),
    /// A text in memory.
    Text {
        /// Its name in messages.
        name: String,
        /// TOML.
        text: String,
        /// Folder that paths in it are relative to.
        base_dir: PathBuf,
    },
    /// No file: `CREWHU_API_KEY`, `CREWHU_COMPANY_ID` and `CREWHU_BASE_URL`, which has a default.
    /// The store is `scoresheet.db` in the current folder.
    EnvironmentOnly,
}

impl ConfigSource {
    /// The named file, or else `scoresheet.toml` in `folder` if it exists, or else the environment.
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
    /// The sections as declared, with defaults filled in and paths made absolute.
    pub sections: Sections,
    /// How much a sync pulls: `[sync]`, and what the file cannot set.
    pub sync: SyncPolicy,
    /// `[providers.NAME]`, by name.
    pub providers: BTreeMap<ProviderName, ProviderConfig>,
    /// `[[groups]]`, in the sheet's order.
    pub groups: Vec<GroupDefinition>,
    /// `[[metrics]]`, in the sheet's order; at least one. The settings have not been checked against the component's schema.
    pub metrics: Vec<MetricDefinition>,
    /// `[[alerts]]`: the alert rules.
    pub alerts: Vec<scoresheet_domain::alert::Rule>,
    /// `[channels.NAME]`, by name.
    pub channels: BTreeMap<ChannelName, ChannelSection>,
    /// What works but should be changed, a line each: a credential in the file, a file that everyone can read.
    pub warnings: Vec<String>,
    origins: document::Origins,
}

/// A section of a provider or a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsOf<'a> {
    /// `[providers.NAME]`
    Provider(&'a ProviderName),
    /// `[[metrics]]`
    Metric(&'a MetricId),
}

impl Config {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// [`ConfigErrors`]: all problems together, or that nothing is configured.
    pub fn load(source: ConfigSource, env: &dyn Environment) -> Result<Self, ConfigErrors> {
        load::load(source, env)
    }

    /// The effective configuration as TOML, with the origin of each value; credentials as `(set)`.
    #[must_use]
    pub fn show(&self) -> String {
        show::show(self)
    }

    /// The effective configuration as JSON: `origin`, the sections by name, `warnings`.
    #[must_use]
    pub fn show_json(&self) -> Value {
        show::show_json(self)
    }

    /// The metric of this id.
    #[must_use]
    pub fn metric(&self, id: &str) -> Option<&MetricDefinition> {
        self.metrics.iter().find(|metric| metric.id.as_str() == id)
    }

    /// A problem with a component's settings, at its place in the file.
    #[must_use]
    pub fn settings_problem(&self, of: SettingsOf<'_>, problem: &SettingsProblem) -> ConfigProblem {
        self.problem_at(of, &format!("/settings{}", problem.pointer), &problem.message)
    }

    /// A problem at a place in a section, as `/component`; on the line of the section if the value is not in the file.
    pub(crate) fn problem_at(&self, of: SettingsOf<'_>, pointer: &str, message: &str) -> ConfigProblem {
        let place = self.place(of, pointer);
        ConfigProblem { message: format!("{}: {message}", place.message), ..place }
    }

    /// The place alone.
    pub(crate) fn place(&self, of: SettingsOf<'_>, pointer: &str) -> ConfigProblem {
        let label = match of {
            SettingsOf::Provider(name) => format!("providers.{name}"),
            SettingsOf::Metric(id) => match self.origins.get(&format!("{}/id", self.pointer(of))) {
                Some(origin) if !origin.variables.is_empty() => format!("metrics.#{}", self.index(id) + 1),
                _ => format!("metrics.{id}"),
            },
        };
        let steps = pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
        let label = steps.fold(label, |label, step| format!("{label}.{}", settings::words::label(&step)));
        let line = document::line_of(&self.origins, &format!("{}{pointer}", self.pointer(of)));
        ConfigProblem { name: self.origin.to_string(), line, column: None, message: label }
    }

    /// A string as messages show it: quoted, with variables in the place of their values.
    pub(crate) fn shown(&self, of: SettingsOf<'_>, pointer: &str, text: &str) -> String {
        settings::words::shown(&self.as_written(&text.into(), &format!("{}{pointer}", self.pointer(of))))
    }

    /// Settings with variables in the place of their values, for messages.
    pub(crate) fn settings_as_written(&self, of: SettingsOf<'_>, settings: &Value) -> Value {
        self.as_written(settings, &format!("{}/settings", self.pointer(of)))
    }

    fn as_written(&self, value: &Value, pointer: &str) -> Value {
        match value {
            Value::String(text) => match self.origins.get(pointer) {
                Some(origin) if !origin.variables.is_empty() => origin.variables.join("").into(),
                _ => text.as_str().into(),
            },
            Value::Array(items) => {
                items.iter().enumerate().map(|(at, item)| self.as_written(item, &format!("{pointer}/{at}"))).collect()
            }
            Value::Object(table) => {
                let written =
                    |(key, value): (&String, &Value)| (key.clone(), self.as_written(value, &extend(pointer, key)));
                table.iter().map(written).collect()
            }
            other => other.clone(),
        }
    }

    fn pointer(&self, of: SettingsOf<'_>) -> String {
        match of {
            SettingsOf::Provider(name) => format!("/providers/{name}"),
            SettingsOf::Metric(id) => format!("/metrics/{}", self.index(id)),
        }
    }

    /// Index of a metric; that of none where there is no such metric.
    fn index(&self, id: &MetricId) -> usize {
        self.metrics.iter().position(|metric| metric.id == *id).unwrap_or(self.metrics.len())
    }
}

//! `config show` and `init`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::config::Config;

/// The effective configuration without secrets. Its sections are those of the configuration file.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Effective(#[schemars(with = "Map<String, Value>")] Value);

impl From<&Config> for Effective {
    fn from(config: &Config) -> Self {
        Self(config.show_json())
    }
}

/// `init`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Init {
    /// Path of the file that was written.
    pub wrote: String,
}

//! `provider`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use scoresheet_domain::{Instant, MetricId};
use scoresheet_runtime as runtime;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{health::LimitHealth, view};
use crate::ProviderInfo;

/// A provider, or a bundled component that none uses.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Provider {
    /// Name in the configuration, or of the component.
    pub name: String,
    /// Where the component comes from.
    pub component: String,
    /// Whether the configuration has it.
    pub configured: bool,
    /// Digest of the component.
    pub digest: String,
    /// Base URL of its connection.
    pub base_url: Option<String>,
    /// Limits of one call, by name.
    #[serde(serialize_with = "as_map")]
    #[schemars(with = "BTreeMap<String, Limit>")]
    pub limits: Vec<(&'static str, Limit)>,
    /// What the component says about itself.
    pub description: Description,
}

/// A limit of one call.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Limit {
    /// The limit.
    pub limit: u64,
    /// Most that one call of the last run used; null if unknown.
    pub used: Option<u64>,
    /// Unit of both.
    pub unit: String,
}

/// What a component says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Description {
    /// The component's id.
    pub id: String,
    /// Display name.
    pub title: String,
    /// The component's version.
    pub version: String,
    /// JSON Schema of its settings.
    pub settings_schema: Value,
    /// What it measures with its settings; null if that needs settings and it is not configured.
    pub measures: Option<Measures>,
}

/// What a component measures with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Measures {
    /// Whether its figures are made up.
    pub stub: bool,
    /// Raised when stored ids or values change their meaning.
    pub data_version: u32,
    /// Metrics it computes.
    pub metrics: Vec<Metric>,
    /// Names of the kinds of observation.
    pub kinds: Vec<String>,
    /// Reasons for which it rejects records.
    pub rejections: Vec<String>,
}

view! {
    /// A metric that a component computes.
    Metric from scoresheet_domain::MetricDescription {
        /// Id within the provider.
        id: MetricId,
        /// Display name.
        title: String,
        /// Unit of its figures.
        unit: String,
        /// Kinds of observation it is computed from, as indexes.
        kinds: Vec<u16>,
        /// JSON Schema of its settings.
        settings_schema: Value,
    }
}

impl Provider {
    /// A provider, and what one call of its last run used of its limits.
    #[must_use]
    pub fn new(info: &ProviderInfo, limits: &[LimitHealth]) -> Self {
        let limit = |it: &LimitHealth| Limit { limit: it.limit, used: it.used, unit: it.unit.to_owned() };
        let measures = |it: scoresheet_domain::Description| Measures {
            stub: it.stub,
            data_version: it.data_version,
            metrics: it.metrics.into_iter().map(Metric::from).collect(),
            kinds: it.kinds,
            rejections: it.rejections,
        };
        let spec = info.spec.clone();
        Self {
            name: info.name.clone(),
            component: info.component.clone(),
            configured: info.configured,
            digest: info.digest.to_string(),
            base_url: info.base_url.clone(),
            limits: limits.iter().map(|it| (it.name, limit(it))).collect(),
            description: Description {
                id: spec.id,
                title: spec.title,
                version: spec.version,
                settings_schema: spec.settings_schema,
                measures: info.description.clone().map(measures),
            },
        }
    }
}

/// Keeps the order of the limits.
fn as_map<S: Serializer>(limits: &[(&'static str, Limit)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(limits.iter().map(|(name, limit)| (name, limit)))
}

/// Compiled code in the cache.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CompiledCode {
    /// Digest of the component.
    pub component: String,
    /// Size in bytes.
    pub bytes: u64,
    /// When it was compiled.
    pub written: Instant,
}

impl From<&runtime::CompiledCode> for CompiledCode {
    fn from(code: &runtime::CompiledCode) -> Self {
        Self { component: code.component.to_string(), bytes: code.bytes, written: code.written }
    }
}

/// `provider cache --clear`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CacheCleared {
    /// How many files were removed.
    pub removed: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

impl From<runtime::Cleared> for CacheCleared {
    fn from(cleared: runtime::Cleared) -> Self {
        Self { removed: cleared.files, bytes: cleared.bytes }
    }
}

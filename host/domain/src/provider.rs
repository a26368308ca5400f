//! What a provider says of itself, and the pages it gives.

use crate::{client::SourceClient, failure::Failure, id::MetricId};

/// A page's place in a source, opaque to the host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor(pub Vec<u8>);

impl Cursor {
    /// The largest cursor a component may give, in bytes.
    pub const MAX_BYTES: usize = 64 * 1024;
}

/// What a provider is, before it is configured; checked.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ProviderSpec {
    /// The component's own id, kebab-case.
    pub id: String,
    /// The display name.
    pub title: String,
    /// The component's version.
    pub version: String,
    /// JSON Schema (draft 2020-12) of the provider's settings.
    pub settings_schema: serde_json::Value,
}

/// What a provider measures with given settings, checked.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Description {
    /// Whether the figures are invented.
    pub stub: bool,
    /// Raised when ids or values of stored data change their meaning; stored data of another version is not used.
    pub data_version: u32,
    /// Names of the kinds of observation.
    pub kinds: Vec<String>,
    /// What it measures.
    pub metrics: Vec<MetricDescription>,
    /// Ids of the reasons for rejecting a record.
    pub rejections: Vec<String>,
}

impl Description {
    /// The name of a kind of observation.
    ///
    /// # Panics
    /// If there is no such kind; every observation's kind is checked when it arrives.
    #[must_use]
    pub fn kind(&self, kind: u16) -> &str {
        &self.kinds[usize::from(kind)]
    }

    /// The metric of this id.
    #[must_use]
    pub fn metric(&self, id: &str) -> Option<&MetricDescription> {
        self.metrics.iter().find(|metric| metric.id.as_str() == id)
    }
}

/// One metric of a provider.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct MetricDescription {
    /// Unique within the provider.
    pub id: MetricId,
    /// The name a person reads.
    pub title: String,
    /// Unit of a score's `value`, in words.
    pub unit: String,
    /// The kinds of observation it is computed from, as indexes.
    pub kinds: Vec<u16>,
    /// JSON Schema (draft 2020-12) of the metric's settings.
    pub settings_schema: serde_json::Value,
}

/// A page of a source's clients.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ClientPage {
    /// The clients.
    pub items: Vec<SourceClient>,
    /// Further pages.
    pub next: Vec<Cursor>,
    /// Rows that the source's response held, used or not.
    pub read: u32,
    /// Rows that the source says it has for the whole request.
    pub total: Option<u64>,
}

/// One step of a connection test.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckStep {
    /// What was tried.
    pub title: String,
    /// What was seen.
    pub detail: String,
    /// Whether it went well.
    pub outcome: Result<(), Failure>,
    /// What the operator can do about it, if it failed.
    pub remedy: Option<String>,
    /// The metrics that cannot be measured while this step fails.
    pub costs: Vec<MetricId>,
}

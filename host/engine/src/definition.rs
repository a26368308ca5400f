//! What a sheet is made of: its metrics, and the providers behind them. Checked by whoever builds it.

use std::{collections::BTreeMap, sync::Arc};

use scoresheet_domain::{Client, MetricId, ProviderName, compose::Composition, trend::TrendPolicy};

use crate::ports::{Provider, Scope};

/// A sheet.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SheetDefinition {
    /// The name a person reads.
    pub name: String,
    /// How its metrics make one engagement score.
    pub composition: Composition,
    /// Its metrics, in the order in which they stand.
    pub metrics: Vec<MetricDefinition>,
    /// The groups that its metrics may be in, in the order in which they stand.
    pub groups: Vec<GroupDefinition>,
    /// How trends are told.
    pub trend: TrendPolicy,
    /// The engagement score that clients of a type should reach, by type.
    pub targets: BTreeMap<String, f64>,
}

impl SheetDefinition {
    /// A sheet of these metrics, without groups and targets, with the usual composition and trends.
    #[must_use]
    pub fn new(name: impl Into<String>, metrics: Vec<MetricDefinition>) -> Self {
        Self {
            name: name.into(),
            composition: Composition::default(),
            metrics,
            groups: Vec::new(),
            trend: TrendPolicy::default(),
            targets: BTreeMap::new(),
        }
    }
}

/// Metrics that are weighed together: whatever their weights add up to, the group weighs as much as it says.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct GroupDefinition {
    /// Unique within the sheet.
    pub id: String,
    /// The name a person reads.
    pub name: String,
    /// How much it weighs in the engagement score; more than zero, finite.
    pub weight: f64,
}

/// A metric of a sheet.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct MetricDefinition {
    /// Unique within the sheet.
    pub id: MetricId,
    /// The name a person reads.
    pub name: String,
    /// How much it weighs; more than zero, finite.
    pub weight: f64,
    /// How many days before `as_of` it looks at: 1 to 3650.
    pub lookback_days: u32,
    /// The id of its group, where it is in one.
    pub group: Option<String>,
    /// The types of clients that it applies to; none: to all.
    pub client_types: Vec<String>,
    /// The `value` that clients of a type should reach, by type.
    pub targets: BTreeMap<String, f64>,
    /// Where its score comes from.
    pub source: MetricSource,
}

impl MetricDefinition {
    /// The provider that computes it; none where a person enters it.
    #[must_use]
    pub const fn provider(&self) -> Option<&ProviderName> {
        match &self.source {
            MetricSource::Provider { provider, .. } => Some(provider),
            MetricSource::Manual { .. } => None,
        }
    }

    /// Whether it applies to clients of this type.
    #[must_use]
    pub fn applies_to(&self, kind: Option<&str>) -> bool {
        self.client_types.is_empty() || kind.is_some_and(|kind| self.client_types.iter().any(|it| it == kind))
    }
}

/// Where a metric's score comes from.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricSource {
    /// A provider computes it.
    Provider {
        /// The provider.
        provider: ProviderName,
        /// The provider's id of the metric.
        metric: MetricId,
        /// The metric's settings, a JSON object with defaults filled in; all that `score` gets.
        settings: serde_json::Value,
    },
    /// A person enters it.
    Manual {
        /// After so many days an entry is told as stale; it counts all the same.
        stale_after_days: u32,
    },
}

/// A provider, as the configuration sets it up.
#[derive(Clone)]
pub struct ProviderInstance {
    /// The component with its connection and limits.
    pub provider: Arc<dyn Provider>,
    /// The provider's settings, a JSON object with defaults filled in; all that `source` gets.
    pub settings: serde_json::Value,
    /// What the operator calls the credential, for remedies: "CREWHU_API_KEY".
    pub credential: Option<String>,
    /// How many requests a minute the operator lets it make, for remedies; none where it makes none.
    pub requests_per_minute: Option<u32>,
    /// Under what its data is stored.
    pub scope: Scope,
}

/// The providers of an engine, by name.
pub type Providers = BTreeMap<ProviderName, ProviderInstance>;

/// Where the roster comes from.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RosterSource {
    /// It was given: a file, or an embedder's own list.
    Given(Vec<Client>),
    /// What was imported into the store; where nothing was, the active clients of this provider.
    StoredOr(Option<ProviderName>),
}

/// How much a sync pulls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncPolicy {
    /// So many days before now are pulled at least, so that trends have a past.
    pub backfill_days: u32,
    /// So many days before the last sync are pulled again, for late edits.
    pub overlap_days: u32,
    /// So many pages are fetched side by side at the most.
    pub pages_in_flight: usize,
}

impl Default for SyncPolicy {
    fn default() -> Self {
        Self { backfill_days: 400, overlap_days: 7, pages_in_flight: 12 }
    }
}

/// How long what is stored is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// Observations that ended more days ago than this are pruned, and trends over their time with them. At least as
    /// long as the longest lookback. None: they stay.
    pub observations_days: Option<u32>,
    /// Requests stay in the access log for so many days.
    pub access_days: u32,
    /// Entries stay in the audit log for so many days. None: they stay.
    pub audit_days: Option<u32>,
    /// Sheets that were kept can be made again for so many days after they were made. None: as long as their
    /// observations stay.
    pub sheets_days: Option<u32>,
}

impl Default for RetentionPolicy {
    fn default() -> Self {
        Self { observations_days: None, access_days: 30, audit_days: None, sheets_days: Some(400) }
    }
}

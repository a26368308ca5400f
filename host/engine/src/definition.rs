//! What a sheet is made of: its metrics, and the providers behind them. Checked by whoever builds it.

use std::{collections::BTreeMap, sync::Arc};

use scoresheet_domain::{Client, MetricId, ProviderName, compose::Composition};

use crate::ports::{Provider, Scope};

/// A sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetDefinition {
    /// The name a person reads.
    pub name: String,
    /// How its metrics make one engagement score.
    pub composition: Composition,
    /// Its metrics, in the order in which they stand.
    pub metrics: Vec<MetricDefinition>,
}

/// A metric of a sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricDefinition {
    /// Unique within the sheet.
    pub id: MetricId,
    /// The name a person reads.
    pub name: String,
    /// How much it weighs; more than zero, finite.
    pub weight: f64,
    /// How many days before `as_of` it looks at: 1 to 3650.
    pub lookback_days: u32,
    /// Where its score comes from.
    pub source: MetricSource,
}

impl MetricDefinition {
    /// The provider that computes it; none where a person enters it.
    #[must_use]
    pub const fn provider(&self) -> Option<&ProviderName> {
        match &self.source {
            MetricSource::Provider { provider, .. } => Some(provider),
            MetricSource::Manual => None,
        }
    }
}

/// Where a metric's score comes from.
#[derive(Clone, Debug, PartialEq)]
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
    Manual,
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
    /// Under what its data is stored.
    pub scope: Scope,
}

/// The providers of an engine, by name.
pub type Providers = BTreeMap<ProviderName, ProviderInstance>;

/// Where the roster comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Observations that ended so many days ago are removed; their months keep count, sum, least and greatest. At
    /// least as long as the longest lookback. None: they stay.
    pub observations_days: Option<u32>,
    /// Requests stay in the access log for so many days.
    pub access_days: u32,
    /// Entries stay in the audit log for so many days. None: they stay.
    pub audit_days: Option<u32>,
}

impl Default for RetentionPolicy {
    fn default() -> Self {
        Self { observations_days: None, access_days: 30, audit_days: None }
    }
}

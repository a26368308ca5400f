//! `sync`.

use schemars::JsonSchema;
use scoresheet_domain::{Problem, ProviderName};
use scoresheet_engine::SyncReport;
use serde::Serialize;

use super::view;

/// The result of a sync.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Sync {
    /// Result for each provider, by name.
    pub providers: Vec<ProviderSync>,
}

/// The result of a provider's sync.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ProviderSync {
    /// The provider.
    pub provider: ProviderName,
    /// Whether its figures are made up.
    pub stub: bool,
    /// Source clients received.
    pub clients: u64,
    /// Pages stored.
    pub pages: u64,
    /// Observations stored.
    pub observations: u64,
    /// Records that the provider rejected.
    pub rejected: u64,
    /// The most frequent reasons for rejecting records, with field and value.
    pub rejections: Vec<RejectedValue>,
    /// Records of erased clients, or older than the retention period.
    pub skipped: u64,
    /// Events marked deleted because the source no longer has them.
    pub withdrawn: u64,
    /// Why the sync stopped early.
    pub problem: Option<Problem>,
    /// Whether the user interrupted it.
    pub interrupted: bool,
}

view! {
    /// A reason for rejecting records.
    RejectedValue from scoresheet_engine::RejectedValue {
        /// Id of the reason.
        reason: String,
        /// Field at fault, as the source names it.
        field: Option<String>,
        /// Value that was there.
        value: Option<String>,
        /// How many records.
        count: u64,
    }
}

impl From<scoresheet_engine::ProviderSync> for ProviderSync {
    fn from(sync: scoresheet_engine::ProviderSync) -> Self {
        Self {
            provider: sync.provider,
            stub: sync.stub,
            clients: sync.clients,
            pages: sync.pages,
            observations: sync.observations,
            rejected: sync.rejected,
            rejections: sync.rejections.into_iter().map(RejectedValue::from).collect(),
            skipped: sync.skipped,
            withdrawn: sync.withdrawn,
            problem: sync.problem,
            interrupted: sync.interrupted,
        }
    }
}

impl From<&SyncReport> for Sync {
    fn from(report: &SyncReport) -> Self {
        Self { providers: report.providers.iter().cloned().map(ProviderSync::from).collect() }
    }
}

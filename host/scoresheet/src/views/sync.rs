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

view! {
    /// The result of a provider's sync.
    ProviderSync from scoresheet_engine::ProviderSync {
        /// The provider.
        provider: ProviderName,
        /// Whether its figures are made up.
        stub: bool,
        /// Source clients received.
        clients: u64,
        /// Pages stored.
        pages: u64,
        /// Observations stored.
        observations: u64,
        /// Records that the provider rejected.
        rejected: u64,
        /// Records of erased clients, or older than the retention period.
        skipped: u64,
        /// Events marked deleted because the source no longer has them.
        withdrawn: u64,
        /// Why the sync stopped early.
        problem: Option<Problem>,
        /// Whether the user interrupted it.
        interrupted: bool,
    }
}

impl From<&SyncReport> for Sync {
    fn from(report: &SyncReport) -> Self {
        Self { providers: report.providers.iter().cloned().map(ProviderSync::from).collect() }
    }
}

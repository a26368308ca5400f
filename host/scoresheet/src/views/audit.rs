//! `audit`.

use scoresheet_domain::{AuditBreak, AuditEntry, AuditVerdict, ClientId, Instant, MetricId, ProviderName};
use serde_json::Value;

use super::view;

view! {
    /// An entry of the audit log.
    Entry from AuditEntry {
        /// Number, from 1, without gaps.
        seq: u64,
        /// When.
        at: Instant,
        /// Who: `user@host`.
        actor: String,
        /// Kind of change.
        action: String,
        /// What was changed; never a client.
        subject: String,
        /// Details; null if an erasure blanked them.
        detail: Option<Value>,
        /// Hash of this entry and the hash before it.
        hash: String,
    }
}

/// `audit --verify`.
#[derive(Clone, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Verdict {
    /// How many entries are intact.
    pub entries: u64,
    /// Hash of the last of them.
    pub last_hash: String,
    /// First entry that is not intact.
    pub broken: Option<Break>,
}

view! {
    /// An entry that was changed, removed or inserted.
    Break from AuditBreak {
        /// Number of the entry.
        seq: u64,
        /// What is wrong with it.
        why: String,
    }
}

impl From<AuditVerdict> for Verdict {
    fn from(verdict: AuditVerdict) -> Self {
        Self { entries: verdict.entries, last_hash: verdict.last_hash, broken: verdict.broken.map(Break::from) }
    }
}

view! {
    /// A stored figure compared with the source.
    ScoreAudit from scoresheet_engine::ScoreAudit {
        /// The client.
        client: ClientId,
        /// The metric.
        metric: MetricId,
        /// The provider.
        provider: ProviderName,
        /// End of the window that was compared.
        as_of: Instant,
        /// Figure from the store.
        stored: Option<f64>,
        /// Figure from the source.
        source: Option<f64>,
        /// Whether both are the same; null if unknown.
        same: Option<bool>,
        /// What was compared, in words.
        detail: String,
    }
}

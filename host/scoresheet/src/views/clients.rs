//! `clients`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use scoresheet_domain::{ClientId, ProviderName, SourceId};
use scoresheet_engine::{Erased, ErasedSource, ErasureReport, MappingOverview};
use serde::Serialize;

use super::view;
use crate::RosterReport;

/// A client of the roster.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Client {
    /// The roster's id.
    pub id: ClientId,
    /// The client's name.
    pub name: String,
    /// Type of business.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Whether it is on sheets.
    pub active: bool,
    /// Web and mail domains.
    pub domains: Vec<String>,
    /// Other names.
    pub aliases: Vec<String>,
    /// Source clients it is mapped to, by provider.
    pub sources: BTreeMap<String, Vec<SourceId>>,
}

impl Client {
    /// All clients of an overview.
    #[must_use]
    pub fn all(overview: &MappingOverview) -> Vec<Self> {
        let view = |client: &scoresheet_domain::Client| Self {
            id: client.id.clone(),
            name: client.name.clone(),
            kind: client.kind.clone(),
            active: client.active,
            domains: client.domains.clone(),
            aliases: client.aliases.clone(),
            sources: (overview.providers.iter())
                .map(|(name, provider)| (name.to_string(), provider.sources_of(&client.id)))
                .collect(),
        };
        overview.clients.iter().map(view).collect()
    }
}

/// `clients import`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Import {
    /// How many clients were imported.
    pub imported: usize,
    /// How many of them are active.
    pub active: usize,
}

impl From<RosterReport> for Import {
    fn from(report: RosterReport) -> Self {
        Self { imported: report.clients, active: report.active }
    }
}

/// `clients restore`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Restore {
    /// The client.
    pub restored: String,
    /// How many of its ids and names at the sources were skipped until now.
    pub sources: u64,
}

/// `clients erase`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Erasure {
    /// What was removed.
    pub erased: ErasedCounts,
    /// Source clients that are skipped from now on.
    pub sources: Vec<SourceClient>,
    /// Source clients that stay because other clients are mapped to them too.
    pub shared: Vec<SourceClient>,
    /// Whether a roster file still names the client.
    pub in_roster_file: bool,
}

impl From<ErasureReport> for Erasure {
    fn from(report: ErasureReport) -> Self {
        let all = |sources: Vec<ErasedSource>| sources.into_iter().map(SourceClient::from).collect();
        Self {
            erased: report.erased.into(),
            sources: all(report.sources),
            shared: all(report.shared),
            in_roster_file: report.in_roster_file,
        }
    }
}

view! {
    /// A source client of an erased client.
    SourceClient from ErasedSource {
        /// The provider.
        provider: ProviderName,
        /// The source's id.
        source: SourceId,
    }
}

view! {
    /// What an erasure removed.
    ErasedCounts from Erased {
        /// Whether the client was in the imported roster.
        roster: bool,
        /// Mapping decisions.
        decisions: u64,
        /// Overrides and manual scores.
        entries: u64,
        /// Reasons and notes of other clients' scores that named it.
        notes: u64,
        /// Stored sheets that lost their inputs.
        sheets: u64,
        /// Source clients.
        source_clients: u64,
        /// Observations.
        observations: u64,
        /// Rejected records.
        rejected: u64,
        /// Paths in the access log.
        paths: u64,
        /// Alerts.
        alerts: u64,
        /// Details of the audit log.
        audit_details: u64,
        /// Whether the bytes were removed from the file too.
        wiped: bool,
    }
}

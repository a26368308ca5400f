//! `health`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use scoresheet_domain::{Instant, ProviderName};
use serde::Serialize;

use super::view;

/// The health of a provider.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ProviderHealth {
    /// The provider.
    pub provider: String,
    /// Whether its figures are made up.
    pub stub: bool,
    /// Base URL of its connection.
    pub base_url: Option<String>,
    /// Start of the last sync.
    pub last_attempt: Option<Instant>,
    /// Start of the last sync that succeeded.
    pub last_success: Option<Instant>,
    /// Why the last sync failed; null if it succeeded.
    pub failure: Option<HealthFailure>,
    /// Requests of the last 30 days; null without a connection.
    pub requests: Option<ConnectionUse>,
    /// The credential; null if there is none, or if it was not used yet.
    pub key: Option<KeyHealth>,
    /// Limits of one call, and the most that one call of the last run used.
    pub limits: Vec<LimitHealth>,
    /// What to fix before it fails, one sentence each.
    pub warnings: Vec<String>,
    /// Stored data; null if nothing was synced.
    pub data: Option<DataQuality>,
}

/// Why a sync failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct HealthFailure {
    /// Kind of problem: `unauthorized`, `unavailable`, …
    pub kind: &'static str,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// A credential, known by its fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct KeyHealth {
    /// Fingerprint, salted for each store.
    pub fingerprint: String,
    /// First use.
    pub since: Instant,
    /// Whole days since then.
    pub age_days: i64,
    /// Age in days at which it should be replaced, if configured.
    pub max_age_days: Option<u32>,
}

/// A limit of one call, with the name and the unit of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct LimitHealth {
    /// Its name.
    pub name: &'static str,
    /// The limit.
    pub limit: u64,
    /// Most that one call of the last run used, rounded up; null if unknown.
    pub used: Option<u64>,
    /// Unit of both.
    pub unit: &'static str,
}

view! {
    /// Requests of a connection.
    ConnectionUse from scoresheet_engine::ConnectionUse {
        /// Attempts over the network.
        requests: u64,
        /// Bytes sent.
        bytes_sent: u64,
        /// Bytes received over the network.
        bytes_received: u64,
        /// Attempts after the first.
        retries: u64,
        /// Responses with status 429.
        rate_limited: u64,
        /// Attempts without a response, or with a status of 400 or more.
        failures: u64,
        /// Share of the attempts that succeeded; null without attempts.
        success_rate: Option<f64>,
        /// Median duration in milliseconds.
        p50_ms: Option<u64>,
        /// 95th percentile of the duration in milliseconds.
        p95_ms: Option<u64>,
        /// 99th percentile of the duration in milliseconds.
        p99_ms: Option<u64>,
        /// Last attempt that succeeded.
        last_success: Option<Instant>,
        /// Last attempt that failed.
        last_failure: Option<Instant>,
    }
}

view! {
    /// The stored data of a provider.
    DataQuality from scoresheet_engine::DataQuality {
        /// How many days the figures below cover.
        days: u32,
        /// Observations.
        observations: u64,
        /// Rejected records, by reason.
        rejected: BTreeMap<String, u64>,
        /// Active clients with observations.
        clients_with_data: usize,
        /// Active clients that are mapped but have no observations.
        clients_without_data: usize,
        /// Active clients that are unmapped or ambiguous.
        clients_unmapped: usize,
        /// Source clients that no client is mapped to.
        sources_unmapped: usize,
        /// Observations of those.
        observations_unmapped: u64,
        /// Time of the last observation.
        last_observation: Option<Instant>,
        /// Whole days since then.
        days_without_new: Option<i64>,
        /// Whole hours since the last successful sync.
        hours_since_sync: Option<i64>,
    }
}

view! {
    /// An attempt in the access log.
    AccessEntry from scoresheet_engine::AccessEntry {
        /// When it was sent.
        at: Instant,
        /// Provider whose connection it used.
        provider: ProviderName,
        /// HTTP method.
        method: String,
        /// Path below the base URL, without the query.
        path: String,
        /// Status of the response.
        status: Option<u16>,
        /// Error, if there was no response.
        fault: Option<String>,
        /// Number of the attempt, from 1.
        attempt: u32,
        /// Duration in milliseconds.
        duration_ms: u64,
        /// Bytes sent.
        bytes_sent: u64,
        /// Bytes received.
        bytes_received: u64,
    }
}

//! Audit log, usage of connections and components, retention and erasure.

use async_trait::async_trait;
use scoresheet_domain::{AuditEntry, AuditVerdict, ClientId, Instant, ProviderName};

use super::{Attribution, Scope, StoreError};

/// How many entries of the access log are kept per connection, at most.
pub const ACCESS_ENTRIES: u64 = 100_000;

/// One attempt of one request to a source.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AccessEntry {
    /// When it was sent.
    pub at: Instant,
    /// The provider whose connection it used.
    pub provider: ProviderName,
    /// "GET".
    pub method: String,
    /// The path below the connection's base, without the query.
    pub path: String,
    /// The response's status, if there was one.
    pub status: Option<u16>,
    /// What went wrong instead: "timeout", "reset".
    pub fault: Option<String>,
    /// 1 for the first attempt; more are retries.
    pub attempt: u32,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Bytes of the request's body and headers.
    pub bytes_sent: u64,
    /// Bytes of the response's body.
    pub bytes_received: u64,
}

impl AccessEntry {
    /// Whether there was a response that is no error.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.fault.is_none() && self.status.is_some_and(|status| status < 400)
    }
}

/// Requests over a connection, summed up.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct ConnectionUse {
    /// Attempts that went over the network.
    pub requests: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Bytes received over the network.
    pub bytes_received: u64,
    /// Attempts after the first.
    pub retries: u64,
    /// Responses with status 429.
    pub rate_limited: u64,
    /// Attempts without a response, or with a status of 400 or more.
    pub failures: u64,
    /// The share of successful attempts, 0 to 1; none without attempts.
    pub success_rate: Option<f64>,
    /// The median of the attempts' durations, in milliseconds (nearest rank).
    pub p50_ms: Option<u64>,
    /// The 95th percentile, in milliseconds.
    pub p95_ms: Option<u64>,
    /// The 99th percentile, in milliseconds.
    pub p99_ms: Option<u64>,
    /// When the last successful one was sent.
    pub last_success: Option<Instant>,
    /// When the last failed one was sent.
    pub last_failure: Option<Instant>,
}

/// A credential, by a fingerprint that reveals nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Credential {
    /// Its fingerprint.
    pub fingerprint: String,
    /// When it was first seen.
    pub first_seen: Instant,
    /// When it was last seen.
    pub last_seen: Instant,
}

/// What one run of the program used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UsageUpdate {
    /// Requests.
    pub access: Vec<AccessEntry>,
    /// Providers that were called.
    pub providers: Vec<ProviderUse>,
}

/// What a provider used in one run.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderUse {
    /// The provider.
    pub provider: ProviderName,
    /// What its component used of its limits, as JSON.
    pub limits: String,
    /// Its credential's fingerprint. An audit entry is added if it had another one.
    pub credential: Option<String>,
}

/// What is stored of a provider's usage.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderUsage {
    /// Requests summed up, if asked for.
    pub requests: Option<ConnectionUse>,
    /// The last requests, newest first.
    pub log: Vec<AccessEntry>,
    /// The credential it had last.
    pub credential: Option<Credential>,
    /// What its component used of its limits in the last run, as JSON.
    pub limits: Option<String>,
    /// This store's own random bytes, for fingerprints that mean nothing elsewhere.
    pub salt: [u8; 32],
}

/// What to prune.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PruneLimits {
    /// Observations that ended before then, of every scope; none are removed without it.
    pub observations_before: Option<Instant>,
    /// Requests before then.
    pub access_before: Instant,
    /// How many requests of one connection stay at most.
    pub access_entries: u64,
    /// Audit entries before then; none are removed without it.
    pub audit_before: Option<Instant>,
    /// The inputs of sheets that were computed before then; none are removed without it.
    pub sheets_before: Option<Instant>,
}

/// What was removed because of its age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Pruned {
    /// Observations. Trends over their time are gone with them.
    pub observations: u64,
    /// Rejected records.
    pub rejected: u64,
    /// Requests from the access log.
    pub access: u64,
    /// Entries from the audit log.
    pub audit: u64,
    /// Pulls that reached back before it and were given up.
    pub pulls: u64,
    /// Kept sheets that reached back before it, or are old themselves, and whose inputs were taken.
    pub sheets: u64,
}

/// Whom to erase: everything that names it, as the use case has found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The client's id in the roster.
    pub client: ClientId,
    /// Its names there, aliases and domains among them.
    pub names: Vec<String>,
    /// The source clients that serve it and no other: a provider's name, and the source's id.
    pub sources: Vec<(ProviderName, String)>,
}

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Erased {
    /// Whether it stood in the imported roster.
    pub roster: bool,
    /// Persons' decisions.
    pub decisions: u64,
    /// Scores that persons entered, those that were taken back among them.
    pub entries: u64,
    /// Reasons and notes beside other clients' scores that named it, and are blank now.
    pub notes: u64,
    /// Kept sheets whose inputs were taken: all that had any, since any may name it.
    pub sheets: u64,
    /// Source clients.
    pub source_clients: u64,
    /// Observations.
    pub observations: u64,
    /// Rejected records.
    pub rejected: u64,
    /// Requests whose path named it, and is blank now.
    pub paths: u64,
    /// Alerts about it, and what was to be told of them.
    pub alerts: u64,
    /// Details of audit entries that named it, and are blank now.
    pub audit_details: u64,
    /// Whether its bytes are gone from the file and the log beside it too. If not, somebody was reading: the next
    /// [`MaintenanceStore::prune`], with which every sync ends, sees to it.
    pub wiped: bool,
}

/// Keeps the store in order, and reads what it recorded of itself.
#[async_trait]
pub trait MaintenanceStore: Send + Sync {
    /// Every scope that anything is stored for, former settings included.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn scopes(&self) -> Result<Vec<Scope>, StoreError>;

    /// The newest audit entries since a time, at most `limit`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn audit(&self, since: Option<Instant>, limit: u32) -> Result<Vec<AuditEntry>, StoreError>;

    /// Checks the whole audit log and reports the first entry that was edited, removed or inserted.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it; a broken log is a verdict, no error.
    async fn verify_audit(&self) -> Result<AuditVerdict, StoreError>;

    /// Removes what is too old. Pruned time is no longer covered, and no page brings its records back. The inputs of
    /// saved sheets that reach back before it are removed with it. Also wipes from the file what an erasure left in it.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it; what was removed before stays removed.
    async fn prune(&self, by: &Attribution, limits: &PruneLimits) -> Result<Pruned, StoreError>;

    /// Removes everything that names a client, and remembers, as hashes under the store's salt, which source clients it
    /// was, so that their records are skipped from then on. Then rewrites the file, so that no byte of it is left.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it; then nothing was erased.
    async fn erase(&self, by: &Attribution, erasure: &Erasure) -> Result<Erased, StoreError>;

    /// Stores what a run used.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn write_usage(&self, by: &Attribution, usage: &UsageUpdate) -> Result<(), StoreError>;

    /// What is stored of a provider's usage: requests since a time summed up, if one is given, and the last `log` ones.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn usage(
        &self,
        provider: &ProviderName,
        since: Option<Instant>,
        log: u32,
    ) -> Result<ProviderUsage, StoreError>;
}

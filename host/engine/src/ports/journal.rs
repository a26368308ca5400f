//! The store's smaller books, as the use cases and the gateway need them: requests that were made, which
//! credential and which component were used.
//!
//! Writing needs the lease, as everywhere. Nothing here changes a sheet.

use async_trait::async_trait;
use scoresheet_domain::{Digest, Instant, ProviderName};

use super::{Scope, StoreError};

/// One attempt of one request to a source, or one that was answered from the cache.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AccessEntry {
    /// When it was sent.
    pub at: Instant,
    /// Whose connection it went over.
    pub provider: ProviderName,
    /// "GET".
    pub method: String,
    /// The path below the connection's base, without the query.
    pub path: String,
    /// The answer's status, where one came.
    pub status: Option<u16>,
    /// What went wrong instead, in a word: "timeout", "reset".
    pub fault: Option<String>,
    /// 1 for the first attempt; more are retries.
    pub attempt: u32,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Bytes of the request's body and headers.
    pub bytes_sent: u64,
    /// Bytes of the answer's body.
    pub bytes_received: u64,
}

impl AccessEntry {
    /// Whether an answer came that is no error.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.fault.is_none() && self.status.is_some_and(|status| status < 400)
    }
}

/// How a connection was used, and how it did.
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
    /// Answers with status 429.
    pub rate_limited: u64,
    /// Attempts that gave no answer, or one with a status of 400 and more.
    pub failures: u64,
    /// The share of the attempts that went well, 0 to 1; none where there were none.
    pub success_rate: Option<f64>,
    /// The median of the attempts' durations, in milliseconds (nearest rank).
    pub p50_ms: Option<u64>,
    /// So long 95 of 100 took at most.
    pub p95_ms: Option<u64>,
    /// So long 99 of 100 took at most.
    pub p99_ms: Option<u64>,
    /// When the last one that went well was sent.
    pub last_success: Option<Instant>,
    /// When the last one that did not was sent.
    pub last_failure: Option<Instant>,
}

/// A credential, known by a fingerprint that tells nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Credential {
    /// Its fingerprint.
    pub fingerprint: String,
    /// When it was seen first.
    pub first_seen: Instant,
    /// When it was seen last.
    pub last_seen: Instant,
}

/// How long a credential has been in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialAge {
    /// When it was seen first.
    pub since: Instant,
    /// Whether another one was in use before this call.
    pub changed: bool,
}

/// Keeps the books.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Writes down requests, many in one transaction.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn note_access(&self, entries: &[AccessEntry]) -> Result<(), StoreError>;

    /// A connection's last requests, at most `limit`, newest first.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn access_log(&self, provider: &ProviderName, limit: u32) -> Result<Vec<AccessEntry>, StoreError>;

    /// How a connection was used since then.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn connection_use(&self, provider: &ProviderName, since: Instant) -> Result<ConnectionUse, StoreError>;

    /// Writes down that a provider's credential has this fingerprint now. An audit entry says where it is another one.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn note_credential(
        &self,
        provider: &ProviderName,
        fingerprint: &str,
        now: Instant,
    ) -> Result<CredentialAge, StoreError>;

    /// The credential that a provider had last.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn credential(&self, provider: &ProviderName) -> Result<Option<Credential>, StoreError>;

    /// This store's own random bytes, for fingerprints that mean nothing elsewhere. The same for as long as it lives.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn salt(&self) -> Result<[u8; 32], StoreError>;

    /// Writes down that a provider is this component with these settings now. An audit entry says where it was
    /// another one; where nothing changed, nothing is written.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn note_component(&self, scope: &Scope, component: Digest) -> Result<(), StoreError>;

    /// Keeps what a component used of its limits, as JSON.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn put_component_use(&self, provider: &ProviderName, json: &str, now: Instant) -> Result<(), StoreError>;

    /// What a component used of its limits, and when that was.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn component_use(&self, provider: &ProviderName) -> Result<Option<(String, Instant)>, StoreError>;
}

/// So many requests of one connection stay on record at most.
pub const ACCESS_ENTRIES: u64 = 100_000;

//! The audit log, as the use cases need it. What the chain covers and cannot show is said in `scoresheet_domain::audit`.
//!
//! What a [`Store`](super::Store) method changes it writes down by itself, in the same transaction. Here is what is
//! left: to read the log, to verify it, and to write down what happened without changing anything that is stored.

use async_trait::async_trait;
use scoresheet_domain::{AuditAction, AuditEntry, AuditVerdict, Instant};

use super::StoreError;

/// Who changes something, and when: what the audit log says of a user's change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// The user and the host: `ada@mail-1`.
    pub actor: String,
    /// When.
    pub at: Instant,
}

/// Something to write down. Who did it, and when, the lease says.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditNote {
    /// What was done.
    pub action: AuditAction,
    /// To what: a provider's name, a metric's id, "roster", "store"; never a client, who stands in the detail, where it can be erased.
    pub subject: String,
    /// The circumstances: small, and without secrets.
    pub detail: serde_json::Value,
}

/// Reads, verifies and adds to the audit log.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// The newest entries since a time, at most `limit`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn audit(&self, since: Option<Instant>, limit: u32) -> Result<Vec<AuditEntry>, StoreError>;

    /// Goes along the whole log and names the first entry that was edited, taken out or put in.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it; a log that is not whole is a verdict, no error.
    async fn verify_audit(&self) -> Result<AuditVerdict, StoreError>;

    /// Writes something down that changed nothing in the store. Needs the lease.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn note(&self, note: &AuditNote) -> Result<(), StoreError>;
}

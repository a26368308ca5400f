//! What is removed from the store: by age, and on a client's request.

use async_trait::async_trait;
use scoresheet_domain::{ClientId, Instant, ProviderName};

use super::{Scope, StoreError};

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

impl Pruned {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            observations: self.observations + other.observations,
            rejected: self.rejected + other.rejected,
            access: self.access + other.access,
            audit: self.audit + other.audit,
            pulls: self.pulls + other.pulls,
            sheets: self.sheets + other.sheets,
        }
    }
}

/// How long the books are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BooksLimits {
    /// Requests before then go.
    pub access_before: Instant,
    /// So many of one connection stay at most.
    pub access_entries: u64,
    /// Entries of the audit log before then go; none goes where there is no such time.
    pub audit_before: Option<Instant>,
    /// What sheets were made from goes, of those that were made before then; none where there is no such time.
    pub sheets_before: Option<Instant>,
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
    /// [`Retention::prune_books`], with which every sync ends, sees to it.
    pub wiped: bool,
}

/// Removes what is too old, and whom it must not know any more.
#[async_trait]
pub trait Retention: Send + Sync {
    /// Every scope that anything was kept for, former settings among them.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn scopes(&self) -> Result<Vec<Scope>, StoreError>;

    /// Removes what ended before then, of one scope or of all. From then on that
    /// time is not covered, [`Facts::pruned_until`](super::Facts::pruned_until) tells it, and no page brings records of it back. What was pruned
    /// up to a later time already stays so. The inputs of kept sheets that reach back before then go with it.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it; then nothing was removed of the scope it failed at.
    async fn prune(&self, scope: Option<&Scope>, before: Instant) -> Result<Pruned, StoreError>;

    /// Shortens the access log and the audit log, and wipes from the file what an erasure had to leave in it.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn prune_books(&self, limits: &BooksLimits) -> Result<Pruned, StoreError>;

    /// Removes everything that names a client, and remembers, as hashes under the store's salt, which source clients
    /// it was, so that their records are skipped from then on. Then rewrites the file, so that no byte of it is left.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it; then nothing was erased.
    async fn erase(&self, erasure: &Erasure) -> Result<Erased, StoreError>;

    /// Takes back that the client's records are skipped, of all its erasures: gives how many of its ids and names at the
    /// sources were, and none where no erasure of it is on record. Brings nothing back by itself.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it; then nothing was lifted.
    async fn lift_erasure(&self, client: &ClientId) -> Result<Option<u64>, StoreError>;
}

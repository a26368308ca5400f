//! What a sync writes: source clients, pulls page by page, and its outcome, under a lock of its provider.

use async_trait::async_trait;
use scoresheet_domain::{
    AuditAction, Cursor, Digest, Instant, ObservationPage, ProblemKind, ProviderName, Remedy, SourceClient, Window,
    mapping::FormerTie,
};

use super::{Attribution, Scope, StoreError};

/// How long a lock holds without being renewed.
pub const LOCK_SECS: i64 = 30;

/// One sync's claim to one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncLock {
    /// The provider.
    pub provider: ProviderName,
    /// Random, so that no other sync has it.
    pub instance: String,
    /// Who syncs, for the audit log and for whoever finds the provider locked.
    pub by: Attribution,
}

/// Names a pull within the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PullId(pub i64);

/// A pull to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPull {
    /// Whose data.
    pub scope: Scope,
    /// What it covers once complete.
    pub window: Window,
    /// The names of the kinds it covers.
    pub kinds: Vec<String>,
    /// Whether these are all kinds in use: then rejected records that it does not see again are deleted too.
    pub all_kinds: bool,
    /// Whether most of the old data may be deleted (`sync --full`).
    pub decides: bool,
}

/// A pull that has begun and is not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPull {
    /// Its id within the store.
    pub id: PullId,
    /// What it covers once complete.
    pub window: Window,
    /// The names of the kinds it covers, in ascending order.
    pub kinds: Vec<String>,
    /// When it began.
    pub began: Instant,
    /// Whether most of the old data may be deleted.
    pub decides: bool,
    /// Whether its first page has been committed.
    pub started: bool,
    /// Pages still to fetch, in the order in which they are committed.
    pub pending: Vec<Cursor>,
    /// The digests of the pages it has committed, in order: the engine's guard against a page that repeats for ever.
    pub digests: Vec<Digest>,
}

/// A page to commit.
#[derive(Clone, Debug)]
pub struct CommittedPage {
    /// The cursor it was fetched with; none for the first page.
    pub cursor: Option<Cursor>,
    /// Its content; `next` is appended to the pull's pending pages.
    pub page: ObservationPage,
    /// The digest of its content.
    pub digest: Digest,
}

/// Records of pages that were not stored: those of erased clients, and those that ended before the store was pruned to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Observations.
    pub observations: u64,
    /// Rejected records.
    pub rejected: u64,
}

/// What to do with a pull.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullAction {
    /// End it: all of its pages are committed.
    Finish,
    /// Forget it. The pages it committed stay.
    Abandon,
}

/// How a pull ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullEnd {
    /// Its window is covered for its kinds; so many observations that the source no longer has were deleted.
    Covered {
        /// How many were deleted.
        deleted: u64,
    },
    /// More than half of the window's observations would have been deleted: nothing was deleted, nothing is covered.
    Suspicious {
        /// How many would have been deleted.
        would_delete: u64,
        /// Of how many stored before.
        of: u64,
    },
    /// The pages held fewer rows than the source says it has: nothing was deleted, nothing is covered.
    Short {
        /// Rows read.
        read: u64,
        /// The source's total.
        total: u64,
    },
    /// It was abandoned.
    Abandoned,
}

/// Why a provider's last sync failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncFailure {
    /// The kind of problem.
    pub kind: ProblemKind,
    /// What went wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: Remedy,
}

/// How a provider's last sync went. Kept for each scope.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SyncRecord {
    /// When the last sync began, whatever its outcome.
    pub last_attempt: Option<Instant>,
    /// When the last successful one began.
    pub last_success: Option<Instant>,
    /// Why the last one failed; none if it succeeded.
    pub failure: Option<SyncFailure>,
}

/// An audit entry without actor and time.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditNote {
    /// What was done.
    pub action: AuditAction,
    /// To what: a provider's name, a metric's id, "roster", "store"; never a client, who stands in the detail, where it
    /// can be erased.
    pub subject: String,
    /// The circumstances: small, and without secrets.
    pub detail: serde_json::Value,
}

/// What a provider's sync leaves behind, apart from pages.
#[derive(Clone, Debug)]
pub struct SyncOutcome {
    /// Whose.
    pub scope: Scope,
    /// The component that ran. An audit entry is added if the provider was another component or had other settings.
    pub component: Digest,
    /// How it went.
    pub record: SyncRecord,
    /// What rules map now, in place of the former; none if it stays.
    pub mapped: Option<Vec<FormerTie>>,
    /// Audit entries.
    pub notes: Vec<AuditNote>,
}

/// What a sync reads and writes. Every write but [`SyncStore::note`] needs the lock of its provider, and is refused with
/// [`StoreError::LockLost`] if another sync has taken it.
#[async_trait]
pub trait SyncStore: Send + Sync {
    /// Locks a provider for [`LOCK_SECS`].
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another sync holds a lock that has not expired.
    async fn lock(&self, lock: &SyncLock, now: Instant) -> Result<(), StoreError>;

    /// Keeps a lock for another [`LOCK_SECS`]; call it well before it expires.
    ///
    /// # Errors
    /// [`StoreError::LockLost`] if it was taken over.
    async fn renew_lock(&self, lock: &SyncLock, now: Instant) -> Result<(), StoreError>;

    /// Releases a lock; does nothing if it is not held.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn unlock(&self, lock: &SyncLock) -> Result<(), StoreError>;

    /// Adds audit entries for something that changed nothing in the store.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn note(&self, by: &Attribution, notes: &[AuditNote]) -> Result<(), StoreError>;

    /// Replaces the clients that the source lists; returns how many were skipped because they were erased.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn replace_source_clients(
        &self,
        lock: &SyncLock,
        scope: &Scope,
        clients: &[SourceClient],
    ) -> Result<u64, StoreError>;

    /// The pulls that were begun and not finished, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn open_pulls(&self, scope: &Scope) -> Result<Vec<OpenPull>, StoreError>;

    /// Begins a pull, at the lock's time.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn begin_pull(&self, lock: &SyncLock, pull: &NewPull) -> Result<OpenPull, StoreError>;

    /// Commits pages and their bookkeeping in one transaction, as if one after the other: takes each one's cursor off
    /// the pending pages, appends its `next`, adds `read` and `total`, and replaces records of the same ids, accepted or
    /// rejected. `kinds` and `reasons` are the names that observations and rejections index. Returns what it skipped.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it; then nothing of these pages is stored.
    async fn commit_pages(
        &self,
        lock: &SyncLock,
        pull: PullId,
        pages: Vec<CommittedPage>,
        kinds: &[String],
        reasons: &[String],
    ) -> Result<Skipped, StoreError>;

    /// Ends a pull in one transaction.
    ///
    /// A finished pull deletes the records of its window and kinds that it has not seen, and covers the window; unless it
    /// read fewer rows than the smallest total the source gave, or, if it does not decide, more than half of the
    /// observations stored before would go.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn end_pull(&self, lock: &SyncLock, pull: PullId, action: PullAction) -> Result<PullEnd, StoreError>;

    /// Stores the outcome of a provider's sync.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn finish_sync(&self, lock: &SyncLock, outcome: &SyncOutcome) -> Result<(), StoreError>;
}

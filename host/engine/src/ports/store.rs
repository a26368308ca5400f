//! The store, as the use cases need it. Whatever implements it passes the contract test in the store crate.

use async_trait::async_trait;
use scoresheet_domain::{
    Client, ClientId, ClientRef, Cursor, Digest, Instant, ObservationPage, ProblemKind, ProviderName, SourceClient,
    SourceId, Window,
    mapping::{Decision, FormerTie},
};

use super::{Alerts, Attribution, AuditLog, AuditNote, Entries, Events, Facts, Journal, Retention, Sheets};

/// Whose data: a provider under one set of settings. Other settings start anew.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Scope {
    /// The provider, as the configuration names it.
    pub provider: ProviderName,
    /// The digest of the component's id and of its settings.
    pub settings: Digest,
}

/// Whether a pull is of every client or of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientScope {
    /// Every client: authoritative for its window, and covers it once complete.
    All,
    /// One client: adds and replaces, withdraws nothing, covers nothing.
    One(SourceId),
}

/// Names a pull within the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PullId(pub i64);

/// A pull that has begun and is not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPull {
    /// Its name within the store.
    pub id: PullId,
    /// What it covers once complete.
    pub window: Window,
    /// When it began.
    pub began: Instant,
    /// Whether a person asked for it to decide, even if most of the old data goes (`sync --full`).
    pub decides: bool,
    /// Whether its first page has been committed.
    pub started: bool,
    /// Pages still to fetch, in the order in which they are applied.
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

/// Records of pages that were not kept, because nothing is to be known of them any more: those of clients that were
/// erased, and those that ended before the time up to which the store was pruned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Observations.
    pub observations: u64,
    /// Rejected records.
    pub rejected: u64,
}

/// How a pull of every client ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullEnd {
    /// Its window is covered; so many events that the source no longer has were withdrawn.
    Covered {
        /// How many were withdrawn.
        withdrawn: u64,
    },
    /// More than half of the window's events would have gone: nothing was withdrawn, nothing covered.
    Suspicious {
        /// How many would have gone.
        would_go: u64,
        /// Of how many that stood before.
        of: u64,
    },
}

/// How a provider's last sync went. Kept for each scope.
#[derive(Clone, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct SyncRecord {
    /// When the last sync began, whatever came of it.
    pub last_attempt: Option<Instant>,
    /// When the last one that went well began.
    pub last_success: Option<Instant>,
    /// Why the last one failed: kind, message, and the [`Remedy`](scoresheet_domain::Remedy) as JSON. `None` if it
    /// succeeded.
    pub failure: Option<(ProblemKind, String, String)>,
}

/// The observations of a window, those of one client and kind together, so that each is little more than its figures.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Samples {
    /// Whose they are.
    pub refs: Vec<ClientRef>,
    /// Names of their kinds.
    pub kinds: Vec<String>,
    /// The samples, in no particular order; none of these is empty.
    pub series: Vec<Series>,
}

/// Observations of one client and one kind, in no particular order.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Series {
    /// Index into [`Samples::refs`].
    pub client: u32,
    /// Index into [`Samples::kinds`].
    pub kind: u32,
    /// What happened.
    pub events: Events,
    /// What held for a while, or still holds.
    pub states: Vec<StateSample>,
}

impl Series {
    /// How many observations there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.events.len() + self.states.len()
    }

    /// How many of these are events inside a window, or states that overlap it.
    #[must_use]
    pub fn count_within(&self, window: Window) -> u64 {
        let events = self.events.iter().filter(|it| window.contains(it.at)).count();
        let states = self.states.iter().filter(|it| it.at < window.end && window.start < it.until).count();
        (events + states) as u64
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// An event in the store. There may be millions, so it has no end of its own; many together are [`Events`].
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(from = "(i64, f64)", into = "(i64, f64)")]
pub struct EventSample {
    /// When it happened.
    pub at: Instant,
    /// The figure.
    pub value: f64,
}

/// A state in the store.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(from = "(i64, i64, f64)", into = "(i64, i64, f64)")]
pub struct StateSample {
    /// When it began.
    pub at: Instant,
    /// When it ended: [`Instant::MAX`] where it still holds.
    pub until: Instant,
    /// The figure.
    pub value: f64,
}

// Written down without names: there may be millions.
impl From<EventSample> for (i64, f64) {
    fn from(event: EventSample) -> Self {
        (event.at.millis(), event.value)
    }
}

impl From<(i64, f64)> for EventSample {
    fn from((at, value): (i64, f64)) -> Self {
        Self { at: Instant::from_millis(at), value }
    }
}

impl From<StateSample> for (i64, i64, f64) {
    fn from(state: StateSample) -> Self {
        (state.at.millis(), state.until.millis(), state.value)
    }
}

impl From<(i64, i64, f64)> for StateSample {
    fn from((at, until, value): (i64, i64, f64)) -> Self {
        Self { at: Instant::from_millis(at), until: Instant::from_millis(until), value }
    }
}

/// Rejected records of one client, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct RejectionCount {
    /// Whose they are, where the source said.
    pub client: Option<ClientRef>,
    /// The id of the reason.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// Who writes to a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseHolder {
    /// Unique for each taking of the lease.
    pub token: String,
    /// The host's name.
    pub host: String,
    /// The process on that host.
    pub pid: u32,
    /// What it does: "sync".
    pub task: String,
    /// For whom: the one to whom the audit log puts down what is changed under this lease.
    pub user: String,
}

/// What went wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process writes to it.
    #[error("the store is in use: {task} by process {pid} on {host}, since {since}; wait for it, or stop it")]
    Held {
        /// What it does.
        task: String,
        /// The process.
        pid: u32,
        /// The host it runs on.
        host: String,
        /// Since when.
        since: Instant,
    },
    /// The lease ran out or was taken over: nothing more may be written.
    #[error("this process lost the store's lease: another one took it over")]
    LeaseLost,
    /// The store was written by a newer version of this program.
    #[error("the store has schema {found}, newer than the {known} this version knows: use the newer version")]
    NewerSchema {
        /// The store's.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// The address names no store this program can open.
    #[error("{0}")]
    Address(String),
    /// The database failed.
    #[error("the store failed while {doing}: {message}")]
    Database {
        /// What was tried.
        doing: &'static str,
        /// What the database said.
        message: String,
    },
}

/// Keeps clients, observations, decisions and the books of every sync.
///
/// Reading never waits for a writer. What a user changes (the roster, decisions, overrides and manual scores, alerts) is
/// a short transaction that takes an [`Attribution`] and never waits for a sync. Every other write asks for the lease
/// that [`Store::acquire_lease`] took and is refused with [`StoreError::LeaseLost`] where it is not held.
///
/// The audit entry of a change is part of its transaction. Its actor and time are the attribution's; under the lease,
/// they are the holder and the time that the lease was last told.
#[async_trait]
pub trait Store: Facts + Alerts + AuditLog + Journal + Retention + Entries + Sheets + Send + Sync {
    /// Takes the lease for this store object, or says who holds it. A holder on the same host whose process is gone is no obstacle.
    ///
    /// # Errors
    /// [`StoreError::Held`] where another holds it.
    async fn acquire_lease(&self, holder: &LeaseHolder, now: Instant) -> Result<(), StoreError>;

    /// Keeps the lease for another [`LEASE_SECS`]; call it well before that.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] where it was taken over.
    async fn renew_lease(&self, holder: &LeaseHolder, now: Instant) -> Result<(), StoreError>;

    /// Gives the lease back; nothing happens where it is not held.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn release_lease(&self, holder: &LeaseHolder) -> Result<(), StoreError>;

    /// Puts this roster in the place of the former.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn replace_roster(&self, by: &Attribution, clients: &[Client]) -> Result<(), StoreError>;

    /// Keeps a person's decision, in the place of an earlier one on the same two.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn decide(&self, by: &Attribution, provider: &ProviderName, decision: &Decision) -> Result<(), StoreError>;

    /// Forgets a client's decisions, of one provider or of all; gives how many there were.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn clear_decisions(
        &self,
        by: &Attribution,
        client: &ClientId,
        provider: Option<&ProviderName>,
    ) -> Result<u64, StoreError>;

    /// Keeps these in the place of the former. They say what is so already, so the audit log has nothing of them.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn keep_ties(&self, provider: &ProviderName, ties: &[FormerTie]) -> Result<(), StoreError>;

    /// Puts these in the place of the former, but for those that were erased; gives how many those are.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn replace_source_clients(&self, scope: &Scope, clients: &[SourceClient]) -> Result<u64, StoreError>;

    /// The pulls of every client that were begun and not finished, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn open_pulls(&self, scope: &Scope) -> Result<Vec<OpenPull>, StoreError>;

    /// Begins a pull.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn begin_pull(
        &self,
        scope: &Scope,
        window: Window,
        clients: &ClientScope,
        decides: bool,
        now: Instant,
    ) -> Result<OpenPull, StoreError>;

    /// Commits pages and their bookkeeping in one transaction, as if one after the other: takes each
    /// one's cursor off the pending pages, appends its `next`, replaces records of the same ids, whether
    /// they counted or were rejected. `kinds` and `reasons` are the names that the pages' observations and
    /// rejections index. Says what it skipped.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it; then nothing of these pages is kept.
    async fn commit_pages(
        &self,
        pull: PullId,
        pages: Vec<CommittedPage>,
        kinds: &[String],
        reasons: &[String],
    ) -> Result<Skipped, StoreError>;

    /// Ends a pull all of whose pages are committed, in one transaction.
    ///
    /// A pull of every client withdraws the records of its window that it has not seen,
    /// unless more than half of the events that stood before would go and the pull does not
    /// decide; then it covers the window. A pull of one client withdraws and covers nothing.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn finish_pull(&self, pull: PullId) -> Result<PullEnd, StoreError>;

    /// Forgets a pull that is not to be resumed. The pages it committed stay.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn abandon_pull(&self, pull: PullId) -> Result<(), StoreError>;

    /// Keeps how the last sync went, and in the same transaction what the audit log is to say of it.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn put_sync_record(&self, scope: &Scope, record: &SyncRecord, notes: &[AuditNote]) -> Result<(), StoreError>;
}

/// For how many seconds a lease holds without being renewed.
pub const LEASE_SECS: i64 = 60;

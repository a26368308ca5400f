//! The store in one SQLite file: connections here, each group of queries in its module.
//!
//! One connection writes, a few read; in SQLite's write-ahead log neither waits for the other.
//! What is one step for the caller is one transaction here. Statements with many rows are
//! prepared once for a fixed number of them, because a statement costs more than a row.

mod alerts;
mod audit;
mod cache;
mod entries;
mod erase;
mod error;
mod facts;
mod file;
mod journal;
mod lease;
mod lift;
mod naming;
mod page;
mod pull;
mod retention;
mod roster;
mod rows;
mod samples;
mod schema;
mod series;
mod sheets;
mod sorter;
mod source;
mod ties;

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use scoresheet_domain::{
    Client, ClientId, Instant, ProviderName, SourceClient, Window,
    mapping::{Decision, FormerTie},
};
use scoresheet_engine::{
    AuditNote, ClientScope, CommittedPage, LeaseHolder, OpenPull, PullEnd, PullId, Scope, Skipped, Store, StoreError,
    SyncRecord,
};
use sqlx::{
    ConnectOptions, Connection, Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous},
};

use self::error::failed;

/// How long one process waits for another's transaction. The longest are the end of a large pull and a migration.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// How many connections read side by side; each is a thread and at most 2 MB of cached pages.
const READERS: u32 = 4;

/// Pages that the writing connection caches, in KiB. It holds the part of the tree that a sync
/// appends to; more would only make a large store look large in memory.
const WRITER_CACHE_KIB: u32 = 8 * 1024;

/// Pages in the write-ahead log from which on they are brought over into the file: 32 MiB. One that is written
/// several times until then, as those of records that come in no order are, is brought over once.
const LOG_PAGES: u32 = 8_000;

/// What the write-ahead log's file is cut back to after a large transaction, in bytes.
const LOG_LIMIT_BYTES: u32 = 64 * 1024 * 1024;

/// How many rows travel at once between SQLite's thread and the caller's; more means fewer waits.
const ROWS_IN_FLIGHT: usize = 512;

/// The [`Store`] in one SQLite file.
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    held: lease::Held,
    series: series::Cache,
    over_nothing: pull::OverNothing,
    cache: cache::Gathered,
}

impl SqliteStore {
    /// Opens the file, and creates it where there is none, for this user alone (mode 0600).
    ///
    /// Waits for no writer, unless the schema has to be brought up to date first.
    ///
    /// # Errors
    /// [`StoreError::Address`] where the file cannot be used: it is a folder, read-only, damaged,
    /// no database, or another program's; or its folder is missing. [`StoreError::NewerSchema`]
    /// where a newer version of this program wrote it. Nothing is changed in any of these cases.
    #[tracing::instrument(name = "store.open", level = "debug", skip_all)]
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_waiting(path, BUSY_TIMEOUT).await
    }

    /// The same, waiting for others no longer than that.
    async fn open_waiting(path: &Path, busy_timeout: Duration) -> Result<Self, StoreError> {
        let path = file::prepare(path)?;
        let failed = failed("opening it");
        // The journal's mode is left alone until the file is known to be this program's.
        let bare = SqliteConnectOptions::new()
            .filename(&path)
            .busy_timeout(busy_timeout)
            .thread_name(|number| format!("store-{number}"))
            .disable_statement_logging();
        let mut connection = bare.connect().await.map_err(|error| match error::fault_of_file(&error) {
            Some(fault) => StoreError::Address(format!("the store's file {} {fault}", path.display())),
            None => failed(error),
        })?;
        schema::adopt(&mut connection, &path, schema::MIGRATIONS).await?;
        connection.close().await.map_err(failed)?;

        let options = bare
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .row_buffer_size(ROWS_IN_FLIGHT)
            .pragma("journal_size_limit", LOG_LIMIT_BYTES.to_string());
        let pool = || {
            SqlitePoolOptions::new()
                .test_before_acquire(false)
                .max_lifetime(None)
                .acquire_timeout(Duration::from_secs(120))
                // SQLite may end a transaction by itself when the disk is full or fails; the driver
                // then counts one that is no more, and would refuse to begin another.
                .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
        };
        Ok(Self {
            writer: pool()
                .max_connections(1)
                .idle_timeout(None)
                // Made when it is needed: whoever only reads needs none.
                .connect_lazy_with(
                    options
                        .clone()
                        .pragma("cache_size", format!("-{WRITER_CACHE_KIB}"))
                        // What a statement may have to take back: into a file, it is more to write than the log
                        // itself, and outside the folder that the store keeps to.
                        .pragma("temp_store", "MEMORY")
                        .pragma("wal_autocheckpoint", LOG_PAGES.to_string()),
                ),
            readers: pool().max_connections(READERS).connect_lazy_with(options.pragma("query_only", "ON")),
            held: lease::Held::default(),
            series: series::Cache::default(),
            over_nothing: pull::OverNothing::default(),
            cache: cache::Gathered::default(),
        })
    }

    /// A transaction that may write, begun under the lease.
    async fn write(&self, doing: &'static str) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.write_by(doing).await?.0)
    }

    /// The same, with what the audit log is to say of it.
    async fn write_by(
        &self,
        doing: &'static str,
    ) -> Result<(Transaction<'static, Sqlite>, lease::Attribution), StoreError> {
        lease::begin_write(&self.writer, &self.readers, &self.held, doing).await
    }

    /// A transaction that sees one state of the store throughout.
    async fn read(&self, doing: &'static str) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.readers.begin().await.map_err(failed(doing))
    }
}

#[async_trait]
impl Store for SqliteStore {
    #[tracing::instrument(name = "store.acquire_lease", level = "debug", skip_all)]
    async fn acquire_lease(&self, holder: &LeaseHolder, now: Instant) -> Result<(), StoreError> {
        // Until now another process may have written.
        self.series.forget();
        lease::acquire(&self.writer, &self.readers, &self.held, holder, now).await
    }

    #[tracing::instrument(name = "store.renew_lease", level = "debug", skip_all)]
    async fn renew_lease(&self, holder: &LeaseHolder, now: Instant) -> Result<(), StoreError> {
        lease::renew(&self.writer, &self.held, holder, now).await
    }

    #[tracing::instrument(name = "store.release_lease", level = "debug", skip_all)]
    async fn release_lease(&self, holder: &LeaseHolder) -> Result<(), StoreError> {
        if let Some(waiting) = self.cache.take() {
            // What cannot be written is asked for again; that is no reason to keep the lease.
            match self.write(cache::STORING).await {
                Ok(transaction) => {
                    if let Err(error) = cache::store(transaction, waiting).await {
                        tracing::warn!(%error, "responses could not be kept");
                    }
                }
                Err(StoreError::LeaseLost) => {}
                Err(error) => tracing::warn!(%error, "responses could not be kept"),
            }
        }
        lease::release(&self.writer, &self.held, holder).await
    }

    #[tracing::instrument(name = "store.replace_roster", level = "debug", skip_all, fields(clients = clients.len()))]
    async fn replace_roster(&self, clients: &[Client]) -> Result<(), StoreError> {
        roster::replace(self.write_by(roster::REPLACING).await?, clients).await
    }

    #[tracing::instrument(name = "store.decide", level = "debug", skip_all, fields(%provider))]
    async fn decide(&self, provider: &ProviderName, decision: &Decision, at: Instant) -> Result<(), StoreError> {
        roster::decide(self.write_by(roster::DECIDING).await?, provider, decision, at).await
    }

    #[tracing::instrument(name = "store.clear_decisions", level = "debug", skip_all)]
    async fn clear_decisions(&self, client: &ClientId, provider: Option<&ProviderName>) -> Result<u64, StoreError> {
        roster::clear_decisions(self.write_by(roster::CLEARING).await?, client, provider).await
    }

    #[tracing::instrument(name = "store.keep_ties", level = "debug", skip_all, fields(%provider, ties = ties.len()))]
    async fn keep_ties(&self, provider: &ProviderName, ties: &[FormerTie]) -> Result<(), StoreError> {
        ties::keep(self.write(ties::KEEPING).await?, provider, ties).await
    }

    #[tracing::instrument(name = "store.replace_source_clients", level = "debug", skip_all, fields(provider = %scope.provider, clients = clients.len()))]
    async fn replace_source_clients(&self, scope: &Scope, clients: &[SourceClient]) -> Result<u64, StoreError> {
        source::replace_clients(self.write(source::REPLACING).await?, scope, clients).await
    }

    #[tracing::instrument(name = "store.open_pulls", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn open_pulls(&self, scope: &Scope) -> Result<Vec<OpenPull>, StoreError> {
        pull::open(self.read(pull::READING).await?, scope).await
    }

    #[tracing::instrument(name = "store.begin_pull", level = "debug", skip_all, fields(provider = %scope.provider, %window))]
    async fn begin_pull(
        &self,
        scope: &Scope,
        window: Window,
        clients: &ClientScope,
        decides: bool,
        now: Instant,
    ) -> Result<OpenPull, StoreError> {
        pull::begin(self.write(pull::BEGINNING).await?, &self.over_nothing, scope, window, clients, decides, now).await
    }

    #[tracing::instrument(name = "store.commit_pages", level = "debug", skip_all, fields(pull = pull.0, pages = pages.len()))]
    async fn commit_pages(&self, pull: PullId, pages: &[CommittedPage<'_>]) -> Result<Skipped, StoreError> {
        page::commit(self.write(page::COMMITTING).await?, &self.series, pull, pages).await
    }

    #[tracing::instrument(name = "store.finish_pull", level = "debug", skip_all, fields(pull = pull.0))]
    async fn finish_pull(&self, pull: PullId) -> Result<PullEnd, StoreError> {
        pull::finish(self.write_by(pull::FINISHING).await?, &self.over_nothing, pull).await
    }

    #[tracing::instrument(name = "store.abandon_pull", level = "debug", skip_all, fields(pull = pull.0))]
    async fn abandon_pull(&self, pull: PullId) -> Result<(), StoreError> {
        pull::abandon(self.write_by(pull::ABANDONING).await?, pull).await
    }

    #[tracing::instrument(name = "store.put_sync_record", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn put_sync_record(&self, scope: &Scope, record: &SyncRecord, notes: &[AuditNote]) -> Result<(), StoreError> {
        source::put_sync_record(self.write_by(source::RECORDING).await?, scope, record, notes).await
    }
}

#[cfg(test)]
mod tests {
    use scoresheet_domain::ClientId;
    use scoresheet_engine::{BooksLimits, Erasure, Facts as _, Retention as _};

    use super::*;

    async fn open_to_write(folder: &Path) -> SqliteStore {
        let store = SqliteStore::open(&folder.join("a.db")).await.expect("a store");
        let holder =
            LeaseHolder { token: "it".into(), host: "here".into(), pid: 1, task: "sync".into(), user: "anna".into() };
        store.acquire_lease(&holder, Instant::from_millis(0)).await.expect("the lease");
        store
    }

    fn clients(count: usize) -> Vec<Client> {
        let client = |number| Client {
            id: ClientId::new(format!("{number:08}")).expect("an id"),
            name: "a name of some length, so that many of them need many pages of the file".into(),
            kind: None,
            active: true,
            domains: Vec::new(),
            aliases: Vec::new(),
            attributes: Vec::new(),
        };
        (0..count).map(client).collect()
    }

    #[tokio::test]
    async fn a_full_disk_keeps_nothing_of_the_step_and_the_next_one_goes_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open_to_write(folder.path()).await;
        store.replace_roster(&clients(10)).await.expect("a write");
        sqlx::query("PRAGMA max_page_count = 1").execute(&store.writer).await.expect("no page more than there are");
        let error = store.replace_roster(&clients(5_000)).await.expect_err("it does not fit");
        assert!(error.to_string().contains("the disk is full"), "{error}");
        assert_eq!(store.roster().await.expect("a roster"), clients(10));

        sqlx::query("PRAGMA max_page_count = 1000000").execute(&store.writer).await.expect("room again");
        store.replace_roster(&clients(5_000)).await.expect("a write");
        assert_eq!(store.roster().await.expect("a roster").len(), 5_000);
    }

    #[tokio::test]
    async fn a_transaction_that_sqlite_ended_stands_in_nobodys_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open_to_write(folder.path()).await;
        let mut transaction = store.write("testing").await.expect("a transaction");
        // What SQLite does by itself after some errors.
        sqlx::query("ROLLBACK").execute(&mut *transaction).await.expect("ended");
        drop(transaction);
        store.replace_roster(&clients(1)).await.expect("a write");
    }

    #[tokio::test]
    async fn a_step_that_is_given_up_midway_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open_to_write(folder.path()).await;
        store.replace_roster(&clients(10)).await.expect("a write");
        // As where the caller's future is dropped between two statements.
        let mut transaction = store.write("testing").await.expect("a transaction");
        sqlx::query("DELETE FROM client").execute(&mut *transaction).await.expect("a statement");
        drop(transaction);
        assert_eq!(store.roster().await.expect("a roster"), clients(10));
        store.replace_roster(&clients(3)).await.expect("a write");
        assert_eq!(store.roster().await.expect("a roster"), clients(3));
    }

    #[tokio::test]
    async fn a_lock_that_is_not_given_up_is_told_with_who_may_have_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let short = Duration::from_millis(20);
        let (store, other) =
            (SqliteStore::open_waiting(&path, short).await.expect("a store"), open_to_write(folder.path()).await);
        let _writing = other.write("testing").await.expect("a transaction");
        let second =
            LeaseHolder { token: "2".into(), host: "here".into(), pid: 2, task: "sync".into(), user: "bob".into() };
        let error = store.acquire_lease(&second, Instant::from_millis(0)).await.expect_err("it is locked");
        let told = error.to_string();
        assert!(told.contains("taking its lease") && told.contains("sync by process 1 on here holds it"), "{told}");
    }

    #[tokio::test]
    async fn a_lock_of_another_program_is_told_as_such() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let store = SqliteStore::open_waiting(&path, Duration::from_millis(20)).await.expect("a store");
        let mut other = SqliteConnectOptions::new().filename(&path).connect().await.expect("a connection");
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.expect("locked");
        let holder =
            LeaseHolder { token: "1".into(), host: "here".into(), pid: 1, task: "sync".into(), user: "bob".into() };
        let told = store.acquire_lease(&holder, Instant::from_millis(0)).await.expect_err("it is locked").to_string();
        assert!(told.contains("nobody holds its lease: close what has the file open"), "{told}");
    }

    #[tokio::test]
    async fn where_somebody_reads_an_erasure_says_that_bytes_may_be_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let store = SqliteStore::open_waiting(&path, Duration::from_millis(20)).await.expect("a store");
        let holder =
            LeaseHolder { token: "1".into(), host: "here".into(), pid: 1, task: "erase".into(), user: "bob".into() };
        store.acquire_lease(&holder, Instant::from_millis(0)).await.expect("the lease");
        store.replace_roster(&clients(10)).await.expect("a write");
        let mut reader = store.read("testing").await.expect("a transaction");
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM client").fetch_one(&mut *reader).await.expect("a count");
        assert_eq!(count, 10);
        let erasure = Erasure { client: clients(1)[0].id.clone(), names: Vec::new(), sources: Vec::new() };
        let erased = store.erase(&erasure).await.expect("erased");
        assert!(erased.roster && !erased.wiped, "{erased:?}");
        assert!(erase::is_wipe_due(&store.writer).await.expect("an answer"));
        let limits = BooksLimits {
            access_before: Instant::from_millis(0),
            access_entries: 1,
            audit_before: None,
            sheets_before: None,
        };
        store.prune_books(&limits).await.expect("somebody still reads, which is no failure");
        reader.commit().await.expect("an end");
        store.prune_books(&limits).await.expect("pruned");
        assert!(!erase::is_wipe_due(&store.writer).await.expect("an answer"));
        let erased = store.erase(&erasure).await.expect("erased");
        assert!(!erased.roster && erased.wiped, "{erased:?}");
    }

    #[tokio::test]
    async fn connections_are_set_for_safety() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(&folder.path().join("a.db")).await.expect("a store");
        for (pool, query_only) in [(&store.writer, 0), (&store.readers, 1)] {
            for (pragma, expected) in [
                ("SELECT * FROM pragma_synchronous", 2),
                ("SELECT * FROM pragma_foreign_keys", 1),
                ("SELECT * FROM pragma_query_only", query_only),
                ("SELECT timeout = 30000 FROM pragma_busy_timeout", 1),
                ("SELECT journal_mode = 'wal' FROM pragma_journal_mode", 1),
            ] {
                let set: i64 = sqlx::query_scalar(pragma).fetch_one(pool).await.expect(pragma);
                assert_eq!(set, expected, "{pragma}");
            }
        }
    }
}

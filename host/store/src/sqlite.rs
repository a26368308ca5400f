//! The store in one SQLite file: connections here, the port's methods in [`port`], each group of queries in its module.
//!
//! One connection writes, a few read; with SQLite's write-ahead log neither waits for the other. Every port method is
//! one transaction, run on tokio's blocking threads, so that rows are stepped on the thread that asks for them.

mod alerts;
mod audit;
mod change;
mod entries;
mod erase;
mod error;
mod file;
mod lock;
mod naming;
mod page;
mod port;
mod pull;
mod query;
mod retention;
mod roster;
mod samples;
mod schema;
mod series;
mod sheets;
mod source;
mod usage;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex as Lock, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use scoresheet_engine::StoreError;
use tokio::sync::{Mutex, Semaphore};

use self::error::{Failed, fault_of_file, is_busy};

/// How long one process waits for another's transaction. The longest is the end of a large pull.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections that read at the same time; each has at most 2 MB of cached pages.
const READERS: usize = 4;

/// Statements that a connection keeps prepared: all that there are.
const CACHED_STATEMENTS: usize = 160;

/// Pages that the writing connection caches, in KiB. It holds the part of the tree that a sync appends to; more would
/// only grow with the store.
const WRITER_CACHE_KIB: i64 = 8 * 1024;

/// Pages in the write-ahead log before they are copied into the file: 32 MiB. A page that is written several times
/// until then, as pages of records in no order are, is copied once.
const LOG_PAGES: i64 = 8_000;

/// The size to which the write-ahead log's file is truncated after a large transaction, in bytes.
const LOG_LIMIT_BYTES: i64 = 64 * 1024 * 1024;

/// The [`Store`](scoresheet_engine::Store) in one SQLite file.
pub struct SqliteStore {
    opener: Opener,
    /// Opened for the first write: whoever only reads needs none.
    writer: Arc<Mutex<Option<Writer>>>,
    readers: Arc<Readers>,
}

/// The connection that writes.
struct Writer {
    connection: Connection,
    series: series::Cache,
}

/// Opens connections to one file.
#[derive(Clone)]
struct Opener {
    path: PathBuf,
    busy_timeout: Duration,
}

impl Opener {
    /// Opens the file, without creating it and without changing its journal mode.
    fn open(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(self.busy_timeout)?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        Ok(connection)
    }

    fn open_configured(&self) -> rusqlite::Result<Connection> {
        let connection = self.open()?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "journal_size_limit", LOG_LIMIT_BYTES)?;
        Ok(connection)
    }

    fn writer(&self) -> rusqlite::Result<Writer> {
        let connection = self.open_configured()?;
        connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        // The rollback data of one statement: in a file it is more to write than the log itself, outside the folder.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        Ok(Writer { connection, series: series::Cache::default() })
    }

    fn reader(&self) -> rusqlite::Result<Connection> {
        let connection = self.open_configured()?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }
}

struct Readers {
    permits: Arc<Semaphore>,
    idle: Lock<Vec<Connection>>,
}

impl Readers {
    fn take(&self, opener: &Opener) -> rusqlite::Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| opener.reader(), Ok)
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

/// Runs blocking work on its own thread; a panic continues here.
async fn on_blocking_thread<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> Result<T, Failed> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| error.while_doing(doing)),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Failed::Message("the program is ending".to_owned()).while_doing(doing)),
        },
    }
}

impl SqliteStore {
    /// Opens the file, and creates it where there is none, for this user alone (mode 0600).
    ///
    /// Waits for no writer, unless the schema has to be created first.
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
        let opener = Opener { path: file::prepare(path)?, busy_timeout };
        let open = opener.clone();
        let adopt = move || {
            let mut connection = open.open().map_err(|error| match fault_of_file(&error) {
                Some(fault) => StoreError::Address(format!("the store's file {} {fault}", open.path.display())).into(),
                None => Failed::from(error),
            })?;
            Ok(schema::adopt(&mut connection, &open.path, include_str!("schema.sql"))?)
        };
        on_blocking_thread("opening it", adopt).await?;
        Ok(Self {
            opener,
            writer: Arc::default(),
            readers: Arc::new(Readers { permits: Arc::new(Semaphore::new(READERS)), idle: Lock::default() }),
        })
    }

    /// Runs work on the writing connection, outside of any transaction.
    async fn with_writer<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut Writer) -> Result<T, Failed> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut slot = Arc::clone(&self.writer).lock_owned().await;
        let opener = self.opener.clone();
        on_blocking_thread(doing, move || {
            let writer = match &mut *slot {
                Some(writer) => writer,
                None => slot.insert(opener.writer()?),
            };
            work(writer)
        })
        .await
    }

    /// Runs work in a transaction that may write; it is rolled back where the work fails.
    async fn transact<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>, &mut series::Cache) -> Result<T, Failed> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (opener, readers) = (self.opener.clone(), Arc::clone(&self.readers));
        self.with_writer(doing, move |writer| {
            // Put back once the transaction is committed: after one that fails or panics, it may hold series that were
            // rolled back.
            let mut series = std::mem::take(&mut writer.series);
            let transaction = match writer.connection.transaction_with_behavior(TransactionBehavior::Immediate) {
                Ok(transaction) => transaction,
                Err(error) if is_busy(&error) => return Err(who_is_busy(&opener, &readers, error)),
                Err(error) => return Err(error.into()),
            };
            let done = work(&transaction, &mut series)?;
            transaction.commit()?;
            writer.series = series;
            Ok(done)
        })
        .await
    }

    /// Runs work in a transaction that sees one state of the store.
    async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Failed> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.readers.permits).acquire_owned().await;
        let (readers, opener) = (Arc::clone(&self.readers), self.opener.clone());
        on_blocking_thread(doing, move || {
            let _permit = permit;
            let mut connection = readers.take(&opener)?;
            let done = connection.transaction().map_err(Failed::from).and_then(|transaction| work(&transaction));
            readers.give_back(connection);
            done
        })
        .await
    }
}

/// Another process kept the database locked for too long: says which one that may be.
fn who_is_busy(opener: &Opener, readers: &Readers, error: rusqlite::Error) -> Failed {
    let Ok(reader) = readers.take(opener) else { return error.into() };
    let holders = lock::holders(&reader);
    readers.give_back(reader);
    let Ok(holders) = holders else { return error.into() };
    if holders.is_empty() {
        let message =
            "it stayed locked for too long, and no sync is running: close what has the file open, then try again";
        return Failed::Message(message.to_owned());
    }
    let syncs: Vec<String> =
        holders.iter().map(|(provider, actor)| format!("{provider} is being synced by {actor}")).collect();
    Failed::Message(format!("it stayed locked for too long: {}; try again", syncs.join(", ")))
}

#[cfg(test)]
mod tests {
    use scoresheet_domain::{Client, ClientId, ClientRef, Digest, Instant, ProviderName, SourceId, Window};
    use scoresheet_engine::{
        Attribution, Erasure, MaintenanceStore as _, PruneLimits, Scope, SheetStore as _, SyncLock, SyncStore as _,
        UserChange, UserStore as _,
    };

    use super::*;

    fn by() -> Attribution {
        Attribution { actor: "anna@here".into(), at: Instant::from_millis(0) }
    }

    async fn open(folder: &Path) -> SqliteStore {
        SqliteStore::open_waiting(&folder.join("a.db"), Duration::from_millis(20)).await.expect("a store")
    }

    async fn replace_roster(store: &SqliteStore, clients: Vec<Client>) -> Result<Option<u64>, StoreError> {
        store.apply(&by(), &UserChange::ReplaceRoster(clients)).await
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
    async fn full_disk_keeps_nothing_of_the_step_and_the_next_one_succeeds() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path()).await;
        let limit = |pages: i64| {
            store.with_writer("testing", move |writer| {
                writer.connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
                Ok(())
            })
        };
        replace_roster(&store, clients(10)).await.expect("a write");
        limit(1).await.expect("no more pages than there are");
        let error = replace_roster(&store, clients(5_000)).await.expect_err("it does not fit");
        assert!(error.to_string().contains("the disk is full"), "{error}");
        assert_eq!(store.roster().await.expect("a roster"), clients(10));

        limit(1_000_000).await.expect("room again");
        replace_roster(&store, clients(5_000)).await.expect("a write");
        assert_eq!(store.roster().await.expect("a roster").len(), 5_000);
    }

    #[tokio::test]
    async fn failed_or_panicking_step_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(open(folder.path()).await);
        replace_roster(&store, clients(10)).await.expect("a write");
        let failing = store.transact("testing", |transaction, _| {
            transaction.execute_batch("DELETE FROM client")?;
            Err::<(), _>(Failed::Message("midway".to_owned()))
        });
        assert_eq!(failing.await.expect_err("it fails").to_string(), "the store failed while testing: midway");
        // SQLite ends a transaction by itself after some errors.
        let ended = store.transact("testing", |transaction, _| Ok(transaction.execute_batch("ROLLBACK")?)).await;
        ended.expect_err("nothing to commit");
        let panicking = Arc::clone(&store);
        let task = tokio::spawn(async move {
            let panic = |transaction: &Transaction<'_>, _: &mut series::Cache| {
                transaction.execute_batch("DELETE FROM client")?;
                panic!("midway")
            };
            panicking.transact::<()>("testing", panic).await
        });
        assert!(task.await.expect_err("it panics").is_panic());
        assert_eq!(store.roster().await.expect("a roster"), clients(10));
        replace_roster(&store, clients(3)).await.expect("a write");
        assert_eq!(store.roster().await.expect("a roster"), clients(3));
    }

    #[tokio::test]
    async fn abandoned_read_returns_its_connection() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path()).await;
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let reading = store.read("testing", move |_| Ok(ended.recv().is_ok()));
        tokio::time::timeout(Duration::from_millis(20), reading).await.expect_err("it takes longer");
        drop(end);
        // Its connection comes back: more reads than there are readers succeed.
        for _ in 0..2 * READERS {
            store.roster().await.expect("a roster");
        }
    }

    #[tokio::test]
    async fn reading_samples_ends_once_the_caller_is_gone() {
        const RECORDS: &str = "INSERT INTO scope VALUES (1, 'crewhu', zeroblob(32));
            INSERT INTO series VALUES (1, 1, 'id', 'a', 0, 'overall'), (2, 1, 'id', 'b', 0, 'overall');
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10000)
            INSERT INTO record SELECT 1, n, 1, n, n, 1.0, 1 FROM n";
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path()).await;
        store.with_writer("testing", |writer| Ok(writer.connection.execute_batch(RECORDS)?)).await.expect("records");
        let provider = ProviderName::new("crewhu").expect("a name");
        let scope = Scope { provider, settings: Digest::ZERO };
        // Also where no record is of the clients asked for.
        for (client, samples) in [("a", 10_000), ("b", 0)] {
            for gone in [false, true] {
                let scope = scope.clone();
                let client = ClientRef::from_id(SourceId::new(client).expect("an id"));
                let read = store.read("testing", move |transaction| {
                    let window = Window { start: Instant::MIN, end: Instant::MAX };
                    let kinds = ["overall".to_owned()];
                    samples::samples(transaction, &scope, window, &kinds, Some(&[client]), || gone)
                });
                match read.await {
                    Ok(found) => assert_eq!((found.iter().map(|it| it.samples.len()).sum(), gone), (samples, false)),
                    Err(error) => assert!(gone && error.to_string().contains("no longer waits"), "{error}"),
                }
            }
        }
    }

    #[tokio::test]
    async fn busy_database_names_who_may_hold_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path()).await;
        let other = Connection::open(folder.path().join("a.db")).expect("a connection");
        other.execute_batch("BEGIN IMMEDIATE").expect("locked");
        let error = replace_roster(&store, Vec::new()).await.expect_err("it is locked").to_string();
        assert!(error.contains("replacing the roster") && error.contains("no sync is running"), "{error}");
        other.execute_batch("COMMIT").expect("free");
        for (provider, actor) in [("crewhu", "anna@here"), ("connectwise", "bob@there")] {
            let by = Attribution { actor: actor.into(), ..by() };
            let lock = SyncLock { provider: ProviderName::new(provider).expect("a name"), instance: "a".into(), by };
            store.lock(&lock, Instant::from_millis(0)).await.expect("locked");
        }
        other.execute_batch("BEGIN IMMEDIATE").expect("locked");
        let error = replace_roster(&store, Vec::new()).await.expect_err("it is locked").to_string();
        let holders = "connectwise is being synced by bob@there, crewhu is being synced by anna@here; try again";
        assert!(error.contains(holders), "{error}");
    }

    #[tokio::test]
    async fn erasure_reports_bytes_left_while_somebody_reads() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path()).await;
        let is_due = || store.with_writer("testing", |writer| erase::is_wipe_due(&writer.connection));
        replace_roster(&store, clients(10)).await.expect("a write");
        let mut connection = Connection::open(folder.path().join("a.db")).expect("a connection");
        let reader = connection.transaction().expect("a transaction");
        let count: i64 = query::one(&reader, "SELECT count(*) FROM client", [], query::column).expect("a count");
        assert_eq!(count, 10);
        let erasure = Erasure { client: clients(1)[0].id.clone(), names: Vec::new(), sources: Vec::new() };
        let erased = store.erase(&by(), &erasure).await.expect("erased");
        assert!(erased.roster && !erased.wiped, "{erased:?}");
        assert!(is_due().await.expect("an answer"));
        let limits = PruneLimits {
            observations_before: None,
            access_before: Instant::from_millis(0),
            access_entries: 1,
            audit_before: None,
            sheets_before: None,
        };
        store.prune(&by(), &limits).await.expect("a reader is no failure");
        reader.commit().expect("an end");
        store.prune(&by(), &limits).await.expect("pruned");
        assert!(!is_due().await.expect("an answer"));
        let erased = store.erase(&by(), &erasure).await.expect("erased");
        assert!(!erased.roster && erased.wiped, "{erased:?}");
    }

    #[tokio::test]
    async fn connections_are_configured_for_safety() {
        fn check(connection: &Connection, query_only: i64) -> Result<(), Failed> {
            for (sql, expected) in [
                ("SELECT * FROM pragma_synchronous", 2),
                ("SELECT * FROM pragma_foreign_keys", 1),
                ("SELECT * FROM pragma_query_only", query_only),
                ("SELECT timeout = 30000 FROM pragma_busy_timeout", 1),
                ("SELECT journal_mode = 'wal' FROM pragma_journal_mode", 1),
            ] {
                assert_eq!(query::one(connection, sql, [], query::column::<i64>)?, expected, "{sql}");
            }
            Ok(())
        }
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(&folder.path().join("a.db")).await.expect("a store");
        store.with_writer("testing", |writer| check(&writer.connection, 0)).await.expect("checked");
        store.read("testing", |connection| check(connection, 1)).await.expect("checked");
    }

    async fn plan(sql: &'static str, params: i64) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path()).await;
        let plan = store.read("testing", move |connection| {
            let sql = format!("EXPLAIN QUERY PLAN {sql}");
            let params = rusqlite::params_from_iter(0..params);
            query::all(connection, &sql, params, |row| Ok(row.get::<_, String>(3)?))
        });
        plan.await.expect("a plan").join("\n")
    }

    #[tokio::test]
    async fn rejected_records_are_found_by_their_own_index() {
        let counted = plan(crate::sql::REJECTIONS, 3).await;
        assert!(counted.contains("record USING COVERING INDEX record_rejected"), "{counted}");
        let deleted = plan(crate::sql::DELETE_UNSEEN_REJECTED, 4).await;
        assert!(deleted.contains("record USING COVERING INDEX record_rejected"), "{deleted}");
    }

    #[tokio::test]
    async fn unlisted_clients_are_found_in_one_pass_over_the_records() {
        let plan = plan(crate::sql::UNLISTED_CLIENTS, 1).await;
        assert_eq!(plan.matches("record USING").count(), 1, "{plan}");
    }
}

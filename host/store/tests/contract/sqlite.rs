//! The SQLite store: the contract, and what is peculiar to one file.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use rusqlite::Connection;
use scoresheet_domain::{Observation, Rejection, When};
use scoresheet_engine::{NewPull, Scope, Store, StoreError};
use scoresheet_store::SqliteStore;

use crate::support::*;

/// A file in a folder of its own.
pub(crate) struct File {
    folder: tempfile::TempDir,
}

impl File {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("scoresheet.db")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file as any other program sees it.
    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.path()).expect("a connection")
    }

    async fn refusal(&self) -> StoreError {
        refusal(&self.path()).await
    }
}

#[async_trait]
impl Place for File {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&self.path()).await.expect("a store"))
    }
}

async fn refusal(path: &Path) -> StoreError {
    SqliteStore::open(path).await.err().expect("no store")
}

/// Ends the sync, which copies the log into the file.
pub(crate) async fn unlock(store: &Arc<dyn Store>, scope: &Scope) {
    store.unlock(&lock(scope)).await.expect("unlocked");
}

pub(crate) fn execute(connection: &Connection, sql: &str) {
    connection.execute_batch(sql).expect("a statement");
}

mod contract {
    crate::contract!(crate::sqlite::File);
}

#[tokio::test]
async fn bundled_sqlite_has_the_wal_reset_fix() {
    let file = File::new();
    let version: String = file.connect().query_row("SELECT sqlite_version()", [], |row| row.get(0)).expect("a version");
    assert!(is_without_the_corruption(&version), "{version}");
    // The least that is, and what its number must not be mistaken for.
    assert!(["3.51.3", "3.52.0", "3.100.0", "4.0.0"].into_iter().all(is_without_the_corruption));
    assert!(!["3.51.2", "3.50.4", "3.7.0", "2.99.99"].into_iter().any(is_without_the_corruption));
}

fn is_without_the_corruption(version: &str) -> bool {
    let parts: Vec<u32> = version.split('.').map(|part| part.parse().expect("a number")).collect();
    parts >= vec![3, 51, 3]
}

#[tokio::test]
async fn address_is_opened_and_created() {
    let file = File::new();
    let url = format!("sqlite://{}", file.path().display());
    let store = scoresheet_store::open(&url).await.expect("a store");
    assert_eq!(store.roster().await.expect("a roster"), []);
    assert!(file.path().is_file());
    for url in ["postgres://me:hunter2@host/db", "scoresheet.db", "sqlite::memory:"] {
        let error = scoresheet_store::open(url).await.err().expect("no store");
        assert!(matches!(error, StoreError::Address(_)), "{error}");
        assert!(error.to_string().contains("sqlite://PATH") && !error.to_string().contains("hunter2"), "{error}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn created_files_are_private_to_the_user() {
    use std::os::unix::fs::PermissionsExt as _;

    let file = File::new();
    let store = file.open().await;
    replace_roster(&store, &[]).await;
    let mut names = Vec::new();
    for entry in fs::read_dir(file.folder.path()).expect("a folder") {
        let entry = entry.expect("an entry");
        assert_eq!(entry.metadata().expect("metadata").permissions().mode() & 0o777, 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().expect("a name"));
    }
    names.sort();
    assert_eq!(names, ["scoresheet.db", "scoresheet.db-shm", "scoresheet.db-wal"]);
}

#[tokio::test]
async fn empty_file_becomes_a_store() {
    let file = File::new();
    fs::write(file.path(), "").expect("a file");
    replace_roster(&file.open().await, &[]).await;
}

#[tokio::test]
async fn new_store_is_opened_many_times_at_once() {
    let file = File::new();
    let path = file.path();
    let opened: Vec<_> = (0..8)
        .map(|_| path.clone())
        .map(|path| tokio::spawn(async move { SqliteStore::open(&path).await.map(|_| ()) }))
        .collect();
    for task in opened {
        task.await.expect("a task").expect("a store");
    }
}

#[tokio::test]
async fn reading_and_opening_do_not_wait_for_a_writer() {
    let (file, crewhu) = (File::new(), scope("crewhu"));
    let store = file.open().await;
    pull(&store, &crewhu, window(0, 100), false, items([event("1", 10, 1.0)])).await;

    let other = file.connect();
    execute(&other, "BEGIN IMMEDIATE; DELETE FROM record; DELETE FROM client; DELETE FROM coverage");
    let reader = file.open().await;
    for store in [&store, &reader] {
        assert_eq!(values(store, &crewhu, ever()).await, [1.0], "what was committed");
        assert_eq!(covered(store, &crewhu).await, [window(0, 100)]);
        assert_eq!(store.roster().await.expect("a roster"), []);
    }
    execute(&other, "COMMIT");
    assert_eq!(values(&reader, &crewhu, ever()).await, [0.0; 0]);
}

#[tokio::test]
async fn unlock_copies_the_log_into_the_file() {
    let (file, crewhu) = (File::new(), scope("crewhu"));
    let store = file.open().await;
    pull(&store, &crewhu, window(0, 100), false, items([event("1", 10, 1.0)])).await;
    unlock(&store, &crewhu).await;
    let copy = File::new();
    fs::copy(file.path(), copy.path()).expect("a copy");
    assert_eq!(values(&copy.open().await, &crewhu, ever()).await, [1.0]);
}

/// The series of `c` are known to the writing connection, and another process deletes and renumbers them meanwhile.
#[tokio::test]
async fn series_deleted_by_another_process_are_looked_up_again() {
    let (file, crewhu) = (File::new(), scope("crewhu"));
    let (first, second) = (file.open().await, file.open().await);
    let of = |id: &str, client: &str, value| Observation { client: by_both(client, client), ..event(id, 50, value) };
    let all = items([of("1", "c", 1.0), of("2", "d", 2.0), of("3", "e", 3.0)]);
    pull(&first, &crewhu, window(0, 100), false, all.clone()).await;
    // Under the same lock all the time: a series's number is given to another client's.
    let open = begin_as(&first, &NewPull { decides: true, ..new_pull(&crewhu, window(0, 200)) }).await;
    commit(&first, &crewhu, open.id, None, &then(all.clone(), &["b"])).await.expect("a page");
    prune_before(&second, 100).await;
    let page = items([Observation { client: by_id("other"), ..event("9", 150, 9.0) }]);
    pull(&second, &crewhu, window(100, 200), false, page).await;
    let later = |id: &str, client, value| Observation { when: When::At(at(160)), ..of(id, client, value) };
    let again = items([later("1", "c", 1.5), later("2", "d", 2.5), later("9", "e", 3.5)]);
    pull(&first, &crewhu, window(100, 200), true, again).await;
    let told: Vec<(String, f64)> = read(&first, &crewhu, ever()).await.into_iter().map(|row| (row.0, row.4)).collect();
    assert_eq!(told, [("c".to_owned(), 1.5), ("d".to_owned(), 2.5), ("e".to_owned(), 3.5)]);
    let named: Vec<String> = source_clients(&first, &crewhu).await.into_iter().map(|client| client.name).collect();
    assert_eq!(named, ["c", "d", "e"]);
}

#[tokio::test]
async fn series_erased_by_another_process_are_looked_up_again() {
    let (file, crewhu) = (File::new(), scope("crewhu"));
    let (first, second) = (file.open().await, file.open().await);
    pull(&first, &crewhu, window(0, 100), false, items([event("1", 10, 1.0)])).await;
    assert_eq!(erase(&second, &erasure("acme", &["c"])).await.observations, 1);
    restore(&second, &by(), "acme").await.expect("it was erased");
    pull(&first, &crewhu, window(0, 100), true, items([event("1", 10, 2.0)])).await;
    assert_eq!(values(&first, &crewhu, ever()).await, [2.0]);
}

/// The same store prunes and erases: its own commits do not change what SQLite calls the data's version.
#[tokio::test]
async fn series_deleted_by_the_same_store_are_looked_up_again() {
    let (file, crewhu) = (File::new(), scope("crewhu"));
    let store = file.open().await;
    let whole = async |value| {
        pull(&store, &crewhu, window(0, 300), true, items([event("1", 250, value)])).await;
        assert_eq!(values(&store, &crewhu, ever()).await, [value]);
    };
    pull(&store, &crewhu, window(0, 300), false, items([event("1", 10, 1.0)])).await;
    prune_before(&store, 200).await;
    whole(2.0).await;
    erase(&store, &erasure("acme", &["c"])).await;
    restore(&store, &by(), "acme").await.expect("it was erased");
    whole(3.0).await;
}

/// A transaction that fails takes the series back that it added.
#[tokio::test]
async fn series_of_a_failed_page_are_looked_up_again() {
    let (file, crewhu) = (File::new(), scope("crewhu"));
    let store = file.open().await;
    let open = begin(&store, &crewhu, window(0, 100)).await;
    let broken = "WHEN NEW.id = 'broken' BEGIN SELECT raise(ABORT, 'broken'); END";
    execute(&file.connect(), &format!("CREATE TRIGGER broken BEFORE INSERT ON record {broken}"));
    let page = items([event("1", 10, 1.0), event("broken", 20, 2.0)]);
    commit(&store, &crewhu, open.id, None, &page).await.expect_err("broken");
    commit(&store, &crewhu, open.id, None, &items([event("1", 10, 1.0)])).await.expect("a page");
    assert_eq!(values(&store, &crewhu, ever()).await, [1.0]);
}

/// Series and unlisted clients name clients too.
#[tokio::test]
async fn pruning_removes_series_and_clients_without_records() {
    let (file, crewhu) = (File::new(), scope("crewhu"));
    let store = file.open().await;
    let of = |id: &str, client, at_millis| Observation { client, ..event(id, at_millis, 1.0) };
    let page = items([
        of("1", by_both("7", "Acme"), 10),
        of("2", by_name("Beta"), 10),
        of("3", by_both("8", "Gamma"), 60),
        of("4", by_name("Delta"), 60),
    ]);
    pull(&store, &crewhu, window(0, 100), false, page).await;
    prune_before(&store, 50).await;
    let names = |sql: &str| -> Vec<String> {
        let connection = file.connect();
        let mut statement = connection.prepare(sql).expect("a statement");
        let names = statement.query_map([], |row| row.get(0)).expect("names");
        names.collect::<Result<_, _>>().expect("names")
    };
    assert_eq!(names("SELECT client FROM series ORDER BY client"), ["8", "Delta"]);
    assert_eq!(names("SELECT name FROM source_client ORDER BY name"), ["Delta", "Gamma"]);
}

/// A rejected record's field and value may be anything, so they are shown and never stored.
#[tokio::test]
async fn field_and_value_of_a_rejection_are_not_stored() {
    let (file, crewhu) = (File::new(), scope("crewhu"));
    let store = file.open().await;
    let canary = || Some("canary-51c2".to_owned());
    let rejections = [Some("1"), None].map(|id| Rejection { field: canary(), value: canary(), ..rejection(id, None) });
    pull(&store, &crewhu, window(0, 100), false, rejected(rejections)).await;
    unlock(&store, &crewhu).await;
    let holds = |bytes: Vec<u8>| bytes.windows(11).any(|part| part == b"canary-51c2");
    for entry in fs::read_dir(file.folder()).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert!(!holds(fs::read(&path).expect("a file")), "{}", path.display());
    }
}

#[tokio::test]
async fn newer_schema_is_refused_unchanged() {
    let file = File::new();
    drop(file.open().await);
    let connection = file.connect();
    execute(&connection, "PRAGMA user_version = 99");
    let error = file.refusal().await;
    assert!(matches!(error, StoreError::NewerSchema { found: 99, known: 7 }), "{error}");
    let left: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a version");
    assert_eq!(left, 99);
}

#[tokio::test]
async fn foreign_database_is_refused_unchanged() {
    for theirs in
        ["CREATE TABLE songs (a); INSERT INTO songs VALUES (1)", "PRAGMA application_id = 7; PRAGMA user_version = 1"]
    {
        let file = File::new();
        let connection = file.connect();
        execute(&connection, theirs);
        drop(connection);
        let before = fs::read(file.path()).expect("a file");
        let error = file.refusal().await;
        let StoreError::Address(told) = error else { panic!("{error}") };
        assert!(told.contains("another program's") && told.contains("scoresheet.db"), "{told}");
        assert_eq!(fs::read(file.path()).expect("a file"), before);
    }
}

#[tokio::test]
async fn file_without_a_database_is_refused_unchanged() {
    let file = File::new();
    let text = "Dear diary, this is a text of more than a hundred bytes. ".repeat(20);
    fs::write(file.path(), &text).expect("a file");
    let error = file.refusal().await;
    let StoreError::Address(told) = error else { panic!("{error}") };
    assert!(told.contains("is no SQLite database") && told.contains("scoresheet.db"), "{told}");
    assert_eq!(fs::read_to_string(file.path()).expect("a file"), text);
}

#[tokio::test]
async fn damaged_file_is_reported() {
    let (file, crewhu) = (File::new(), scope("crewhu"));
    let store = file.open().await;
    let many = items((0..2_000).map(|n| event(&format!("r-{n}"), n, 1.0)));
    pull(&store, &crewhu, window(0, 5_000), false, many).await;
    unlock(&store, &crewhu).await;
    let whole = File::new();
    fs::copy(file.path(), whole.path()).expect("a copy");

    // The end, where the records are, is overwritten: it opens, and reading says what is wrong.
    let mut bytes = fs::read(whole.path()).expect("a file");
    let two_thirds = bytes.len() / 3 * 2;
    bytes[two_thirds..].fill(0xA5);
    let inside = File::new();
    fs::write(inside.path(), &bytes).expect("a file");
    let error =
        inside.open().await.samples(&crewhu, ever(), &KINDS.map(String::from), None).await.expect_err("damaged");
    let StoreError::Database { message, .. } = error else { panic!("{error}") };
    assert!(message.contains("is damaged: restore a copy"), "{message}");

    // The first page itself, past the header.
    bytes[100..].fill(0xA5);
    let outside = File::new();
    fs::write(outside.path(), &bytes).expect("a file");
    let error = outside.refusal().await;
    let StoreError::Address(told) = error else { panic!("{error}") };
    assert!(told.contains("is damaged") && told.contains("scoresheet.db"), "{told}");
}

#[tokio::test]
async fn unusable_path_is_reported() {
    let file = File::new();
    let folder = file.folder.path();
    fs::write(file.path(), "").expect("a file");
    let mut permissions = fs::metadata(file.path()).expect("metadata").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(file.path(), permissions).expect("permissions");
    for (path, why) in [
        (folder.to_owned(), "is a folder"),
        (folder.join("missing/a.db"), "there is no folder"),
        (file.path(), "is read-only"),
        (file.path().join("a.db"), "cannot be"),
    ] {
        let error = refusal(&path).await;
        let StoreError::Address(told) = &error else { panic!("{error}") };
        assert!(told.contains(why), "{told}");
    }
    assert!(!folder.join("missing").exists(), "no folder is made up");
}

#[tokio::test]
async fn path_is_taken_literally() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["file:x?mode=memory", ":memory:", "a%20b.db", "ü ; -- .db"] {
        SqliteStore::open(&folder.path().join(name)).await.expect("a store");
        assert!(folder.path().join(name).is_file(), "{name}");
    }
}

/// Nobody may write there, not even the one who may do everything.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn folder_that_cannot_be_written_is_reported() {
    let error = refusal(Path::new("/proc/self/scoresheet.db")).await;
    let StoreError::Address(told) = &error else { panic!("{error}") };
    assert!(told.contains("cannot be created in /proc/self"), "{told}");
}

/// A store that exists, in a folder where no file may be made beside it: reading needs the log and its index too.
#[cfg(unix)]
#[tokio::test]
async fn store_in_a_read_only_folder_is_reported() {
    use std::os::unix::fs::PermissionsExt as _;

    let file = File::new();
    let (store, crewhu) = (file.open().await, scope("crewhu"));
    begin(&store, &crewhu, window(0, 1)).await;
    unlock(&store, &crewhu).await;
    let whole = File::new();
    fs::copy(file.path(), whole.path()).expect("a copy");
    let set = |mode| fs::set_permissions(whole.folder.path(), fs::Permissions::from_mode(mode)).expect("permissions");
    set(0o555);
    let may_all_the_same = fs::write(whole.folder.path().join("probe"), "").is_ok();
    let opened = SqliteStore::open(&whole.path()).await.map(|_| ());
    set(0o755);
    if may_all_the_same {
        // For the system's administrator permissions mean nothing: there is nothing to refuse.
        opened.expect("a store");
    } else {
        let told = opened.expect_err("no store").to_string();
        assert!(told.contains("its folder"), "{told}");
    }
}

//! The SQLite store: the contract, and what is peculiar to one file.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use rusqlite::Connection;
use scoresheet_engine::{Store, StoreError};
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

pub(crate) fn execute(connection: &Connection, sql: &str) {
    connection.execute_batch(sql).expect("a statement");
}

mod contract {
    crate::contract!(crate::sqlite::File);
}

#[tokio::test]
async fn is_a_version_without_the_corruption_of_the_log() {
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
async fn opens_an_address_and_creates_the_file() {
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
async fn what_it_creates_is_this_users_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let file = File::new();
    let store = file.open_to_write().await;
    store.replace_roster(&by(), &[]).await.expect("a write");
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
async fn an_empty_file_is_a_new_store() {
    let file = File::new();
    fs::write(file.path(), "").expect("a file");
    file.open_to_write().await.replace_roster(&by(), &[]).await.expect("a write");
}

#[tokio::test]
async fn many_may_open_a_new_store_at_once() {
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
async fn reading_and_opening_wait_for_no_writer() {
    let (file, crewhu) = (File::new(), scope("crewhu"));
    let store = file.open_to_write().await;
    pull(&store, &crewhu, window(0, 100), false, items([event("1", 10, 1.0)])).await;

    let other = file.connect();
    execute(&other, "BEGIN IMMEDIATE; DELETE FROM record; DELETE FROM client; DELETE FROM coverage");
    let reader = file.open().await;
    for store in [&store, &reader] {
        assert_eq!(values(store, &crewhu, ever()).await, [1.0], "what was committed");
        assert_eq!(store.coverage(&crewhu).await.expect("coverage").windows(), [window(0, 100)]);
        assert_eq!(store.roster().await.expect("a roster"), []);
    }
    execute(&other, "COMMIT");
    assert_eq!(values(&reader, &crewhu, ever()).await, [0.0; 0]);
}

#[tokio::test]
async fn giving_the_lease_back_leaves_everything_in_the_one_file() {
    let (file, crewhu) = (File::new(), scope("crewhu"));
    let store = file.open_to_write().await;
    pull(&store, &crewhu, window(0, 100), false, items([event("1", 10, 1.0)])).await;
    store.release_lease(&holder("writer")).await.expect("given back");
    let copy = File::new();
    fs::copy(file.path(), copy.path()).expect("a copy");
    assert_eq!(values(&copy.open().await, &crewhu, ever()).await, [1.0]);
}

#[tokio::test]
async fn what_another_process_removed_meanwhile_is_not_taken_for_known() {
    let (file, crewhu) = (File::new(), scope("crewhu"));
    let store = file.open_to_write().await;
    pull(&store, &crewhu, window(0, 100), false, items([event("1", 10, 1.0)])).await;
    store.release_lease(&holder("writer")).await.expect("given back");
    execute(&file.connect(), "DELETE FROM record; DELETE FROM series");

    store.acquire_lease(&holder("writer"), at(0)).await.expect("it is free");
    pull(&store, &crewhu, window(0, 100), true, items([event("1", 10, 2.0)])).await;
    assert_eq!(values(&store, &crewhu, ever()).await, [2.0]);
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_as_it_is() {
    let file = File::new();
    drop(file.open().await);
    let connection = file.connect();
    execute(&connection, "PRAGMA user_version = 99");
    let error = file.refusal().await;
    assert!(matches!(error, StoreError::NewerSchema { found: 99, known: 6 }), "{error}");
    let left: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a version");
    assert_eq!(left, 99);
}

#[tokio::test]
async fn another_programs_database_is_refused_and_left_as_it_is() {
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
async fn what_is_no_database_is_refused_and_left_as_it_is() {
    let file = File::new();
    let text = "Dear diary, this is a text of more than a hundred bytes. ".repeat(20);
    fs::write(file.path(), &text).expect("a file");
    let error = file.refusal().await;
    let StoreError::Address(told) = error else { panic!("{error}") };
    assert!(told.contains("is no SQLite database") && told.contains("scoresheet.db"), "{told}");
    assert_eq!(fs::read_to_string(file.path()).expect("a file"), text);
}

#[tokio::test]
async fn a_damaged_file_is_told_as_such() {
    let (file, crewhu) = (File::new(), scope("crewhu"));
    let store = file.open_to_write().await;
    let many = items((0..2_000).map(|n| event(&format!("r-{n}"), n, 1.0)));
    pull(&store, &crewhu, window(0, 5_000), false, many).await;
    store.release_lease(&holder("writer")).await.expect("given back");
    let whole = File::new();
    fs::copy(file.path(), whole.path()).expect("a copy");

    // The end, where the records are, is overwritten: it opens, and reading says what is wrong.
    let mut bytes = fs::read(whole.path()).expect("a file");
    let two_thirds = bytes.len() / 3 * 2;
    bytes[two_thirds..].fill(0xA5);
    let inside = File::new();
    fs::write(inside.path(), &bytes).expect("a file");
    let error = inside.open().await.samples(&crewhu, ever(), None).await.expect_err("damaged");
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
async fn a_path_that_cannot_be_a_store_is_told_as_such() {
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
async fn a_path_means_itself_whatever_sqlite_would_read_into_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["file:x?mode=memory", ":memory:", "a%20b.db", "ü ; -- .db"] {
        SqliteStore::open(&folder.path().join(name)).await.expect("a store");
        assert!(folder.path().join(name).is_file(), "{name}");
    }
}

/// Nobody may write there, not even the one who may do everything.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told_as_such() {
    let error = refusal(Path::new("/proc/self/scoresheet.db")).await;
    let StoreError::Address(told) = &error else { panic!("{error}") };
    assert!(told.contains("cannot be created in /proc/self"), "{told}");
}

/// A store that exists, in a folder where no file may be made beside it: reading needs the log and its index too.
#[cfg(unix)]
#[tokio::test]
async fn a_store_in_a_folder_that_became_read_only_is_told_as_such() {
    use std::os::unix::fs::PermissionsExt as _;

    let file = File::new();
    file.open_to_write().await.release_lease(&holder("writer")).await.expect("given back");
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

//! A migration that is killed midway: the old schema stands, or the new one.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant as Clock},
};

use scoresheet_engine::{AuditLog as _, Facts as _};
use scoresheet_store::SqliteStore;
use sqlx::{AssertSqlSafe, Connection as _};

use crate::support::*;

const STEPS: [&str; 5] = [
    include_str!("../../migrations/sqlite/0001_initial.sql"),
    include_str!("../../migrations/sqlite/0002_unchecked_series.sql"),
    include_str!("../../migrations/sqlite/0003_books.sql"),
    include_str!("../../migrations/sqlite/0004_words_and_alerts.sql"),
    include_str!("../../migrations/sqlite/0005_ties.sql"),
];

/// So many records take long enough to bring over to be killed meanwhile.
const RECORDS: i64 = 20_000;

/// The statements of the steps after the first `taken`.
pub(crate) fn statements(taken: usize) -> Vec<String> {
    let without_comments = |step: &str| {
        let lines = step.lines().filter(|line| !line.trim_start().starts_with("--"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let all = STEPS[taken..].iter().map(|step| without_comments(step)).collect::<String>();
    all.split(';').map(str::trim).filter(|statement| !statement.is_empty()).map(str::to_owned).collect()
}

/// A store of this schema, with records.
fn old_store(folder: &Path, schema: usize) -> PathBuf {
    let path = folder.join(format!("schema-{schema}.db"));
    runtime().block_on(async {
        let mut connection = connect(&path).await;
        for step in &STEPS[..schema] {
            sqlx::raw_sql(*step).execute(&mut connection).await.expect("a step");
        }
        let fill = format!(
            "PRAGMA application_id = 1399018344; PRAGMA user_version = {schema};
             INSERT INTO scope VALUES (1, 'crewhu', x'{}');
             INSERT INTO series VALUES (1, 1, 'id', 'c', 0, 'overall');
             WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {RECORDS} - 1)
             INSERT INTO record SELECT 1, printf('r-%08d', n), 1, n, n, n, 0 FROM n;
             INSERT INTO client VALUES ('acme', 'Acme', NULL, 1, '[]', '[]', '[]')",
            scope().settings.hex(),
        );
        sqlx::raw_sql(AssertSqlSafe(fill)).execute(&mut connection).await.expect("rows");
        let mode: String =
            sqlx::query_scalar("PRAGMA journal_mode = WAL").fetch_one(&mut connection).await.expect("set");
        assert_eq!(mode, "wal");
        connection.close().await.expect("closed");
    });
    path
}

/// Which schema the file has, and that it is sound.
async fn schema_of(path: &Path) -> i64 {
    let mut connection = connect(path).await;
    assert_eq!(integrity(&mut connection).await, "ok");
    let schema = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await.expect("a version");
    connection.close().await.expect("closed");
    schema
}

/// Opens it, which brings it over, and looks whether all is there.
async fn holds_everything(path: &Path) {
    let store = SqliteStore::open(path).await.expect("a store");
    let all = scoresheet_domain::Window { start: at(-1), end: at(NOW) };
    let samples = store.samples(&scope(), all, None).await.expect("samples");
    assert_eq!(samples.series.iter().map(|series| series.len()).sum::<usize>(), RECORDS as usize);
    assert_eq!(store.roster().await.expect("a roster").len(), 1);
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
    drop(store);
    assert_eq!(schema_of(path).await, STEPS.len() as i64);
}

fn copy(from: &Path, to: &Path) {
    for suffix in ["-wal", "-shm"] {
        let mut beside = to.as_os_str().to_owned();
        beside.push(suffix);
        let _ = fs::remove_file(PathBuf::from(beside));
    }
    fs::copy(from, to).expect("a copy");
}

pub(crate) fn killed_after_any_statement(options: &Options) {
    let folder = options.folder();
    let path = folder.path().join("killed.db");
    let runtime = runtime();
    for schema in 1..STEPS.len() {
        let old = old_store(folder.path(), schema);
        let count = statements(schema).len();
        assert!(count > 0, "{count} statements");
        for statements in 0..=count {
            copy(&old, &path);
            let number = (schema.to_string(), statements.to_string());
            let child = Running::start(&["migrate", path.to_str().expect("UTF-8"), &number.0, &number.1]);
            assert_eq!(child.line().as_deref(), Some("stopped"));
            child.kill();
            runtime.block_on(async {
                assert_eq!(schema_of(&path).await, schema as i64, "after {statements} statements");
                holds_everything(&path).await;
            });
        }
    }
}

pub(crate) fn killed_at_any_moment(options: &Options) {
    let folder = options.folder();
    let path = folder.path().join("killed.db");
    let runtime = runtime();
    let old = old_store(folder.path(), 1);
    // How long it takes when nobody kills it.
    copy(&old, &path);
    let began = Clock::now();
    let (went_well, said) = Running::start(&["open", path.to_str().expect("UTF-8")]).end();
    assert!(went_well, "{said:?}");
    let whole = began.elapsed();
    let (mut stood, mut brought_over) = (0, 0);
    for part in 0..24 {
        copy(&old, &path);
        let child = Running::start(&["open", path.to_str().expect("UTF-8")]);
        child.lines_until(Clock::now() + whole * part / 20 + Duration::from_micros(200));
        child.kill();
        runtime.block_on(async {
            match schema_of(&path).await {
                1 => stood += 1,
                new if new == STEPS.len() as i64 => brought_over += 1,
                other => panic!("schema {other} is neither the old nor the new"),
            }
            holds_everything(&path).await;
        });
    }
    assert!(stood > 0, "it was never killed in time ({brought_over} were brought over)");
}

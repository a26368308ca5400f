//! Whose database a file is, and which schema it has.

use std::{path::Path, time::Duration};

use scoresheet_engine::StoreError;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use super::error::{failed, fault_of_file, is_busy};

/// Marks a database as this program's in its header: "ScSh". <https://www.sqlite.org/pragma.html#pragma_application_id>
const APPLICATION_ID: i64 = 0x5363_5368;

/// Every step of the schema, in order. Append only: a step that was released never changes.
/// The schema's number, SQLite's `user_version`, is how many of them were taken.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_initial.sql"),
    include_str!("../../migrations/sqlite/0002_unchecked_series.sql"),
    include_str!("../../migrations/sqlite/0003_books.sql"),
    include_str!("../../migrations/sqlite/0004_words_and_alerts.sql"),
    include_str!("../../migrations/sqlite/0005_ties.sql"),
];

const OPENING: &str = "opening it";
const MIGRATING: &str = "bringing its schema up to date";

/// What stands in a database's header.
struct Mark {
    application: i64,
    schema: i64,
    empty: bool,
}

/// Makes the database this program's, at the newest schema; changes nothing in one that is
/// somebody else's or newer, and writes nothing to one that is up to date.
///
/// # Errors
/// [`StoreError::Address`] where it is another program's or no database at all,
/// [`StoreError::NewerSchema`], and [`StoreError::Database`] as SQLite tells it.
pub(super) async fn adopt(
    connection: &mut SqliteConnection,
    path: &Path,
    migrations: &[&'static str],
) -> Result<(), StoreError> {
    let mark = read_mark(connection).await.map_err(|error| match fault_of_file(&error) {
        Some(fault) => StoreError::Address(format!("the store's file {} {fault}", path.display())),
        None => failed(OPENING)(error),
    })?;
    if !needs_migration(&mark, path, migrations.len())? {
        return Ok(());
    }
    write_ahead(connection).await?;

    let failed = failed(MIGRATING);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    // Read again: another process may have done it while this one waited for its turn.
    let mark = read_mark(&mut transaction).await.map_err(failed)?;
    if needs_migration(&mark, path, migrations.len())? {
        let taken = usize::try_from(mark.schema).unwrap_or_default();
        for migration in &migrations[taken..] {
            sqlx::raw_sql(*migration).execute(&mut *transaction).await.map_err(failed)?;
        }
        let header = format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}", migrations.len());
        sqlx::raw_sql(AssertSqlSafe(header)).execute(&mut *transaction).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)
}

async fn read_mark(connection: &mut SqliteConnection) -> Result<Mark, sqlx::Error> {
    let (application, schema, tables): (i64, i64, i64) = sqlx::query_as(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
         FROM pragma_application_id, pragma_user_version",
    )
    .fetch_one(connection)
    .await?;
    Ok(Mark { application, schema, empty: tables == 0 })
}

fn needs_migration(mark: &Mark, path: &Path, known: usize) -> Result<bool, StoreError> {
    if mark.empty && mark.application == 0 && mark.schema == 0 {
        return Ok(true);
    }
    if mark.application != APPLICATION_ID {
        return Err(StoreError::Address(format!(
            "the store's file {} is another program's SQLite database: give another path",
            path.display()
        )));
    }
    let known = i64::try_from(known).unwrap_or(i64::MAX);
    if mark.schema > known {
        return Err(StoreError::NewerSchema { found: mark.schema, known });
    }
    Ok(mark.schema < known)
}

/// Switches to the write-ahead log, for good: from then on nobody who reads waits for who writes.
async fn write_ahead(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    // SQLite does not wait by itself for this switch when another process makes it too.
    const TRIES: u32 = 200;
    const PAUSE: Duration = Duration::from_millis(25);
    let failed = failed(OPENING);
    let mut tries = 0;
    loop {
        tries += 1;
        match sqlx::query_scalar::<_, String>("PRAGMA journal_mode = WAL").fetch_one(&mut *connection).await {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(StoreError::Database {
                    doing: OPENING,
                    message: format!(
                        "this disk allows no write-ahead log (SQLite stays in mode {mode}): use a local disk"
                    ),
                });
            }
            Err(error) if is_busy(&error) && tries < TRIES => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(failed(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use scoresheet_domain::Digest;
    use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};

    use super::*;

    async fn connect(path: &Path) -> SqliteConnection {
        SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.expect("a connection")
    }

    async fn tables(connection: &mut SqliteConnection) -> Vec<String> {
        sqlx::query_scalar("SELECT name FROM sqlite_schema ORDER BY name").fetch_all(connection).await.expect("names")
    }

    #[tokio::test]
    async fn a_step_that_fails_takes_back_the_ones_before_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let mut connection = connect(&path).await;
        let steps = ["CREATE TABLE one (a)", "CREATE TABLE two (a); SELECT no_such_function()"];
        let error = adopt(&mut connection, &path, &steps).await.expect_err("the second fails");
        assert!(error.to_string().contains("no_such_function"), "{error}");
        assert_eq!(tables(&mut connection).await, Vec::<String>::new());

        adopt(&mut connection, &path, &steps[..1]).await.expect("the first alone");
        assert_eq!(tables(&mut connection).await, ["one"]);
    }

    #[tokio::test]
    async fn takes_only_the_steps_that_are_missing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let mut connection = connect(&path).await;
        let steps = ["CREATE TABLE one (a)", "CREATE TABLE two (a)"];
        adopt(&mut connection, &path, &steps[..1]).await.expect("the first");
        adopt(&mut connection, &path, &steps).await.expect("the second");
        adopt(&mut connection, &path, &steps).await.expect("nothing to do");
        assert_eq!(tables(&mut connection).await, ["one", "two"]);

        let error = adopt(&mut connection, &path, &steps[..1]).await.expect_err("an older program");
        assert!(matches!(error, StoreError::NewerSchema { found: 2, known: 1 }), "{error}");
    }

    /// Editing a released step would leave stores that took it before with another schema.
    #[test]
    fn released_steps_never_change() {
        let released: Vec<String> = MIGRATIONS.iter().map(|step| Digest::of(step).hex()).collect();
        assert_eq!(
            released,
            [
                "db69bb1598357cbd514ba9364a69861fe147410468ffb27cfc66f043c878531c",
                "e47c76880ee97cd68f32553166360c273c89e80c081426b38148f82a6dfc2de3",
                "d373e9fe34ad22f2fd7c90c83024a61fe950a6011ead607fd171dfe0155d78d8",
                "2f95fc67e3c83429d32f6548203863e5498eacfc11c6767271ce588186e3f638",
                "48501b63e31ec2e25b93f65a9fd0016e219037cab3243f5348d6191fe8e6a00b",
            ]
        );
    }
}

//! Whose database a file is, and creating the schema in an empty one.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, TransactionBehavior};
use scoresheet_engine::StoreError;

use super::{
    error::{Failed, fault_of_file, is_busy},
    query,
};
use crate::sql;

/// Marks a database as this program's in its header: "ScSh". <https://www.sqlite.org/pragma.html#pragma_application_id>
const APPLICATION_ID: i64 = 0x5363_5368;

/// The schema's version, stored as SQLite's `user_version`. Versions 1 to 6 were never released.
pub(super) const VERSION: i64 = 7;

const OPENING: &str = "opening it";
const CREATING: &str = "creating its schema";

/// What is in a database's header.
struct Header {
    application: i64,
    version: i64,
    empty: bool,
}

/// Creates the schema in an empty database; checks that any other one is this program's, and writes nothing to it.
///
/// # Errors
/// [`StoreError::Address`] where it is another program's, no database at all, or of a version that was never released;
/// [`StoreError::NewerSchema`]; and [`StoreError::Database`].
pub(super) fn adopt(connection: &mut Connection, path: &Path, schema: &str) -> Result<(), StoreError> {
    let header = read_header(connection).map_err(|error| match &error {
        Failed::Sqlite(sqlite) if let Some(fault) = fault_of_file(sqlite) => {
            StoreError::Address(format!("the store's file {} {fault}", path.display()))
        }
        _ => error.while_doing(OPENING),
    })?;
    if !must_create(&header, path)? {
        return Ok(());
    }
    use_write_ahead_log(connection)?;
    create(connection, path, schema).map_err(|error| error.while_doing(CREATING))
}

fn create(connection: &mut Connection, path: &Path, schema: &str) -> Result<(), Failed> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again: another process may have created it while this one waited for the lock.
    if must_create(&read_header(&transaction)?, path)? {
        transaction.execute_batch(schema)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    Ok(transaction.commit()?)
}

fn read_header(connection: &Connection) -> Result<Header, Failed> {
    query::one(connection, sql::HEADER, [], |row| {
        Ok(Header { application: row.get(0)?, version: row.get(1)?, empty: row.get::<_, i64>(2)? == 0 })
    })
}

fn must_create(header: &Header, path: &Path) -> Result<bool, StoreError> {
    if header.empty && header.application == 0 && header.version == 0 {
        return Ok(true);
    }
    let refuse = |why: &str| Err(StoreError::Address(format!("the store's file {} {why}", path.display())));
    if header.application != APPLICATION_ID {
        return refuse("is another program's SQLite database: give another path");
    }
    if header.version > VERSION {
        return Err(StoreError::NewerSchema { found: header.version, known: VERSION });
    }
    if header.version < VERSION {
        return refuse("was written by a development version of this program: move it away and sync again");
    }
    Ok(false)
}

/// Switches to the write-ahead log, permanently: from then on readers never wait for the writer.
#[expect(clippy::disallowed_methods, reason = "it runs on a thread that may block")]
fn use_write_ahead_log(connection: &Connection) -> Result<(), StoreError> {
    // SQLite does not wait for this switch when another process makes it at the same time.
    const TRIES: u32 = 200;
    const PAUSE: Duration = Duration::from_millis(25);
    for tries in 1.. {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0)) {
            Ok(mode) if mode == "wal" => break,
            Ok(mode) => {
                return Err(StoreError::Database {
                    doing: OPENING,
                    message: format!(
                        "this disk allows no write-ahead log (SQLite stays in mode {mode}): use a local disk"
                    ),
                });
            }
            Err(error) if is_busy(&error) && tries < TRIES => std::thread::sleep(PAUSE),
            Err(error) => return Err(Failed::from(error).while_doing(OPENING)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(path: &Path) -> Connection {
        Connection::open(path).expect("a connection")
    }

    fn tables(connection: &Connection) -> Vec<String> {
        query::all(connection, "SELECT name FROM sqlite_schema ORDER BY name", [], query::column).expect("names")
    }

    #[test]
    fn failing_schema_leaves_the_file_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let mut connection = connect(&path);
        let broken = "CREATE TABLE one (a); SELECT no_such_function()";
        let error = adopt(&mut connection, &path, broken).expect_err("the second statement fails");
        assert!(error.to_string().contains("no_such_function"), "{error}");
        assert_eq!(tables(&connection), Vec::<String>::new());

        adopt(&mut connection, &path, "CREATE TABLE one (a)").expect("created");
        assert_eq!(tables(&connection), ["one"]);
        adopt(&mut connection, &path, "CREATE TABLE two (a)").expect("nothing to do");
        assert_eq!(tables(&connection), ["one"]);
    }

    #[test]
    fn newer_and_unreleased_schemas_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let mut connection = connect(&path);
        adopt(&mut connection, &path, "CREATE TABLE one (a)").expect("created");
        connection.pragma_update(None, "user_version", VERSION + 1).expect("set");
        let error = adopt(&mut connection, &path, "").expect_err("a newer program's");
        assert!(matches!(error, StoreError::NewerSchema { found: 8, known: 7 }), "{error}");
        connection.pragma_update(None, "user_version", 6).expect("set");
        let error = adopt(&mut connection, &path, "").expect_err("an older program's").to_string();
        assert!(error.contains("development version"), "{error}");
    }
}

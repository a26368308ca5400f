//! What SQLite says, in words that tell what can be done about it.

use std::fmt::Display;

use scoresheet_engine::StoreError;

/// Primary result codes, <https://www.sqlite.org/rescode.html>.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READONLY: i32 = 8;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const NOTADB: i32 = 26;

/// Turns the database's error into the port's, for use with `map_err`.
pub(super) fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError + Copy {
    move |error| StoreError::Database { doing, message: message(&error) }
}

/// What SQLite told where it was asked without the driver.
#[derive(Debug)]
pub(super) struct Told {
    /// The extended result code.
    pub(super) code: i32,
    /// In SQLite's words.
    pub(super) message: String,
}

/// The same as [`failed`], for what was asked without the driver.
pub(super) fn failed_to_step(doing: &'static str) -> impl Fn(Told) -> StoreError + Copy {
    move |told| StoreError::Database { doing, message: explained(Some(told.code & 0xff), told.message) }
}

/// A row that this program cannot have written, or was edited since.
pub(super) fn damaged(doing: &'static str, what: impl Display) -> StoreError {
    StoreError::Database { doing, message: format!("the store holds what it cannot hold: {what}") }
}

/// Whether somebody else held a lock for too long.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(primary_code(error), Some(BUSY | LOCKED))
}

/// What is wrong with the file itself, where it is the file: a sentence's end that follows its path.
pub(super) fn fault_of_file(error: &sqlx::Error) -> Option<&'static str> {
    fault_of_code(primary_code(error)?)
}

fn fault_of_code(code: i32) -> Option<&'static str> {
    Some(match code {
        NOTADB => "is no SQLite database: give another path, or move that file away",
        CORRUPT => "is damaged: restore a copy of it, or move it away and sync anew",
        READONLY => "cannot be written: make it and its folder writable",
        CANTOPEN => {
            "cannot be opened: this user must be able to read and write it, its folder, and the files beside it that end in -wal and -shm"
        }
        _ => return None,
    })
}

fn primary_code(error: &sqlx::Error) -> Option<i32> {
    // The low byte of SQLite's extended code.
    Some(error.as_database_error()?.code()?.parse::<i32>().ok()? & 0xff)
}

fn message(error: &sqlx::Error) -> String {
    let told = match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        other => other.to_string(),
    };
    explained(primary_code(error), told)
}

fn explained(code: Option<i32>, told: String) -> String {
    match code {
        Some(BUSY | LOCKED) => "another process kept it locked for too long; try again".to_owned(),
        Some(FULL) => "the disk is full; nothing of this step was kept".to_owned(),
        Some(IOERR) => format!("its file could not be read or written ({told}); check the disk"),
        _ => match code.and_then(fault_of_code) {
            Some(fault) => format!("its file {fault} ({told})"),
            None => told,
        },
    }
}

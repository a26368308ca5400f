//! SQLite's errors, worded by what can be done about them.

use std::fmt::Display;

use rusqlite::ffi;
use scoresheet_engine::StoreError;

/// Why a step inside a transaction failed; [`Failed::while_doing`] adds which one.
#[derive(Debug)]
pub(super) enum Failed {
    Sqlite(rusqlite::Error),
    Message(String),
    /// Reported as it is.
    Store(StoreError),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Failed {
    /// As the port's error.
    pub(super) fn while_doing(self, doing: &'static str) -> StoreError {
        let message = match self {
            Self::Store(error) => return error,
            Self::Message(message) => message,
            Self::Sqlite(error) => message(&error),
        };
        StoreError::Database { doing, message }
    }
}

/// A row that this program cannot have written, or that was edited since.
pub(super) fn damaged(what: impl Display) -> Failed {
    Failed::Message(format!("the store contains an invalid value: {what}"))
}

/// A call that does not fit what is stored.
pub(super) fn refused(why: &str) -> Failed {
    Failed::Message(why.to_owned())
}

/// Whether another connection held a lock for longer than the busy timeout.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(primary_code(error), Some(ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED))
}

/// What is wrong with the file itself: the end of a sentence that begins with its path.
pub(super) fn fault_of_file(error: &rusqlite::Error) -> Option<&'static str> {
    fault_of_code(primary_code(error)?)
}

fn fault_of_code(code: i32) -> Option<&'static str> {
    Some(match code {
        ffi::SQLITE_NOTADB => "is no SQLite database: give another path, or move that file away",
        ffi::SQLITE_CORRUPT => "is damaged: restore a copy of it, or move it away and sync anew",
        ffi::SQLITE_READONLY => "cannot be written: make it and its folder writable",
        ffi::SQLITE_CANTOPEN => {
            "cannot be opened: this user must be able to read and write it, its folder, and the files beside it that end in -wal and -shm"
        }
        _ => return None,
    })
}

/// <https://www.sqlite.org/rescode.html>: the low byte of the extended code.
fn primary_code(error: &rusqlite::Error) -> Option<i32> {
    Some(error.sqlite_error()?.extended_code & 0xff)
}

fn message(error: &rusqlite::Error) -> String {
    let text = match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => {
            return format!("the store contains an invalid value: {error}");
        }
        other => other.to_string(),
    };
    match primary_code(error) {
        Some(ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED) => {
            "another process kept it locked for too long; try again".to_owned()
        }
        Some(ffi::SQLITE_FULL) => "the disk is full; nothing of this step was kept".to_owned(),
        Some(ffi::SQLITE_IOERR) => format!("its file could not be read or written ({text}); check the disk"),
        code => match code.and_then(fault_of_code) {
            Some(fault) => format!("its file {fault} ({text})"),
            None => text,
        },
    }
}

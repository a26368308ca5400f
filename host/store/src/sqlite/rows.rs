//! The rows of a query, one after another where SQLite finds them, on the thread that asks.
//!
//! The driver reads on a thread of its own and hands every row over with a copy of each value, which takes five times
//! as long as finding the row. Of a few thousand rows nobody notices; of a million observations it would be most of
//! what a sheet takes. This is the one place that goes past the driver, on a handle that it has locked for us.
#![expect(unsafe_code, reason = "SQLite's own functions are C")]

use std::{
    ffi::{CStr, c_int},
    marker::PhantomData,
    ptr::{self, NonNull},
    str::Utf8Error,
};

use libsqlite3_sys as ffi;
use sqlx::sqlite::LockedSqliteHandle;

use super::error::Told;

/// A query that is being read.
pub(super) struct Rows<'handle> {
    statement: NonNull<ffi::sqlite3_stmt>,
    database: NonNull<ffi::sqlite3>,
    /// Nobody else uses the connection as long as this lives: the lock on it is borrowed alone.
    _locked: PhantomData<&'handle mut ()>,
}

impl<'handle> Rows<'handle> {
    /// Begins to read; the numbers take the places of `?1`, `?2` and so on.
    pub(super) fn of(handle: &'handle mut LockedSqliteHandle<'_>, query: &CStr, numbers: &[i64]) -> Result<Self, Told> {
        let database = handle.as_raw_handle();
        let mut statement = ptr::null_mut();
        // SAFETY: the database is open and ours alone as long as the lock is borrowed, and the query ends with a NUL,
        // which is what the length of -1 asks for. The end of the query need not be told.
        let code = unsafe {
            ffi::sqlite3_prepare_v2(database.as_ptr(), query.as_ptr(), -1, &raw mut statement, ptr::null_mut())
        };
        let Some(statement) = NonNull::new(statement).filter(|_| code == ffi::SQLITE_OK) else {
            return Err(told(database, code));
        };
        // From here on dropping it gives the statement back.
        let rows = Self { statement, database, _locked: PhantomData };
        for (place, number) in (1..).zip(numbers) {
            // SAFETY: the statement was prepared above and is not running; a place it does not have is refused.
            let code = unsafe { ffi::sqlite3_bind_int64(statement.as_ptr(), place, *number) };
            if code != ffi::SQLITE_OK {
                return Err(told(database, code));
            }
        }
        Ok(rows)
    }

    /// The next row; none after the last.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, Told> {
        // SAFETY: the statement is not given back before it is dropped. After the last row and after an error
        // stepping on begins anew, which is allowed.
        match unsafe { ffi::sqlite3_step(self.statement.as_ptr()) } {
            ffi::SQLITE_ROW => Ok(Some(Row { statement: self.statement, _current: PhantomData })),
            ffi::SQLITE_DONE => Ok(None),
            code => Err(told(self.database, code)),
        }
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        // SAFETY: it is given back once, here. What it returns is the last step's error, which was told then.
        unsafe { ffi::sqlite3_finalize(self.statement.as_ptr()) };
    }
}

/// One row. A column that the query does not have, or that is NULL, is 0 and empty.
pub(super) struct Row<'rows> {
    statement: NonNull<ffi::sqlite3_stmt>,
    /// The statement makes no step as long as this lives: it is borrowed alone.
    _current: PhantomData<&'rows mut ()>,
}

impl Row<'_> {
    /// A column's whole number.
    pub(super) fn integer(&self, column: c_int) -> i64 {
        // SAFETY: the statement lives and stands on a row; SQLite checks the column.
        unsafe { ffi::sqlite3_column_int64(self.statement.as_ptr(), column) }
    }

    /// A column's number.
    pub(super) fn real(&self, column: c_int) -> f64 {
        // SAFETY: as above.
        unsafe { ffi::sqlite3_column_double(self.statement.as_ptr(), column) }
    }

    /// A column's text, NULs and all.
    pub(super) fn text(&self, column: c_int) -> Result<String, Utf8Error> {
        // SAFETY: as above; asked in this order, the length is that of the text in UTF-8.
        let (text, length) = unsafe {
            let text = ffi::sqlite3_column_text(self.statement.as_ptr(), column);
            (text, ffi::sqlite3_column_bytes(self.statement.as_ptr(), column))
        };
        let (false, Ok(length)) = (text.is_null(), usize::try_from(length)) else { return Ok(String::new()) };
        // SAFETY: SQLite keeps so many bytes there until the next call for this row, and it is copied before that.
        let bytes = unsafe { std::slice::from_raw_parts(text, length) };
        Ok(str::from_utf8(bytes)?.to_owned())
    }
}

fn told(database: NonNull<ffi::sqlite3>, code: c_int) -> Told {
    // SAFETY: the database is open and locked by the caller; SQLite keeps the message, which ends with a NUL, until
    // the next call, and it is copied before that.
    let message = unsafe {
        let message = ffi::sqlite3_errmsg(database.as_ptr());
        if message.is_null() { String::new() } else { CStr::from_ptr(message).to_string_lossy().into_owned() }
    };
    Told { code, message }
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, SqliteConnection};

    use super::*;

    async fn memory() -> SqliteConnection {
        SqliteConnection::connect(":memory:").await.expect("a database")
    }

    #[tokio::test]
    async fn gives_every_row_and_every_type() {
        let mut connection = memory().await;
        let mut handle = connection.lock_handle().await.expect("a lock");
        let query = c"VALUES (?1, 1.5, 'a' || char(0) || 'ü'), (?2, -0.25, ''), (3, NULL, NULL)";
        let mut rows = Rows::of(&mut handle, query, &[i64::MIN, i64::MAX]).expect("a query");
        let mut read = Vec::new();
        while let Some(row) = rows.next().expect("a row") {
            read.push((row.integer(0), row.real(1), row.text(2).expect("UTF-8"), row.integer(9)));
        }
        let expected = [(i64::MIN, 1.5, "a\0ü", 0), (i64::MAX, -0.25, "", 0), (3, 0.0, "", 0)];
        assert_eq!(read, expected.map(|(whole, real, text, none)| (whole, real, text.to_owned(), none)));
    }

    #[tokio::test]
    async fn a_text_that_is_none_is_told() {
        let mut connection = memory().await;
        let mut handle = connection.lock_handle().await.expect("a lock");
        let mut rows = Rows::of(&mut handle, c"SELECT CAST(x'ff' AS TEXT)", &[]).expect("a query");
        assert!(rows.next().expect("a row").expect("a row").text(0).is_err());
    }

    #[tokio::test]
    async fn what_sqlite_refuses_is_told_in_its_words() {
        let mut connection = memory().await;
        let mut handle = connection.lock_handle().await.expect("a lock");
        let told = Rows::of(&mut handle, c"SELECT * FROM missing", &[]).err().expect("no table");
        assert_eq!((told.code, told.message.as_str()), (ffi::SQLITE_ERROR, "no such table: missing"));
        let told = Rows::of(&mut handle, c"SELECT 1", &[1]).err().expect("no place");
        assert_eq!(told.code, ffi::SQLITE_RANGE);
        assert!(Rows::of(&mut handle, c"", &[]).is_err(), "no query");
        let mut rows = Rows::of(&mut handle, c"SELECT abs(?1)", &[i64::MIN]).expect("a query");
        assert_eq!(rows.next().err().expect("an overflow").message, "integer overflow");
    }

    #[tokio::test]
    async fn the_connection_serves_on_where_reading_was_given_up() {
        let mut connection = memory().await;
        let mut transaction = connection.begin().await.expect("a transaction");
        {
            let mut handle = transaction.lock_handle().await.expect("a lock");
            let mut rows = Rows::of(&mut handle, c"VALUES (1), (2)", &[]).expect("a query");
            assert_eq!(rows.next().expect("a row").expect("a row").integer(0), 1);
        }
        // A statement that was not given back would hold the database.
        sqlx::query("CREATE TABLE t (a)").execute(&mut *transaction).await.expect("a statement");
        transaction.commit().await.expect("an end");
        connection.close().await.expect("closed");
    }
}

//! The database behind the engine: the [`Store`] port over SQLite.
//!
//! The only place that knows SQL. What a record means, when to sync and what to make of the
//! figures is left to the engine; this crate keeps what it is given, in transactions, and gives
//! it back. Another database is another module behind the same trait, held to the same contract
//! test (`tests/contract`).

mod address;
mod sql;
mod sqlite;

use std::sync::Arc;

use scoresheet_engine::{Store, StoreError};

pub use sqlite::SqliteStore;

/// Opens the store at an address, `sqlite://PATH`, and creates it where there is none.
///
/// A relative path is relative to the current folder; the path is taken as it stands, without
/// escapes or options.
///
/// # Errors
/// [`StoreError::Address`] where the address or what it points at is no store this program can
/// open, [`StoreError::NewerSchema`] where a newer version wrote it, and [`StoreError::Database`]
/// as the database tells it.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    let path = address::sqlite_path(url)?;
    Ok(Arc::new(SqliteStore::open(path).await?))
}

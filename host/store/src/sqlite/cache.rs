//! Cached responses: gathered in memory, written together, bounded.
//!
//! A transaction costs as much as a page of records, and a sync may have a response a page; so responses wait until
//! there are enough of them, or until the lease is given back. What a crash takes along is asked for again.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;
use scoresheet_domain::Instant;
use scoresheet_engine::{StoreError, ports::CACHE_BYTES};
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::error::failed;

pub(super) const STORING: &str = "keeping responses";
const READING: &str = "reading a kept response";

/// From so many gathered bytes on they are written.
const GATHERED_BYTES: usize = 4 * 1024 * 1024;

/// One that is larger is not worth the many it would push out.
const LARGEST: usize = 8 * 1024 * 1024;

/// Responses that are not written yet.
#[derive(Default)]
pub(super) struct Gathered(Mutex<Waiting>);

#[derive(Default)]
pub(super) struct Waiting {
    bytes: usize,
    envelopes: HashMap<[u8; 32], (Vec<u8>, Instant)>,
}

impl Gathered {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, key: &[u8; 32]) -> Option<Vec<u8>> {
        self.lock().envelopes.get(key).map(|(envelope, _)| envelope.clone())
    }

    /// Takes one in; gives all that wait, once they are enough.
    pub(super) fn put(&self, key: &[u8; 32], envelope: &[u8], now: Instant) -> Option<Waiting> {
        if envelope.len() > LARGEST {
            return None;
        }
        let mut waiting = self.lock();
        waiting.bytes += envelope.len();
        if let Some((former, _)) = waiting.envelopes.insert(*key, (envelope.to_vec(), now)) {
            waiting.bytes -= former.len();
        }
        (waiting.bytes >= GATHERED_BYTES).then(|| std::mem::take(&mut *waiting))
    }

    /// All that wait.
    pub(super) fn take(&self) -> Option<Waiting> {
        let waiting = std::mem::take(&mut *self.lock());
        (!waiting.envelopes.is_empty()).then_some(waiting)
    }

    pub(super) fn clear(&self) {
        self.take();
    }
}

pub(super) async fn cached(
    readers: &SqlitePool,
    gathered: &Gathered,
    key: &[u8; 32],
) -> Result<Option<Vec<u8>>, StoreError> {
    if let Some(envelope) = gathered.get(key) {
        return Ok(Some(envelope));
    }
    sqlx::query_scalar("SELECT envelope FROM http_cache WHERE key = ?")
        .bind(&key[..])
        .fetch_optional(readers)
        .await
        .map_err(failed(READING))
}

pub(super) async fn store(mut transaction: Transaction<'static, Sqlite>, waiting: Waiting) -> Result<(), StoreError> {
    let failed = failed(STORING);
    // In the order in which they came, so that the same goes first whatever the map's order.
    let mut envelopes: Vec<_> = waiting.envelopes.into_iter().collect();
    envelopes.sort_unstable_by_key(|(key, (_, at))| (*at, *key));
    for (key, (envelope, at)) in envelopes {
        sqlx::query("INSERT OR REPLACE INTO http_cache (key, envelope, stored_ms) VALUES (?, ?, ?)")
            .bind(key.to_vec())
            .bind(envelope)
            .bind(at.millis())
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    make_room(&mut transaction, CACHE_BYTES).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

/// Removes what was stored least recently until the rest fits.
async fn make_room(connection: &mut SqliteConnection, limit: u64) -> Result<(), sqlx::Error> {
    let sizes: Vec<(i64, i64)> =
        sqlx::query_as("SELECT id, length(envelope) FROM http_cache ORDER BY stored_ms DESC, id DESC")
            .fetch_all(&mut *connection)
            .await?;
    let mut total = 0_u64;
    for (id, bytes) in sizes {
        total += bytes.unsigned_abs();
        if total > limit {
            sqlx::query("DELETE FROM http_cache WHERE id = ?").bind(id).execute(&mut *connection).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sqlx::Connection as _;

    use super::*;

    #[tokio::test]
    async fn what_was_stored_least_recently_goes_first() {
        let mut connection = SqliteConnection::connect(":memory:").await.expect("a database");
        sqlx::raw_sql(
            "CREATE TABLE http_cache (id INTEGER PRIMARY KEY, envelope BLOB, stored_ms INTEGER);
             INSERT INTO http_cache VALUES (1, zeroblob(40), 30), (2, zeroblob(40), 10), (3, zeroblob(40), 20)",
        )
        .execute(&mut connection)
        .await
        .expect("rows");
        for (limit, left) in [(120, vec![1, 2, 3]), (119, vec![1, 3]), (80, vec![1, 3]), (79, vec![1]), (39, vec![])] {
            make_room(&mut connection, limit).await.expect("room");
            let ids: Vec<i64> = sqlx::query_scalar("SELECT id FROM http_cache ORDER BY id")
                .fetch_all(&mut connection)
                .await
                .expect("ids");
            assert_eq!(ids, left, "{limit}");
        }
    }

    #[test]
    fn responses_wait_until_they_are_enough() {
        let gathered = Gathered::default();
        let at = Instant::from_millis(0);
        assert!(gathered.put(&[1; 32], &vec![0; GATHERED_BYTES - 1], at).is_none());
        assert!(gathered.put(&[1; 32], &[7], at).is_none(), "in the place of the former");
        assert_eq!(gathered.get(&[1; 32]), Some(vec![7]));
        let all = gathered.put(&[2; 32], &vec![0; GATHERED_BYTES], at).expect("enough");
        assert_eq!((all.bytes, all.envelopes.len()), (GATHERED_BYTES + 1, 2));
        assert!(gathered.take().is_none(), "they were handed on");
        assert!(gathered.put(&[3; 32], &vec![0; LARGEST + 1], at).is_none());
        assert!(gathered.get(&[3; 32]).is_none(), "too large to be kept");
    }
}

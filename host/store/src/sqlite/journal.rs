//! Requests, credentials, components: the books beside the data.

use async_trait::async_trait;
use scoresheet_domain::{AuditAction, Digest, Instant, ProviderName};
use scoresheet_engine::{AccessEntry, ConnectionUse, Credential, CredentialAge, Journal, Scope, StoreError};
use serde_json::json;
use sqlx::{QueryBuilder, Sqlite, SqlitePool, Transaction};

use super::{
    SqliteStore, audit, cache, erase,
    error::{damaged, failed},
    lease::Attribution,
};

const NOTING: &str = "noting requests";
const READING: &str = "reading the access log";
const CREDENTIAL: &str = "noting a credential";
const READING_CREDENTIAL: &str = "reading a credential's age";
const SALTING: &str = "reading its salt";
const COMPONENT: &str = "noting a component";
const COMPONENT_USE: &str = "noting what a component used";

/// Rows of one statement; eleven values each.
const ENTRIES_PER_STATEMENT: usize = 200;

async fn note_access(mut transaction: Transaction<'static, Sqlite>, entries: &[AccessEntry]) -> Result<(), StoreError> {
    let failed = failed(NOTING);
    for chunk in entries.chunks(ENTRIES_PER_STATEMENT) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO access (provider, at_ms, method, path, status, fault, attempt, duration_ms, bytes_sent, \
             bytes_received, from_cache) ",
        );
        insert.push_values(chunk, |mut row, entry| {
            row.push_bind(entry.provider.as_str())
                .push_bind(entry.at.millis())
                .push_bind(&entry.method)
                .push_bind(&entry.path)
                .push_bind(entry.status.map(i64::from))
                .push_bind(entry.fault.as_deref())
                .push_bind(i64::from(entry.attempt))
                .push_bind(whole(entry.duration_ms))
                .push_bind(whole(entry.bytes_sent))
                .push_bind(whole(entry.bytes_received))
                .push_bind(entry.from_cache);
        });
        insert.build().persistent(false).execute(&mut *transaction).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[derive(sqlx::FromRow)]
struct AccessRow {
    provider: String,
    at_ms: i64,
    method: String,
    path: String,
    status: Option<i64>,
    fault: Option<String>,
    attempt: i64,
    duration_ms: i64,
    bytes_sent: i64,
    bytes_received: i64,
    from_cache: bool,
}

impl AccessRow {
    fn entry(self) -> Result<AccessEntry, StoreError> {
        let status = self.status.map(u16::try_from).transpose();
        Ok(AccessEntry {
            at: Instant::from_millis(self.at_ms),
            provider: ProviderName::new(self.provider).map_err(|error| damaged(READING, error))?,
            method: self.method,
            path: self.path,
            status: status.map_err(|_| damaged(READING, "a status that is none"))?,
            fault: self.fault,
            attempt: u32::try_from(self.attempt).map_err(|_| damaged(READING, "an attempt that is none"))?,
            duration_ms: self.duration_ms.unsigned_abs(),
            bytes_sent: self.bytes_sent.unsigned_abs(),
            bytes_received: self.bytes_received.unsigned_abs(),
            from_cache: self.from_cache,
        })
    }
}

#[derive(sqlx::FromRow)]
struct UseRow {
    requests: i64,
    bytes_sent: i64,
    bytes_received: i64,
    retries: i64,
    rate_limited: i64,
    failures: i64,
    last_success_ms: Option<i64>,
    last_failure_ms: Option<i64>,
    from_cache: i64,
}

async fn connection_use(
    mut transaction: Transaction<'static, Sqlite>,
    provider: &ProviderName,
    since: Instant,
) -> Result<ConnectionUse, StoreError> {
    let failed = failed(READING);
    // `went` is 1 for an attempt that went well and 0 for one that did not; it says nothing of an answer from the cache.
    let row: UseRow = sqlx::query_as(
        "WITH attempt AS (SELECT *, fault IS NULL AND status IS NOT NULL AND status < 400 AS went
             FROM access WHERE provider = ? AND at_ms >= ? AND NOT from_cache)
         SELECT count(*) AS requests, coalesce(sum(bytes_sent), 0) AS bytes_sent,
             coalesce(sum(bytes_received), 0) AS bytes_received, coalesce(sum(attempt > 1), 0) AS retries,
             coalesce(sum(status = 429), 0) AS rate_limited, coalesce(sum(NOT went), 0) AS failures,
             max(at_ms) FILTER (WHERE went) AS last_success_ms, max(at_ms) FILTER (WHERE NOT went) AS last_failure_ms,
             (SELECT count(*) FROM access WHERE provider = ?1 AND at_ms >= ?2 AND from_cache) AS from_cache
         FROM attempt",
    )
    .bind(provider.as_str())
    .bind(since.millis())
    .fetch_one(&mut *transaction)
    .await
    .map_err(failed)?;
    let mut percentiles = [None; 3];
    for (percentile, percent) in percentiles.iter_mut().zip([50, 95, 99]) {
        let Some(rank) = nearest_rank(row.requests, percent) else { break };
        let duration: i64 = sqlx::query_scalar(
            "SELECT duration_ms FROM access WHERE provider = ? AND at_ms >= ? AND NOT from_cache
             ORDER BY duration_ms LIMIT 1 OFFSET ?",
        )
        .bind(provider.as_str())
        .bind(since.millis())
        .bind(rank)
        .fetch_one(&mut *transaction)
        .await
        .map_err(failed)?;
        *percentile = Some(duration.unsigned_abs());
    }
    transaction.commit().await.map_err(failed)?;
    let [p50_ms, p95_ms, p99_ms] = percentiles;
    let succeeded = row.requests - row.failures;
    Ok(ConnectionUse {
        requests: row.requests.unsigned_abs(),
        bytes_sent: row.bytes_sent.unsigned_abs(),
        bytes_received: row.bytes_received.unsigned_abs(),
        retries: row.retries.unsigned_abs(),
        rate_limited: row.rate_limited.unsigned_abs(),
        failures: row.failures.unsigned_abs(),
        success_rate: (row.requests > 0).then(|| succeeded as f64 / row.requests as f64),
        from_cache: row.from_cache.unsigned_abs(),
        p50_ms,
        p95_ms,
        p99_ms,
        last_success: row.last_success_ms.map(Instant::from_millis),
        last_failure: row.last_failure_ms.map(Instant::from_millis),
    })
}

/// Which one, from 0, of so many in order is the least that so many per cent do not exceed.
fn nearest_rank(count: i64, percent: i64) -> Option<i64> {
    (count > 0).then(|| (count.saturating_mul(percent) + 99) / 100 - 1)
}

async fn credential(readers: &SqlitePool, provider: &ProviderName) -> Result<Option<Credential>, StoreError> {
    let row: Option<(String, i64, i64)> =
        sqlx::query_as("SELECT fingerprint, first_seen_ms, last_seen_ms FROM credential WHERE provider = ?")
            .bind(provider.as_str())
            .fetch_optional(readers)
            .await
            .map_err(failed(READING_CREDENTIAL))?;
    Ok(row.map(|(fingerprint, first, last)| Credential {
        fingerprint,
        first_seen: Instant::from_millis(first),
        last_seen: Instant::from_millis(last),
    }))
}

async fn note_credential(
    (mut transaction, by): (Transaction<'static, Sqlite>, Attribution),
    provider: &ProviderName,
    fingerprint: &str,
    now: Instant,
) -> Result<CredentialAge, StoreError> {
    let failed = failed(CREDENTIAL);
    let had: Option<(String, i64)> =
        sqlx::query_as("SELECT fingerprint, first_seen_ms FROM credential WHERE provider = ?")
            .bind(provider.as_str())
            .fetch_optional(&mut *transaction)
            .await
            .map_err(failed)?;
    let changed = had.as_ref().is_some_and(|(had, _)| had != fingerprint);
    let first_seen = match &had {
        Some((_, first_seen)) if !changed => *first_seen,
        _ => now.millis(),
    };
    sqlx::query(
        "INSERT OR REPLACE INTO credential (provider, fingerprint, first_seen_ms, last_seen_ms) VALUES (?, ?, ?, ?)",
    )
    .bind(provider.as_str())
    .bind(fingerprint)
    .bind(first_seen)
    .bind(now.millis())
    .execute(&mut *transaction)
    .await
    .map_err(failed)?;
    if changed {
        let former = had.map(|(had, _)| had);
        let detail = json!({"fingerprint": fingerprint, "former": former});
        audit::append(&mut transaction, &by, AuditAction::CredentialChanged, provider.as_str(), &detail).await?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(CredentialAge { since: Instant::from_millis(first_seen), changed })
}

async fn seen(readers: &SqlitePool, provider: &ProviderName) -> Result<Option<(Vec<u8>, Vec<u8>)>, StoreError> {
    sqlx::query_as("SELECT component, settings FROM component_seen WHERE provider = ?")
        .bind(provider.as_str())
        .fetch_optional(readers)
        .await
        .map_err(failed(COMPONENT))
}

#[async_trait]
impl Journal for SqliteStore {
    #[tracing::instrument(name = "store.note_access", level = "debug", skip_all, fields(entries = entries.len()))]
    async fn note_access(&self, entries: &[AccessEntry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        note_access(self.write(NOTING).await?, entries).await
    }

    #[tracing::instrument(name = "store.access_log", level = "debug", skip_all, fields(%provider))]
    async fn access_log(&self, provider: &ProviderName, limit: u32) -> Result<Vec<AccessEntry>, StoreError> {
        let rows: Vec<AccessRow> = sqlx::query_as(
            "SELECT provider, at_ms, method, path, status, fault, attempt, duration_ms, bytes_sent, bytes_received,
                 from_cache
             FROM access WHERE provider = ? ORDER BY at_ms DESC, id DESC LIMIT ?",
        )
        .bind(provider.as_str())
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await
        .map_err(failed(READING))?;
        rows.into_iter().map(AccessRow::entry).collect()
    }

    #[tracing::instrument(name = "store.connection_use", level = "debug", skip_all, fields(%provider))]
    async fn connection_use(&self, provider: &ProviderName, since: Instant) -> Result<ConnectionUse, StoreError> {
        connection_use(self.read(READING).await?, provider, since).await
    }

    #[tracing::instrument(name = "store.cached", level = "debug", skip_all)]
    async fn cached(&self, key: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        cache::cached(&self.readers, &self.cache, key).await
    }

    #[tracing::instrument(name = "store.put_cached", level = "debug", skip_all)]
    async fn put_cached(&self, key: &[u8; 32], envelope: &[u8], now: Instant) -> Result<(), StoreError> {
        if !self.held.is_held() {
            return Err(StoreError::LeaseLost);
        }
        match self.cache.put(key, envelope, now) {
            Some(waiting) => cache::store(self.write(cache::STORING).await?, waiting).await,
            None => Ok(()),
        }
    }

    #[tracing::instrument(name = "store.note_credential", level = "debug", skip_all, fields(%provider))]
    async fn note_credential(
        &self,
        provider: &ProviderName,
        fingerprint: &str,
        now: Instant,
    ) -> Result<CredentialAge, StoreError> {
        note_credential(self.write_by(CREDENTIAL).await?, provider, fingerprint, now).await
    }

    #[tracing::instrument(name = "store.credential", level = "debug", skip_all, fields(%provider))]
    async fn credential(&self, provider: &ProviderName) -> Result<Option<Credential>, StoreError> {
        credential(&self.readers, provider).await
    }

    #[tracing::instrument(name = "store.salt", level = "debug", skip_all)]
    async fn salt(&self) -> Result<[u8; 32], StoreError> {
        erase::salt(&mut *self.readers.acquire().await.map_err(failed(SALTING))?).await
    }

    #[tracing::instrument(name = "store.note_component", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn note_component(&self, scope: &Scope, component: Digest) -> Result<(), StoreError> {
        let failed = failed(COMPONENT);
        let had = seen(&self.readers, &scope.provider).await?;
        let now = (component.bytes().to_vec(), scope.settings.bytes().to_vec());
        if had.as_ref() == Some(&now) {
            return Ok(());
        }
        let (mut transaction, by) = self.write_by(COMPONENT).await?;
        sqlx::query("INSERT OR REPLACE INTO component_seen (provider, component, settings) VALUES (?, ?, ?)")
            .bind(scope.provider.as_str())
            .bind(&now.0)
            .bind(&now.1)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        if let Some(had) = had {
            for (action, had, now) in
                [(AuditAction::ComponentChanged, had.0, now.0), (AuditAction::SettingsChanged, had.1, now.1)]
            {
                if had != now {
                    let detail = json!({"digest": hex(COMPONENT, now)?, "former": hex(COMPONENT, had)?});
                    audit::append(&mut transaction, &by, action, scope.provider.as_str(), &detail).await?;
                }
            }
        }
        transaction.commit().await.map_err(failed)
    }

    #[tracing::instrument(name = "store.put_component_use", level = "debug", skip_all, fields(%provider))]
    async fn put_component_use(&self, provider: &ProviderName, json: &str, now: Instant) -> Result<(), StoreError> {
        let mut transaction = self.write(COMPONENT_USE).await?;
        sqlx::query("INSERT OR REPLACE INTO component_use (provider, use, at_ms) VALUES (?, ?, ?)")
            .bind(provider.as_str())
            .bind(json)
            .bind(now.millis())
            .execute(&mut *transaction)
            .await
            .map_err(failed(COMPONENT_USE))?;
        transaction.commit().await.map_err(failed(COMPONENT_USE))
    }

    #[tracing::instrument(name = "store.component_use", level = "debug", skip_all, fields(%provider))]
    async fn component_use(&self, provider: &ProviderName) -> Result<Option<(String, Instant)>, StoreError> {
        let row: Option<(String, i64)> = sqlx::query_as("SELECT use, at_ms FROM component_use WHERE provider = ?")
            .bind(provider.as_str())
            .fetch_optional(&self.readers)
            .await
            .map_err(failed(COMPONENT_USE))?;
        Ok(row.map(|(json, at_ms)| (json, Instant::from_millis(at_ms))))
    }
}

fn hex(doing: &'static str, bytes: Vec<u8>) -> Result<String, StoreError> {
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| damaged(doing, "a digest that has not 32 bytes"))?;
    Ok(Digest::from(bytes).hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_is_the_nearest_from_above() {
        for (count, percent, rank) in [
            (0, 50, None),
            (1, 50, Some(0)),
            (1, 99, Some(0)),
            (2, 50, Some(0)),
            (3, 50, Some(1)),
            (100, 95, Some(94)),
            (100, 99, Some(98)),
            (101, 99, Some(99)),
        ] {
            assert_eq!(nearest_rank(count, percent), rank, "{percent} per cent of {count}");
        }
    }
}

//! What persons entered: scores over computed ones, and those of manual metrics.

use async_trait::async_trait;
use scoresheet_domain::{AuditAction, ClientId, Entry, EntryKind, Instant, MetricId};
use scoresheet_engine::{Entries, StoreError};
use serde_json::json;
use sqlx::{Sqlite, SqlitePool, Transaction};

use super::{
    SqliteStore, audit,
    error::{damaged, failed},
    lease::Attribution,
};

const READING: &str = "reading what was entered";
const ADDING: &str = "keeping what was entered";
const CLEARING: &str = "taking back what was entered";

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    client: String,
    metric: String,
    kind: String,
    score: f64,
    author: String,
    reason: Option<String>,
    at_ms: i64,
    from_ms: i64,
    until_ms: Option<i64>,
    cleared_ms: Option<i64>,
}

/// Everything that was entered, by number; with what was taken back where it is asked for.
pub(super) async fn all(readers: &SqlitePool, cleared: bool) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, client, metric, kind, score, author, reason, at_ms, from_ms, until_ms, cleared_ms
         FROM entry WHERE ? OR cleared_ms IS NULL ORDER BY id",
    )
    .bind(cleared)
    .fetch_all(readers)
    .await
    .map_err(failed(READING))?;
    rows.into_iter().map(entry).collect()
}

fn entry(row: Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        id: row.id,
        client: ClientId::new(row.client).map_err(|error| damaged(READING, error))?,
        metric: MetricId::new(row.metric).map_err(|error| damaged(READING, error))?,
        kind: match row.kind.as_str() {
            "override" => EntryKind::Override,
            "manual" => EntryKind::Manual,
            _ => return Err(damaged(READING, "an entry of a kind that is none")),
        },
        score: row.score,
        author: row.author,
        reason: row.reason,
        at: Instant::from_millis(row.at_ms),
        from: Instant::from_millis(row.from_ms),
        until: row.until_ms.map(Instant::from_millis),
        cleared: row.cleared_ms.map(Instant::from_millis),
    })
}

async fn add(
    (mut transaction, by): (Transaction<'static, Sqlite>, Attribution),
    entry: &Entry,
) -> Result<Entry, StoreError> {
    let failed = failed(ADDING);
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO entry (client, metric, kind, score, author, reason, at_ms, from_ms, until_ms, cleared_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    )
    .bind(entry.client.as_str())
    .bind(entry.metric.as_str())
    .bind(entry.kind.as_str())
    .bind(entry.score)
    .bind(&entry.author)
    .bind(&entry.reason)
    .bind(entry.at.millis())
    .bind(entry.from.millis())
    .bind(entry.until.map(Instant::millis))
    .bind(entry.cleared.map(Instant::millis))
    .fetch_one(&mut *transaction)
    .await
    .map_err(failed)?;
    // The words of a person stand in the detail with the client, so that an erasure blanks both.
    let (action, reason) = match entry.kind {
        EntryKind::Override => (AuditAction::OverrideSet, "reason"),
        EntryKind::Manual => (AuditAction::ScoreEntered, "note"),
    };
    let detail = json!({
        "client": entry.client,
        "score": entry.score,
        "from": entry.from,
        "until": entry.until,
        reason: entry.reason,
    });
    audit::append(&mut transaction, &by, action, entry.metric.as_str(), &detail).await?;
    transaction.commit().await.map_err(failed)?;
    Ok(Entry { id, ..entry.clone() })
}

async fn clear(
    (mut transaction, by): (Transaction<'static, Sqlite>, Attribution),
    client: &ClientId,
    metric: &MetricId,
    kind: EntryKind,
) -> Result<u64, StoreError> {
    let failed = failed(CLEARING);
    let cleared = sqlx::query(
        "UPDATE entry SET cleared_ms = ? WHERE client = ? AND metric = ? AND kind = ? AND cleared_ms IS NULL",
    )
    .bind(by.at_ms)
    .bind(client.as_str())
    .bind(metric.as_str())
    .bind(kind.as_str())
    .execute(&mut *transaction)
    .await
    .map_err(failed)?
    .rows_affected();
    if cleared > 0 {
        let action = match kind {
            EntryKind::Override => AuditAction::OverrideCleared,
            EntryKind::Manual => AuditAction::ScoreCleared,
        };
        let detail = json!({"client": client, "entries": cleared});
        audit::append(&mut transaction, &by, action, metric.as_str(), &detail).await?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(cleared)
}

#[async_trait]
impl Entries for SqliteStore {
    #[tracing::instrument(name = "store.add_entry", level = "debug", skip_all, fields(metric = %entry.metric))]
    async fn add_entry(&self, entry: &Entry) -> Result<Entry, StoreError> {
        add(self.write_by(ADDING).await?, entry).await
    }

    #[tracing::instrument(name = "store.clear_entries", level = "debug", skip_all, fields(%metric))]
    async fn clear_entries(&self, client: &ClientId, metric: &MetricId, kind: EntryKind) -> Result<u64, StoreError> {
        clear(self.write_by(CLEARING).await?, client, metric, kind).await
    }
}

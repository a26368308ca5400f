//! What persons entered: scores over computed ones, and those of manual metrics.

use scoresheet_domain::{ClientId, Entry, EntryKind, Instant, MetricId};
use scoresheet_engine::StoreError;
use sqlx::SqlitePool;

use super::error::{damaged, failed};

const READING: &str = "reading what was entered";

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

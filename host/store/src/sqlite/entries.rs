//! Overrides and manual scores.

use rusqlite::{Connection, Row, params};
use scoresheet_domain::{AuditAction, ClientId, Entry, EntryKind, Instant, MetricId};
use scoresheet_engine::Attribution;
use serde_json::json;

use super::{
    audit,
    error::{Failed, damaged},
    query::{all, column, execute, one},
};
use crate::sql;

/// By number; cleared ones only on request.
pub(super) fn entries(connection: &Connection, cleared: bool) -> Result<Vec<Entry>, Failed> {
    all(connection, sql::ENTRIES, params![cleared], entry)
}

fn entry(row: &Row<'_>) -> Result<Entry, Failed> {
    let at = |index| Ok::<_, Failed>(row.get::<_, Option<i64>>(index)?.map(Instant::from_millis));
    Ok(Entry {
        id: row.get(0)?,
        client: ClientId::new(row.get::<_, String>(1)?).map_err(damaged)?,
        metric: MetricId::new(row.get::<_, String>(2)?).map_err(damaged)?,
        kind: match row.get::<_, String>(3)?.as_str() {
            "override" => EntryKind::Override,
            "manual" => EntryKind::Manual,
            other => return Err(damaged(format!("an entry of kind {other}"))),
        },
        score: row.get(4)?,
        author: row.get(5)?,
        reason: row.get(6)?,
        at: Instant::from_millis(row.get(7)?),
        from: Instant::from_millis(row.get(8)?),
        until: at(9)?,
        cleared: at(10)?,
    })
}

/// Returns the new id.
pub(super) fn add(connection: &Connection, by: &Attribution, entry: &Entry) -> Result<i64, Failed> {
    let id = one(
        connection,
        sql::ADD_ENTRY,
        params![
            entry.client.as_str(),
            entry.metric.as_str(),
            entry.kind.as_str(),
            entry.score,
            entry.author,
            entry.reason,
            entry.at.millis(),
            entry.from.millis(),
            entry.until.map(Instant::millis),
            entry.cleared.map(Instant::millis)
        ],
        column,
    )?;
    // The reason is in the detail with the client, so that an erasure blanks both.
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
    audit::append(connection, by, action, entry.metric.as_str(), &detail)?;
    Ok(id)
}

pub(super) fn clear(
    connection: &Connection,
    by: &Attribution,
    client: &ClientId,
    metric: &MetricId,
    kind: EntryKind,
) -> Result<u64, Failed> {
    let cleared = execute(
        connection,
        sql::CLEAR_ENTRIES,
        params![by.at.millis(), client.as_str(), metric.as_str(), kind.as_str()],
    )?;
    if cleared > 0 {
        let action = match kind {
            EntryKind::Override => AuditAction::OverrideCleared,
            EntryKind::Manual => AuditAction::ScoreCleared,
        };
        let detail = json!({"client": client, "entries": cleared});
        audit::append(connection, by, action, metric.as_str(), &detail)?;
    }
    Ok(cleared)
}

//! The audit log: appended to in the transaction of the change, read, verified, shortened.
//!
//! How the chain is computed and checked is the domain's; here are the rows.

use async_trait::async_trait;
use scoresheet_domain::{
    AuditAction, AuditEntry, AuditVerdict, Digest, Instant,
    audit::{Anchor, Link, StoredEntry, Verifier, detail_digest},
};
use scoresheet_engine::{AuditLog, AuditNote, StoreError};
use serde_json::{Value, json};
use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::{
    SqliteStore,
    error::{damaged, failed},
    lease::Attribution,
};

const WRITING: &str = "writing its audit log";
const READING: &str = "reading its audit log";
const VERIFYING: &str = "verifying its audit log";
const SHORTENING: &str = "shortening its audit log";

/// So many entries are read at once when all of them are.
const ENTRIES_AT_ONCE: i64 = 1_000;

/// Bytes of the nonce that goes with each detail.
const NONCE: &str = "randomblob(16)";

/// Appends an entry within the transaction of what it tells; gives its number.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    by: &Attribution,
    action: AuditAction,
    subject: &str,
    detail: &Value,
) -> Result<i64, StoreError> {
    let failed = failed(WRITING);
    let (seq, previous, nonce): (i64, Vec<u8>, Vec<u8>) =
        sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT seq + 1, hash, {NONCE} FROM audit_anchor")))
            .fetch_optional(&mut *connection)
            .await
            .map_err(failed)?
            .ok_or_else(|| damaged(WRITING, "an audit log without an end"))?;
    let (detail, previous) = (detail.to_string(), digest(WRITING, previous)?);
    let detail_digest = detail_digest(&nonce, &detail);
    let link = Link {
        seq: seq.unsigned_abs(),
        at_ms: by.at_ms,
        actor: &by.actor,
        action: action.as_str(),
        subject,
        detail: detail_digest,
    };
    let hash = link.hash(&previous);
    sqlx::query(
        "INSERT INTO audit (seq, at_ms, actor, action, subject, detail, nonce, detail_digest, previous, hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(seq)
    .bind(by.at_ms)
    .bind(&by.actor)
    .bind(action.as_str())
    .bind(subject)
    .bind(&detail)
    .bind(&nonce)
    .bind(&detail_digest.bytes()[..])
    .bind(&previous.bytes()[..])
    .bind(&hash.bytes()[..])
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    sqlx::query("UPDATE audit_anchor SET seq = ?, hash = ?")
        .bind(seq)
        .bind(&hash.bytes()[..])
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(seq)
}

/// Appends several.
pub(super) async fn append_all(
    connection: &mut SqliteConnection,
    by: &Attribution,
    notes: &[AuditNote],
) -> Result<(), StoreError> {
    for note in notes {
        append(connection, by, note.action, &note.subject, &note.detail).await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    at_ms: i64,
    actor: String,
    action: String,
    subject: String,
    detail: Option<String>,
    nonce: Option<Vec<u8>>,
    detail_digest: Vec<u8>,
    previous: Vec<u8>,
    hash: Vec<u8>,
}

impl Row {
    fn entry(self) -> Result<AuditEntry, StoreError> {
        Ok(AuditEntry {
            seq: self.seq.unsigned_abs(),
            at: Instant::from_millis(self.at_ms),
            actor: self.actor,
            action: self.action,
            subject: self.subject,
            // What is no JSON was edited; verifying says so.
            detail: self.detail.map(|detail| serde_json::from_str(&detail).unwrap_or(Value::String(detail))),
            hash: digest(READING, self.hash)?.hex(),
        })
    }
}

/// Where the log begins and where it should end; none where that was removed.
async fn anchors(connection: &mut SqliteConnection) -> Result<Option<(Anchor, Anchor)>, StoreError> {
    let row: Option<(i64, Vec<u8>, i64, Vec<u8>)> =
        sqlx::query_as("SELECT base_seq, base_hash, seq, hash FROM audit_anchor")
            .fetch_optional(connection)
            .await
            .map_err(failed(VERIFYING))?;
    let Some((base_seq, base_hash, seq, hash)) = row else { return Ok(None) };
    let anchor = |seq: i64, hash| Ok(Anchor { seq: seq.unsigned_abs(), hash: digest(VERIFYING, hash)? });
    Ok(Some((anchor(base_seq, base_hash)?, anchor(seq, hash)?)))
}

fn digest(doing: &'static str, bytes: Vec<u8>) -> Result<Digest, StoreError> {
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| damaged(doing, "a digest that has not 32 bytes"))?;
    Ok(Digest::from(bytes))
}

async fn verify(mut transaction: Transaction<'static, Sqlite>) -> Result<AuditVerdict, StoreError> {
    // Without its end, nothing of the log can be held against anything: the end counts as cut off.
    let (base, head) =
        anchors(&mut transaction).await?.unwrap_or((Anchor::BEGINNING, Anchor { seq: u64::MAX, hash: Digest::ZERO }));
    let mut verifier = Verifier::new(base);
    let mut after = i64::MIN;
    'all: loop {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT seq, at_ms, actor, action, subject, detail, nonce, detail_digest, previous, hash
             FROM audit WHERE seq > ? ORDER BY seq LIMIT ?",
        )
        .bind(after)
        .bind(ENTRIES_AT_ONCE)
        .fetch_all(&mut *transaction)
        .await
        .map_err(failed(VERIFYING))?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        for row in rows {
            let link = Link {
                // A number below 1 is nobody's, and not the one that follows.
                seq: u64::try_from(row.seq).unwrap_or_default(),
                at_ms: row.at_ms,
                actor: &row.actor,
                action: &row.action,
                subject: &row.subject,
                detail: digest(VERIFYING, row.detail_digest)?,
            };
            let entry = StoredEntry {
                link,
                previous: digest(VERIFYING, row.previous)?,
                hash: digest(VERIFYING, row.hash)?,
                detail: row.nonce.as_deref().zip(row.detail.as_deref()),
            };
            if !verifier.step(&entry) {
                break 'all;
            }
        }
    }
    transaction.commit().await.map_err(failed(VERIFYING))?;
    Ok(verifier.finish(head))
}

/// Removes the oldest entries, as far as all of them are older; gives how many. An entry says so, and the log's
/// beginning is where they ended.
pub(super) async fn prune(
    connection: &mut SqliteConnection,
    by: &Attribution,
    before: Instant,
) -> Result<u64, StoreError> {
    let failed = failed(SHORTENING);
    let (base, head) = anchors(connection).await?.ok_or_else(|| damaged(SHORTENING, "an audit log without an end"))?;
    let newer: Option<i64> = sqlx::query_scalar("SELECT min(seq) FROM audit WHERE at_ms >= ?")
        .bind(before.millis())
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    let through = newer.map_or(head.seq, |seq| seq.unsigned_abs().saturating_sub(1));
    if through <= base.seq {
        return Ok(0);
    }
    let through = i64::try_from(through).unwrap_or(i64::MAX);
    let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM audit WHERE seq = ?")
        .bind(through)
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed)?;
    // A log that is not whole is left as it is, for whoever verifies it.
    let Some(hash) = hash else { return Ok(0) };
    let removed = sqlx::query("DELETE FROM audit WHERE seq <= ?")
        .bind(through)
        .execute(&mut *connection)
        .await
        .map_err(failed)?
        .rows_affected();
    sqlx::query("UPDATE audit_anchor SET base_seq = ?, base_hash = ?")
        .bind(through)
        .bind(hash)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    let detail = json!({"through": through, "entries": removed});
    append(connection, by, AuditAction::AuditPruned, "store", &detail).await?;
    Ok(removed)
}

#[async_trait]
impl AuditLog for SqliteStore {
    #[tracing::instrument(name = "store.audit", level = "debug", skip_all)]
    async fn audit(&self, since: Option<Instant>, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let mut rows: Vec<Row> = sqlx::query_as(
            "SELECT seq, at_ms, actor, action, subject, detail, nonce, detail_digest, previous, hash
             FROM audit WHERE at_ms >= ? ORDER BY seq DESC LIMIT ?",
        )
        .bind(since.map_or(i64::MIN, Instant::millis))
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await
        .map_err(failed(READING))?;
        rows.reverse();
        rows.into_iter().map(Row::entry).collect()
    }

    #[tracing::instrument(name = "store.verify_audit", level = "debug", skip_all)]
    async fn verify_audit(&self) -> Result<AuditVerdict, StoreError> {
        verify(self.read(VERIFYING).await?).await
    }

    #[tracing::instrument(name = "store.note", level = "debug", skip_all, fields(action = note.action.as_str()))]
    async fn note(&self, note: &AuditNote) -> Result<(), StoreError> {
        let (mut transaction, by) = self.write_by(WRITING).await?;
        append(&mut transaction, &by, note.action, &note.subject, &note.detail).await?;
        transaction.commit().await.map_err(failed(WRITING))
    }
}

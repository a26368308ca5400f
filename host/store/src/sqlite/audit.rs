//! The audit log: appended to in the transaction of the change, read, verified, pruned.
//!
//! The chain of hashes is computed and checked in the domain; here are the rows.

use rusqlite::{Connection, Row, params};
use scoresheet_domain::{
    AuditAction, AuditEntry, AuditVerdict, Digest, Instant,
    audit::{Anchor, Link, StoredEntry, Verifier, detail_digest},
};
use scoresheet_engine::{Attribution, AuditNote};
use serde_json::{Value, json};

use super::{
    error::{Failed, damaged},
    query::{all, column, execute, first, tuple},
};
use crate::sql;

/// Entries read at a time while verifying.
const CHUNK_SIZE: i64 = 1_000;

/// Appends an entry in the transaction of the change that it describes.
pub(super) fn append(
    connection: &Connection,
    by: &Attribution,
    action: AuditAction,
    subject: &str,
    detail: &Value,
) -> Result<(), Failed> {
    let (seq, previous, nonce): (i64, [u8; 32], Vec<u8>) =
        first(connection, sql::NEXT_AUDIT, [], tuple)?.ok_or_else(|| damaged("an audit log without an end"))?;
    let (detail, previous) = (detail.to_string(), Digest::from(previous));
    let detail_digest = detail_digest(&nonce, &detail);
    let link = Link {
        seq: seq.unsigned_abs(),
        at_ms: by.at.millis(),
        actor: &by.actor,
        action: action.as_str(),
        subject,
        detail: detail_digest,
    };
    let hash = link.hash(&previous);
    execute(
        connection,
        sql::ADD_AUDIT,
        params![
            seq,
            by.at.millis(),
            by.actor,
            action.as_str(),
            subject,
            detail,
            nonce,
            detail_digest.bytes(),
            previous.bytes(),
            hash.bytes()
        ],
    )?;
    execute(connection, sql::MOVE_AUDIT_END, params![seq, hash.bytes()])?;
    Ok(())
}

/// Appends several.
pub(super) fn append_all(connection: &Connection, by: &Attribution, notes: &[AuditNote]) -> Result<(), Failed> {
    for note in notes {
        append(connection, by, note.action, &note.subject, &note.detail)?;
    }
    Ok(())
}

struct StoredRow {
    seq: i64,
    at_ms: i64,
    actor: String,
    action: String,
    subject: String,
    detail: Option<String>,
    nonce: Option<Vec<u8>>,
    detail_digest: Digest,
    previous: Digest,
    hash: Digest,
}

impl StoredRow {
    fn read(row: &Row<'_>) -> Result<Self, Failed> {
        let digest = |index| Ok::<_, Failed>(Digest::from(row.get::<_, [u8; 32]>(index)?));
        Ok(Self {
            seq: row.get(0)?,
            at_ms: row.get(1)?,
            actor: row.get(2)?,
            action: row.get(3)?,
            subject: row.get(4)?,
            detail: row.get(5)?,
            nonce: row.get(6)?,
            detail_digest: digest(7)?,
            previous: digest(8)?,
            hash: digest(9)?,
        })
    }

    fn entry(self) -> AuditEntry {
        AuditEntry {
            seq: self.seq.unsigned_abs(),
            at: Instant::from_millis(self.at_ms),
            actor: self.actor,
            action: self.action,
            subject: self.subject,
            // A detail that is no JSON was edited; verifying reports it.
            detail: self.detail.map(|detail| serde_json::from_str(&detail).unwrap_or(Value::String(detail))),
            hash: self.hash.hex(),
        }
    }
}

/// The newest entries since a time, oldest first.
pub(super) fn entries(connection: &Connection, since: Option<Instant>, limit: u32) -> Result<Vec<AuditEntry>, Failed> {
    let since_ms = since.map_or(i64::MIN, Instant::millis);
    let mut entries =
        all(connection, sql::NEWEST_AUDIT, params![since_ms, limit], |row| Ok(StoredRow::read(row)?.entry()))?;
    entries.reverse();
    Ok(entries)
}

/// Where the log begins and where it should end; none where that row was deleted.
fn anchors(connection: &Connection) -> Result<Option<(Anchor, Anchor)>, Failed> {
    first(connection, sql::AUDIT_ANCHOR, [], |row| {
        let anchor = |seq, hash| {
            let hash = Digest::from(row.get::<_, [u8; 32]>(hash)?);
            Ok::<_, Failed>(Anchor { seq: row.get::<_, i64>(seq)?.unsigned_abs(), hash })
        };
        Ok((anchor(0, 1)?, anchor(2, 3)?))
    })
}

pub(super) fn verify(connection: &Connection) -> Result<AuditVerdict, Failed> {
    // Without its end, nothing can be compared: the log counts as truncated.
    let (base, head) =
        anchors(connection)?.unwrap_or((Anchor::BEGINNING, Anchor { seq: u64::MAX, hash: Digest::ZERO }));
    let mut verifier = Verifier::new(base);
    let mut after = i64::MIN;
    'all: loop {
        let rows = all(connection, sql::AUDIT_AFTER, params![after, CHUNK_SIZE], StoredRow::read)?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        for row in &rows {
            let link = Link {
                // A number below 1 is never assigned, and is not the one that follows.
                seq: u64::try_from(row.seq).unwrap_or_default(),
                at_ms: row.at_ms,
                actor: &row.actor,
                action: &row.action,
                subject: &row.subject,
                detail: row.detail_digest,
            };
            let entry = StoredEntry {
                link,
                previous: row.previous,
                hash: row.hash,
                detail: row.nonce.as_deref().zip(row.detail.as_deref()),
            };
            if !verifier.step(&entry) {
                break 'all;
            }
        }
    }
    Ok(verifier.finish(head))
}

/// Deletes the oldest entries, up to the first that is not older; returns how many. An entry says so, and the log
/// begins where they ended.
pub(super) fn prune(connection: &Connection, by: &Attribution, before: Instant) -> Result<u64, Failed> {
    let (base, head) = anchors(connection)?.ok_or_else(|| damaged("an audit log without an end"))?;
    let newer: Option<i64> = first(connection, sql::FIRST_AUDIT_SINCE, params![before.millis()], column)?.flatten();
    let through = newer.map_or(head.seq, |seq| seq.unsigned_abs().saturating_sub(1));
    if through <= base.seq {
        return Ok(0);
    }
    let through = i64::try_from(through).unwrap_or(i64::MAX);
    // A broken log stays as it is, for whoever verifies it.
    let Some(hash) = first(connection, sql::AUDIT_HASH, params![through], column::<Vec<u8>>)? else { return Ok(0) };
    let removed = execute(connection, sql::DELETE_AUDIT_THROUGH, params![through])?;
    execute(connection, sql::MOVE_AUDIT_BEGINNING, params![through, hash])?;
    let detail = json!({"through": through, "entries": removed});
    append(connection, by, AuditAction::AuditPruned, "store", &detail)?;
    Ok(removed)
}

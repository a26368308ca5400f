//! Pulls: begun, listed while they are open, ended.

use rusqlite::{Connection, params};
use scoresheet_domain::{AuditAction, Cursor, Digest, Instant, ProviderName, Window};
use scoresheet_engine::{Attribution, NewPull, OpenPull, PullAction, PullEnd, PullId, Scope, SyncLock};
use serde_json::json;

use super::{
    audit,
    error::{Failed, refused},
    query::{all, column, execute, first, one, tuple},
    source::{cover, find_scope, scope_id, window},
};
use crate::sql;

/// A pull's own row.
pub(super) struct PullRow {
    pub(super) scope: i64,
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    all_kinds: bool,
    decides: bool,
    /// How many observations of its kinds touched the window when it began.
    prior: i64,
    /// Rows in the committed pages.
    read: i64,
    /// The smallest total that the source gave.
    total: Option<i64>,
    /// Whether a page was committed.
    pub(super) started: bool,
    /// The newest pull of this scope.
    pub(super) newest: i64,
    /// Observations that ended before this were pruned.
    pub(super) pruned_ms: Option<i64>,
    /// Whether any source client of the provider was erased.
    pub(super) erasures: bool,
}

impl PullRow {
    pub(super) fn read(connection: &Connection, provider: &ProviderName, pull: PullId) -> Result<Self, Failed> {
        let row = first(connection, sql::PULL, params![pull.0, provider.as_str()], |row| {
            Ok(Self {
                scope: row.get(0)?,
                start_ms: row.get(1)?,
                end_ms: row.get(2)?,
                all_kinds: row.get(3)?,
                decides: row.get(4)?,
                prior: row.get(5)?,
                read: row.get(6)?,
                total: row.get(7)?,
                started: row.get(8)?,
                newest: row.get(9)?,
                pruned_ms: row.get(10)?,
                erasures: row.get(11)?,
            })
        })?;
        row.ok_or_else(|| refused("there is no such pull: it was finished or abandoned"))
    }

    pub(super) fn window(&self) -> Window {
        window((self.start_ms, self.end_ms))
    }
}

pub(super) fn begin(connection: &Connection, by: &Attribution, pull: &NewPull) -> Result<OpenPull, Failed> {
    let scope = scope_id(connection, &pull.scope)?;
    let (start_ms, end_ms) = (pull.window.start.millis(), pull.window.end.millis());
    let row = params![scope, start_ms, end_ms, by.at.millis(), pull.all_kinds, pull.decides];
    let id: i64 = one(connection, sql::ADD_PULL, row, column)?;
    for kind in &pull.kinds {
        execute(connection, sql::ADD_PULL_KIND, params![id, kind])?;
    }
    // Counted now: once pages are committed, nobody can tell what was stored before.
    let prior: i64 = one(connection, sql::COUNT_PRIOR, params![scope, start_ms, end_ms, id], column)?;
    execute(connection, sql::SET_PRIOR, params![id, prior])?;
    Ok(OpenPull {
        id: PullId(id),
        window: pull.window,
        kinds: kinds(connection, id)?,
        began: by.at,
        decides: pull.decides,
        started: false,
        pending: Vec::new(),
        digests: Vec::new(),
    })
}

/// In ascending order.
fn kinds(connection: &Connection, pull: i64) -> Result<Vec<String>, Failed> {
    all(connection, sql::PULL_KINDS, params![pull], column)
}

pub(super) fn open(connection: &Connection, scope: &Scope) -> Result<Vec<OpenPull>, Failed> {
    let Some(scope) = find_scope(connection, scope)? else { return Ok(Vec::new()) };
    let mut pulls = all(connection, sql::OPEN_PULLS, params![scope], |row| {
        Ok(OpenPull {
            id: PullId(row.get(0)?),
            window: window((row.get(1)?, row.get(2)?)),
            kinds: Vec::new(),
            began: Instant::from_millis(row.get(3)?),
            decides: row.get(4)?,
            started: false,
            pending: Vec::new(),
            digests: Vec::new(),
        })
    })?;
    for pull in &mut pulls {
        pull.kinds = kinds(connection, pull.id.0)?;
        pull.pending = all(connection, sql::CURSORS, params![pull.id.0], |row| Ok(Cursor(row.get(0)?)))?;
        pull.digests =
            all(connection, sql::PAGE_DIGESTS, params![pull.id.0], |row| Ok(Digest::from(row.get::<_, [u8; 32]>(0)?)))?;
        pull.started = !pull.digests.is_empty();
    }
    Ok(pulls)
}

pub(super) fn end(
    connection: &Connection,
    lock: &SyncLock,
    pull: PullId,
    action: PullAction,
) -> Result<PullEnd, Failed> {
    match action {
        PullAction::Finish => finish(connection, lock, pull),
        PullAction::Abandon => abandon(connection, lock, pull),
    }
}

fn finish(connection: &Connection, lock: &SyncLock, pull: PullId) -> Result<PullEnd, Failed> {
    let row = PullRow::read(connection, &lock.provider, pull)?;
    if !row.started || one(connection, sql::HAS_CURSOR, params![pull.0], column)? {
        return Err(refused("not all of its pages are committed"));
    }
    let end = delete_unseen_and_cover(connection, pull, &row)?;
    let (action, mut detail) = match end {
        PullEnd::Covered { deleted: 0 } | PullEnd::Abandoned => (None, json!({})),
        PullEnd::Covered { deleted } => {
            (Some(AuditAction::Withdrawn), json!({"deleted": deleted, "of": row.prior, "full": row.decides}))
        }
        PullEnd::Suspicious { would_delete, of } => {
            (Some(AuditAction::WithdrawalRefused), json!({"would_delete": would_delete, "of": of}))
        }
        PullEnd::Short { read, total } => (Some(AuditAction::WithdrawalRefused), json!({"read": read, "total": total})),
    };
    if let Some(action) = action {
        detail["window"] = row.window().to_string().into();
        audit::append(connection, &lock.by, action, lock.provider.as_str(), &detail)?;
    }
    execute(connection, sql::DELETE_PULL, params![pull.0])?;
    Ok(end)
}

fn delete_unseen_and_cover(connection: &Connection, pull: PullId, row: &PullRow) -> Result<PullEnd, Failed> {
    if let Some(total) = row.total.filter(|total| row.read < *total) {
        return Ok(PullEnd::Short { read: row.read.unsigned_abs(), total: total.unsigned_abs() });
    }
    let unseen = params![row.scope, row.start_ms, row.end_ms, pull.0];
    // Observations that were not stored again since the pull began: the source no longer has them, or no longer in this
    // window. Only those counted when it began can be among them, so a first sync needs no pass over the scope.
    let would_delete: i64 = if row.prior == 0 { 0 } else { one(connection, sql::COUNT_UNSEEN, unseen, column)? };
    if !row.decides && would_delete.saturating_mul(2) > row.prior {
        return Ok(PullEnd::Suspicious { would_delete: would_delete.unsigned_abs(), of: row.prior.unsigned_abs() });
    }
    if would_delete > 0 {
        execute(connection, sql::DELETE_UNSEEN, unseen)?;
    }
    if row.all_kinds {
        execute(connection, sql::DELETE_UNSEEN_REJECTED, unseen)?;
        // This pull counted the window's rejected records without an id again.
        execute(connection, sql::DELETE_UNSEEN_WITHOUT_ID, unseen)?;
    }
    let mut window = row.window();
    // What was pruned meanwhile stays uncovered.
    window.start = window.start.max(row.pruned_ms.map_or(Instant::MIN, Instant::from_millis));
    if !window.is_empty() {
        for kind in kinds(connection, pull.0)? {
            cover(connection, row.scope, &kind, window)?;
        }
    }
    Ok(PullEnd::Covered { deleted: would_delete.unsigned_abs() })
}

fn abandon(connection: &Connection, lock: &SyncLock, pull: PullId) -> Result<PullEnd, Failed> {
    let provider = lock.provider.as_str();
    let found: Option<(i64, i64, i64)> = first(connection, sql::PULL_TO_ABANDON, params![pull.0, provider], tuple)?;
    // One that has ended has its entry already.
    if let Some((start_ms, end_ms, pages)) = found {
        let detail = json!({"window": window((start_ms, end_ms)).to_string(), "pages": pages});
        audit::append(connection, &lock.by, AuditAction::PullAbandoned, provider, &detail)?;
        execute(connection, sql::DELETE_PULL, params![pull.0])?;
    }
    Ok(PullEnd::Abandoned)
}

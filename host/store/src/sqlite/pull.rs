//! Pulls: begun, listed while they are open, ended.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use rusqlite::{Connection, params};
use scoresheet_domain::{AuditAction, Cursor, Digest, Instant, Window};
use scoresheet_engine::{Attribution, ClientScope, OpenPull, PullEnd, PullId, Scope};
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
    pub(super) client: Option<String>,
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    decides: bool,
    /// How many observations touched the window when it began.
    stood: i64,
    /// Whether a page was committed.
    pub(super) started: bool,
    /// The newest pull of this scope.
    pub(super) newest: i64,
    pub(super) provider: String,
    /// Observations that ended before this were pruned.
    pub(super) pruned_ms: Option<i64>,
    /// Whether any source client of the provider was erased.
    pub(super) erasures: bool,
}

impl PullRow {
    pub(super) fn read(connection: &Connection, pull: PullId) -> Result<Self, Failed> {
        let row = first(connection, sql::PULL, params![pull.0], |row| {
            Ok(Self {
                scope: row.get(0)?,
                client: row.get(1)?,
                start_ms: row.get(2)?,
                end_ms: row.get(3)?,
                decides: row.get(4)?,
                stood: row.get(5)?,
                started: row.get(6)?,
                newest: row.get(7)?,
                provider: row.get(8)?,
                pruned_ms: row.get(9)?,
                erasures: row.get(10)?,
            })
        })?;
        row.ok_or_else(|| refused("there is no such pull: it was finished or abandoned"))
    }

    pub(super) fn window(&self) -> Window {
        window((self.start_ms, self.end_ms))
    }
}

/// Pulls that this process began over a window without any stored record: at their end no record can be missing, and
/// the pass over the scope that would find it is skipped. Every pull of a first sync is one. A pull that another
/// process began is none.
#[derive(Default)]
pub(super) struct OverNothing(Mutex<HashSet<PullId>>);

impl OverNothing {
    pub(super) fn insert(&self, pull: PullId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(pull);
    }

    pub(super) fn contains(&self, pull: PullId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&pull)
    }

    pub(super) fn remove(&self, pull: PullId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&pull);
    }
}

/// With whether nothing was stored in its window.
pub(super) fn begin(
    connection: &Connection,
    scope: &Scope,
    window: Window,
    clients: &ClientScope,
    decides: bool,
    now: Instant,
) -> Result<(OpenPull, bool), Failed> {
    let scope = scope_id(connection, scope)?;
    let (start_ms, end_ms) = (window.start.millis(), window.end.millis());
    let (client, records, stood): (_, i64, i64) = match clients {
        // Counted now: once pages are committed, nobody can tell what was stored before.
        ClientScope::All => {
            let (records, stood) = one(connection, sql::COUNT_WINDOW, params![scope, start_ms, end_ms], tuple)?;
            (None, records, stood)
        }
        ClientScope::One(source) => (Some(source.as_str()), 0, 0),
    };
    let id =
        one(connection, sql::ADD_PULL, params![scope, client, start_ms, end_ms, now.millis(), decides, stood], column)?;
    let open = OpenPull {
        id: PullId(id),
        window,
        began: now,
        decides,
        started: false,
        pending: Vec::new(),
        digests: Vec::new(),
    };
    Ok((open, records == 0))
}

pub(super) fn open(connection: &Connection, scope: &Scope) -> Result<Vec<OpenPull>, Failed> {
    let Some(scope) = find_scope(connection, scope)? else { return Ok(Vec::new()) };
    let mut pulls = all(connection, sql::OPEN_PULLS, params![scope], |row| {
        Ok(OpenPull {
            id: PullId(row.get(0)?),
            window: window((row.get(1)?, row.get(2)?)),
            began: Instant::from_millis(row.get(3)?),
            decides: row.get(4)?,
            started: false,
            pending: Vec::new(),
            digests: Vec::new(),
        })
    })?;
    for pull in &mut pulls {
        pull.pending = all(connection, sql::CURSORS, params![pull.id.0], |row| Ok(Cursor(row.get(0)?)))?;
        pull.digests =
            all(connection, sql::PAGE_DIGESTS, params![pull.id.0], |row| Ok(Digest::from(row.get::<_, [u8; 32]>(0)?)))?;
        pull.started = !pull.digests.is_empty();
    }
    Ok(pulls)
}

pub(super) fn finish(
    connection: &Connection,
    by: &Attribution,
    over_nothing: bool,
    pull: PullId,
) -> Result<PullEnd, Failed> {
    let row = PullRow::read(connection, pull)?;
    if !row.started || one(connection, sql::HAS_CURSOR, params![pull.0], column)? {
        return Err(refused("not all of its pages are committed"));
    }
    let end = match row.client {
        Some(_) => PullEnd::Covered { withdrawn: 0 },
        None => delete_unseen_and_cover(connection, pull, &row, over_nothing)?,
    };
    let (action, mut detail) = match end {
        PullEnd::Covered { withdrawn: 0 } => (None, json!({})),
        PullEnd::Covered { withdrawn } => {
            (Some(AuditAction::Withdrawn), json!({"withdrawn": withdrawn, "of": row.stood, "full": row.decides}))
        }
        PullEnd::Suspicious { would_go, of } => {
            (Some(AuditAction::WithdrawalRefused), json!({"would_go": would_go, "of": of}))
        }
    };
    if let Some(action) = action {
        detail["window"] = row.window().to_string().into();
        audit::append(connection, by, action, &row.provider, &detail)?;
    }
    execute(connection, sql::DELETE_PULL, params![pull.0])?;
    Ok(end)
}

fn delete_unseen_and_cover(
    connection: &Connection,
    pull: PullId,
    row: &PullRow,
    over_nothing: bool,
) -> Result<PullEnd, Failed> {
    let unseen_params = params![row.scope, row.start_ms, row.end_ms, pull.0];
    // Records that were not stored again since the pull began, and how many of them are observations: the source no
    // longer has them, or no longer in this window.
    let (unseen, would_go): (i64, i64) =
        if over_nothing { (0, 0) } else { one(connection, sql::COUNT_UNSEEN, unseen_params, tuple)? };
    if !row.decides && would_go.saturating_mul(2) > row.stood {
        return Ok(PullEnd::Suspicious { would_go: would_go.unsigned_abs(), of: row.stood.unsigned_abs() });
    }
    if unseen > 0 {
        execute(connection, sql::DELETE_UNSEEN, unseen_params)?;
    }
    // This pull counted the window's rejected records without an id anew.
    execute(connection, sql::DELETE_UNSEEN_WITHOUT_ID, unseen_params)?;
    let mut window = row.window();
    // What was pruned meanwhile stays uncovered.
    window.start = window.start.max(row.pruned_ms.map_or(Instant::MIN, Instant::from_millis));
    if !window.is_empty() {
        cover(connection, row.scope, window)?;
    }
    Ok(PullEnd::Covered { withdrawn: would_go.unsigned_abs() })
}

pub(super) fn abandon(connection: &Connection, by: &Attribution, pull: PullId) -> Result<(), Failed> {
    let found: Option<(String, i64, i64, i64)> = first(connection, sql::PULL_TO_ABANDON, params![pull.0], tuple)?;
    // One that is gone has its entry already.
    let Some((provider, start_ms, end_ms, pages)) = found else { return Ok(()) };
    let detail = json!({"window": window((start_ms, end_ms)).to_string(), "pages": pages});
    audit::append(connection, by, AuditAction::PullAbandoned, &provider, &detail)?;
    execute(connection, sql::DELETE_PULL, params![pull.0])?;
    Ok(())
}

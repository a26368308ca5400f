//! Pulls: begun, listed while they are open, ended.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use scoresheet_domain::{AuditAction, Cursor, Digest, Instant, Window};
use scoresheet_engine::{ClientScope, OpenPull, PullEnd, PullId, Scope, StoreError};
use serde_json::json;
use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::{
    audit,
    error::{damaged, failed},
    lease::Attribution,
    source::{cover, find_scope, scope_id},
};

pub(super) const READING: &str = "reading open pulls";
pub(super) const BEGINNING: &str = "beginning a pull";
pub(super) const FINISHING: &str = "finishing a pull";
pub(super) const ABANDONING: &str = "abandoning a pull";

/// A pull's own row.
#[derive(sqlx::FromRow)]
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
    /// The newest pull there is of this scope.
    pub(super) newest: i64,
    pub(super) provider: String,
    /// Up to when the scope was pruned.
    pub(super) pruned_ms: Option<i64>,
    /// Whether any source client of the provider was erased.
    pub(super) erasures: bool,
}

impl PullRow {
    pub(super) async fn read(
        connection: &mut SqliteConnection,
        doing: &'static str,
        pull: PullId,
    ) -> Result<Self, StoreError> {
        sqlx::query_as(
            "SELECT scope, client, start_ms, end_ms, decides, stood,
                 EXISTS (SELECT 1 FROM pull_page WHERE pull_page.pull = pull.id) AS started,
                 (SELECT max(id) FROM pull AS other WHERE other.scope = pull.scope) AS newest,
                 (SELECT provider FROM scope WHERE scope.id = pull.scope) AS provider,
                 (SELECT until_ms FROM pruned WHERE pruned.scope = pull.scope) AS pruned_ms,
                 EXISTS (SELECT 1 FROM erased
                     WHERE erased.provider = (SELECT provider FROM scope WHERE scope.id = pull.scope)) AS erasures
             FROM pull WHERE id = ?",
        )
        .bind(pull.0)
        .fetch_optional(connection)
        .await
        .map_err(failed(doing))?
        .ok_or_else(|| refused(doing, "there is no such pull: it was finished or abandoned"))
    }

    pub(super) fn window(&self) -> Window {
        Window { start: Instant::from_millis(self.start_ms), end: Instant::from_millis(self.end_ms) }
    }
}

/// A call that does not fit what is stored.
pub(super) fn refused(doing: &'static str, why: &str) -> StoreError {
    StoreError::Database { doing, message: why.to_owned() }
}

/// Pulls that this process began over a window of which nothing was stored, rejected records included: at their
/// end nothing can be unseen, and the pass over the scope that would find it is spared. Every pull of a first sync is
/// one. A pull that another process began is none, whatever stood: nobody noted it.
#[derive(Default)]
pub(super) struct OverNothing(Mutex<HashSet<PullId>>);

impl OverNothing {
    fn note(&self, pull: PullId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(pull);
    }

    /// Whether it is one; a pull ends once.
    fn take(&self, pull: PullId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&pull)
    }
}

pub(super) async fn begin(
    mut transaction: Transaction<'static, Sqlite>,
    over_nothing: &OverNothing,
    scope: &Scope,
    window: Window,
    clients: &ClientScope,
    decides: bool,
    now: Instant,
) -> Result<OpenPull, StoreError> {
    let failed = failed(BEGINNING);
    let scope = scope_id(&mut transaction, scope).await.map_err(failed)?;
    let (client, records, stood) = match clients {
        // Counted now, because once pages come in nobody can tell any more what stood before them.
        ClientScope::All => {
            let (records, stood) = standing(&mut transaction, scope, window).await.map_err(failed)?;
            (None, records, stood)
        }
        ClientScope::One(source) => (Some(source.as_str()), 0, 0),
    };
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO pull (scope, client, start_ms, end_ms, began_ms, decides, stood)
         VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
    )
    .bind(scope)
    .bind(client)
    .bind(window.start.millis())
    .bind(window.end.millis())
    .bind(now.millis())
    .bind(decides)
    .bind(stood)
    .fetch_one(&mut *transaction)
    .await
    .map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    if records == 0 {
        over_nothing.note(PullId(id));
    }
    Ok(OpenPull {
        id: PullId(id),
        window,
        began: now,
        decides,
        started: false,
        pending: Vec::new(),
        digests: Vec::new(),
    })
}

/// How many records touch the window, and how many of them are observations.
async fn standing(connection: &mut SqliteConnection, scope: i64, window: Window) -> Result<(i64, i64), sqlx::Error> {
    sqlx::query_as(
        "SELECT count(*), count(value) FROM record
         WHERE scope = ?1 AND start_ms < ?3 AND (start_ms >= ?2 OR end_ms > ?2)",
    )
    .bind(scope)
    .bind(window.start.millis())
    .bind(window.end.millis())
    .fetch_one(connection)
    .await
}

pub(super) async fn open(
    mut transaction: Transaction<'static, Sqlite>,
    scope: &Scope,
) -> Result<Vec<OpenPull>, StoreError> {
    let failed = failed(READING);
    let Some(scope) = find_scope(&mut transaction, scope).await.map_err(failed)? else { return Ok(Vec::new()) };
    let rows: Vec<(i64, i64, i64, i64, bool)> = sqlx::query_as(
        "SELECT id, start_ms, end_ms, began_ms, decides FROM pull WHERE scope = ? AND client IS NULL ORDER BY id",
    )
    .bind(scope)
    .fetch_all(&mut *transaction)
    .await
    .map_err(failed)?;
    let mut pulls = Vec::with_capacity(rows.len());
    for (id, start_ms, end_ms, began_ms, decides) in rows {
        let pending: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT cursor FROM pull_cursor WHERE pull = ? ORDER BY position")
                .bind(id)
                .fetch_all(&mut *transaction)
                .await
                .map_err(failed)?;
        let digests: Vec<Vec<u8>> = sqlx::query_scalar("SELECT digest FROM pull_page WHERE pull = ? ORDER BY position")
            .bind(id)
            .fetch_all(&mut *transaction)
            .await
            .map_err(failed)?;
        pulls.push(OpenPull {
            id: PullId(id),
            window: Window { start: Instant::from_millis(start_ms), end: Instant::from_millis(end_ms) },
            began: Instant::from_millis(began_ms),
            decides,
            started: !digests.is_empty(),
            pending: pending.into_iter().map(Cursor).collect(),
            digests: digests.into_iter().map(digest).collect::<Result<_, _>>()?,
        });
    }
    transaction.commit().await.map_err(failed)?;
    Ok(pulls)
}

fn digest(bytes: Vec<u8>) -> Result<Digest, StoreError> {
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| damaged(READING, "a digest that has not 32 bytes"))?;
    Ok(Digest::from(bytes))
}

pub(super) async fn finish(
    (mut transaction, by): (Transaction<'static, Sqlite>, Attribution),
    over_nothing: &OverNothing,
    pull: PullId,
) -> Result<PullEnd, StoreError> {
    let failed = failed(FINISHING);
    let row = PullRow::read(&mut transaction, FINISHING, pull).await?;
    let pending: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pull_cursor WHERE pull = ?)")
        .bind(pull.0)
        .fetch_one(&mut *transaction)
        .await
        .map_err(failed)?;
    if pending || !row.started {
        return Err(refused(FINISHING, "not all of its pages are committed"));
    }
    let end = match row.client {
        Some(_) => PullEnd::Covered { withdrawn: 0 },
        None => {
            let (unseen, would_go) = if over_nothing.take(pull) {
                (0, 0)
            } else {
                unseen(&mut transaction, pull, &row).await.map_err(failed)?
            };
            withdraw_and_cover(&mut transaction, pull, &row, unseen, would_go).await?
        }
    };
    let of_window = |mut detail: serde_json::Value| {
        detail["window"] = row.window().to_string().into();
        detail
    };
    let told = match end {
        PullEnd::Covered { withdrawn: 0 } => None,
        PullEnd::Covered { withdrawn } => {
            let detail = json!({"withdrawn": withdrawn, "of": row.stood, "full": row.decides});
            Some((AuditAction::Withdrawn, of_window(detail)))
        }
        PullEnd::Suspicious { would_go, of } => {
            Some((AuditAction::WithdrawalRefused, of_window(json!({"would_go": would_go, "of": of}))))
        }
    };
    if let Some((action, detail)) = told {
        audit::append(&mut transaction, &by, action, &row.provider, &detail).await?;
    }
    remove(&mut transaction, pull).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(end)
}

/// What was not stored again since the pull began: the source no longer has it, or no longer there. So many records,
/// and so many of them observations.
async fn unseen(connection: &mut SqliteConnection, pull: PullId, row: &PullRow) -> Result<(i64, i64), sqlx::Error> {
    sqlx::query_as(
        "SELECT count(*), count(value) FROM record
         WHERE scope = ?1 AND seen < ?4 AND start_ms < ?3 AND (start_ms >= ?2 OR end_ms > ?2)",
    )
    .bind(row.scope)
    .bind(row.start_ms)
    .bind(row.end_ms)
    .bind(pull.0)
    .fetch_one(connection)
    .await
}

async fn withdraw_and_cover(
    connection: &mut SqliteConnection,
    pull: PullId,
    row: &PullRow,
    unseen: i64,
    would_go: i64,
) -> Result<PullEnd, StoreError> {
    let failed = failed(FINISHING);
    if !row.decides && would_go.saturating_mul(2) > row.stood {
        return Ok(PullEnd::Suspicious { would_go: would_go.unsigned_abs(), of: row.stood.unsigned_abs() });
    }
    if unseen > 0 {
        sqlx::query(
            "DELETE FROM record
             WHERE scope = ?1 AND seen < ?4 AND start_ms < ?3 AND (start_ms >= ?2 OR end_ms > ?2)",
        )
        .bind(row.scope)
        .bind(row.start_ms)
        .bind(row.end_ms)
        .bind(pull.0)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    }
    // This pull counted the window's rejections without an id anew.
    sqlx::query(
        "DELETE FROM rejected_without_id
         WHERE scope = ?1 AND pull < ?4 AND start_ms < ?3 AND (start_ms >= ?2 OR end_ms > ?2)",
    )
    .bind(row.scope)
    .bind(row.start_ms)
    .bind(row.end_ms)
    .bind(pull.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let mut window = row.window();
    // What was pruned while it was under way stays uncovered.
    window.start = window.start.max(row.pruned_ms.map_or(Instant::MIN, Instant::from_millis));
    if !window.is_empty() {
        cover(connection, row.scope, window).await.map_err(failed)?;
    }
    Ok(PullEnd::Covered { withdrawn: would_go.unsigned_abs() })
}

pub(super) async fn abandon(
    (mut transaction, by): (Transaction<'static, Sqlite>, Attribution),
    pull: PullId,
) -> Result<(), StoreError> {
    let found: Option<(String, i64, i64, i64)> = sqlx::query_as(
        "SELECT provider, start_ms, end_ms, (SELECT count(*) FROM pull_page WHERE pull_page.pull = pull.id)
         FROM pull JOIN scope ON scope.id = pull.scope WHERE pull.id = ?",
    )
    .bind(pull.0)
    .fetch_optional(&mut *transaction)
    .await
    .map_err(failed(ABANDONING))?;
    // One that is gone already was told of when it went.
    let Some((provider, start_ms, end_ms, pages)) = found else { return Ok(()) };
    let window = Window { start: Instant::from_millis(start_ms), end: Instant::from_millis(end_ms) };
    let detail = json!({"window": window.to_string(), "pages": pages});
    audit::append(&mut transaction, &by, AuditAction::PullAbandoned, &provider, &detail).await?;
    remove(&mut transaction, pull).await.map_err(failed(ABANDONING))?;
    transaction.commit().await.map_err(failed(ABANDONING))
}

/// Its cursors and digests go with it, by foreign key.
async fn remove(connection: &mut SqliteConnection, pull: PullId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM pull WHERE id = ?").bind(pull.0).execute(connection).await?;
    Ok(())
}

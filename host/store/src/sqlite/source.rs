//! What is known of a provider under one set of settings, its records apart: the scope's row,
//! the source's clients, what is covered, and how the last sync went.

use scoresheet_domain::{Instant, Intervals, ProblemKind, SourceClient, SourceId, Window};
use scoresheet_engine::{AuditNote, Scope, StoreError, SyncRecord};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::{
    audit,
    erase::Forgotten,
    error::{damaged, failed},
    lease::Attribution,
};

const READING: &str = "reading source clients";
pub(super) const REPLACING: &str = "replacing source clients";
const READING_COVERAGE: &str = "reading what is covered";
const READING_RECORD: &str = "reading how the last sync went";
pub(super) const RECORDING: &str = "recording how a sync went";

/// Rows in one statement that is built for the occasion.
pub(super) const ROWS_PER_STATEMENT: usize = 500;

/// The scope's id; none where nothing was ever kept for it.
pub(super) async fn find_scope(connection: &mut SqliteConnection, scope: &Scope) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM scope WHERE provider = ? AND settings = ?")
        .bind(scope.provider.as_str())
        .bind(&scope.settings.bytes()[..])
        .fetch_optional(connection)
        .await
}

/// The scope's id, given now where it has none.
pub(super) async fn scope_id(connection: &mut SqliteConnection, scope: &Scope) -> Result<i64, sqlx::Error> {
    if let Some(id) = find_scope(connection, scope).await? {
        return Ok(id);
    }
    sqlx::query_scalar("INSERT INTO scope (provider, settings) VALUES (?, ?) RETURNING id")
        .bind(scope.provider.as_str())
        .bind(&scope.settings.bytes()[..])
        .fetch_one(connection)
        .await
}

#[derive(sqlx::FromRow)]
struct SourceClientRow {
    id: String,
    name: String,
    active: bool,
    identifiers: String,
    domains: String,
}

pub(super) async fn clients(readers: &SqlitePool, scope: &Scope) -> Result<Vec<SourceClient>, StoreError> {
    let rows: Vec<SourceClientRow> = sqlx::query_as(
        "SELECT source_client.id, name, active, identifiers, domains
         FROM source_client JOIN scope ON scope.id = source_client.scope
         WHERE provider = ? AND settings = ?
         ORDER BY source_client.id",
    )
    .bind(scope.provider.as_str())
    .bind(&scope.settings.bytes()[..])
    .fetch_all(readers)
    .await
    .map_err(failed(READING))?;
    rows.into_iter()
        .map(|row| {
            Ok(SourceClient {
                id: SourceId::new(row.id).map_err(|error| damaged(READING, error))?,
                name: row.name,
                active: row.active,
                identifiers: from_json(READING, &row.identifiers)?,
                domains: from_json(READING, &row.domains)?,
            })
        })
        .collect()
}

/// Where a client stands twice, because the source's pages moved while they were read, the later one stands.
/// Gives how many are not kept because they were erased.
pub(super) async fn replace_clients(
    mut transaction: Transaction<'static, Sqlite>,
    scope: &Scope,
    clients: &[SourceClient],
) -> Result<u64, StoreError> {
    let failed = failed(REPLACING);
    let forgotten = Forgotten::read(&mut transaction, scope.provider.as_str()).await?;
    let scope = scope_id(&mut transaction, scope).await.map_err(failed)?;
    let known = |client: &&SourceClient| !forgotten.has_id(client.id.as_str()) && !forgotten.has_name(&client.name);
    let kept: Vec<&SourceClient> = clients.iter().filter(known).collect();
    sqlx::query("DELETE FROM source_client WHERE scope = ?")
        .bind(scope)
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    for chunk in kept.chunks(ROWS_PER_STATEMENT) {
        let mut rows = Vec::with_capacity(chunk.len());
        for client in chunk {
            rows.push((client, to_json(REPLACING, &client.identifiers)?, to_json(REPLACING, &client.domains)?));
        }
        let mut insert =
            QueryBuilder::new("INSERT OR REPLACE INTO source_client (scope, id, name, active, identifiers, domains) ");
        insert.push_values(rows, |mut row, (client, identifiers, domains)| {
            row.push_bind(scope)
                .push_bind(client.id.as_str())
                .push_bind(&client.name)
                .push_bind(client.active)
                .push_bind(identifiers)
                .push_bind(domains);
        });
        insert.build().persistent(false).execute(&mut *transaction).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok((clients.len() - kept.len()) as u64)
}

pub(super) async fn coverage(readers: &SqlitePool, scope: &Scope) -> Result<Intervals, StoreError> {
    let windows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT start_ms, end_ms FROM coverage JOIN scope ON scope.id = coverage.scope
         WHERE provider = ? AND settings = ?",
    )
    .bind(scope.provider.as_str())
    .bind(&scope.settings.bytes()[..])
    .fetch_all(readers)
    .await
    .map_err(failed(READING_COVERAGE))?;
    Ok(Intervals::new(windows.into_iter().map(window)))
}

/// Adds a window to what is covered.
pub(super) async fn cover(connection: &mut SqliteConnection, scope: i64, added: Window) -> Result<(), sqlx::Error> {
    let windows: Vec<(i64, i64)> = sqlx::query_as("DELETE FROM coverage WHERE scope = ? RETURNING start_ms, end_ms")
        .bind(scope)
        .fetch_all(&mut *connection)
        .await?;
    put_coverage(connection, scope, &Intervals::new(windows.into_iter().map(window).chain([added]))).await
}

/// Takes off what is covered before an instant.
pub(super) async fn uncover_before(
    connection: &mut SqliteConnection,
    scope: i64,
    before: Instant,
) -> Result<(), sqlx::Error> {
    let windows: Vec<(i64, i64)> =
        sqlx::query_as("DELETE FROM coverage WHERE scope = ? AND start_ms < ? RETURNING start_ms, end_ms")
            .bind(scope)
            .bind(before.millis())
            .fetch_all(&mut *connection)
            .await?;
    let left = windows.into_iter().map(window).map(|window| Window { start: before, ..window });
    put_coverage(connection, scope, &Intervals::new(left)).await
}

async fn put_coverage(connection: &mut SqliteConnection, scope: i64, covered: &Intervals) -> Result<(), sqlx::Error> {
    for window in covered.windows() {
        sqlx::query("INSERT INTO coverage (scope, start_ms, end_ms) VALUES (?, ?, ?)")
            .bind(scope)
            .bind(window.start.millis())
            .bind(window.end.millis())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct SyncRecordRow {
    last_attempt_ms: Option<i64>,
    last_success_ms: Option<i64>,
    failure_kind: Option<String>,
    failure_message: Option<String>,
    failure_remedy: Option<String>,
}

pub(super) async fn sync_record(readers: &SqlitePool, scope: &Scope) -> Result<SyncRecord, StoreError> {
    let row: Option<SyncRecordRow> = sqlx::query_as(
        "SELECT last_attempt_ms, last_success_ms, failure_kind, failure_message, failure_remedy
         FROM sync_record JOIN scope ON scope.id = sync_record.scope
         WHERE provider = ? AND settings = ?",
    )
    .bind(scope.provider.as_str())
    .bind(&scope.settings.bytes()[..])
    .fetch_optional(readers)
    .await
    .map_err(failed(READING_RECORD))?;
    let Some(row) = row else { return Ok(SyncRecord::default()) };
    let failure = match (row.failure_kind, row.failure_message, row.failure_remedy) {
        (Some(kind), Some(message), Some(remedy)) => {
            let kind =
                ProblemKind::parse(&kind).ok_or_else(|| damaged(READING_RECORD, "a kind of problem that is none"))?;
            Some((kind, message, remedy))
        }
        _ => None,
    };
    Ok(SyncRecord {
        last_attempt: row.last_attempt_ms.map(Instant::from_millis),
        last_success: row.last_success_ms.map(Instant::from_millis),
        failure,
    })
}

pub(super) async fn put_sync_record(
    (mut transaction, by): (Transaction<'static, Sqlite>, Attribution),
    scope: &Scope,
    record: &SyncRecord,
    notes: &[AuditNote],
) -> Result<(), StoreError> {
    let failed = failed(RECORDING);
    let scope = scope_id(&mut transaction, scope).await.map_err(failed)?;
    let failure = record.failure.as_ref();
    sqlx::query(
        "INSERT OR REPLACE INTO sync_record
             (scope, last_attempt_ms, last_success_ms, failure_kind, failure_message, failure_remedy)
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(scope)
    .bind(record.last_attempt.map(Instant::millis))
    .bind(record.last_success.map(Instant::millis))
    .bind(failure.map(|(kind, _, _)| kind.as_str()))
    .bind(failure.map(|(_, message, _)| message))
    .bind(failure.map(|(_, _, remedy)| remedy))
    .execute(&mut *transaction)
    .await
    .map_err(failed)?;
    audit::append_all(&mut transaction, &by, notes).await?;
    transaction.commit().await.map_err(failed)
}

/// The window that two columns are.
fn window((start_ms, end_ms): (i64, i64)) -> Window {
    Window { start: Instant::from_millis(start_ms), end: Instant::from_millis(end_ms) }
}

/// A list as one column keeps it: JSON.
pub(super) fn to_json<T: Serialize>(doing: &'static str, list: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(list).map_err(|error| StoreError::Database { doing, message: error.to_string() })
}

/// A list from the column that keeps it.
pub(super) fn from_json<T: DeserializeOwned>(doing: &'static str, text: &str) -> Result<Vec<T>, StoreError> {
    serde_json::from_str(text).map_err(|_| damaged(doing, "a list that is none"))
}

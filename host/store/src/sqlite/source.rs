//! What is stored of a provider under one set of settings, its records apart: the scope's row, the source's clients,
//! the coverage, the rule-made mappings, and the outcome of the last sync.

use rusqlite::{Connection, params};
use scoresheet_domain::{
    ClientId, Instant, Intervals, ProblemKind, ProviderName, SourceClient, SourceId, Window,
    mapping::{FormerTie, Rule},
};
use scoresheet_engine::{Attribution, AuditNote, Scope, SyncRecord};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    audit,
    erase::Forgotten,
    error::{Failed, damaged},
    query::{all, column, execute, first, one, tuple},
};
use crate::sql;

/// The scope's id; none where nothing was ever stored for it.
pub(super) fn find_scope(connection: &Connection, scope: &Scope) -> Result<Option<i64>, Failed> {
    first(connection, sql::SCOPE, params![scope.provider.as_str(), scope.settings.bytes()], column)
}

/// The scope's id, assigned now if it has none.
pub(super) fn scope_id(connection: &Connection, scope: &Scope) -> Result<i64, Failed> {
    match find_scope(connection, scope)? {
        Some(id) => Ok(id),
        None => one(connection, sql::ADD_SCOPE, params![scope.provider.as_str(), scope.settings.bytes()], column),
    }
}

pub(super) fn clients(connection: &Connection, scope: &Scope) -> Result<Vec<SourceClient>, Failed> {
    let params = params![scope.provider.as_str(), scope.settings.bytes()];
    all(connection, sql::SOURCE_CLIENTS, params, |row| {
        Ok(SourceClient {
            id: SourceId::new(row.get::<_, String>(0)?).map_err(damaged)?,
            name: row.get(1)?,
            active: row.get(2)?,
            identifiers: from_json(&row.get::<_, String>(3)?)?,
            domains: from_json(&row.get::<_, String>(4)?)?,
        })
    })
}

/// Of a client that is listed twice, because the source's pages moved while they were read, the later one is kept.
/// Returns how many are not stored because they were erased.
pub(super) fn replace_clients(connection: &Connection, scope: &Scope, clients: &[SourceClient]) -> Result<u64, Failed> {
    let forgotten = Forgotten::read(connection, scope.provider.as_str())?;
    let scope = scope_id(connection, scope)?;
    execute(connection, sql::DELETE_SOURCE_CLIENTS, params![scope])?;
    let mut skipped = 0;
    for client in clients {
        if forgotten.has_id(client.id.as_str()) || forgotten.has_name(&client.name) {
            skipped += 1;
            continue;
        }
        execute(
            connection,
            sql::PUT_SOURCE_CLIENT,
            params![
                scope,
                client.id.as_str(),
                client.name,
                client.active,
                to_json(&client.identifiers)?,
                to_json(&client.domains)?
            ],
        )?;
    }
    Ok(skipped)
}

/// In order of client and source client.
pub(super) fn ties(connection: &Connection, provider: &ProviderName) -> Result<Vec<FormerTie>, Failed> {
    all(connection, sql::TIES, params![provider.as_str()], |row| {
        let rule: String = row.get(2)?;
        Ok(FormerTie {
            client: ClientId::new(row.get::<_, String>(0)?).map_err(damaged)?,
            source: SourceId::new(row.get::<_, String>(1)?).map_err(damaged)?,
            rule: Rule::ALL
                .into_iter()
                .find(|known| known.as_str() == rule)
                .ok_or_else(|| damaged(format!("a mapping by rule {rule}")))?,
        })
    })
}

pub(super) fn replace_ties(connection: &Connection, provider: &ProviderName, ties: &[FormerTie]) -> Result<(), Failed> {
    execute(connection, sql::DELETE_TIES, params![provider.as_str()])?;
    for tie in ties {
        let row = params![provider.as_str(), tie.client.as_str(), tie.source.as_str(), tie.rule.as_str()];
        execute(connection, sql::PUT_TIE, row)?;
    }
    Ok(())
}

pub(super) fn coverage(connection: &Connection, scope: &Scope) -> Result<Intervals, Failed> {
    let windows: Vec<(i64, i64)> =
        all(connection, sql::COVERAGE, params![scope.provider.as_str(), scope.settings.bytes()], tuple)?;
    Ok(Intervals::new(windows.into_iter().map(window)))
}

/// Adds a window to the coverage.
pub(super) fn cover(connection: &Connection, scope: i64, added: Window) -> Result<(), Failed> {
    let windows: Vec<(i64, i64)> = all(connection, sql::TAKE_COVERAGE, params![scope, i64::MAX], tuple)?;
    put_coverage(connection, scope, &Intervals::new(windows.into_iter().map(window).chain([added])))
}

/// Removes what is covered before an instant.
pub(super) fn uncover_before(connection: &Connection, scope: i64, before: Instant) -> Result<(), Failed> {
    let windows: Vec<(i64, i64)> = all(connection, sql::TAKE_COVERAGE, params![scope, before.millis()], tuple)?;
    let left = windows.into_iter().map(window).map(|window| Window { start: before, ..window });
    put_coverage(connection, scope, &Intervals::new(left))
}

fn put_coverage(connection: &Connection, scope: i64, covered: &Intervals) -> Result<(), Failed> {
    for window in covered.windows() {
        execute(connection, sql::ADD_COVERAGE, params![scope, window.start.millis(), window.end.millis()])?;
    }
    Ok(())
}

pub(super) fn pruned_until(connection: &Connection, scope: &Scope) -> Result<Option<Instant>, Failed> {
    let until = first(connection, sql::PRUNED, params![scope.provider.as_str(), scope.settings.bytes()], column)?;
    Ok(until.map(Instant::from_millis))
}

pub(super) fn sync_record(connection: &Connection, scope: &Scope) -> Result<SyncRecord, Failed> {
    let params = params![scope.provider.as_str(), scope.settings.bytes()];
    let record = first(connection, sql::SYNC_RECORD, params, |row| {
        let at = |index| Ok::<_, Failed>(row.get::<_, Option<i64>>(index)?.map(Instant::from_millis));
        let failure = match (row.get::<_, Option<String>>(2)?, row.get(3)?, row.get(4)?) {
            (Some(kind), Some(message), Some(remedy)) => {
                let kind = ProblemKind::parse(&kind).ok_or_else(|| damaged(format!("a problem of kind {kind}")))?;
                Some((kind, message, remedy))
            }
            _ => None,
        };
        Ok(SyncRecord { last_attempt: at(0)?, last_success: at(1)?, failure })
    })?;
    Ok(record.unwrap_or_default())
}

pub(super) fn put_sync_record(
    connection: &Connection,
    by: &Attribution,
    scope: &Scope,
    record: &SyncRecord,
    notes: &[AuditNote],
) -> Result<(), Failed> {
    let scope = scope_id(connection, scope)?;
    let failure = record.failure.as_ref();
    execute(
        connection,
        sql::PUT_SYNC_RECORD,
        params![
            scope,
            record.last_attempt.map(Instant::millis),
            record.last_success.map(Instant::millis),
            failure.map(|(kind, _, _)| kind.as_str()),
            failure.map(|(_, message, _)| message),
            failure.map(|(_, _, remedy)| remedy)
        ],
    )?;
    audit::append_all(connection, by, notes)
}

/// From a start and an end in milliseconds.
pub(super) fn window((start_ms, end_ms): (i64, i64)) -> Window {
    Window { start: Instant::from_millis(start_ms), end: Instant::from_millis(end_ms) }
}

/// A list as one column: JSON.
pub(super) fn to_json<T: Serialize>(list: &[T]) -> Result<String, Failed> {
    serde_json::to_string(list).map_err(|error| Failed::Message(error.to_string()))
}

/// A list from its column.
pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, Failed> {
    serde_json::from_str(text).map_err(|_| damaged("a list that is no JSON array"))
}

//! What is stored of a provider under one set of settings, its records apart: the scope's row, the source's clients,
//! the coverage, the mappings that rules made, and the outcome of the last sync.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{Connection, Row, params};
use scoresheet_domain::{
    ClientId, Digest, Instant, Intervals, ProblemKind, ProviderName, SourceClient, SourceId, Window,
    mapping::{FormerTie, Rule},
};
use scoresheet_engine::{Attribution, ProviderData, Scope, SyncFailure, SyncOutcome, SyncRecord};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    audit,
    erase::Forgotten,
    error::{Failed, damaged},
    query::{all, column, execute, first, one, tuple},
    roster,
    series::Owner,
    usage,
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

pub(super) fn provider_data(connection: &Connection, scope: &Scope) -> Result<ProviderData, Failed> {
    let mut data = ProviderData {
        decisions: roster::decisions(connection, &scope.provider)?,
        former: former(connection, &scope.provider)?,
        ..ProviderData::default()
    };
    let Some(scope) = find_scope(connection, scope)? else { return Ok(data) };
    data.source_clients = all(connection, sql::LISTED_CLIENTS, params![scope], client)?;
    data.listed = !data.source_clients.is_empty();
    if !data.listed {
        data.source_clients = all(connection, sql::UNLISTED_CLIENTS, params![scope], client)?;
        leave_out_known_by_id(&mut data.source_clients);
    }
    let windows: Vec<(String, i64, i64)> = all(connection, sql::COVERAGE, params![scope], tuple)?;
    data.coverage = by_kind(windows);
    data.pruned_until = first(connection, sql::PRUNED, params![scope], column)?.map(Instant::from_millis);
    data.sync = first(connection, sql::SYNC_RECORD, params![scope], sync_record)?.unwrap_or_default();
    Ok(data)
}

/// A client that some records name without an id is the one that others name with it.
fn leave_out_known_by_id(clients: &mut Vec<SourceClient>) {
    let by_id: HashSet<String> =
        clients.iter().filter(|it| it.id.as_str() != id_of_name(&it.name)).map(|it| it.name.clone()).collect();
    clients.retain(|it| it.id.as_str() != id_of_name(&it.name) || !by_id.contains(&it.name));
}

fn client(row: &Row<'_>) -> Result<SourceClient, Failed> {
    Ok(SourceClient {
        id: SourceId::new(row.get::<_, String>(0)?).map_err(damaged)?,
        name: row.get(1)?,
        active: row.get(2)?,
        identifiers: from_json(&row.get::<_, String>(3)?)?,
        domains: from_json(&row.get::<_, String>(4)?)?,
        attributes: from_json(&row.get::<_, String>(5)?)?,
    })
}

/// Of a client that is listed twice, because the source's pages moved while they were read, the later one is kept.
/// Returns how many are not stored because they were erased.
pub(super) fn replace_clients(connection: &Connection, scope: &Scope, clients: &[SourceClient]) -> Result<u64, Failed> {
    let forgotten = Forgotten::read(connection, &scope.provider)?;
    let scope = scope_id(connection, scope)?;
    execute(connection, sql::DELETE_LISTED_CLIENTS, params![scope])?;
    let mut skipped = 0;
    for client in clients {
        if forgotten.has(Owner::Id(client.id.as_str())) || forgotten.has(Owner::Name(&client.name)) {
            skipped += 1;
            continue;
        }
        execute(
            connection,
            sql::PUT_LISTED_CLIENT,
            params![
                scope,
                client.id.as_str(),
                client.name,
                client.active,
                to_json(&client.identifiers)?,
                to_json(&client.domains)?,
                to_json(&client.attributes)?
            ],
        )?;
    }
    Ok(skipped)
}

/// The id of a source client that records only name: its name, or the name's digest if the name cannot be an id.
pub(super) fn id_of_name(name: &str) -> String {
    if SourceId::new(name).is_ok() { name.to_owned() } else { Digest::of(name).to_string() }
}

/// Stores a source client as records name it.
pub(super) fn put_unlisted_client(
    connection: &Connection,
    scope: i64,
    owner: Owner<'_>,
    name: &str,
) -> Result<(), Failed> {
    let id = match owner {
        Owner::Id(id) => id.to_owned(),
        Owner::Name(_) => id_of_name(name),
        Owner::Nobody => return Ok(()),
    };
    execute(connection, sql::PUT_UNLISTED_CLIENT, params![scope, id, name])?;
    Ok(())
}

/// In order of client and source client.
fn former(connection: &Connection, provider: &ProviderName) -> Result<Vec<FormerTie>, Failed> {
    all(connection, sql::FORMER_MAPPINGS, params![provider.as_str()], |row| {
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

fn by_kind(windows: Vec<(String, i64, i64)>) -> BTreeMap<String, Intervals> {
    let mut by_kind: BTreeMap<String, Intervals> = BTreeMap::new();
    for (kind, start_ms, end_ms) in windows {
        by_kind.entry(kind).or_default().insert(window((start_ms, end_ms)));
    }
    by_kind
}

/// Adds a window to the coverage of a kind.
pub(super) fn cover(connection: &Connection, scope: i64, kind: &str, added: Window) -> Result<(), Failed> {
    let windows: Vec<(i64, i64)> = all(connection, sql::TAKE_COVERAGE_OF, params![scope, kind], tuple)?;
    put_coverage(connection, scope, kind, &Intervals::new(windows.into_iter().map(window).chain([added])))
}

/// Removes what is covered before an instant.
pub(super) fn uncover_before(connection: &Connection, scope: i64, before: Instant) -> Result<(), Failed> {
    let before = before.millis();
    let windows: Vec<(String, i64, i64)> = all(connection, sql::TAKE_COVERAGE_BEFORE, params![scope, before], tuple)?;
    let left = windows.into_iter().filter(|(_, _, end_ms)| *end_ms > before);
    for (kind, covered) in by_kind(left.map(|(kind, _, end_ms)| (kind, before, end_ms)).collect()) {
        put_coverage(connection, scope, &kind, &covered)?;
    }
    Ok(())
}

fn put_coverage(connection: &Connection, scope: i64, kind: &str, covered: &Intervals) -> Result<(), Failed> {
    for window in covered.windows() {
        execute(connection, sql::ADD_COVERAGE, params![scope, kind, window.start.millis(), window.end.millis()])?;
    }
    Ok(())
}

fn sync_record(row: &Row<'_>) -> Result<SyncRecord, Failed> {
    let at = |index| Ok::<_, Failed>(row.get::<_, Option<i64>>(index)?.map(Instant::from_millis));
    let failure = match (row.get::<_, Option<String>>(2)?, row.get(3)?, row.get::<_, Option<String>>(4)?) {
        (Some(kind), Some(message), Some(remedy)) => Some(SyncFailure {
            kind: ProblemKind::parse(&kind).ok_or_else(|| damaged(format!("a problem of kind {kind}")))?,
            message,
            remedy: serde_json::from_str(&remedy).map_err(|_| damaged("a remedy that this program does not know"))?,
        }),
        _ => None,
    };
    Ok(SyncRecord { last_attempt: at(0)?, last_success: at(1)?, failure })
}

pub(super) fn finish_sync(connection: &Connection, by: &Attribution, outcome: &SyncOutcome) -> Result<(), Failed> {
    let SyncOutcome { scope, component, record, mapped, notes } = outcome;
    let id = scope_id(connection, scope)?;
    let failure = record.failure.as_ref();
    execute(
        connection,
        sql::PUT_SYNC_RECORD,
        params![
            id,
            record.last_attempt.map(Instant::millis),
            record.last_success.map(Instant::millis),
            failure.map(|failure| failure.kind.as_str()),
            failure.map(|failure| &failure.message),
            failure.map(|failure| to_json(&failure.remedy)).transpose()?
        ],
    )?;
    if let Some(mapped) = mapped {
        replace_former(connection, &scope.provider, mapped)?;
    }
    usage::put_component(connection, by, scope, *component)?;
    audit::append_all(connection, by, notes)
}

fn replace_former(connection: &Connection, provider: &ProviderName, mapped: &[FormerTie]) -> Result<(), Failed> {
    execute(connection, sql::DELETE_FORMER_MAPPINGS, params![provider.as_str()])?;
    for FormerTie { client, source, rule } in mapped {
        let row = params![provider.as_str(), client.as_str(), source.as_str(), rule.as_str()];
        execute(connection, sql::PUT_FORMER_MAPPING, row)?;
    }
    Ok(())
}

/// From a start and an end in milliseconds.
pub(super) fn window((start_ms, end_ms): (i64, i64)) -> Window {
    Window { start: Instant::from_millis(start_ms), end: Instant::from_millis(end_ms) }
}

/// A value as one column: JSON.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Failed> {
    serde_json::to_string(value).map_err(|error| Failed::Message(error.to_string()))
}

/// A list from its column.
pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, Failed> {
    serde_json::from_str(text).map_err(|_| damaged("a list that is no JSON array"))
}

//! What a window contains: the samples for scoring, and the rejected records, counted.

use std::collections::HashSet;

use hashbrown::HashMap;
use rusqlite::{Connection, params};
use scoresheet_domain::{ClientRef, Instant, Sample, Samples, SourceId, Window};
use scoresheet_engine::{ClientSamples, RejectionCount, Scope};

use super::{
    error::{Failed, damaged},
    query::{all, tuple},
    series::Owner,
    source::find_scope,
};
use crate::sql;

/// After so many rows, about a millisecond, it checks whether the caller still waits.
const CHUNK_SIZE: usize = 4_096;

/// Reads a window's samples. Rows are stepped in the order of the tree and appended to their clients as they come: an
/// `ORDER BY client, kind, at` would return the same groups, but SQLite's sorter takes ten times as long as the pass.
pub(super) fn samples(
    connection: &Connection,
    scope: &Scope,
    window: Window,
    kinds: &[String],
    clients: Option<&[ClientRef]>,
    abandoned: impl Fn() -> bool,
) -> Result<Vec<ClientSamples>, Failed> {
    let Some(scope) = find_scope(connection, scope)? else { return Ok(Vec::new()) };
    let Wanted { mut clients, series } = Wanted::read(connection, scope, kinds, clients)?;
    if series.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare_cached(sql::SAMPLES)?;
    let mut rows = statement.query(params![scope, window.start.millis(), window.end.millis()])?;
    let mut read = 0_usize;
    while let Some(row) = rows.next()? {
        read += 1;
        if read.is_multiple_of(CHUNK_SIZE) && abandoned() {
            return Err(Failed::Message("the caller no longer waits for them".to_owned()));
        }
        let Some((client, kind)) = series.get(&row.get::<_, i64>(0)?) else { continue };
        clients[*client].samples.push(Sample {
            at: Instant::from_millis(row.get(1)?),
            until: Instant::from_millis(row.get(2)?),
            value: row.get(3)?,
            kind: *kind,
        });
    }
    clients.retain(|client| !client.samples.is_empty());
    Ok(clients)
}

/// The series to read.
struct Wanted {
    /// Their clients, each once, without samples yet.
    clients: Vec<ClientSamples>,
    /// By a series's id: the indexes of its client and its kind.
    series: HashMap<i64, (usize, u16)>,
}

impl Wanted {
    fn read(connection: &Connection, scope: i64, kinds: &[String], only: Option<&[ClientRef]>) -> Result<Self, Failed> {
        let only: Option<HashSet<Owner<'_>>> = only.map(|only| only.iter().map(Owner::from).collect());
        let mut wanted = Self { clients: Vec::new(), series: HashMap::new() };
        let mut statement = connection.prepare_cached(sql::SERIES)?;
        let mut rows = statement.query(params![scope])?;
        while let Some(row) = rows.next()? {
            let label: String = row.get(3)?;
            let Some(kind) = (0..).zip(kinds).find_map(|(index, kind)| (*kind == label).then_some(index)) else {
                continue;
            };
            let client = owner(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?, row.get(2)?)?
                .ok_or_else(|| damaged("an observation without a client"))?;
            if only.as_ref().is_some_and(|only| !only.contains(&Owner::from(&client))) {
                continue;
            }
            // A client's series follow one another.
            if wanted.clients.last().is_none_or(|last| last.client != client) {
                wanted.clients.push(ClientSamples { client, samples: Samples::default() });
            }
            wanted.series.insert(row.get(0)?, (wanted.clients.len() - 1, kind));
        }
        Ok(wanted)
    }
}

pub(super) fn rejections(
    connection: &Connection,
    scope: &Scope,
    window: Window,
) -> Result<Vec<RejectionCount>, Failed> {
    let Some(scope) = find_scope(connection, scope)? else { return Ok(Vec::new()) };
    let params = params![scope, window.start.millis(), window.end.millis()];
    let rows: Vec<(String, String, String, i64)> = all(connection, sql::REJECTIONS, params, tuple)?;
    let mut counts = rows
        .into_iter()
        .map(|(client_by, client, reason, count)| {
            Ok(RejectionCount { client: owner(&client_by, client)?, reason, count: count.unsigned_abs() })
        })
        .collect::<Result<Vec<_>, Failed>>()?;
    counts.sort_unstable();
    Ok(counts)
}

/// Whose a series is, from its two columns.
fn owner(client_by: &str, client: String) -> Result<Option<ClientRef>, Failed> {
    Ok(match client_by {
        "id" => Some(ClientRef::from_id(SourceId::new(client).map_err(damaged)?)),
        "name" => Some(ClientRef::from_name(client)),
        "nobody" => None,
        other => return Err(damaged(format!("a client known by {other}"))),
    })
}

//! What a window contains: the samples for scoring, and the rejected records, counted.

use std::collections::HashSet;

use hashbrown::HashMap;
use rusqlite::{Connection, params};
use scoresheet_domain::{ClientRef, Instant, SourceId, Window};
use scoresheet_engine::{EventSample, RejectionCount, Samples, Scope, Series, StateSample};

use super::{
    error::{Failed, damaged},
    query::{all, tuple},
    source::find_scope,
};
use crate::sql;

/// After so many rows, about a millisecond, it checks whether the caller still waits.
const CHUNK_SIZE: usize = 4_096;

/// Reads a window's samples. Rows are stepped in the order of the tree and appended to their series as they come: an
/// `ORDER BY client, kind, at` would return the same groups, but SQLite's sorter takes ten times as long as the pass.
pub(super) fn samples(
    connection: &Connection,
    scope: &Scope,
    window: Window,
    clients: Option<&HashSet<ClientRef>>,
    abandoned: impl Fn() -> bool,
) -> Result<Samples, Failed> {
    let Some(scope) = find_scope(connection, scope)? else { return Ok(Samples::default()) };
    let Known { mut samples, places } = Known::read(connection, scope, clients)?;
    if samples.series.is_empty() && clients.is_some() {
        return Ok(Samples::default());
    }
    let mut statement = connection.prepare_cached(sql::SAMPLES)?;
    let mut rows = statement.query(params![scope, window.start.millis(), window.end.millis()])?;
    let mut read = 0_usize;
    while let Some(row) = rows.next()? {
        let Some(place) = places.get(&row.get::<_, i64>(0)?) else {
            if clients.is_some() {
                continue;
            }
            return Err(damaged("a record without a series"));
        };
        let (at, until) = (Instant::from_millis(row.get(1)?), Instant::from_millis(row.get(2)?));
        let value = row.get(3)?;
        let series = &mut samples.series[*place];
        if at == until {
            series.events.push(EventSample { at, value });
        } else {
            series.states.push(StateSample { at, until, value });
        }
        read += 1;
        if read.is_multiple_of(CHUNK_SIZE) && abandoned() {
            return Err(Failed::Message("the caller no longer waits for them".to_owned()));
        }
    }
    Ok(without_empty(samples))
}

/// The scope's series, of the requested clients, without their samples.
struct Known {
    samples: Samples,
    /// By id: the index in [`Samples::series`].
    places: HashMap<i64, usize>,
}

impl Known {
    fn read(connection: &Connection, scope: i64, only: Option<&HashSet<ClientRef>>) -> Result<Self, Failed> {
        let mut known = Self { samples: Samples::default(), places: HashMap::new() };
        let Samples { refs, kinds, series } = &mut known.samples;
        let mut by_label: HashMap<String, u32> = HashMap::new();
        let mut statement = connection.prepare_cached(sql::SERIES)?;
        let mut rows = statement.query(params![scope])?;
        while let Some(row) = rows.next()? {
            let client = owner(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?, row.get(2)?)?
                .ok_or_else(|| damaged("an observation without a client"))?;
            if only.is_some_and(|only| !only.contains(&client)) {
                continue;
            }
            if refs.last() != Some(&client) {
                refs.push(client);
            }
            let kind = *by_label.entry(row.get(3)?).or_insert_with_key(|label| {
                kinds.push(label.clone());
                index(kinds.len() - 1)
            });
            known.places.insert(row.get(0)?, series.len());
            series.push(Series { client: index(refs.len() - 1), kind, ..Series::default() });
        }
        Ok(known)
    }
}

/// Without the series that have no sample in the window, and without the clients and kinds that only those have.
fn without_empty(known: Samples) -> Samples {
    let mut found = Samples::default();
    let mut moved: (HashMap<u32, u32>, HashMap<u32, u32>) = Default::default();
    let (mut refs, mut kinds) = (known.refs, known.kinds);
    for mut series in known.series.into_iter().filter(|series| !series.is_empty()) {
        series.client = *moved.0.entry(series.client).or_insert_with_key(|at| {
            found.refs.push(std::mem::replace(&mut refs[*at as usize], ClientRef::Name(String::new())));
            index(found.refs.len() - 1)
        });
        series.kind = *moved.1.entry(series.kind).or_insert_with_key(|at| {
            found.kinds.push(std::mem::take(&mut kinds[*at as usize]));
            index(found.kinds.len() - 1)
        });
        found.series.push(series);
    }
    found
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("a store has fewer than four billion clients and kinds")
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
        "id" => Some(ClientRef::Id(SourceId::new(client).map_err(damaged)?)),
        "name" => Some(ClientRef::Name(client)),
        "nobody" => None,
        other => return Err(damaged(format!("a client known by {other}"))),
    })
}

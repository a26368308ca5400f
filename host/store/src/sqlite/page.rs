//! Committing pages: the one place that writes many rows.

use std::{collections::BTreeMap, sync::LazyLock};

use hashbrown::HashMap;
use rusqlite::{Connection, params};
use scoresheet_domain::{ClientRef, Cursor, Instant, ProviderName, When};
use scoresheet_engine::{CommittedPage, PullId, Skipped};

use super::{
    erase::Forgotten,
    error::{Failed, refused},
    pull::PullRow,
    query::{column, execute, one, placeholders},
    series::{Cache, Label, Owner, SeriesKey},
    source::put_unlisted_client,
};
use crate::sql;

/// Rows of one prepared statement. A statement with fewer binds NULL for the rest, so that it is prepared once.
const RECORDS_PER_STATEMENT: usize = 500;
const COLUMNS_PER_RECORD: usize = 5;

static UPSERT: LazyLock<String> =
    LazyLock::new(|| sql::upsert_records(&placeholders(3, COLUMNS_PER_RECORD, RECORDS_PER_STATEMENT)));

/// A record as it is stored.
struct Record<'a> {
    /// None: a rejected record that nothing can replace.
    id: Option<&'a str>,
    client: Option<&'a ClientRef>,
    label: Label<'a>,
    start_ms: i64,
    end_ms: i64,
    /// None: rejected.
    value: Option<f64>,
}

impl<'a> Record<'a> {
    fn series(&self) -> SeriesKey<'a> {
        SeriesKey {
            owner: self.client.map_or(Owner::Nobody, Owner::from),
            label: self.label,
            named: self.client.is_some_and(|client| client.name().is_some()),
        }
    }
}

/// The names that a page's observations and rejections index.
pub(super) struct Names {
    pub(super) kinds: Vec<String>,
    pub(super) reasons: Vec<String>,
}

/// Commits pages as if one after the other.
pub(super) fn commit(
    connection: &Connection,
    series: &mut Cache,
    provider: &ProviderName,
    pull: PullId,
    pages: &[CommittedPage],
    names: &Names,
) -> Result<Skipped, Failed> {
    let mut row = PullRow::read(connection, provider, pull)?;
    let mut records = Vec::new();
    for page in pages {
        take_off_pending(connection, pull, row.started, page.cursor.as_ref())?;
        append_pending(connection, pull, &page.page.next)?;
        execute(connection, sql::ADD_PULL_PAGE, params![pull.0, page.digest.bytes()])?;
        row.started = true;
        gather(&row, page, names, &mut records)?;
    }
    let read: i64 = pages.iter().map(|page| i64::from(page.page.read)).sum();
    let total = pages.iter().filter_map(|page| page.page.total).min();
    let total = total.map(|total| i64::try_from(total).unwrap_or(i64::MAX));
    execute(connection, sql::ADD_READ, params![pull.0, read, total])?;

    let skipped = leave_out(connection, provider, &row, &mut records)?;
    let resolved = series.resolve(connection, row.scope, records.iter().map(Record::series))?;
    // Clients whose series are cached were stored with them.
    let mut clients: BTreeMap<Owner<'_>, &str> = BTreeMap::new();
    if !resolved.uncached.is_empty() {
        for record in records.iter().filter(|record| resolved.uncached.contains_key(&record.series())) {
            if let Some(name) = record.client.and_then(ClientRef::name) {
                clients.insert(record.series().owner, name);
            }
        }
    }
    for (owner, name) in clients {
        put_unlisted_client(connection, row.scope, owner, name)?;
    }
    let mut rows: Vec<(&Record<'_>, i64)> = records.iter().zip(resolved.ids).collect();
    // Neighbours in the tree are written together, which matters where ids come in no order. The sort is stable: of
    // records with the same id, the later one is kept.
    rows.sort_by_key(|(record, _)| record.id);
    let (without_id, with_id) = rows.split_at(rows.partition_point(|(record, _)| record.id.is_none()));
    upsert(connection, &row, with_id)?;
    for (record, series) in without_id {
        let row = params![row.scope, pull.0, series, record.start_ms, record.end_ms];
        execute(connection, sql::COUNT_WITHOUT_ID, row)?;
    }
    Ok(skipped)
}

/// Removes records of erased clients and records older than retention keeps; nearly always, there are none.
fn leave_out(
    connection: &Connection,
    provider: &ProviderName,
    pull: &PullRow,
    records: &mut Vec<Record<'_>>,
) -> Result<Skipped, Failed> {
    let mut skipped = Skipped::default();
    if pull.pruned_ms.is_none() && !pull.erasures {
        return Ok(skipped);
    }
    let pruned_ms = pull.pruned_ms.unwrap_or(i64::MIN);
    let forgotten = if pull.erasures { Forgotten::read(connection, provider)? } else { Forgotten::default() };
    let mut known: HashMap<&ClientRef, bool> = HashMap::new();
    let mut is_erased = |client| *known.entry(client).or_insert_with(|| forgotten.has_client(client));
    records.retain(|record| {
        let recent = record.start_ms >= pruned_ms || record.end_ms > pruned_ms;
        let kept = recent && !(pull.erasures && record.client.is_some_and(&mut is_erased));
        match record.value {
            Some(_) => skipped.observations += u64::from(!kept),
            None => skipped.rejected += u64::from(!kept),
        }
        kept
    });
    Ok(skipped)
}

fn take_off_pending(
    connection: &Connection,
    pull: PullId,
    started: bool,
    cursor: Option<&Cursor>,
) -> Result<(), Failed> {
    let pending = match cursor {
        None => !started,
        // The first of them, should the source have returned the same one twice.
        Some(Cursor(bytes)) => execute(connection, sql::DELETE_CURSOR, params![pull.0, bytes])? == 1,
    };
    if pending {
        Ok(())
    } else {
        Err(refused("the page is not among those still to fetch: it was committed before, or is another pull's"))
    }
}

fn append_pending(connection: &Connection, pull: PullId, next: &[Cursor]) -> Result<(), Failed> {
    if next.is_empty() {
        return Ok(());
    }
    let free: i64 = one(connection, sql::NEXT_CURSOR_POSITION, params![pull.0], column)?;
    for (position, Cursor(bytes)) in (free..).zip(next) {
        execute(connection, sql::ADD_CURSOR, params![pull.0, position, bytes])?;
    }
    Ok(())
}

/// What is to be stored of a page, in the order in which it counts: of an id that is accepted and rejected, the
/// rejection is the later.
fn gather<'a>(
    pull: &PullRow,
    page: &'a CommittedPage,
    names: &'a Names,
    records: &mut Vec<Record<'a>>,
) -> Result<(), Failed> {
    records.reserve(page.page.items.len() + page.page.rejected.len());
    for item in &page.page.items {
        let kind =
            names.kinds.get(usize::from(item.kind)).ok_or_else(|| refused("an observation's kind has no name"))?;
        if !item.value.is_finite() {
            return Err(refused("an observation's value is no finite number"));
        }
        let (start_ms, end_ms) = extent(item.when);
        records.push(Record {
            id: Some(&item.id),
            client: Some(&item.client),
            label: Label::Kind(kind),
            start_ms,
            end_ms,
            value: Some(item.value),
        });
    }
    for rejection in &page.page.rejected {
        let reason = names
            .reasons
            .get(usize::from(rejection.reason))
            .ok_or_else(|| refused("a rejected record's reason has no name"))?;
        let at_ms = rejection.at.map(Instant::millis).filter(|at| (pull.start_ms..pull.end_ms).contains(at));
        let (start_ms, end_ms) = at_ms.map_or((pull.start_ms, pull.end_ms), |at| (at, at));
        // The field and the value at fault are shown by the sync and never stored.
        records.push(Record {
            id: rejection.id.as_deref(),
            client: rejection.client.as_ref(),
            label: Label::Reason(reason),
            start_ms,
            end_ms,
            value: None,
        });
    }
    Ok(())
}

/// Start and end; a state of no duration is an event.
fn extent(when: When) -> (i64, i64) {
    let start = when.start();
    (start.millis(), when.until().max(start).millis())
}

fn upsert(connection: &Connection, pull: &PullRow, rows: &[(&Record<'_>, i64)]) -> Result<(), Failed> {
    let mut statement = connection.prepare_cached(&UPSERT)?;
    for chunk in rows.chunks(RECORDS_PER_STATEMENT) {
        statement.clear_bindings();
        statement.raw_bind_parameter(1, pull.scope)?;
        statement.raw_bind_parameter(2, pull.newest)?;
        let mut index = 3;
        for (record, series) in chunk {
            statement.raw_bind_parameter(index, record.id)?;
            statement.raw_bind_parameter(index + 1, series)?;
            statement.raw_bind_parameter(index + 2, record.start_ms)?;
            statement.raw_bind_parameter(index + 3, record.end_ms)?;
            statement.raw_bind_parameter(index + 4, record.value)?;
            index += COLUMNS_PER_RECORD;
        }
        statement.raw_execute()?;
    }
    Ok(())
}

//! What a window holds: the samples for scoring, and the rejections, counted.

use std::{collections::HashSet, sync::mpsc, thread};

use hashbrown::HashMap;
use scoresheet_domain::{ClientRef, Instant, SourceId, Window};
use scoresheet_engine::{RejectionCount, Samples, Scope, Series, StoreError};
use sqlx::{Sqlite, SqlitePool, Transaction, sqlite::LockedSqliteHandle};
use tokio::{runtime::Handle, sync::oneshot};

use super::{
    error::{damaged, failed, failed_to_step},
    rows::Rows,
    sorter::{Record, Sorter},
    source::find_scope,
};

pub(super) const READING: &str = "reading observations";
const COUNTING: &str = "counting rejections";

/// So many rows are sorted at a time, and after them it looks whether anybody still waits: about a millisecond.
const ROWS_A_PIECE: usize = 4_096;

/// So many pieces may wait to be sorted.
const PIECES_WAITING: usize = 4;

pub(super) async fn samples(
    mut transaction: Transaction<'static, Sqlite>,
    scope: &Scope,
    window: Window,
    clients: Option<&[ClientRef]>,
) -> Result<Samples, StoreError> {
    let Some(scope) = find_scope(&mut transaction, scope).await.map_err(failed(READING))? else {
        return Ok(Samples::default());
    };
    let only: Option<HashSet<ClientRef>> = clients.map(|clients| clients.iter().cloned().collect());
    let (answer, asked) = oneshot::channel();
    // It may wait for the disk and takes its time, so it is no work for the threads that serve everybody. Where nobody
    // waits any more, the other end of the channel is gone, and it ends soon.
    tokio::task::spawn_blocking(move || {
        let abandoned = || answer.is_closed();
        let read = Handle::current().block_on(async {
            let samples = {
                let mut handle = transaction.lock_handle().await.map_err(failed(READING))?;
                Known::read(&mut handle, scope, only.as_ref())?.fill(&mut handle, scope, window, abandoned)?
            };
            transaction.commit().await.map_err(failed(READING))?;
            Ok(samples)
        });
        // Where nobody waits any more, nobody misses it.
        let _ = answer.send(read);
    });
    asked.await.unwrap_or_else(|_| Err(interrupted("the reading thread ended early")))
}

fn interrupted(why: &str) -> StoreError {
    StoreError::Database { doing: READING, message: why.to_owned() }
}

/// The series there are, of the clients asked for, and what was found of each.
struct Known {
    samples: Samples,
    /// Knows where the series of each of the store's ids stands in `samples`.
    sorter: Sorter,
    /// Whether there are others, which nobody asked for.
    others: bool,
}

impl Known {
    fn read(
        handle: &mut LockedSqliteHandle<'_>,
        scope: i64,
        only: Option<&HashSet<ClientRef>>,
    ) -> Result<Self, StoreError> {
        let failed = failed_to_step(READING);
        let mut known = Self { samples: Samples::default(), sorter: Sorter::default(), others: only.is_some() };
        let Samples { refs, kinds, series } = &mut known.samples;
        let mut by_label: HashMap<String, u32> = HashMap::new();
        // In the order of an index, so that each client's stand together.
        let query = c"SELECT id, client_by, client, label FROM series WHERE scope = ?1 AND rejected = 0
             ORDER BY client_by, client, label";
        let mut rows = Rows::of(handle, query, &[scope]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let text = |column| row.text(column).map_err(|error| damaged(READING, error));
            let client = owner(READING, &text(1)?, text(2)?)?
                .ok_or_else(|| damaged(READING, "an observation that is nobody's"))?;
            if only.is_some_and(|only| !only.contains(&client)) {
                continue;
            }
            if refs.last() != Some(&client) {
                refs.push(client);
            }
            let kind = *by_label.entry(text(3)?).or_insert_with_key(|label| {
                kinds.push(label.clone());
                index(kinds.len() - 1)
            });
            known.sorter.know(row.integer(0), index(series.len()));
            series.push(Series { client: index(refs.len() - 1), kind, ..Series::default() });
        }
        Ok(known)
    }

    fn fill(
        mut self,
        handle: &mut LockedSqliteHandle<'_>,
        scope: i64,
        window: Window,
        abandoned: impl Fn() -> bool,
    ) -> Result<Samples, StoreError> {
        if self.samples.series.is_empty() && self.others {
            return Ok(Samples::default());
        }
        let query = c"SELECT series, start_ms, end_ms, value FROM record
             WHERE scope = ?1 AND value IS NOT NULL AND start_ms < ?3 AND (start_ms >= ?2 OR end_ms > ?2)";
        let window = [scope, window.start.millis(), window.end.millis()];
        let mut rows = Rows::of(handle, query, &window).map_err(failed_to_step(READING))?;
        let lost = sort(&mut rows, self.sorter, &mut self.samples.series, abandoned)?;
        if lost > 0 && !self.others {
            return Err(damaged(READING, "a record of no series"));
        }
        Ok(only_what_is_there(self.samples))
    }
}

/// Sorts rows into their series; gives how many had none. Where they are more than a piece, another thread sorts one
/// while this one finds the next: either takes about as long.
fn sort(
    rows: &mut Rows<'_>,
    mut sorter: Sorter,
    series: &mut [Series],
    abandoned: impl Fn() -> bool,
) -> Result<usize, StoreError> {
    let first = piece(rows)?;
    let all = |pieces: &mut dyn Iterator<Item = Vec<Record>>| {
        let lost = pieces.flatten().filter(|record| !sorter.take(record)).count();
        lost + sorter.finish(series)
    };
    if first.len() < ROWS_A_PIECE {
        return Ok(all(&mut std::iter::once(first)));
    }
    thread::scope(|scope| {
        let (give, given) = mpsc::sync_channel(PIECES_WAITING);
        let sorting = scope.spawn(move || all(&mut given.into_iter()));
        let mut next = first;
        loop {
            // To ask for a row after the last would begin anew.
            let is_last = next.len() < ROWS_A_PIECE;
            if give.send(next).is_err() || is_last {
                // The other end is gone only where sorting has panicked, and then so does the join.
                break;
            }
            if abandoned() {
                return Err(interrupted("nobody waits for them any more"));
            }
            next = piece(rows)?;
        }
        drop(give);
        Ok(sorting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// The next rows, fewer only where there are no more.
fn piece(rows: &mut Rows<'_>) -> Result<Vec<Record>, StoreError> {
    let mut piece = Vec::with_capacity(ROWS_A_PIECE);
    while piece.len() < ROWS_A_PIECE
        && let Some(row) = rows.next().map_err(failed_to_step(READING))?
    {
        let at = Instant::from_millis(row.integer(1));
        let until = Instant::from_millis(row.integer(2));
        piece.push(Record { series: row.integer(0), at, until, value: row.real(3) });
    }
    Ok(piece)
}

/// Without the series of which the window has nothing, and without the clients and kinds that only those have.
fn only_what_is_there(known: Samples) -> Samples {
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
    u32::try_from(at).expect("a store holds fewer than four billion clients and kinds")
}

pub(super) async fn rejections(
    readers: &SqlitePool,
    scope: &Scope,
    window: Window,
) -> Result<Vec<RejectionCount>, StoreError> {
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
        "WITH wanted AS (SELECT id FROM scope WHERE provider = ?1 AND settings = ?2),
         counted (series, records) AS (
             SELECT series, count(*) FROM record INDEXED BY record_rejected
             WHERE scope = (SELECT id FROM wanted) AND value IS NULL
                 AND start_ms < ?4 AND (start_ms >= ?3 OR end_ms > ?3)
             GROUP BY series
             UNION ALL
             SELECT series, sum(records) FROM rejected_without_id
             WHERE scope = (SELECT id FROM wanted) AND start_ms < ?4 AND (start_ms >= ?3 OR end_ms > ?3)
             GROUP BY series)
         SELECT client_by, client, label, sum(records) FROM counted JOIN series ON series.id = counted.series
         GROUP BY series.id",
    )
    .bind(scope.provider.as_str())
    .bind(&scope.settings.bytes()[..])
    .bind(window.start.millis())
    .bind(window.end.millis())
    .fetch_all(readers)
    .await
    .map_err(failed(COUNTING))?;
    let mut counts = rows
        .into_iter()
        .map(|(client_by, client, reason, count)| {
            let client = owner(COUNTING, &client_by, client)?;
            Ok(RejectionCount { client, reason, count: count.unsigned_abs() })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    counts.sort_unstable();
    Ok(counts)
}

/// Whose it is, from its two columns.
pub(super) fn owner(doing: &'static str, client_by: &str, client: String) -> Result<Option<ClientRef>, StoreError> {
    Ok(match client_by {
        "id" => Some(ClientRef::Id(SourceId::new(client).map_err(|error| damaged(doing, error))?)),
        "name" => Some(ClientRef::Name(client)),
        "nobody" => None,
        _ => return Err(damaged(doing, "a client that is known by nothing")),
    })
}

//! Committing pages: the one place where much is written.

use std::sync::{Arc, LazyLock};

use hashbrown::HashMap;
use scoresheet_domain::{Cursor, Instant, When};
use scoresheet_engine::{CommittedPage, PullId, Skipped, StoreError};
use sqlx::{Arguments, AssertSqlSafe, QueryBuilder, Sqlite, SqliteConnection, Transaction, sqlite::SqliteArguments};

use super::{
    erase::Forgotten,
    error::failed,
    pull::{PullRow, refused},
    series::{Cache, Label, Owner, SeriesKey},
    source::ROWS_PER_STATEMENT,
};

pub(super) const COMMITTING: &str = "committing a page";

/// Rows of one prepared statement; a statement with fewer leaves the rest unbound, which SQLite
/// reads as NULL. A page of 1,000 is two statements.
const RECORDS_PER_STATEMENT: usize = 500;
const COLUMNS_PER_RECORD: usize = 5;

static UPSERT: LazyLock<Arc<str>> = LazyLock::new(|| {
    Arc::from(format!(
        "INSERT INTO record (scope, id, series, start_ms, end_ms, value, seen)
         SELECT ?, column1, column2, column3, column4, column5, ? FROM (VALUES {}) WHERE column1 IS NOT NULL
         ON CONFLICT (scope, id) DO UPDATE SET series = excluded.series, start_ms = excluded.start_ms,
             end_ms = excluded.end_ms, value = excluded.value, seen = excluded.seen",
        placeholders(COLUMNS_PER_RECORD, RECORDS_PER_STATEMENT)
    ))
});

/// So many rows of so many placeholders each.
pub(super) fn placeholders(columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(","));
    vec![row; rows].join(",")
}

/// A record as it is stored.
struct Record<'a> {
    id: &'a str,
    series: SeriesKey<'a>,
    start_ms: i64,
    end_ms: i64,
    /// None: rejected.
    value: Option<f64>,
}

/// A rejection of a record without an id.
struct WithoutId<'a> {
    series: SeriesKey<'a>,
    start_ms: i64,
    end_ms: i64,
}

pub(super) async fn commit(
    mut transaction: Transaction<'static, Sqlite>,
    series: &Cache,
    pull: PullId,
    pages: &[CommittedPage<'_>],
) -> Result<Skipped, StoreError> {
    let failed = failed(COMMITTING);
    let mut row = PullRow::read(&mut transaction, COMMITTING, pull).await?;
    let (mut records, mut without_id) = (Vec::new(), Vec::new());
    for page in pages {
        take_off_pending(&mut transaction, pull, row.started, page.cursor).await?;
        append_pending(&mut transaction, pull, &page.page.next).await.map_err(failed)?;
        note_digest(&mut transaction, pull, page).await.map_err(failed)?;
        row.started = true;
        gather(&row, page, &mut records, &mut without_id)?;
    }
    let skipped = leave_out(&mut transaction, &row, &mut records, &mut without_id).await?;
    let keys = records.iter().map(|record| record.series).chain(without_id.iter().map(|rejection| rejection.series));
    let (ids, learned) = series.resolve(&mut transaction, row.scope, keys).await?;
    let (record_ids, without_id_ids) = ids.split_at(records.len());
    let mut rows: Vec<(&Record<'_>, i64)> = records.iter().zip(record_ids.iter().copied()).collect();
    // Neighbours in the tree are written together, which is what counts where ids come in no order. The order of
    // those with the same id stays: the later one stands.
    rows.sort_by_key(|(record, _)| record.id);
    upsert(&mut transaction, &row, &rows).await.map_err(failed)?;
    count_without_id(&mut transaction, &row, pull, &without_id, without_id_ids).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    series.keep(learned);
    Ok(skipped)
}

/// Takes out what nothing is to be known of any more; nearly always, that is nothing.
async fn leave_out<'a>(
    connection: &mut SqliteConnection,
    pull: &PullRow,
    records: &mut Vec<Record<'a>>,
    without_id: &mut Vec<WithoutId<'a>>,
) -> Result<Skipped, StoreError> {
    let mut skipped = Skipped::default();
    if pull.pruned_ms.is_none() && !pull.erasures {
        return Ok(skipped);
    }
    let pruned_ms = pull.pruned_ms.unwrap_or(i64::MIN);
    let forgotten =
        if pull.erasures { Forgotten::read(connection, &pull.provider).await? } else { Forgotten::default() };
    let mut known: HashMap<Owner<'a>, bool> = HashMap::new();
    let mut keep = |owner: Owner<'a>, start_ms: i64, end_ms: i64| {
        let kept_long_enough = start_ms >= pruned_ms || end_ms > pruned_ms;
        kept_long_enough && (!pull.erasures || !*known.entry(owner).or_insert_with(|| forgotten.has(owner)))
    };
    records.retain(|record| {
        let kept = keep(record.series.owner, record.start_ms, record.end_ms);
        match record.value {
            Some(_) => skipped.observations += u64::from(!kept),
            None => skipped.rejected += u64::from(!kept),
        }
        kept
    });
    without_id.retain(|rejection| {
        let kept = keep(rejection.series.owner, rejection.start_ms, rejection.end_ms);
        skipped.rejected += u64::from(!kept);
        kept
    });
    Ok(skipped)
}

async fn note_digest(
    connection: &mut SqliteConnection,
    pull: PullId,
    page: &CommittedPage<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO pull_page (pull, position, digest)
         SELECT ?1, coalesce(max(position) + 1, 0), ?2 FROM pull_page WHERE pull = ?1",
    )
    .bind(pull.0)
    .bind(&page.digest.bytes()[..])
    .execute(connection)
    .await?;
    Ok(())
}

async fn take_off_pending(
    connection: &mut SqliteConnection,
    pull: PullId,
    started: bool,
    cursor: Option<&Cursor>,
) -> Result<(), StoreError> {
    let pending = match cursor {
        None => !started,
        // The first of them, should the source have given the same one twice.
        Some(Cursor(bytes)) => {
            sqlx::query(
                "DELETE FROM pull_cursor WHERE pull = ?1 AND position =
                     (SELECT position FROM pull_cursor WHERE pull = ?1 AND cursor = ?2 ORDER BY position LIMIT 1)",
            )
            .bind(pull.0)
            .bind(&bytes[..])
            .execute(connection)
            .await
            .map_err(failed(COMMITTING))?
            .rows_affected()
                == 1
        }
    };
    if pending {
        Ok(())
    } else {
        Err(refused(
            COMMITTING,
            "the page is not among those still to fetch: it was committed before, or is another pull's",
        ))
    }
}

async fn append_pending(connection: &mut SqliteConnection, pull: PullId, next: &[Cursor]) -> Result<(), sqlx::Error> {
    if next.is_empty() {
        return Ok(());
    }
    let free: i64 = sqlx::query_scalar("SELECT coalesce(max(position) + 1, 0) FROM pull_cursor WHERE pull = ?")
        .bind(pull.0)
        .fetch_one(&mut *connection)
        .await?;
    let positions: Vec<(i64, &Cursor)> = (free..).zip(next).collect();
    for chunk in positions.chunks(ROWS_PER_STATEMENT) {
        let mut insert = QueryBuilder::new("INSERT INTO pull_cursor (pull, position, cursor) ");
        insert.push_values(chunk, |mut row, (position, cursor)| {
            row.push_bind(pull.0).push_bind(position).push_bind(&cursor.0[..]);
        });
        insert.build().persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}

/// What is to be stored of a page, in the order in which it counts: should an id stand among
/// both, its rejection is the later.
fn gather<'a>(
    pull: &PullRow,
    page: &CommittedPage<'a>,
    records: &mut Vec<Record<'a>>,
    without_id: &mut Vec<WithoutId<'a>>,
) -> Result<(), StoreError> {
    records.reserve(page.page.items.len() + page.page.rejected.len());
    for item in &page.page.items {
        let kind = page
            .kinds
            .get(usize::from(item.kind))
            .ok_or_else(|| refused(COMMITTING, "an observation is of a kind that has no name"))?;
        if !item.value.is_finite() {
            return Err(refused(COMMITTING, "an observation's value is no finite number"));
        }
        let (start_ms, end_ms) = extent(item.when);
        records.push(Record {
            id: &item.id,
            series: SeriesKey { owner: Owner::from(&item.client), label: Label::Kind(kind) },
            start_ms,
            end_ms,
            value: Some(item.value),
        });
    }
    for rejection in &page.page.rejected {
        let reason = page
            .reasons
            .get(usize::from(rejection.reason))
            .ok_or_else(|| refused(COMMITTING, "a record is rejected for a reason that has no name"))?;
        let owner = rejection.client.as_ref().map_or(Owner::Nobody, Owner::from);
        let series = SeriesKey { owner, label: Label::Reason(reason) };
        let at_ms = rejection.at.map(Instant::millis).filter(|at| (pull.start_ms..pull.end_ms).contains(at));
        let (start_ms, end_ms) = at_ms.map_or((pull.start_ms, pull.end_ms), |at| (at, at));
        match &rejection.id {
            Some(id) => records.push(Record { id, series, start_ms, end_ms, value: None }),
            None => without_id.push(WithoutId { series, start_ms, end_ms }),
        }
    }
    Ok(())
}

/// Start and end; a state that never held is an event.
fn extent(when: When) -> (i64, i64) {
    let start = when.start();
    (start.millis(), when.until().max(start).millis())
}

async fn upsert(
    connection: &mut SqliteConnection,
    pull: &PullRow,
    rows: &[(&Record<'_>, i64)],
) -> Result<(), sqlx::Error> {
    let mut chunks = rows.chunks(RECORDS_PER_STATEMENT);
    let mut bound = chunks.next().map(|chunk| bind(pull, chunk)).transpose()?;
    while let Some(arguments) = bound {
        let statement = sqlx::query_with(AssertSqlSafe(Arc::clone(&UPSERT)), arguments).execute(&mut *connection);
        // The statement runs on SQLite's own thread; meanwhile this one makes the next ready.
        let (done, next) = tokio::join!(statement, async { chunks.next().map(|chunk| bind(pull, chunk)).transpose() });
        done?;
        bound = next?;
    }
    Ok(())
}

/// The values of one statement.
fn bind(pull: &PullRow, rows: &[(&Record<'_>, i64)]) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(2 + rows.len() * COLUMNS_PER_RECORD, 0);
    let mut add = || {
        arguments.add(pull.scope)?;
        arguments.add(pull.newest)?;
        for (record, series) in rows {
            arguments.add(Box::<str>::from(record.id))?;
            arguments.add(series)?;
            arguments.add(record.start_ms)?;
            arguments.add(record.end_ms)?;
            arguments.add(record.value)?;
        }
        Ok(())
    };
    add().map_err(sqlx::Error::Encode)?;
    Ok(arguments)
}

async fn count_without_id(
    connection: &mut SqliteConnection,
    row: &PullRow,
    pull: PullId,
    rejections: &[WithoutId<'_>],
    series: &[i64],
) -> Result<(), sqlx::Error> {
    let rejections: Vec<(&WithoutId<'_>, &i64)> = rejections.iter().zip(series).collect();
    for chunk in rejections.chunks(ROWS_PER_STATEMENT) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO rejected_without_id (scope, pull, series, start_ms, end_ms, records) ",
        );
        insert.push_values(chunk, |mut values, (rejection, series)| {
            values
                .push_bind(row.scope)
                .push_bind(pull.0)
                .push_bind(*series)
                .push_bind(rejection.start_ms)
                .push_bind(rejection.end_ms)
                .push_bind(1_i64);
        });
        insert.push(" ON CONFLICT DO UPDATE SET records = records + 1");
        insert.build().persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}

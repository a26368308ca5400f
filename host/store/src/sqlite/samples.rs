//! What a window holds: the samples for scoring, and the rejections, counted.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

use futures_util::TryStreamExt as _;
use scoresheet_domain::{ClientRef, Instant, SourceId, Window};
use scoresheet_engine::{RefSample, RejectionCount, Samples, Scope, StoreError};
use sqlx::{Row as _, Sqlite, SqliteConnection, SqlitePool, Transaction, sqlite::SqliteRow};

use super::{
    error::{damaged, failed},
    source::find_scope,
};

pub(super) const READING: &str = "reading observations";
const COUNTING: &str = "counting rejections";

pub(super) async fn samples(
    mut transaction: Transaction<'static, Sqlite>,
    scope: &Scope,
    window: Window,
    clients: Option<&[ClientRef]>,
) -> Result<Samples, StoreError> {
    let failed = failed(READING);
    let Some(scope) = find_scope(&mut transaction, scope).await.map_err(failed)? else {
        return Ok(Samples::default());
    };
    let only: Option<HashSet<&ClientRef>> = clients.map(|clients| clients.iter().collect());
    let mut series = series(&mut transaction, scope, only.as_ref()).await?;
    let of_series = match only {
        None => None,
        Some(_) if series.is_empty() => return Ok(Samples::default()),
        Some(_) => Some(
            serde_json::to_string(&series.keys().collect::<Vec<_>>())
                .map_err(|error| StoreError::Database { doing: READING, message: error.to_string() })?,
        ),
    };
    let query = match of_series {
        None => sqlx::query(
            "SELECT series, start_ms, end_ms, value FROM record
             WHERE scope = ?1 AND value IS NOT NULL AND start_ms < ?3 AND (start_ms >= ?2 OR end_ms > ?2)",
        ),
        Some(_) => sqlx::query(
            "SELECT series, start_ms, end_ms, value FROM record
             WHERE scope = ?1 AND value IS NOT NULL AND start_ms < ?3 AND (start_ms >= ?2 OR end_ms > ?2)
                 AND series IN (SELECT value FROM json_each(?4))",
        ),
    };
    // Bound beyond what the first of them asks for, which SQLite's driver leaves aside.
    let query = query.bind(scope).bind(window.start.millis()).bind(window.end.millis()).bind(of_series);

    let mut collected = Collected::default();
    let mut rows = query.fetch(&mut *transaction);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        let row = Sampled::read(&row).map_err(failed)?;
        let (client, kind) = match collected.of_series.get(&row.series) {
            Some(indexes) => *indexes,
            None => {
                let named = series.remove(&row.series).ok_or_else(|| damaged(READING, "a record of no series"))?;
                collected.index(row.series, named)
            }
        };
        collected.samples.rows.push(RefSample {
            client,
            kind,
            at: Instant::from_millis(row.start_ms),
            until: Instant::from_millis(row.end_ms),
            value: row.value,
        });
    }
    drop(rows);
    transaction.commit().await.map_err(failed)?;
    Ok(collected.samples)
}

struct Sampled {
    series: i64,
    start_ms: i64,
    end_ms: i64,
    value: f64,
}

impl Sampled {
    /// Unchecked, because the table is strict: nothing of another type can be in it, and looking
    /// takes longer than reading.
    fn read(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            series: row.try_get_unchecked(0)?,
            start_ms: row.try_get_unchecked(1)?,
            end_ms: row.try_get_unchecked(2)?,
            value: row.try_get_unchecked(3)?,
        })
    }
}

/// The samples so far, and where each client and kind stands in them.
#[derive(Default)]
struct Collected {
    samples: Samples,
    of_series: HashMap<i64, (u32, u32)>,
    clients: HashMap<ClientRef, u32>,
    kinds: HashMap<String, u32>,
}

impl Collected {
    /// Gives a series its client's and its kind's index.
    fn index(&mut self, series: i64, (client, kind): (ClientRef, String)) -> (u32, u32) {
        let indexes = (
            index(&mut self.clients, &mut self.samples.refs, client),
            index(&mut self.kinds, &mut self.samples.kinds, kind),
        );
        self.of_series.insert(series, indexes);
        indexes
    }
}

fn index<T: Clone + Eq + Hash>(indexes: &mut HashMap<T, u32>, all: &mut Vec<T>, one: T) -> u32 {
    *indexes.entry(one).or_insert_with_key(|one| {
        all.push(one.clone());
        u32::try_from(all.len() - 1).expect("a store holds fewer than four billion clients and kinds")
    })
}

/// Whose the scope's observations are and of which kind, by series; of these clients only, where given.
async fn series(
    connection: &mut SqliteConnection,
    scope: i64,
    only: Option<&HashSet<&ClientRef>>,
) -> Result<HashMap<i64, (ClientRef, String)>, StoreError> {
    let mut series = HashMap::new();
    let mut rows = sqlx::query_as::<_, (i64, String, String, String)>(
        "SELECT id, client_by, client, label FROM series WHERE scope = ? AND rejected = 0",
    )
    .bind(scope)
    .fetch(connection);
    while let Some((id, client_by, client, label)) = rows.try_next().await.map_err(failed(READING))? {
        let client =
            owner(READING, &client_by, client)?.ok_or_else(|| damaged(READING, "an observation that is nobody's"))?;
        if only.is_none_or(|only| only.contains(&client)) {
            series.insert(id, (client, label));
        }
    }
    Ok(series)
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
fn owner(doing: &'static str, client_by: &str, client: String) -> Result<Option<ClientRef>, StoreError> {
    Ok(match client_by {
        "id" => Some(ClientRef::Id(SourceId::new(client).map_err(|error| damaged(doing, error))?)),
        "name" => Some(ClientRef::Name(client)),
        "nobody" => None,
        _ => return Err(damaged(doing, "a client that is known by nothing")),
    })
}

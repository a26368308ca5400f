//! Removing what is too old, observations into monthly figures first; and the port's other half, erasing.

use async_trait::async_trait;
use hashbrown::HashMap;
use scoresheet_domain::{AuditAction, ClientId, Digest, ExactSum, Instant, ProviderName};
use scoresheet_engine::{BooksLimits, Erased, Erasure, InputsGone, Month, Pruned, Retention, Scope, StoreError};
use serde_json::json;
use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::{
    SqliteStore, audit, erase,
    error::{damaged, failed, failed_to_step},
    lease::Attribution,
    lift,
    rows::Rows,
    samples::owner,
    sheets::{self, Taken},
    source::{find_scope, uncover_before},
};

const READING_SCOPES: &str = "reading its scopes";
const PRUNING: &str = "removing what is too old";
const READING: &str = "reading monthly figures";

/// A month's figures of one series.
struct Figures {
    records: i64,
    sum: ExactSum,
    min: f64,
    max: f64,
}

impl Figures {
    fn of(value: f64) -> Self {
        Self { records: 1, sum: [value].into_iter().collect(), min: value, max: value }
    }

    fn add(&mut self, value: f64) {
        self.records += 1;
        self.sum.add(value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }
}

async fn prune_scope(
    (mut transaction, by): (Transaction<'static, Sqlite>, Attribution),
    scope: &Scope,
    before: Instant,
) -> Result<Pruned, StoreError> {
    let failed = failed(PRUNING);
    let Some(id) = find_scope(&mut transaction, scope).await.map_err(failed)? else { return Ok(Pruned::default()) };
    let until: Option<i64> = sqlx::query_scalar("SELECT until_ms FROM pruned WHERE scope = ?")
        .bind(id)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(failed)?;
    if until.is_some_and(|until| until >= before.millis()) {
        return Ok(Pruned::default());
    }
    let months = gather(&mut transaction, id, before).await?;
    for ((series, month), figures) in &months {
        keep(&mut transaction, id, *series, month, figures).await?;
    }
    let mut pruned = Pruned {
        observations: months.values().map(|figures| figures.records.unsigned_abs()).sum(),
        ..Pruned::default()
    };
    // What does not reach the time that is kept: events before it, and states that ended by then.
    let removed = sqlx::query("DELETE FROM record WHERE scope = ?1 AND start_ms < ?2 AND end_ms <= ?2")
        .bind(id)
        .bind(before.millis())
        .execute(&mut *transaction)
        .await
        .map_err(failed)?
        .rows_affected();
    pruned.rejected = removed.saturating_sub(pruned.observations);
    let without_id: Vec<i64> = sqlx::query_scalar(
        "DELETE FROM rejected_without_id WHERE scope = ?1 AND start_ms < ?2 AND end_ms <= ?2 RETURNING records",
    )
    .bind(id)
    .bind(before.millis())
    .fetch_all(&mut *transaction)
    .await
    .map_err(failed)?;
    pruned.rejected += without_id.iter().sum::<i64>().unsigned_abs();
    uncover_before(&mut transaction, id, before).await.map_err(failed)?;
    // A pull that reaches back before it could not be told any more from one whose records are gone at the source.
    pruned.pulls = sqlx::query("DELETE FROM pull WHERE scope = ? AND start_ms < ?")
        .bind(id)
        .bind(before.millis())
        .execute(&mut *transaction)
        .await
        .map_err(failed)?
        .rows_affected();
    // A sheet that reaches back before it could not be made again by anybody who is asked to forget that time.
    pruned.sheets = sheets::take_inputs(&mut transaction, Taken::ReachingBefore(before), InputsGone::Retention)
        .await
        .map_err(failed)?;
    sqlx::query("INSERT OR REPLACE INTO pruned (scope, until_ms) VALUES (?, ?)")
        .bind(id)
        .bind(before.millis())
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    if pruned != Pruned::default() {
        let detail = json!({
            "before": before,
            "observations": pruned.observations,
            "rejected": pruned.rejected,
            "pulls": pruned.pulls,
            "sheets": pruned.sheets,
        });
        audit::append(&mut transaction, &by, AuditAction::Pruned, scope.provider.as_str(), &detail).await?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(pruned)
}

/// The figures of what is about to go, by series and month.
async fn gather(
    transaction: &mut Transaction<'static, Sqlite>,
    scope: i64,
    before: Instant,
) -> Result<HashMap<(i64, String), Figures>, StoreError> {
    let failed = failed_to_step(PRUNING);
    let mut handle = transaction.lock_handle().await.map_err(super::error::failed(PRUNING))?;
    let query = c"SELECT series, start_ms, value FROM record
         WHERE scope = ?1 AND value IS NOT NULL AND start_ms < ?2 AND end_ms <= ?2";
    let mut rows = Rows::of(&mut handle, query, &[scope, before.millis()]).map_err(failed)?;
    let mut months: HashMap<(i64, String), Figures> = HashMap::new();
    // A text for each record would take longer than all the rest.
    let mut by_day: HashMap<i64, String> = HashMap::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let (series, at, value) = (row.integer(0), Instant::from_millis(row.integer(1)), row.real(2));
        let month = by_day.entry(at.millis().div_euclid(scoresheet_domain::time::DAY_MS)).or_insert_with(|| at.month());
        months
            .entry((series, month.clone()))
            .and_modify(|figures| figures.add(value))
            .or_insert_with(|| Figures::of(value));
    }
    Ok(months)
}

/// Adds figures to those that the month has.
async fn keep(
    connection: &mut SqliteConnection,
    scope: i64,
    series: i64,
    month: &str,
    added: &Figures,
) -> Result<(), StoreError> {
    let failed = failed(PRUNING);
    let had: Option<(i64, Vec<u8>, f64, f64)> =
        sqlx::query_as("SELECT records, sum, min, max FROM month WHERE scope = ? AND series = ? AND month = ?")
            .bind(scope)
            .bind(series)
            .bind(month)
            .fetch_optional(&mut *connection)
            .await
            .map_err(failed)?;
    let (mut records, mut sum, mut min, mut max) = (added.records, added.sum.clone(), added.min, added.max);
    if let Some((had_records, had_sum, had_min, had_max)) = had {
        records += had_records;
        sum.merge(&sum_from(PRUNING, &had_sum)?);
        (min, max) = (min.min(had_min), max.max(had_max));
    }
    sqlx::query(
        "INSERT OR REPLACE INTO month (scope, series, month, records, sum, min, max) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(scope)
    .bind(series)
    .bind(month)
    .bind(records)
    .bind(sum.to_bytes())
    .bind(min)
    .bind(max)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

fn sum_from(doing: &'static str, bytes: &[u8]) -> Result<ExactSum, StoreError> {
    ExactSum::from_bytes(bytes).ok_or_else(|| damaged(doing, "a sum that is none"))
}

#[derive(sqlx::FromRow)]
struct MonthRow {
    month: String,
    client_by: String,
    client: String,
    label: String,
    records: i64,
    sum: Vec<u8>,
    min: f64,
    max: f64,
}

impl MonthRow {
    fn month(self) -> Result<Month, StoreError> {
        Ok(Month {
            month: self.month,
            client: owner(READING, &self.client_by, self.client)?
                .ok_or_else(|| damaged(READING, "figures that are nobody's"))?,
            kind: self.label,
            count: self.records.unsigned_abs(),
            sum: sum_from(READING, &self.sum)?,
            min: self.min,
            max: self.max,
        })
    }
}

async fn prune_books(
    (mut transaction, by): (Transaction<'static, Sqlite>, Attribution),
    limits: &BooksLimits,
) -> Result<Pruned, StoreError> {
    let failed = failed(PRUNING);
    let mut pruned = Pruned {
        access: sqlx::query("DELETE FROM access WHERE at_ms < ?")
            .bind(limits.access_before.millis())
            .execute(&mut *transaction)
            .await
            .map_err(failed)?
            .rows_affected(),
        ..Pruned::default()
    };
    let providers: Vec<String> =
        sqlx::query_scalar("SELECT provider FROM access GROUP BY provider HAVING count(*) > ?")
            .bind(i64::try_from(limits.access_entries).unwrap_or(i64::MAX))
            .fetch_all(&mut *transaction)
            .await
            .map_err(failed)?;
    for provider in providers {
        pruned.access += sqlx::query(
            "DELETE FROM access WHERE provider = ?1 AND (at_ms, id) <=
                 (SELECT at_ms, id FROM access WHERE provider = ?1 ORDER BY at_ms DESC, id DESC LIMIT 1 OFFSET ?2)",
        )
        .bind(&provider)
        .bind(i64::try_from(limits.access_entries).unwrap_or(i64::MAX))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?
        .rows_affected();
    }
    if let Some(before) = limits.sheets_before {
        pruned.sheets = sheets::take_inputs(&mut transaction, Taken::MadeBefore(before), InputsGone::Retention)
            .await
            .map_err(failed)?;
        if pruned.sheets > 0 {
            let detail = json!({"before": before, "sheets": pruned.sheets});
            audit::append(&mut transaction, &by, AuditAction::Pruned, "sheets", &detail).await?;
        }
    }
    if let Some(before) = limits.audit_before {
        pruned.audit = audit::prune(&mut transaction, &by, before).await?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(pruned)
}

#[async_trait]
impl Retention for SqliteStore {
    #[tracing::instrument(name = "store.scopes", level = "debug", skip_all)]
    async fn scopes(&self) -> Result<Vec<Scope>, StoreError> {
        let rows: Vec<(String, Vec<u8>)> = sqlx::query_as("SELECT provider, settings FROM scope ORDER BY id")
            .fetch_all(&self.readers)
            .await
            .map_err(failed(READING_SCOPES))?;
        rows.into_iter()
            .map(|(provider, settings)| {
                let provider = ProviderName::new(provider).map_err(|error| damaged(READING_SCOPES, error))?;
                let settings: [u8; 32] =
                    settings.try_into().map_err(|_| damaged(READING_SCOPES, "a digest that has not 32 bytes"))?;
                Ok(Scope { provider, settings: Digest::from(settings) })
            })
            .collect()
    }

    #[tracing::instrument(name = "store.prune", level = "debug", skip_all, fields(%before))]
    async fn prune(&self, scope: Option<&Scope>, before: Instant) -> Result<Pruned, StoreError> {
        let scopes = match scope {
            Some(scope) => vec![scope.clone()],
            None => self.scopes().await?,
        };
        let mut pruned = Pruned::default();
        for scope in &scopes {
            pruned = pruned.and(prune_scope(self.write_by(PRUNING).await?, scope, before).await?);
        }
        Ok(pruned)
    }

    #[tracing::instrument(name = "store.months", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn months(&self, scope: &Scope) -> Result<Vec<Month>, StoreError> {
        let rows: Vec<MonthRow> = sqlx::query_as(
            "SELECT month, client_by, client, label, records, sum, min, max
             FROM month JOIN scope ON scope.id = month.scope JOIN series ON series.id = month.series
             WHERE provider = ? AND settings = ? ORDER BY month, client_by, client, label",
        )
        .bind(scope.provider.as_str())
        .bind(&scope.settings.bytes()[..])
        .fetch_all(&self.readers)
        .await
        .map_err(failed(READING))?;
        rows.into_iter().map(MonthRow::month).collect()
    }

    #[tracing::instrument(name = "store.prune_books", level = "debug", skip_all)]
    async fn prune_books(&self, limits: &BooksLimits) -> Result<Pruned, StoreError> {
        let pruned = prune_books(self.write_by(PRUNING).await?, limits).await?;
        if erase::is_wipe_due(&self.writer).await? && !erase::wipe(&self.writer).await? {
            tracing::warn!("bytes of what was erased may still be in the store's file: somebody was reading");
        }
        Ok(pruned)
    }

    #[tracing::instrument(name = "store.erase", level = "debug", skip_all)]
    async fn erase(&self, erasure: &Erasure) -> Result<Erased, StoreError> {
        let failed = failed(erase::ERASING);
        // What is deleted is overwritten from here on, should the rewriting below not come to pass.
        sqlx::query("PRAGMA secure_delete = ON").execute(&self.writer).await.map_err(failed)?;
        // Responses that are gathered and not written yet may name it too.
        self.cache.clear();
        let erased = erase::erase(self.write_by(erase::ERASING).await?, erasure).await;
        // Series are gone that pages lately named.
        self.series.forget();
        let mut erased = erased?;
        match erase::wipe(&self.writer).await {
            Ok(wiped) => erased.wiped = wiped,
            // What it names is gone from the data; that its bytes are still there, the answer says.
            Err(error) => tracing::warn!(%error, "the store's file could not be rewritten after an erasure"),
        }
        sqlx::query("PRAGMA secure_delete = OFF").execute(&self.writer).await.map_err(failed)?;
        Ok(erased)
    }

    #[tracing::instrument(name = "store.lift_erasure", level = "debug", skip_all)]
    async fn lift_erasure(&self, client: &ClientId) -> Result<Option<u64>, StoreError> {
        lift::lift(self.write_by(lift::LIFTING).await?, client).await
    }
}

//! Removing everything that names one client, down to the bytes of the file, and knowing it again without knowing it.

use std::collections::{BTreeMap, HashSet};

use hmac::{Hmac, Mac as _};
use scoresheet_domain::{AuditAction, ClientId, Digest};
use scoresheet_engine::{Erased, Erasure, InputsGone, StoreError};
use serde_json::json;
use sha2::Sha256;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::{
    audit,
    error::{damaged, failed},
    lease::Attribution,
    naming::Needles,
    series::Owner,
    sheets::{self, Taken},
    source::ROWS_PER_STATEMENT,
};

pub(super) const ERASING: &str = "erasing a client";
const WIPING: &str = "rewriting its file without what was erased";
const FORGETTING: &str = "reading whom it must not know";
const SALTING: &str = "reading its salt";

/// What stands where an erased client was named.
const BLANK: &str = "(erased)";

pub(super) async fn salt(connection: &mut SqliteConnection) -> Result<[u8; 32], StoreError> {
    let bytes: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT bytes FROM salt").fetch_optional(connection).await.map_err(failed(SALTING))?;
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| damaged(SALTING, "no salt"))
}

/// Whom the store must not know any more, of one provider.
#[derive(Default)]
pub(super) struct Forgotten {
    salt: [u8; 32],
    hashes: HashSet<[u8; 32]>,
}

impl Forgotten {
    pub(super) async fn read(connection: &mut SqliteConnection, provider: &str) -> Result<Self, StoreError> {
        let rows: Vec<Vec<u8>> = sqlx::query_scalar("SELECT source FROM erased WHERE provider = ?")
            .bind(provider)
            .fetch_all(&mut *connection)
            .await
            .map_err(failed(FORGETTING))?;
        if rows.is_empty() {
            return Ok(Self::default());
        }
        let hashes = rows.into_iter().filter_map(|row| row.try_into().ok()).collect();
        Ok(Self { salt: salt(connection).await?, hashes })
    }

    pub(super) fn has_id(&self, id: &str) -> bool {
        self.has(Owner::Id(id))
    }

    pub(super) fn has_name(&self, name: &str) -> bool {
        self.has(Owner::Name(name))
    }

    pub(super) fn has(&self, owner: Owner<'_>) -> bool {
        !self.hashes.is_empty() && hash(&self.salt, owner).is_some_and(|hash| self.hashes.contains(&hash))
    }
}

/// What is remembered of a source client; nothing of nobody.
fn hash(salt: &[u8; 32], owner: Owner<'_>) -> Option<[u8; 32]> {
    match owner {
        Owner::Id(id) => Some(keyed(salt, b"id:", id)),
        Owner::Name(name) => Some(keyed(salt, b"name:", name)),
        Owner::Nobody => None,
    }
}

/// What the audit log knows an erased client by.
pub(super) fn of_client(salt: &[u8; 32], client: &ClientId) -> [u8; 32] {
    keyed(salt, b"client:", client.as_str())
}

fn keyed(salt: &[u8; 32], what: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt).expect("a key of any length will do");
    mac.update(what);
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// One of the provider's scopes, and what of it is the client's.
struct Part {
    scope: i64,
    provider: String,
    ids: Vec<String>,
    names: Vec<String>,
}

pub(super) async fn erase(
    (mut transaction, by): (Transaction<'static, Sqlite>, Attribution),
    erasure: &Erasure,
) -> Result<Erased, StoreError> {
    let failed = failed(ERASING);
    let salt = salt(&mut transaction).await?;
    let mut erased = Erased::default();
    let parts = parts(&mut transaction, erasure).await.map_err(failed)?;
    let mut words: Vec<&str> = vec![erasure.client.as_str()];
    words.extend(erasure.names.iter().map(String::as_str));
    for part in &parts {
        words.extend(part.ids.iter().chain(&part.names).map(String::as_str));
    }
    let needles = Needles::new(words);
    let mut remembered = Vec::new();

    for part in &parts {
        remove_records(&mut transaction, part, &mut erased).await.map_err(failed)?;
        for (owner, text) in
            part.ids.iter().map(|id| (Owner::Id(id), id)).chain(part.names.iter().map(|name| (Owner::Name(name), name)))
        {
            let Some(hash) = hash(&salt, owner) else { continue };
            remembered.push(Digest::from(hash).hex());
            sqlx::query("INSERT OR REPLACE INTO erased (provider, source, at_ms) VALUES (?, ?, ?)")
                .bind(&part.provider)
                .bind(&hash[..])
                .bind(by.at_ms)
                .execute(&mut *transaction)
                .await
                .map_err(failed)?;
            if matches!(owner, Owner::Id(_)) {
                erased.decisions += sqlx::query("DELETE FROM decision WHERE provider = ? AND source = ?")
                    .bind(&part.provider)
                    .bind(text)
                    .execute(&mut *transaction)
                    .await
                    .map_err(failed)?
                    .rows_affected();
                sqlx::query("DELETE FROM tie WHERE provider = ? AND source = ?")
                    .bind(&part.provider)
                    .bind(text)
                    .execute(&mut *transaction)
                    .await
                    .map_err(failed)?;
            }
        }
    }
    let client = erasure.client.as_str();
    erased.roster = changed(&mut transaction, "DELETE FROM client WHERE id = ?", client).await.map_err(failed)? > 0;
    erased.decisions +=
        changed(&mut transaction, "DELETE FROM decision WHERE client = ?", client).await.map_err(failed)?;
    erased.entries = changed(&mut transaction, "DELETE FROM entry WHERE client = ?", client).await.map_err(failed)?;
    erased.notes = blank_reasons(&mut transaction, &needles).await.map_err(failed)?;
    erased.sheets = sheets::take_inputs(&mut transaction, Taken::All, InputsGone::Erasure).await.map_err(failed)?;
    changed(&mut transaction, "DELETE FROM tie WHERE client = ?", client).await.map_err(failed)?;
    erased.alerts = changed(&mut transaction, "DELETE FROM alert WHERE client = ?", client).await.map_err(failed)?;
    blank_alerts(&mut transaction, &needles).await.map_err(failed)?;
    erased.cached =
        sqlx::query("DELETE FROM http_cache").execute(&mut *transaction).await.map_err(failed)?.rows_affected();
    erased.paths = blank_paths(&mut transaction, &needles).await.map_err(failed)?;
    blank_failures(&mut transaction, &needles).await.map_err(failed)?;
    let blanked = blank_details(&mut transaction, &needles).await.map_err(failed)?;
    erased.audit_details = blanked.len() as u64;
    let detail = json!({
        "client": Digest::from(of_client(&salt, &erasure.client)).hex(),
        "decisions": erased.decisions,
        "entries": erased.entries,
        "sheets": erased.sheets,
        "source_clients": erased.source_clients,
        "observations": erased.observations,
        "rejected": erased.rejected,
        "months": erased.months,
        "alerts": erased.alerts,
        "blanked": blanked,
        // By which the skipping can be taken back.
        "remembered": remembered,
    });
    audit::append(&mut transaction, &by, AuditAction::ClientErased, "client", &detail).await?;
    sqlx::query("INSERT OR REPLACE INTO wipe_due (slot) VALUES (1)")
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(erased)
}

async fn changed(connection: &mut SqliteConnection, sql: &'static str, text: &str) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query(sql).bind(text).execute(connection).await?.rows_affected())
}

/// Which source clients it is in each scope: those named, under every name they bear there, unless another bears it too.
async fn parts(connection: &mut SqliteConnection, erasure: &Erasure) -> Result<Vec<Part>, sqlx::Error> {
    let mut by_provider: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (provider, source) in &erasure.sources {
        by_provider.entry(provider.as_str()).or_default().push(source);
    }
    let mut parts = Vec::new();
    for (provider, ids) in by_provider {
        let scopes: Vec<i64> = sqlx::query_scalar("SELECT id FROM scope WHERE provider = ?")
            .bind(provider)
            .fetch_all(&mut *connection)
            .await?;
        for scope in scopes {
            let clients: Vec<(String, String)> = sqlx::query_as("SELECT id, name FROM source_client WHERE scope = ?")
                .bind(scope)
                .fetch_all(&mut *connection)
                .await?;
            let its = |id: &str| ids.contains(&id);
            let others: HashSet<&str> =
                clients.iter().filter(|(id, _)| !its(id)).map(|(_, name)| name.as_str()).collect();
            let names = clients
                .iter()
                .filter(|(id, name)| its(id) && !others.contains(name.as_str()))
                .map(|(_, name)| name.clone())
                .collect();
            let ids = ids.iter().map(|id| (*id).to_owned()).collect();
            parts.push(Part { scope, provider: provider.to_owned(), ids, names });
        }
    }
    Ok(parts)
}

async fn remove_records(
    connection: &mut SqliteConnection,
    part: &Part,
    erased: &mut Erased,
) -> Result<(), sqlx::Error> {
    let mut series: Vec<i64> = Vec::new();
    for (by, clients) in [("id", &part.ids), ("name", &part.names)] {
        for client in clients {
            let found: Vec<i64> =
                sqlx::query_scalar("SELECT id FROM series WHERE scope = ? AND client_by = ? AND client = ?")
                    .bind(part.scope)
                    .bind(by)
                    .bind(client)
                    .fetch_all(&mut *connection)
                    .await?;
            series.extend(found);
        }
    }
    // A pull's cursors may name it, in words that only the component knows.
    sqlx::query("DELETE FROM pull WHERE scope = ?").bind(part.scope).execute(&mut *connection).await?;
    for series in series.chunks(ROWS_PER_STATEMENT) {
        let kept: Vec<Option<f64>> =
            of_series("DELETE FROM record WHERE scope = ", part.scope, series, " RETURNING value")
                .build_query_scalar()
                .persistent(false)
                .fetch_all(&mut *connection)
                .await?;
        let observations = kept.iter().flatten().count() as u64;
        erased.observations += observations;
        erased.rejected += kept.len() as u64 - observations;
        let without_id: Vec<i64> =
            of_series("DELETE FROM rejected_without_id WHERE scope = ", part.scope, series, " RETURNING records")
                .build_query_scalar()
                .persistent(false)
                .fetch_all(&mut *connection)
                .await?;
        erased.rejected += without_id.iter().sum::<i64>().unsigned_abs();
        let mut months = of_series("DELETE FROM month WHERE scope = ", part.scope, series, "");
        erased.months += months.build().persistent(false).execute(&mut *connection).await?.rows_affected();
        let mut ids = QueryBuilder::<Sqlite>::new("DELETE FROM series WHERE id IN (");
        push_all(&mut ids, series);
        ids.build().persistent(false).execute(&mut *connection).await?;
    }
    for id in &part.ids {
        erased.source_clients += sqlx::query("DELETE FROM source_client WHERE scope = ? AND id = ?")
            .bind(part.scope)
            .bind(id)
            .execute(&mut *connection)
            .await?
            .rows_affected();
    }
    Ok(())
}

fn of_series(what: &'static str, scope: i64, series: &[i64], then: &'static str) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(what);
    query.push_bind(scope).push(" AND series IN (");
    push_all(&mut query, series);
    query.push(then);
    query
}

fn push_all(query: &mut QueryBuilder<Sqlite>, numbers: &[i64]) {
    let mut list = query.separated(", ");
    for number in numbers {
        list.push_bind(*number);
    }
    query.push(")");
}

/// Blanks what was written beside other clients' scores and names this one.
async fn blank_reasons(connection: &mut SqliteConnection, needles: &Needles) -> Result<u64, sqlx::Error> {
    let reasons: Vec<(i64, String)> =
        sqlx::query_as("SELECT id, reason FROM entry WHERE reason IS NOT NULL").fetch_all(&mut *connection).await?;
    let mut blanked = 0;
    for (id, _) in reasons.iter().filter(|(_, reason)| needles.stand_in(reason)) {
        blanked += sqlx::query("UPDATE entry SET reason = ? WHERE id = ?")
            .bind(BLANK)
            .bind(id)
            .execute(&mut *connection)
            .await?
            .rows_affected();
    }
    Ok(blanked)
}

async fn blank_paths(connection: &mut SqliteConnection, needles: &Needles) -> Result<u64, sqlx::Error> {
    let paths: Vec<String> = sqlx::query_scalar("SELECT DISTINCT path FROM access").fetch_all(&mut *connection).await?;
    let mut blanked = 0;
    for path in paths.iter().filter(|path| needles.stand_in_path(path)) {
        blanked += sqlx::query("UPDATE access SET path = ? WHERE path = ?")
            .bind(BLANK)
            .bind(path)
            .execute(&mut *connection)
            .await?
            .rows_affected();
    }
    Ok(blanked)
}

async fn blank_failures(connection: &mut SqliteConnection, needles: &Needles) -> Result<(), sqlx::Error> {
    let failures: Vec<(i64, String, String)> = sqlx::query_as(
        "SELECT scope, failure_message, failure_remedy FROM sync_record WHERE failure_message IS NOT NULL",
    )
    .fetch_all(&mut *connection)
    .await?;
    for (scope, message, remedy) in failures {
        if needles.stand_in(&message) || needles.stand_in(&remedy) {
            sqlx::query("UPDATE sync_record SET failure_message = ?, failure_remedy = ? WHERE scope = ?")
                .bind(format!("{BLANK}: it named a client"))
                .bind("run 'scoresheet sync' again")
                .bind(scope)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

/// An alert about another client or a provider may name it too: as what that one was perhaps meant to be.
async fn blank_alerts(connection: &mut SqliteConnection, needles: &Needles) -> Result<(), sqlx::Error> {
    let alerts: Vec<(i64, String, Option<String>, Option<String>)> =
        sqlx::query_as("SELECT id, message, resolution, note FROM alert").fetch_all(&mut *connection).await?;
    for (id, message, resolution, note) in alerts {
        let blanked = |text: String| if needles.stand_in(&text) { BLANK.to_owned() } else { text };
        let texts = [Some(&message), resolution.as_ref(), note.as_ref()];
        if texts.into_iter().flatten().any(|text| needles.stand_in(text)) {
            sqlx::query("UPDATE alert SET message = ?, resolution = ?, note = ? WHERE id = ?")
                .bind(blanked(message))
                .bind(resolution.map(blanked))
                .bind(note.map(blanked))
                .bind(id)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

/// Blanks what names the client; gives the numbers of the entries.
async fn blank_details(connection: &mut SqliteConnection, needles: &Needles) -> Result<Vec<i64>, sqlx::Error> {
    // Those that account for what is missing name nobody, and have to stay.
    let details: Vec<(i64, String)> =
        sqlx::query_as("SELECT seq, detail FROM audit WHERE detail IS NOT NULL AND action NOT IN (?, ?) ORDER BY seq")
            .bind(AuditAction::ClientErased.as_str())
            .bind(AuditAction::AuditPruned.as_str())
            .fetch_all(&mut *connection)
            .await?;
    let named: Vec<i64> =
        details.iter().filter(|(_, detail)| needles.stand_in_json(detail)).map(|(seq, _)| *seq).collect();
    for seq in &named {
        sqlx::query("UPDATE audit SET detail = NULL, nonce = NULL WHERE seq = ?")
            .bind(seq)
            .execute(&mut *connection)
            .await?;
    }
    Ok(named)
}

/// Whether something was erased whose bytes may still be there.
pub(super) async fn is_wipe_due(writer: &SqlitePool) -> Result<bool, StoreError> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM wipe_due)").fetch_one(writer).await.map_err(failed(WIPING))
}

/// Rewrites the file without the pages and parts of pages that were given up, and empties the log beside it; says
/// whether nothing is left, which it may be where somebody is reading.
pub(super) async fn wipe(writer: &SqlitePool) -> Result<bool, StoreError> {
    let failed = failed(WIPING);
    // It makes the whole store anew, which for once is too much to be kept in memory.
    sqlx::raw_sql("PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY")
        .execute(writer)
        .await
        .map_err(failed)?;
    let (busy, _, _): (i64, i64, i64) =
        sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(writer).await.map_err(failed)?;
    if busy == 0 {
        sqlx::query("DELETE FROM wipe_due").execute(writer).await.map_err(failed)?;
    }
    Ok(busy == 0)
}

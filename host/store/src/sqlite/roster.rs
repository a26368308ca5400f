//! The imported roster, and what persons decided about its clients.

use std::collections::HashSet;

use scoresheet_domain::{
    AuditAction, Client, ClientId, Instant, ProviderName, SourceId,
    mapping::{Decision, Verdict},
};
use scoresheet_engine::StoreError;
use serde_json::json;
use sqlx::{QueryBuilder, Sqlite, SqlitePool, Transaction};

use super::{
    audit,
    error::{damaged, failed},
    lease::Attribution,
    source::{ROWS_PER_STATEMENT, from_json, to_json},
};

const READING: &str = "reading the roster";
pub(super) const REPLACING: &str = "replacing the roster";
const READING_DECISIONS: &str = "reading decisions";
pub(super) const DECIDING: &str = "keeping a decision";
pub(super) const CLEARING: &str = "clearing decisions";

#[derive(sqlx::FromRow)]
struct ClientRow {
    id: String,
    name: String,
    kind: Option<String>,
    active: bool,
    domains: String,
    aliases: String,
    attributes: String,
}

pub(super) async fn clients(readers: &SqlitePool) -> Result<Vec<Client>, StoreError> {
    let rows: Vec<ClientRow> =
        sqlx::query_as("SELECT id, name, kind, active, domains, aliases, attributes FROM client ORDER BY id")
            .fetch_all(readers)
            .await
            .map_err(failed(READING))?;
    rows.into_iter()
        .map(|row| {
            Ok(Client {
                id: ClientId::new(row.id).map_err(|error| damaged(READING, error))?,
                name: row.name,
                kind: row.kind,
                active: row.active,
                domains: from_json(READING, &row.domains)?,
                aliases: from_json(READING, &row.aliases)?,
                attributes: from_json(READING, &row.attributes)?,
            })
        })
        .collect()
}

pub(super) async fn replace(
    (mut transaction, by): (Transaction<'static, Sqlite>, Attribution),
    clients: &[Client],
) -> Result<(), StoreError> {
    let failed = failed(REPLACING);
    let former: Vec<String> =
        sqlx::query_scalar("DELETE FROM client RETURNING id").fetch_all(&mut *transaction).await.map_err(failed)?;
    for chunk in clients.chunks(ROWS_PER_STATEMENT) {
        let mut rows = Vec::with_capacity(chunk.len());
        for client in chunk {
            let lists = (
                to_json(REPLACING, &client.domains)?,
                to_json(REPLACING, &client.aliases)?,
                to_json(REPLACING, &client.attributes)?,
            );
            rows.push((client, lists));
        }
        let mut insert =
            QueryBuilder::new("INSERT INTO client (id, name, kind, active, domains, aliases, attributes) ");
        insert.push_values(rows, |mut row, (client, (domains, aliases, attributes))| {
            row.push_bind(client.id.as_str())
                .push_bind(&client.name)
                .push_bind(client.kind.as_deref())
                .push_bind(client.active)
                .push_bind(domains)
                .push_bind(aliases)
                .push_bind(attributes);
        });
        insert.build().persistent(false).execute(&mut *transaction).await.map_err(failed)?;
    }
    let former: HashSet<&str> = former.iter().map(String::as_str).collect();
    let kept = clients.iter().filter(|client| former.contains(client.id.as_str())).count();
    let detail = json!({"clients": clients.len(), "new": clients.len() - kept, "gone": former.len() - kept});
    audit::append(&mut transaction, &by, AuditAction::RosterReplaced, "roster", &detail).await?;
    transaction.commit().await.map_err(failed)
}

pub(super) async fn decisions(readers: &SqlitePool, provider: &ProviderName) -> Result<Vec<Decision>, StoreError> {
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT client, source, verdict FROM decision WHERE provider = ? ORDER BY client, source")
            .bind(provider.as_str())
            .fetch_all(readers)
            .await
            .map_err(failed(READING_DECISIONS))?;
    rows.into_iter()
        .map(|(client, source, verdict)| {
            Ok(Decision {
                client: ClientId::new(client).map_err(|error| damaged(READING_DECISIONS, error))?,
                source: SourceId::new(source).map_err(|error| damaged(READING_DECISIONS, error))?,
                verdict: match verdict.as_str() {
                    "same" => Verdict::Same,
                    "different" => Verdict::Different,
                    _ => return Err(damaged(READING_DECISIONS, "a verdict that is none")),
                },
            })
        })
        .collect()
}

pub(super) async fn decide(
    (mut transaction, by): (Transaction<'static, Sqlite>, Attribution),
    provider: &ProviderName,
    decision: &Decision,
    at: Instant,
) -> Result<(), StoreError> {
    let failed = failed(DECIDING);
    let verdict = match decision.verdict {
        Verdict::Same => "same",
        Verdict::Different => "different",
    };
    sqlx::query("INSERT OR REPLACE INTO decision (provider, client, source, verdict, at_ms) VALUES (?, ?, ?, ?, ?)")
        .bind(provider.as_str())
        .bind(decision.client.as_str())
        .bind(decision.source.as_str())
        .bind(verdict)
        .bind(at.millis())
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    let detail = json!({"client": decision.client, "source": decision.source, "verdict": verdict});
    audit::append(&mut transaction, &by, AuditAction::DecisionSet, provider.as_str(), &detail).await?;
    transaction.commit().await.map_err(failed)
}

pub(super) async fn clear_decisions(
    (mut transaction, by): (Transaction<'static, Sqlite>, Attribution),
    client: &ClientId,
    provider: Option<&ProviderName>,
) -> Result<u64, StoreError> {
    let failed = failed(CLEARING);
    let cleared = sqlx::query("DELETE FROM decision WHERE client = ?1 AND (?2 IS NULL OR provider = ?2)")
        .bind(client.as_str())
        .bind(provider.map(ProviderName::as_str))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?
        .rows_affected();
    if cleared > 0 {
        let subject = provider.map_or("every provider", ProviderName::as_str);
        let detail = json!({"client": client, "decisions": cleared});
        audit::append(&mut transaction, &by, AuditAction::DecisionsCleared, subject, &detail).await?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(cleared)
}

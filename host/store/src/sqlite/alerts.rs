//! Alerts and what is to be told of them: fired and resolved in one transaction with their entries and deliveries.

use std::{collections::HashMap, fmt::Display};

use async_trait::async_trait;
use hmac::{Hmac, Mac as _};
use scoresheet_domain::{
    AuditAction, ChannelName, ClientId, Instant, MetricId, ProviderName, RuleId,
    alert::{Acknowledgement, Alert, AlertId, AlertKind, DeliveryEvent, DeliveryState, Finding, Step, Target},
};
use scoresheet_engine::{
    AlertChanges, AlertRecord, Alerts, Delivery, DeliveryId, DeliveryOutcome, DueDelivery, StoreError,
};
use serde_json::json;
use sha2::Sha256;
use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::{
    SqliteStore, audit, erase,
    error::{damaged, failed},
    lease::Attribution,
};

const READING: &str = "reading alerts";
const APPLYING: &str = "keeping alerts";
const ACKNOWLEDGING: &str = "keeping that an alert was seen";
const DELIVERING: &str = "keeping how an alert was told";

/// To what the audit log says that these things were done; which alert, and of whom, stands in the detail.
const SUBJECT: &str = "alerts";

/// Bytes of the digest that makes a notice's id unlike any other store's.
const NOTICE_BYTES: usize = 8;

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    rule: String,
    kind: String,
    key: String,
    client: Option<String>,
    metric: Option<String>,
    provider: Option<String>,
    message: String,
    fired_ms: i64,
    resolved_ms: Option<i64>,
    resolution: Option<String>,
    acknowledged_ms: Option<i64>,
    acknowledged_by: Option<String>,
    note: Option<String>,
}

impl Row {
    fn alert(self) -> Result<Alert, StoreError> {
        let at = Instant::from_millis;
        Ok(Alert {
            id: AlertId(self.id),
            rule: RuleId::new(self.rule).map_err(wrong)?,
            kind: AlertKind::parse(&self.kind).ok_or_else(|| wrong("an alert of a kind that is none"))?,
            key: self.key,
            target: Target {
                client: self.client.map(ClientId::new).transpose().map_err(wrong)?,
                metric: self.metric.map(MetricId::new).transpose().map_err(wrong)?,
                provider: self.provider.map(ProviderName::new).transpose().map_err(wrong)?,
            },
            message: self.message,
            fired: at(self.fired_ms),
            resolved: self.resolved_ms.map(|ms| (at(ms), self.resolution.unwrap_or_default())),
            acknowledged: self.acknowledged_ms.map(|ms| Acknowledgement {
                at: at(ms),
                by: self.acknowledged_by.unwrap_or_default(),
                note: self.note,
            }),
        })
    }
}

fn wrong(what: impl Display) -> StoreError {
    damaged(READING, what)
}

async fn one(connection: &mut SqliteConnection, id: i64) -> Result<Option<Alert>, StoreError> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM alert WHERE id = ?")
        .bind(id)
        .fetch_optional(connection)
        .await
        .map_err(failed(READING))?;
    row.map(Row::alert).transpose()
}

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    alert: i64,
    event: String,
    channel: String,
    state: String,
    attempts: i64,
    next_ms: i64,
    sent_ms: Option<i64>,
    error: Option<String>,
}

impl DeliveryRow {
    fn delivery(self) -> Result<Delivery, StoreError> {
        Ok(Delivery {
            event: event(&self.event)?,
            channel: ChannelName::new(self.channel).map_err(wrong)?,
            state: DeliveryState::parse(&self.state).ok_or_else(|| wrong("a delivery in a state that is none"))?,
            attempts: u32::try_from(self.attempts).map_err(wrong)?,
            next: Instant::from_millis(self.next_ms),
            sent: self.sent_ms.map(Instant::from_millis),
            error: self.error,
        })
    }
}

fn event(word: &str) -> Result<DeliveryEvent, StoreError> {
    DeliveryEvent::parse(word).ok_or_else(|| wrong("a delivery of an event that is none"))
}

#[async_trait]
impl Alerts for SqliteStore {
    #[tracing::instrument(name = "store.open_alerts", level = "debug", skip_all)]
    async fn open_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as("SELECT * FROM alert WHERE resolved_ms IS NULL ORDER BY id")
            .fetch_all(&self.readers)
            .await
            .map_err(failed(READING))?;
        rows.into_iter().map(Row::alert).collect()
    }

    #[tracing::instrument(name = "store.alerts", level = "debug", skip_all)]
    async fn alerts(&self, all: bool, limit: u32) -> Result<Vec<AlertRecord>, StoreError> {
        let mut transaction = self.read(READING).await?;
        let rows: Vec<Row> =
            sqlx::query_as("SELECT * FROM alert WHERE ?1 OR resolved_ms IS NULL ORDER BY id DESC LIMIT ?2")
                .bind(all)
                .bind(limit)
                .fetch_all(&mut *transaction)
                .await
                .map_err(failed(READING))?;
        let oldest = rows.last().map_or(i64::MAX, |row| row.id);
        let told: Vec<DeliveryRow> = sqlx::query_as(
            "SELECT alert, event, channel, state, attempts, next_ms, sent_ms, error FROM delivery WHERE alert >= ?
             ORDER BY id",
        )
        .bind(oldest)
        .fetch_all(&mut *transaction)
        .await
        .map_err(failed(READING))?;
        let mut by_alert: HashMap<i64, Vec<Delivery>> = HashMap::new();
        for row in told {
            by_alert.entry(row.alert).or_default().push(row.delivery()?);
        }
        rows.into_iter()
            .map(|row| {
                let deliveries = by_alert.remove(&row.id).unwrap_or_default();
                Ok(AlertRecord { alert: row.alert()?, deliveries })
            })
            .collect()
    }

    #[tracing::instrument(name = "store.apply_alerts", level = "debug", skip_all, fields(fire = step.fire.len(), resolve = step.resolve.len()))]
    async fn apply_alerts(&self, step: &Step, now: Instant) -> Result<AlertChanges, StoreError> {
        let (mut transaction, by) = self.write_by(APPLYING).await?;
        let mut changes = AlertChanges::default();
        // What is over first: the same thing may begin anew in the same step.
        for (id, words) in &step.resolve {
            changes.resolved.extend(resolve(&mut transaction, &by, *id, words, now).await?);
        }
        for finding in &step.fire {
            changes.fired.extend(fire(&mut transaction, &by, finding, now).await?);
        }
        transaction.commit().await.map_err(failed(APPLYING))?;
        Ok(changes)
    }

    #[tracing::instrument(name = "store.acknowledge_alert", level = "debug", skip_all, fields(%id))]
    async fn acknowledge_alert(
        &self,
        id: AlertId,
        note: Option<&str>,
        now: Instant,
    ) -> Result<Option<Alert>, StoreError> {
        let (mut transaction, by) = self.write_by(ACKNOWLEDGING).await?;
        sqlx::query("UPDATE alert SET acknowledged_ms = ?, acknowledged_by = ?, note = ? WHERE id = ?")
            .bind(now.millis())
            .bind(&by.actor)
            .bind(note)
            .bind(id.0)
            .execute(&mut *transaction)
            .await
            .map_err(failed(ACKNOWLEDGING))?;
        let Some(alert) = one(&mut transaction, id.0).await? else { return Ok(None) };
        let detail = json!({"alert": id, "rule": alert.rule, "client": alert.target.client, "note": note});
        audit::append(&mut transaction, &by, AuditAction::AlertAcknowledged, SUBJECT, &detail).await?;
        transaction.commit().await.map_err(failed(ACKNOWLEDGING))?;
        Ok(Some(alert))
    }

    #[tracing::instrument(name = "store.due_deliveries", level = "debug", skip_all)]
    async fn due_deliveries(&self, now: Instant, limit: u32) -> Result<Vec<DueDelivery>, StoreError> {
        let mut transaction = self.read(READING).await?;
        let due: Vec<(i64, i64, String, String, i64)> = sqlx::query_as(
            "SELECT id, alert, event, channel, attempts FROM delivery AS it
             WHERE state = 'due' AND next_ms <= ?1 AND NOT (event = 'resolved' AND EXISTS (
                 SELECT 1 FROM delivery AS first
                 WHERE first.alert = it.alert AND first.channel = it.channel AND first.event = 'fired'
                   AND first.state = 'due' AND first.next_ms > ?1))
             ORDER BY id LIMIT ?2",
        )
        .bind(now.millis())
        .bind(limit)
        .fetch_all(&mut *transaction)
        .await
        .map_err(failed(READING))?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let salt = erase::salt(&mut transaction).await?;
        let mut deliveries = Vec::with_capacity(due.len());
        for (id, alert, word, channel, attempts) in due {
            let alert =
                one(&mut transaction, alert).await?.ok_or_else(|| wrong("a delivery of an alert that is not there"))?;
            let event = event(&word)?;
            deliveries.push(DueDelivery {
                id: DeliveryId(id),
                notice: notice(&salt, &alert, event),
                alert,
                event,
                channel: ChannelName::new(channel).map_err(wrong)?,
                attempts: u32::try_from(attempts).map_err(wrong)?,
            });
        }
        Ok(deliveries)
    }

    #[tracing::instrument(name = "store.begin_delivery", level = "debug", skip_all)]
    async fn begin_delivery(&self, id: DeliveryId, next: Instant) -> Result<bool, StoreError> {
        let mut transaction = self.write(DELIVERING).await?;
        let begun =
            sqlx::query("UPDATE delivery SET attempts = attempts + 1, next_ms = ? WHERE id = ? AND state = 'due'")
                .bind(next.millis())
                .bind(id.0)
                .execute(&mut *transaction)
                .await
                .map_err(failed(DELIVERING))?
                .rows_affected();
        transaction.commit().await.map_err(failed(DELIVERING))?;
        Ok(begun > 0)
    }

    #[tracing::instrument(name = "store.end_delivery", level = "debug", skip_all)]
    async fn end_delivery(&self, id: DeliveryId, outcome: &DeliveryOutcome) -> Result<(), StoreError> {
        let mut transaction = self.write(DELIVERING).await?;
        let (state, next, sent, error) = match outcome {
            DeliveryOutcome::Sent(at) => (DeliveryState::Sent, None, Some(at.millis()), None),
            DeliveryOutcome::Later(next, why) => (DeliveryState::Due, Some(next.millis()), None, Some(why)),
            DeliveryOutcome::GivenUp(why) => (DeliveryState::GivenUp, None, None, Some(why)),
        };
        sqlx::query(
            "UPDATE delivery SET state = ?, next_ms = coalesce(?, next_ms), sent_ms = ?, error = ?
             WHERE id = ? AND state = 'due'",
        )
        .bind(state.as_str())
        .bind(next)
        .bind(sent)
        .bind(error)
        .bind(id.0)
        .execute(&mut *transaction)
        .await
        .map_err(failed(DELIVERING))?;
        transaction.commit().await.map_err(failed(DELIVERING))
    }
}

/// Fires, unless it is open already.
async fn fire(
    transaction: &mut Transaction<'static, Sqlite>,
    by: &Attribution,
    finding: &Finding,
    now: Instant,
) -> Result<Option<Alert>, StoreError> {
    let failed = failed(APPLYING);
    let Target { client, metric, provider } = &finding.target;
    let id: Option<i64> = sqlx::query_scalar(
        "INSERT INTO alert (rule, kind, key, client, metric, provider, message, fired_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind(finding.rule.as_str())
    .bind(finding.kind.as_str())
    .bind(&finding.key)
    .bind(client.as_ref().map(ClientId::as_str))
    .bind(metric.as_ref().map(MetricId::as_str))
    .bind(provider.as_ref().map(ProviderName::as_str))
    .bind(&finding.message)
    .bind(now.millis())
    .fetch_optional(&mut **transaction)
    .await
    .map_err(failed)?;
    let Some(id) = id else { return Ok(None) };
    for channel in &finding.channels {
        sqlx::query("INSERT INTO delivery (alert, event, channel, state, next_ms) VALUES (?, 'fired', ?, 'due', ?)")
            .bind(id)
            .bind(channel.as_str())
            .bind(now.millis())
            .execute(&mut **transaction)
            .await
            .map_err(failed)?;
    }
    let detail = json!({
        "alert": id,
        "rule": finding.rule,
        "client": client,
        "metric": metric,
        "provider": provider,
        "message": finding.message,
    });
    audit::append(transaction, by, AuditAction::AlertFired, SUBJECT, &detail).await?;
    one(transaction, id).await
}

/// Resolves, unless it is not open.
async fn resolve(
    transaction: &mut Transaction<'static, Sqlite>,
    by: &Attribution,
    id: AlertId,
    words: &str,
    now: Instant,
) -> Result<Option<Alert>, StoreError> {
    let failed = failed(APPLYING);
    let resolved = sqlx::query("UPDATE alert SET resolved_ms = ?, resolution = ? WHERE id = ? AND resolved_ms IS NULL")
        .bind(now.millis())
        .bind(words)
        .bind(id.0)
        .execute(&mut **transaction)
        .await
        .map_err(failed)?
        .rows_affected();
    if resolved == 0 {
        return Ok(None);
    }
    sqlx::query(
        "INSERT INTO delivery (alert, event, channel, state, next_ms)
         SELECT alert, 'resolved', channel, 'due', ? FROM delivery WHERE alert = ? AND event = 'fired' ORDER BY id",
    )
    .bind(now.millis())
    .bind(id.0)
    .execute(&mut **transaction)
    .await
    .map_err(failed)?;
    let Some(alert) = one(transaction, id.0).await? else { return Ok(None) };
    let detail = json!({"alert": id, "rule": alert.rule, "client": alert.target.client, "message": words});
    audit::append(transaction, by, AuditAction::AlertResolved, SUBJECT, &detail).await?;
    Ok(Some(alert))
}

/// The id of an event. A number alone may be another store's too, and that of an erased alert may be given again.
fn notice(salt: &[u8; 32], alert: &Alert, event: DeliveryEvent) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt).expect("a key of any length will do");
    mac.update(b"alert:");
    mac.update(&alert.id.0.to_le_bytes());
    mac.update(&alert.fired.millis().to_le_bytes());
    let digest = mac.finalize().into_bytes();
    let hex: String = digest.iter().take(NOTICE_BYTES).map(|byte| format!("{byte:02x}")).collect();
    format!("scoresheet-alert-{}-{}-{hex}", alert.id, event.as_str())
}

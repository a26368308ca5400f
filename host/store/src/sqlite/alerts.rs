//! Alerts and their deliveries. Firing and resolving are one transaction with the audit entries and deliveries.

use std::collections::HashMap;

use hmac::{Hmac, Mac as _};
use rusqlite::{Connection, Row, params};
use scoresheet_domain::{
    AuditAction, ChannelName, ClientId, Instant, MetricId, ProviderName, RuleId,
    alert::{Acknowledgement, Alert, AlertId, AlertKind, DeliveryEvent, DeliveryState, Finding, Step, Target},
};
use scoresheet_engine::{AlertChanges, AlertRecord, Attribution, Delivery, DeliveryId, DeliveryUpdate, DueDelivery};
use serde_json::json;
use sha2::Sha256;

use super::{
    audit,
    error::{Failed, damaged},
    query::{all, column, execute, first, tuple},
    usage,
};
use crate::sql;

/// The subject of alerts' audit entries; which alert, and of which client, is in the detail.
const SUBJECT: &str = "alerts";

/// Bytes of the digest that makes a notice's id unlike any other store's.
const NOTICE_BYTES: usize = 8;

fn alert(row: &Row<'_>) -> Result<Alert, Failed> {
    let text = |index| Ok::<_, Failed>(row.get::<_, Option<String>>(index)?);
    let at = |index| Ok::<_, Failed>(row.get::<_, Option<i64>>(index)?.map(Instant::from_millis));
    let kind: String = row.get(2)?;
    let resolution = text(10)?.unwrap_or_default();
    let (by, note) = (text(12)?.unwrap_or_default(), text(13)?);
    Ok(Alert {
        id: AlertId(row.get(0)?),
        rule: RuleId::new(row.get::<_, String>(1)?).map_err(damaged)?,
        kind: AlertKind::parse(&kind).ok_or_else(|| damaged(format!("an alert of kind {kind}")))?,
        key: row.get(3)?,
        target: Target {
            client: text(4)?.map(ClientId::new).transpose().map_err(damaged)?,
            metric: text(5)?.map(MetricId::new).transpose().map_err(damaged)?,
            provider: text(6)?.map(ProviderName::new).transpose().map_err(damaged)?,
        },
        message: row.get(7)?,
        fired: Instant::from_millis(row.get(8)?),
        resolved: at(9)?.map(|at| (at, resolution)),
        acknowledged: at(11)?.map(|at| Acknowledgement { at, by, note }),
    })
}

fn one(connection: &Connection, id: i64) -> Result<Option<Alert>, Failed> {
    first(connection, sql::ALERT, params![id], alert)
}

fn event(word: &str) -> Result<DeliveryEvent, Failed> {
    DeliveryEvent::parse(word).ok_or_else(|| damaged(format!("a delivery of event {word}")))
}

fn attempts(count: i64) -> Result<u32, Failed> {
    u32::try_from(count).map_err(damaged)
}

/// With the alert's id.
fn delivery(row: &Row<'_>) -> Result<(i64, Delivery), Failed> {
    let state: String = row.get(3)?;
    let delivery = Delivery {
        event: event(&row.get::<_, String>(1)?)?,
        channel: ChannelName::new(row.get::<_, String>(2)?).map_err(damaged)?,
        state: DeliveryState::parse(&state).ok_or_else(|| damaged(format!("a delivery in state {state}")))?,
        attempts: attempts(row.get(4)?)?,
        next: Instant::from_millis(row.get(5)?),
        sent: row.get::<_, Option<i64>>(6)?.map(Instant::from_millis),
        error: row.get(7)?,
    };
    Ok((row.get(0)?, delivery))
}

pub(super) fn records(connection: &Connection, closed: bool, limit: u32) -> Result<Vec<AlertRecord>, Failed> {
    let alerts = all(connection, sql::ALERTS, params![closed, limit], alert)?;
    let oldest = alerts.last().map_or(i64::MAX, |alert| alert.id.0);
    let mut by_alert: HashMap<i64, Vec<Delivery>> = HashMap::new();
    for (alert, delivery) in all(connection, sql::DELIVERIES, params![oldest], delivery)? {
        by_alert.entry(alert).or_default().push(delivery);
    }
    let record = |alert: Alert| AlertRecord { deliveries: by_alert.remove(&alert.id.0).unwrap_or_default(), alert };
    Ok(alerts.into_iter().map(record).collect())
}

pub(super) fn apply(connection: &Connection, by: &Attribution, step: &Step) -> Result<AlertChanges, Failed> {
    let mut changes = AlertChanges::default();
    // Resolved first: the same alert may fire again in the same step.
    for (id, words) in &step.resolve {
        changes.resolved.extend(resolve(connection, by, *id, words)?);
    }
    for finding in &step.fire {
        changes.fired.extend(fire(connection, by, finding)?);
    }
    Ok(changes)
}

/// False where there is no such alert.
pub(super) fn acknowledge(
    connection: &Connection,
    by: &Attribution,
    id: AlertId,
    note: Option<&str>,
) -> Result<bool, Failed> {
    execute(connection, sql::ACKNOWLEDGE_ALERT, params![by.at.millis(), by.actor, note, id.0])?;
    let Some(alert) = one(connection, id.0)? else { return Ok(false) };
    let detail = json!({"alert": id, "rule": alert.rule, "client": alert.target.client, "note": note});
    audit::append(connection, by, AuditAction::AlertAcknowledged, SUBJECT, &detail)?;
    Ok(true)
}

pub(super) fn due(connection: &Connection, now: Instant, limit: u32) -> Result<Vec<DueDelivery>, Failed> {
    let due: Vec<(i64, i64, String, String, i64)> =
        all(connection, sql::DUE_DELIVERIES, params![now.millis(), limit], tuple)?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let salt = usage::salt(connection)?;
    due.into_iter()
        .map(|(id, alert, word, channel, count)| {
            let alert = one(connection, alert)?.ok_or_else(|| damaged("a delivery without an alert"))?;
            let event = event(&word)?;
            Ok(DueDelivery {
                id: DeliveryId(id),
                notice: notice(&salt, &alert, event),
                alert,
                event,
                channel: ChannelName::new(channel).map_err(damaged)?,
                attempts: attempts(count)?,
            })
        })
        .collect()
}

/// False where it is not due, or where another number of attempts was begun.
pub(super) fn update_delivery(
    connection: &Connection,
    id: DeliveryId,
    attempts: u32,
    update: &DeliveryUpdate,
) -> Result<bool, Failed> {
    let (state, next, sent, error) = match update {
        DeliveryUpdate::Begin { next } => {
            return Ok(execute(connection, sql::BEGIN_DELIVERY, params![id.0, attempts, next.millis()])? > 0);
        }
        DeliveryUpdate::Sent(at) => (DeliveryState::Sent, None, Some(at.millis()), None),
        DeliveryUpdate::Retry(next, why) => (DeliveryState::Due, Some(next.millis()), None, Some(why)),
        DeliveryUpdate::GivenUp(why) => (DeliveryState::GivenUp, None, None, Some(why)),
    };
    let row = params![id.0, attempts, state.as_str(), next, sent, error];
    Ok(execute(connection, sql::END_DELIVERY, row)? > 0)
}

/// Fires, unless it is open already.
fn fire(connection: &Connection, by: &Attribution, finding: &Finding) -> Result<Option<Alert>, Failed> {
    let Target { client, metric, provider } = &finding.target;
    let id: Option<i64> = first(
        connection,
        sql::FIRE_ALERT,
        params![
            finding.rule.as_str(),
            finding.kind.as_str(),
            finding.key,
            client.as_ref().map(ClientId::as_str),
            metric.as_ref().map(MetricId::as_str),
            provider.as_ref().map(ProviderName::as_str),
            finding.message,
            by.at.millis()
        ],
        column,
    )?;
    let Some(id) = id else { return Ok(None) };
    for channel in &finding.channels {
        execute(connection, sql::ADD_DELIVERY, params![id, channel.as_str(), by.at.millis()])?;
    }
    let detail = json!({
        "alert": id,
        "rule": finding.rule,
        "client": client,
        "metric": metric,
        "provider": provider,
        "message": finding.message,
    });
    audit::append(connection, by, AuditAction::AlertFired, SUBJECT, &detail)?;
    one(connection, id)
}

/// Resolves, unless it is not open.
fn resolve(connection: &Connection, by: &Attribution, id: AlertId, words: &str) -> Result<Option<Alert>, Failed> {
    if execute(connection, sql::RESOLVE_ALERT, params![by.at.millis(), words, id.0])? == 0 {
        return Ok(None);
    }
    execute(connection, sql::ADD_RESOLVED_DELIVERIES, params![by.at.millis(), id.0])?;
    let Some(alert) = one(connection, id.0)? else { return Ok(None) };
    let detail = json!({"alert": id, "rule": alert.rule, "client": alert.target.client, "message": words});
    audit::append(connection, by, AuditAction::AlertResolved, SUBJECT, &detail)?;
    Ok(Some(alert))
}

/// The id of an event. A number alone may be another store's too, and an erased alert's may be assigned again.
fn notice(salt: &[u8; 32], alert: &Alert, event: DeliveryEvent) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt).expect("HMAC takes keys of any length");
    mac.update(b"alert:");
    mac.update(&alert.id.0.to_le_bytes());
    mac.update(&alert.fired.millis().to_le_bytes());
    let digest = mac.finalize().into_bytes();
    let hex: String = digest.iter().take(NOTICE_BYTES).map(|byte| format!("{byte:02x}")).collect();
    format!("scoresheet-alert-{}-{}-{hex}", alert.id, event.as_str())
}

//! Alerts: firing and resolving what a sheet shows, telling it, and a person's word that they have seen it.
//!
//! **Told at least once, under one id.** A try is counted, and the next one put off, before anything is sent. Whoever
//! dies between sending and writing that down leaves a delivery that is tried again; and so does an answer that never
//! came, of which nobody knows whether it was a yes. Both carry the id of the first try, by which a receiver tells a
//! repeat. What a channel has answered with a yes is never sent again.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    engine::Engine,
    error::EngineError,
    ports::{AlertRecord, AlertStore, Courier, DeliveryError, DeliveryUpdate, DueDelivery, StoreError, UserChange},
};
use futures_util::future::try_join_all;
use scoresheet_domain::{
    ChannelName, Instant,
    alert::{Alert, AlertId, Backoff, DeliveryEvent, Notice, Rule, evaluate, one_line, step},
    sheet::Scoresheet,
};

/// Deliveries per call; the others wait for the next one.
const MAX_DELIVERIES: u32 = 500;

/// So long a channel is waited for in one go, where it asks for that.
const PATIENCE: Duration = Duration::from_secs(60);

/// So many alerts are listed at most.
const LISTED: u32 = 1_000;

/// What rules came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertReport {
    /// What is new.
    pub fired: Vec<Alert>,
    /// What is over.
    pub resolved: Vec<Alert>,
    /// How many are open now.
    pub open: usize,
}

/// A delivery that did not go well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryProblem {
    /// The alert.
    pub alert: AlertId,
    /// What of it was to be told.
    pub event: DeliveryEvent,
    /// Where.
    pub channel: ChannelName,
    /// What went wrong, without a secret.
    pub why: String,
    /// When it is tried again; none where it was given up.
    pub again: Option<Instant>,
}

/// What telling came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryReport {
    /// How many the channels took.
    pub sent: usize,
    /// Those that did not go well.
    pub problems: Vec<DeliveryProblem>,
    /// How many were not tried, because their channel did not take one before them. They are due at the next go.
    pub waiting: usize,
}

impl Engine {
    pub(crate) fn alert_store(&self) -> &dyn AlertStore {
        &*self.store
    }

    /// Holds the rules against a sheet, which must be of every client, and keeps what is new and what is over. What is
    /// to be told is not sent yet: [`Engine::deliver_due`] does.
    ///
    /// # Errors
    /// [`EngineError::Store`] where the store fails; then nothing was fired or resolved.
    pub async fn alert(&self, sheet: &Scoresheet, rules: &[Rule], now: Instant) -> Result<AlertReport, EngineError> {
        let evaluation = evaluate(rules, sheet);
        let store = self.alert_store();
        let open: Vec<Alert> = store.alerts(false, u32::MAX).await?.into_iter().rev().map(|it| it.alert).collect();
        if step(&open, &evaluation).is_empty() {
            return Ok(AlertReport { open: open.len(), ..AlertReport::default() });
        }
        // An alert that another process fired or resolved meanwhile is left as it is, in the store's transaction.
        let changes = store.apply_alerts(&self.attribution(now), &step(&open, &evaluation)).await?;
        let left = open.len() + changes.fired.len() - changes.resolved.len();
        Ok(AlertReport { fired: changes.fired, resolved: changes.resolved, open: left })
    }

    /// The alerts that are open, or the newest of all, newest first.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn alerts(&self, all: bool) -> Result<Vec<AlertRecord>, EngineError> {
        Ok(self.alert_store().alerts(all, LISTED).await?)
    }

    /// Acknowledges an alert, in the name of the user for whom the engine acts.
    ///
    /// # Errors
    /// [`EngineError::UnknownAlert`], or [`EngineError::Store`] if the store fails.
    pub async fn acknowledge(&self, id: AlertId, note: Option<&str>, now: Instant) -> Result<Alert, EngineError> {
        let note = note.map(one_line).filter(|note| !note.is_empty());
        let acknowledged = self.apply(UserChange::AcknowledgeAlert(id, note), now).await?;
        let records = match acknowledged {
            Some(_) => self.alert_store().alerts(true, u32::MAX).await?,
            None => Vec::new(),
        };
        let alert = records.into_iter().map(|record| record.alert).find(|alert| alert.id == id);
        alert.ok_or(EngineError::UnknownAlert(id))
    }

    /// Delivers what is due: channels in parallel, each in the order in which its events happened. A channel that does
    /// not accept one now is not tried again before the next call, so that one that is down costs one attempt.
    ///
    /// # Errors
    /// [`EngineError::Store`] if the store fails; what was sent before stays so. What a channel does not accept is in
    /// the report.
    pub async fn deliver_due(&self, courier: &dyn Courier, now: Instant) -> Result<DeliveryReport, EngineError> {
        let mut by_channel: BTreeMap<ChannelName, Vec<DueDelivery>> = BTreeMap::new();
        for due in self.alert_store().due_deliveries(now, MAX_DELIVERIES).await? {
            by_channel.entry(due.channel.clone()).or_default().push(due);
        }
        let told = by_channel.into_values().map(|due| self.deliver_to_one(courier, due, now));
        let mut report = DeliveryReport::default();
        for part in try_join_all(told).await? {
            report.sent += part.sent;
            report.waiting += part.waiting;
            report.problems.extend(part.problems);
        }
        Ok(report)
    }

    async fn deliver_to_one(
        &self,
        courier: &dyn Courier,
        due: Vec<DueDelivery>,
        now: Instant,
    ) -> Result<DeliveryReport, StoreError> {
        let store = self.alert_store();
        let mut report = DeliveryReport::default();
        let mut patience = PATIENCE;
        let mut left = due.into_iter();
        for due in left.by_ref() {
            let happened = happened(&due);
            let mut attempts = due.attempts;
            // When the next attempt is due, should this one never end; after the last one, nobody looks any more.
            let next = match Backoff::after(attempts + 1, happened, now, None) {
                Backoff::At(next) => next,
                Backoff::GiveUp => now.plus_days(1),
            };
            let begin = DeliveryUpdate::Begin { next };
            if !store.update_delivery(due.id, attempts, &begin).await? {
                continue;
            }
            attempts += 1;
            let notice = self.notice(&due);
            let mut told = courier.deliver(&notice).await;
            // A channel with a rate limit says how long to wait. Whoever runs once a day cannot leave that to the next run.
            if let Err(DeliveryError::Later { after_secs: Some(asked), .. }) = told
                && let Some(left) = patience.checked_sub(Duration::from_secs(asked))
                && store.update_delivery(due.id, attempts, &begin).await?
            {
                patience = left;
                attempts += 1;
                tokio::time::sleep(Duration::from_secs(asked)).await;
                told = courier.deliver(&notice).await;
            }
            let again = |asked| Backoff::after(attempts, happened, now, asked);
            let (update, again) = match told {
                Ok(()) => {
                    store.update_delivery(due.id, attempts, &DeliveryUpdate::Sent(now)).await?;
                    report.sent += 1;
                    continue;
                }
                Err(DeliveryError::Later { why, after_secs }) => match again(after_secs) {
                    Backoff::At(next) => (DeliveryUpdate::Retry(next, why), Some(next)),
                    Backoff::GiveUp => (DeliveryUpdate::GivenUp(why), None),
                },
                Err(DeliveryError::Never(why)) => (DeliveryUpdate::GivenUp(why), None),
            };
            store.update_delivery(due.id, attempts, &update).await?;
            let (DeliveryUpdate::Retry(_, why) | DeliveryUpdate::GivenUp(why)) = update else { continue };
            tracing::warn!(channel = %due.channel, alert = %due.alert.id, %why, given_up = again.is_none(), "not told");
            report.problems.push(DeliveryProblem {
                alert: due.alert.id,
                event: due.event,
                channel: due.channel,
                why,
                again,
            });
            if again.is_some() {
                break;
            }
        }
        report.waiting = left.len();
        Ok(report)
    }

    fn notice(&self, due: &DueDelivery) -> Notice {
        let alert = &due.alert;
        Notice {
            id: due.notice.clone(),
            event: due.event,
            sheet: self.sheet.name.clone(),
            alert: alert.id,
            rule: alert.rule.clone(),
            kind: alert.kind,
            target: alert.target.clone(),
            message: alert.message.clone(),
            fired: alert.fired,
            resolved: alert.resolved.clone().filter(|_| due.event == DeliveryEvent::Resolved),
            channel: due.channel.clone(),
        }
    }
}

/// When what is to be told came about.
fn happened(due: &DueDelivery) -> Instant {
    match (due.event, &due.alert.resolved) {
        (DeliveryEvent::Resolved, Some((at, _))) => *at,
        _ => due.alert.fired,
    }
}

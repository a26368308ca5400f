//! `alerts`.

use schemars::JsonSchema;
use scoresheet_domain::{
    ChannelName, ClientId, Instant, MetricId, ProviderName, RuleId,
    alert::{self, AlertKind, DeliveryEvent, DeliveryState},
};
use scoresheet_engine::{AlertRecord, DeliveryProblem};
use serde::Serialize;

use crate::AlertCheck;

/// An alert.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Alert {
    /// Number within the store.
    pub id: i64,
    /// Rule that fired it.
    pub rule: RuleId,
    /// Kind of rule.
    #[schemars(with = "String")]
    pub kind: AlertKind,
    /// Client it concerns.
    pub client: Option<ClientId>,
    /// Metric it concerns.
    pub metric: Option<MetricId>,
    /// Provider it concerns.
    pub provider: Option<ProviderName>,
    /// What was found.
    pub message: String,
    /// When it fired.
    pub fired_at: Instant,
    /// When it was resolved.
    pub resolved_at: Option<Instant>,
    /// What resolved it.
    pub resolution: Option<String>,
    /// Who acknowledged it.
    pub acknowledged: Option<Acknowledgement>,
}

/// The acknowledgement of an alert.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Acknowledgement {
    /// When.
    pub at: Instant,
    /// Who.
    pub by: String,
    /// Note of that user.
    pub note: Option<String>,
}

impl From<alert::Alert> for Alert {
    fn from(alert: alert::Alert) -> Self {
        let (resolved_at, resolution) = alert.resolved.unzip();
        Self {
            id: alert.id.0,
            rule: alert.rule,
            kind: alert.kind,
            client: alert.target.client,
            metric: alert.target.metric,
            provider: alert.target.provider,
            message: alert.message,
            fired_at: alert.fired,
            resolved_at,
            resolution,
            acknowledged: alert.acknowledged.map(|seen| Acknowledgement { at: seen.at, by: seen.by, note: seen.note }),
        }
    }
}

/// `alerts list`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct List {
    /// The alerts with their deliveries.
    pub alerts: Vec<DeliveredAlert>,
}

/// An alert with its deliveries.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DeliveredAlert {
    /// The alert.
    #[serde(flatten)]
    pub alert: Alert,
    /// A delivery for each channel and event.
    pub deliveries: Vec<Delivery>,
}

/// The delivery of an alert to a channel.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Delivery {
    /// `fired` or `resolved`.
    #[schemars(with = "String")]
    pub event: DeliveryEvent,
    /// The channel.
    pub channel: ChannelName,
    /// `due`, `sent` or `given-up`.
    #[schemars(with = "String")]
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: u32,
    /// Time of the next attempt, if it is due.
    pub next_at: Option<Instant>,
    /// When the channel accepted it.
    pub sent_at: Option<Instant>,
    /// Error of the last attempt.
    pub error: Option<String>,
}

impl From<Vec<AlertRecord>> for List {
    fn from(records: Vec<AlertRecord>) -> Self {
        let alerts = records.into_iter().map(|record| DeliveredAlert {
            alert: record.alert.into(),
            deliveries: record
                .deliveries
                .into_iter()
                .map(|it| Delivery {
                    event: it.event,
                    channel: it.channel,
                    state: it.state,
                    attempts: it.attempts,
                    next_at: (it.state == DeliveryState::Due).then_some(it.next),
                    sent_at: it.sent,
                    error: it.error,
                })
                .collect(),
        });
        Self { alerts: alerts.collect() }
    }
}

/// `alerts check`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Check {
    /// Alerts that fired.
    pub fired: Vec<Alert>,
    /// Alerts that were resolved.
    pub resolved: Vec<Alert>,
    /// How many alerts are open.
    pub open: usize,
    /// How many notifications were sent.
    pub told: usize,
    /// How many notifications wait for a channel that failed.
    pub waiting: usize,
    /// Notifications that failed.
    pub not_told: Vec<FailedDelivery>,
}

/// A notification that failed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FailedDelivery {
    /// Number of the alert.
    pub alert: i64,
    /// `fired` or `resolved`.
    #[schemars(with = "String")]
    pub event: DeliveryEvent,
    /// The channel.
    pub channel: ChannelName,
    /// Error of the channel.
    pub why: String,
    /// Earliest time of the next attempt; null if there is none.
    pub again_at: Option<Instant>,
}

impl From<DeliveryProblem> for FailedDelivery {
    fn from(problem: DeliveryProblem) -> Self {
        Self {
            alert: problem.alert.0,
            event: problem.event,
            channel: problem.channel,
            why: problem.why,
            again_at: problem.again,
        }
    }
}

impl From<AlertCheck> for Check {
    fn from(check: AlertCheck) -> Self {
        Self {
            fired: check.alerts.fired.into_iter().map(Alert::from).collect(),
            resolved: check.alerts.resolved.into_iter().map(Alert::from).collect(),
            open: check.alerts.open,
            told: check.deliveries.sent,
            waiting: check.deliveries.waiting,
            not_told: check.deliveries.problems.into_iter().map(FailedDelivery::from).collect(),
        }
    }
}

//! Alerts, as the use cases need them kept: fired and resolved in one step, and what is to be told where.

use async_trait::async_trait;
use scoresheet_domain::{
    ChannelName, Instant,
    alert::{Alert, AlertId, DeliveryEvent, DeliveryState, Step},
};

use super::{Attribution, StoreError};

/// Names a delivery within the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub i64);

/// How far telling one event to one channel has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What is told.
    pub event: DeliveryEvent,
    /// Where.
    pub channel: ChannelName,
    /// How far it has come.
    pub state: DeliveryState,
    /// Tries that were begun.
    pub attempts: u32,
    /// Not before then, where it is due.
    pub next: Instant,
    /// When the channel took it.
    pub sent: Option<Instant>,
    /// What went wrong at the last try that ended.
    pub error: Option<String>,
}

/// An alert, and what became of telling it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRecord {
    /// The alert.
    pub alert: Alert,
    /// A row an event and channel, the oldest first.
    pub deliveries: Vec<Delivery>,
}

/// Something that is to be told now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    /// Its name within the store.
    pub id: DeliveryId,
    /// The alert.
    pub alert: Alert,
    /// What of it is told.
    pub event: DeliveryEvent,
    /// Where.
    pub channel: ChannelName,
    /// Tries that were begun before.
    pub attempts: u32,
    /// The same for every try of this event, and no other event's, of whatever store.
    pub notice: String,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The channel has taken it.
    Sent(Instant),
    /// It did not; it is tried again then.
    Later(Instant, String),
    /// It did not, and is not tried again.
    GivenUp(String),
}

/// What a step came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertChanges {
    /// What was fired.
    pub fired: Vec<Alert>,
    /// What was resolved.
    pub resolved: Vec<Alert>,
}

/// Keeps alerts. They stay until their client is erased: retention takes none, since they are what was told.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// The alerts that are not resolved, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn open_alerts(&self) -> Result<Vec<Alert>, StoreError>;

    /// The newest alerts, open ones or all, at most `limit`, newest first.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn alerts(&self, all: bool, limit: u32) -> Result<Vec<AlertRecord>, StoreError>;

    /// Fires and resolves, with the audit log's entries and the deliveries, in one transaction. What is open already is
    /// not fired, and what is not open not resolved. That it is over is told where it was told that it began.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it; then nothing of the step is kept.
    async fn apply_alerts(&self, by: &Attribution, step: &Step) -> Result<AlertChanges, StoreError>;

    /// Keeps that a user has seen an alert, in the place of an earlier word; none where there
    /// is no such alert.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn acknowledge_alert(
        &self,
        by: &Attribution,
        id: AlertId,
        note: Option<&str>,
    ) -> Result<Option<Alert>, StoreError>;

    /// What is to be told now, at most `limit`, in the order in which it came about. That something is over is not due
    /// while the word that it began waits for a later time.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn due_deliveries(&self, now: Instant, limit: u32) -> Result<Vec<DueDelivery>, StoreError>;

    /// Counts a try *before* it is made, and puts the next one off: whoever dies meanwhile leaves a delivery that is
    /// tried again then. False where it is not due any more.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it; then nothing may be sent.
    async fn begin_delivery(&self, id: DeliveryId, next: Instant) -> Result<bool, StoreError>;

    /// Keeps how a try ended. What was sent is never due again.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn end_delivery(&self, id: DeliveryId, outcome: &DeliveryOutcome) -> Result<(), StoreError>;
}

//! Alerts and their deliveries.

use async_trait::async_trait;
use scoresheet_domain::{
    ChannelName, Instant,
    alert::{Alert, DeliveryEvent, DeliveryState, Step},
};

use super::{Attribution, StoreError};

/// Names a delivery within the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub i64);

/// The state of sending one event to one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What is sent.
    pub event: DeliveryEvent,
    /// The channel.
    pub channel: ChannelName,
    /// How far it has come.
    pub state: DeliveryState,
    /// Attempts that were begun.
    pub attempts: u32,
    /// Not before then, while it is due.
    pub next: Instant,
    /// When the channel accepted it.
    pub sent: Option<Instant>,
    /// What went wrong at the last attempt that ended.
    pub error: Option<String>,
}

/// An alert and its deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRecord {
    /// The alert.
    pub alert: Alert,
    /// One per event and channel, the oldest first.
    pub deliveries: Vec<Delivery>,
}

/// A delivery that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    /// Its id within the store.
    pub id: DeliveryId,
    /// The alert.
    pub alert: Alert,
    /// What is sent.
    pub event: DeliveryEvent,
    /// The channel.
    pub channel: ChannelName,
    /// Attempts that were begun before.
    pub attempts: u32,
    /// The same for every attempt of this event, and no other event's, of whatever store.
    pub notice: String,
}

/// A step of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryUpdate {
    /// An attempt begins. Stored before anything is sent, with the time of the next one, should this one never end.
    Begin {
        /// When the next attempt is due.
        next: Instant,
    },
    /// The channel accepted it. It is never due again.
    Sent(Instant),
    /// It failed and is due again at this time.
    Retry(Instant, String),
    /// It failed permanently.
    GivenUp(String),
}

/// What a step of the rules changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertChanges {
    /// New alerts.
    pub fired: Vec<Alert>,
    /// Alerts that ended.
    pub resolved: Vec<Alert>,
}

/// Stores alerts. They stay until their client is erased; retention removes none.
#[async_trait]
pub trait AlertStore: Send + Sync {
    /// Open alerts, or all, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn alerts(&self, all: bool, limit: u32) -> Result<Vec<AlertRecord>, StoreError>;

    /// Fires and resolves alerts, with audit entries and deliveries, in one transaction. What is open is not fired again,
    /// and what is not open is not resolved. A resolution is delivered where the alert was.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it; then nothing of the step is stored.
    async fn apply_alerts(&self, by: &Attribution, step: &Step) -> Result<AlertChanges, StoreError>;

    /// The deliveries that are due, in the order in which their events happened, at most `limit`. A resolution is not
    /// due while the alert's own delivery waits for a later time.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn due_deliveries(&self, now: Instant, limit: u32) -> Result<Vec<DueDelivery>, StoreError>;

    /// Updates a delivery that is due and of which exactly `attempts` were begun; returns whether it was updated. So of
    /// two processes that begin the same attempt, one gets `false` and sends nothing.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it; then nothing may be sent.
    async fn update_delivery(&self, id: DeliveryId, attempts: u32, update: &DeliveryUpdate)
    -> Result<bool, StoreError>;
}

//! Alerts: what a sheet shows that a person should be told, once, and once more when it is over.
//!
//! Pure: rules and a sheet go in, findings come out ([`Evaluation`]); held against the alerts that are open they say what
//! is to be fired and what is resolved ([`step`]). Keeping alerts, telling them and acknowledging them is left to the
//! use cases, the store and the channels.
//!
//! **Absence is no news.** A score that is missing fires nothing, and it ends nothing: an alert is resolved only by
//! figures that say so. Nor do stale figures resolve anything. They may fire, since they are what the sheet shows.

mod cells;
mod delivery;
mod evaluate;
mod kinds;
#[cfg(test)]
mod properties;
mod providers;
mod step;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod words;

use crate::{
    id::{ChannelName, ClientId, MetricId, ProviderName, RuleId},
    sheet::ClientRow,
    time::Instant,
};

pub use delivery::{Backoff, DeliveryEvent, DeliveryState, GIVEN_UP_AFTER_ATTEMPTS, GIVEN_UP_AFTER_MS, Notice};
pub use evaluate::{Evaluation, evaluate};
pub use kinds::{
    AlertKind, Condition, Connection, Decline, Drop, Floor, FloorOf, InvalidParameter, Mapping, Parameters, Stale,
};
pub use step::{Step, step};
pub use words::one_line;

/// What a rule is about; what is empty leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// These metrics of the sheet.
    pub metrics: Vec<MetricId>,
    /// These clients.
    pub clients: Vec<ClientId>,
    /// Clients of these types.
    pub types: Vec<String>,
    /// These providers.
    pub providers: Vec<ProviderName>,
}

impl Filter {
    fn has_metric(&self, id: &MetricId) -> bool {
        self.metrics.is_empty() || self.metrics.contains(id)
    }

    fn has_provider(&self, name: Option<&ProviderName>) -> bool {
        self.providers.is_empty() || name.is_some_and(|name| self.providers.contains(name))
    }

    fn has_client(&self, row: &ClientRow) -> bool {
        (self.clients.is_empty() || self.clients.contains(&row.id))
            && (self.types.is_empty() || row.kind.as_ref().is_some_and(|kind| self.types.contains(kind)))
    }

    /// Whether it is about every client.
    fn is_of_all_clients(&self) -> bool {
        self.clients.is_empty() && self.types.is_empty()
    }
}

/// A rule of the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// What it looks for.
    pub condition: Condition,
    /// Where.
    pub filter: Filter,
    /// Whom it is told to.
    pub channels: Vec<ChannelName>,
}

/// What an alert is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The client, where it is about one.
    pub client: Option<ClientId>,
    /// The metric, where it is about one.
    pub metric: Option<MetricId>,
    /// The provider: of the metric, or the one that it is about.
    pub provider: Option<ProviderName>,
}

impl Target {
    /// Tells apart what must not be told twice while it lasts. A metric that moves to another provider is the same.
    #[must_use]
    pub fn key(&self, rule: &RuleId) -> String {
        // No id holds a control character.
        let part = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let provider = self.provider.as_ref().filter(|_| self.metric.is_none());
        [
            rule.to_string(),
            part(self.client.as_ref().map(ClientId::as_str)),
            part(self.metric.as_ref().map(MetricId::as_str)),
            part(provider.map(ProviderName::as_str)),
        ]
        .join("\u{1f}")
    }
}

/// What a rule found on a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// What it looks for.
    pub kind: AlertKind,
    /// [`Target::key`]
    pub key: String,
    /// What it is about.
    pub target: Target,
    /// In plain words, one line.
    pub message: String,
    /// Whom it is told to.
    pub channels: Vec<ChannelName>,
}

/// Names an alert within the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct AlertId(pub i64);

impl std::fmt::Display for AlertId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// An alert that was fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its name within the store.
    pub id: AlertId,
    /// The rule.
    pub rule: RuleId,
    /// What it looks for.
    pub kind: AlertKind,
    /// [`Target::key`]
    pub key: String,
    /// What it is about.
    pub target: Target,
    /// What was told when it was fired.
    pub message: String,
    /// When that was.
    pub fired: Instant,
    /// When it was over, and what was told then.
    pub resolved: Option<(Instant, String)>,
    /// Who has seen it.
    pub acknowledged: Option<Acknowledgement>,
}

/// A person's word that they have seen an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// When.
    pub at: Instant,
    /// Who: `user@host`.
    pub by: String,
    /// What they wrote beside it.
    pub note: Option<String>,
}

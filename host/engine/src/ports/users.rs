//! What users change.

use async_trait::async_trait;
use scoresheet_domain::{
    Client, ClientId, Entry, EntryKind, MetricId, ProviderName, alert::AlertId, mapping::Decision,
};

use super::{Attribution, StoreError};

/// A change that a user makes.
#[derive(Clone, Debug, PartialEq)]
pub enum UserChange {
    /// Replaces the roster. Returns the number of its clients.
    ReplaceRoster(Vec<Client>),
    /// Adds a mapping decision, in place of an earlier one on the same two.
    Decide(ProviderName, Decision),
    /// Deletes a client's mapping decisions, at one provider or at all. Returns how many.
    ClearDecisions(ClientId, Option<ProviderName>),
    /// Adds an override or manual score; its `id` is ignored. Returns the new id. Earlier ones stay.
    AddEntry(Entry),
    /// Clears all overrides or manual scores of a client and metric, as of the attribution's time. Returns how many.
    ClearEntries(ClientId, MetricId, EntryKind),
    /// Acknowledges an alert, in place of an earlier acknowledgement; nothing is returned if there is no such alert.
    AcknowledgeAlert(AlertId, Option<String>),
    /// Stops skipping the records of an erased client. Returns how many ids and names at the sources were skipped;
    /// nothing if no erasure of it is on record.
    RestoreClient(ClientId),
}

/// Stores what users change: short transactions that never wait for a sync.
#[async_trait]
pub trait UserStore: Send + Sync {
    /// Makes a change and adds its audit entry in one transaction. The number is explained at each [`UserChange`].
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it; then nothing was changed.
    async fn apply(&self, by: &Attribution, change: &UserChange) -> Result<Option<u64>, StoreError>;
}

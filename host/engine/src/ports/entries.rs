//! What persons enter, as the use cases need it.

use async_trait::async_trait;
use scoresheet_domain::{ClientId, Entry, EntryKind, MetricId};

use super::{Attribution, StoreError};

/// Keeps what persons enter. Every change goes into the audit log in the same transaction.
#[async_trait]
pub trait Entries: Send + Sync {
    /// Adds an entry; its `id` is the store's to give and what stands there is not looked at. Gives it as it is kept.
    /// Earlier entries on the same client and metric stay; which one counts is said in `scoresheet_domain::entry`.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn add_entry(&self, by: &Attribution, entry: &Entry) -> Result<Entry, StoreError>;

    /// Takes back all entries of this kind on a client and metric, as of the attribution's time; gives
    /// how many there were. What was taken back before keeps its time.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn clear_entries(
        &self,
        by: &Attribution,
        client: &ClientId,
        metric: &MetricId,
        kind: EntryKind,
    ) -> Result<u64, StoreError>;
}

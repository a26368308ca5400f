//! What a sheet is made of, as it is read. A sheet depends on nothing else that is stored, so that what was read for
//! one is all that is needed to make it again.

use async_trait::async_trait;
use scoresheet_domain::{
    Client, ClientRef, Entry, Instant, Intervals, ProviderName, SourceClient, Window,
    mapping::{Decision, FormerTie},
};

use super::{RejectionCount, Samples, Scope, StoreError, SyncRecord};

/// Reads what sheets are made of. Reading never waits for a writer.
#[async_trait]
pub trait Facts: Send + Sync {
    /// The roster that was imported, by client id.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn roster(&self) -> Result<Vec<Client>, StoreError>;

    /// What persons decided for a provider, in order of client and source client.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn decisions(&self, provider: &ProviderName) -> Result<Vec<Decision>, StoreError>;

    /// The ties that rules had made when the provider was last synced, in order of client and source client.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn ties(&self, provider: &ProviderName) -> Result<Vec<FormerTie>, StoreError>;

    /// The source's clients as last pulled, by id.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn source_clients(&self, scope: &Scope) -> Result<Vec<SourceClient>, StoreError>;

    /// What has been pulled whole, of every client.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn coverage(&self, scope: &Scope) -> Result<Intervals, StoreError>;

    /// How the last sync went.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn sync_record(&self, scope: &Scope) -> Result<SyncRecord, StoreError>;

    /// The observations that touch the window (events inside, states that overlap), of every client or of these.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn samples(
        &self,
        scope: &Scope,
        window: Window,
        clients: Option<&[ClientRef]>,
    ) -> Result<Samples, StoreError>;

    /// The rejected records of the window, counted. A record without a usable time counts in
    /// every window that overlaps the pull it came with.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn rejections(&self, scope: &Scope, window: Window) -> Result<Vec<RejectionCount>, StoreError>;

    /// Up to when a scope was pruned.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn pruned_until(&self, scope: &Scope) -> Result<Option<Instant>, StoreError>;

    /// What persons entered, by number; what was taken back only where it is asked for.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn entries(&self, cleared: bool) -> Result<Vec<Entry>, StoreError>;
}

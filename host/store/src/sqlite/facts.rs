//! What sheets are made of, read.

use async_trait::async_trait;
use scoresheet_domain::{
    Client, ClientRef, Entry, Instant, Intervals, ProviderName, SourceClient, Window,
    mapping::{Decision, FormerTie},
};
use scoresheet_engine::{Facts, RejectionCount, Samples, Scope, StoreError, SyncRecord};

use super::{SqliteStore, entries, error::failed, roster, samples, source, ties};

const READING_UNTIL: &str = "reading up to when it was pruned";

#[async_trait]
impl Facts for SqliteStore {
    #[tracing::instrument(name = "store.roster", level = "debug", skip_all)]
    async fn roster(&self) -> Result<Vec<Client>, StoreError> {
        roster::clients(&self.readers).await
    }

    #[tracing::instrument(name = "store.decisions", level = "debug", skip_all, fields(%provider))]
    async fn decisions(&self, provider: &ProviderName) -> Result<Vec<Decision>, StoreError> {
        roster::decisions(&self.readers, provider).await
    }

    #[tracing::instrument(name = "store.ties", level = "debug", skip_all, fields(%provider))]
    async fn ties(&self, provider: &ProviderName) -> Result<Vec<FormerTie>, StoreError> {
        ties::ties(&self.readers, provider).await
    }

    #[tracing::instrument(name = "store.source_clients", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn source_clients(&self, scope: &Scope) -> Result<Vec<SourceClient>, StoreError> {
        source::clients(&self.readers, scope).await
    }

    #[tracing::instrument(name = "store.coverage", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn coverage(&self, scope: &Scope) -> Result<Intervals, StoreError> {
        source::coverage(&self.readers, scope).await
    }

    #[tracing::instrument(name = "store.sync_record", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn sync_record(&self, scope: &Scope) -> Result<SyncRecord, StoreError> {
        source::sync_record(&self.readers, scope).await
    }

    #[tracing::instrument(name = "store.samples", level = "debug", skip_all, fields(provider = %scope.provider, %window))]
    async fn samples(
        &self,
        scope: &Scope,
        window: Window,
        clients: Option<&[ClientRef]>,
    ) -> Result<Samples, StoreError> {
        samples::samples(self.read(samples::READING).await?, scope, window, clients).await
    }

    #[tracing::instrument(name = "store.rejections", level = "debug", skip_all, fields(provider = %scope.provider, %window))]
    async fn rejections(&self, scope: &Scope, window: Window) -> Result<Vec<RejectionCount>, StoreError> {
        samples::rejections(&self.readers, scope, window).await
    }

    #[tracing::instrument(name = "store.pruned_until", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn pruned_until(&self, scope: &Scope) -> Result<Option<Instant>, StoreError> {
        let until: Option<i64> = sqlx::query_scalar(
            "SELECT until_ms FROM pruned JOIN scope ON scope.id = pruned.scope WHERE provider = ? AND settings = ?",
        )
        .bind(scope.provider.as_str())
        .bind(&scope.settings.bytes()[..])
        .fetch_optional(&self.readers)
        .await
        .map_err(failed(READING_UNTIL))?;
        Ok(until.map(Instant::from_millis))
    }

    #[tracing::instrument(name = "store.entries", level = "debug", skip_all)]
    async fn entries(&self, cleared: bool) -> Result<Vec<Entry>, StoreError> {
        entries::all(&self.readers, cleared).await
    }
}

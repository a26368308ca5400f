//! Sync: from each provider's source into the store, page by page.
//!
//! Pages are fetched side by side and applied in the order their cursors were given,
//! so the outcome never depends on timing. Each page is committed with its bookkeeping;
//! whatever ends a sync, the next one goes on from the pages it has.

mod notes;
mod pages;
mod provider;
mod repeats;

use futures_util::future::join_all;
use scoresheet_domain::{AuditAction, ClientId, Instant, Problem, ProviderName, Window};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    engine::Engine,
    error::EngineError,
    ports::{AuditNote, Pruned, StoreError},
};

/// What to sync.
#[derive(Clone, Debug)]
pub struct SyncRequest {
    /// The wall clock.
    pub now: Instant,
    /// The end of the windows that a sheet will look at; no later than `now`.
    pub as_of: Instant,
    /// Instead of every metric's own lookback.
    pub lookback_days: Option<u32>,
    /// Only this provider.
    pub provider: Option<String>,
    /// Only this client: refreshes what is known of it, covers nothing.
    pub client: Option<ClientId>,
    /// Everything anew, and whatever the source no longer has goes.
    pub full: bool,
}

impl SyncRequest {
    /// Every provider, every client, what a sheet as of now needs.
    #[must_use]
    pub const fn all(now: Instant) -> Self {
        Self { now, as_of: now, lookback_days: None, provider: None, client: None, full: false }
    }
}

/// What is going on, for whoever watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncEvent {
    /// A provider's clients are known.
    Clients {
        /// The provider.
        provider: ProviderName,
        /// How many.
        count: usize,
    },
    /// A window is being pulled.
    Window {
        /// The provider.
        provider: ProviderName,
        /// The window.
        window: Window,
        /// Whether it goes on from an interrupted sync.
        resumed: bool,
    },
    /// A page was committed.
    Page {
        /// The provider.
        provider: ProviderName,
        /// Pages committed in this window so far.
        pages: u64,
        /// Pages known to be still to come.
        pending: u64,
        /// Observations that counted in this page.
        observations: u64,
        /// Records that were rejected in this page.
        rejected: u64,
        /// Of how many records in all, where the source says.
        total: Option<u64>,
    },
    /// A provider is done.
    Done(ProviderSync),
}

/// How a provider's sync went.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ProviderSync {
    /// The provider.
    pub provider: ProviderName,
    /// Whether its figures are made up.
    pub stub: bool,
    /// Source clients seen.
    pub clients: u64,
    /// Pages committed.
    pub pages: u64,
    /// Observations that counted.
    pub observations: u64,
    /// Records that were rejected.
    pub rejected: u64,
    /// Records that were not kept: those of clients that were erased, and those older than what retention keeps.
    pub skipped: u64,
    /// Events withdrawn because the source no longer has them.
    pub withdrawn: u64,
    /// What ended it early, where something did.
    pub problem: Option<Problem>,
    /// Whether a person ended it early.
    pub interrupted: bool,
}

/// How a sync went.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SyncReport {
    /// A provider each, by name.
    pub providers: Vec<ProviderSync>,
}

impl SyncReport {
    /// Whether a person ended it early.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        self.providers.iter().any(|provider| provider.interrupted)
    }

    /// What ended a provider's sync early.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.providers.iter().filter_map(|provider| provider.problem.as_ref())
    }
}

/// Told of every [`SyncEvent`], from whatever task it happens in.
pub type Progress<'a> = &'a (dyn Fn(SyncEvent) + Send + Sync);

impl Engine {
    /// Pulls what is not known yet. A provider's failure is in the report, and stops no other.
    ///
    /// # Errors
    /// [`EngineError`] where nothing was done: an unknown name, a store that is in use or fails.
    #[tracing::instrument(name = "sync", skip_all, fields(full = request.full))]
    pub async fn sync(
        &self,
        request: &SyncRequest,
        progress: Progress<'_>,
        cancel: &CancellationToken,
    ) -> Result<SyncReport, EngineError> {
        if request.as_of > request.now {
            return Err(EngineError::Future { as_of: request.as_of, now: request.now });
        }
        let chosen: Vec<_> = match &request.provider {
            Some(name) => vec![self.provider(name)?],
            None => self.providers.iter().collect(),
        };
        // A child: a lost lease ends this sync, not the caller's other work.
        let cancel = cancel.child_token();
        let lease = self.lease("sync", request.now, &cancel).await?;
        let synced = match self.store.note(&began(request)).await {
            Ok(()) => {
                let each = chosen.into_iter();
                let each = each.map(|(name, instance)| self.sync_provider(name, instance, request, progress, &cancel));
                let synced = join_all(each).await;
                self.attend(request.now).await;
                self.tidy(request.now).await;
                synced
            }
            Err(error) => vec![Err(error.into())],
        };
        lease.release().await;
        let providers = synced.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(SyncReport { providers })
    }
}

impl Engine {
    /// Lets the attendant write down what it has gathered, under the lease.
    pub(crate) async fn attend(&self, now: Instant) {
        let Some(attendant) = &self.attendant else { return };
        match attendant.attend(self.store.as_ref(), now).await {
            Ok(()) | Err(StoreError::LeaseLost) => {}
            Err(error) => tracing::warn!(%error, "the requests could not be written down"),
        }
    }

    /// What a sync does besides: it removes what is too old. Where that fails the sync went well all the same.
    async fn tidy(&self, now: Instant) {
        match self.prune_under_lease(self.retention, now).await {
            Ok(pruned) if pruned == Pruned::default() => {}
            Ok(pruned) => tracing::info!(?pruned, "pruned old data; trends over its time are no longer available"),
            Err(StoreError::LeaseLost) => {}
            Err(error) => tracing::warn!(%error, "what is too old could not be removed"),
        }
    }
}

/// That a sync began, for the audit log.
fn began(request: &SyncRequest) -> AuditNote {
    let action = if request.full { AuditAction::FullSyncBegan } else { AuditAction::SyncBegan };
    let subject = request.provider.clone().unwrap_or_else(|| "every provider".to_owned());
    AuditNote { action, subject, detail: json!({"client": request.client, "as_of": request.as_of}) }
}

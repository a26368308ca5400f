//! Sync: from each provider's source into the store, page by page.
//!
//! Pages are fetched side by side and applied in the order their cursors were given,
//! so the outcome never depends on timing. Each page is committed with its bookkeeping;
//! whatever ends a sync, the next one goes on from the pages it has.

mod notes;
mod pages;
mod provider;
mod rejected;
mod repeats;

use futures_util::future::join_all;
use scoresheet_domain::{AuditAction, Instant, Problem, ProviderName, Window};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    engine::Engine,
    error::EngineError,
    ports::{AuditNote, Pruned, SyncStore},
};

pub use self::rejected::RejectedValue;
pub(crate) use self::{provider::short, rejected::RejectedValues, repeats::endless};

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
    /// Everything anew, and whatever the source no longer has goes.
    pub full: bool,
}

impl SyncRequest {
    /// Every provider, every client, what a sheet as of now needs.
    #[must_use]
    pub const fn all(now: Instant) -> Self {
        Self { now, as_of: now, lookback_days: None, provider: None, full: false }
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
    /// The most frequent reasons for rejecting them, with the field and value at fault.
    pub rejections: Vec<RejectedValue>,
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
        let chosen = self.chosen(request.provider.as_deref())?;
        // A child: a lost lock ends this sync, not the caller's other work.
        let cancel = cancel.child_token();
        let mut locked = Vec::with_capacity(chosen.len());
        let synced = async {
            for (name, _) in &chosen {
                locked.push(self.lock(name, request.now, &cancel).await?);
            }
            self.sync_store().note(&self.attribution(request.now), &[began(request)]).await?;
            let each = chosen.iter().zip(&locked);
            let each = each.map(|((name, instance), locked)| {
                self.sync_provider(name, instance, locked, request, progress, &cancel)
            });
            let synced = join_all(each).await;
            self.run_hook(request.now).await;
            self.prune_old(request.now).await;
            synced.into_iter().collect::<Result<Vec<_>, EngineError>>()
        }
        .await;
        for lock in locked {
            lock.release().await;
        }
        Ok(SyncReport { providers: synced? })
    }

    pub(crate) fn sync_store(&self) -> &dyn SyncStore {
        &*self.store
    }

    /// Runs the hook. A failure is logged: the sync or check succeeded all the same.
    pub(crate) async fn run_hook(&self, now: Instant) {
        let Some(hook) = &self.hook else { return };
        if let Err(error) = hook.run(self.maintenance(), &self.attribution(now)).await {
            tracing::warn!(%error, "failed to store requests and use of limits");
        }
    }

    /// Removes what is too old. A failure is logged: the sync succeeded all the same.
    async fn prune_old(&self, now: Instant) {
        match self.prune(self.retention, now).await {
            Ok(pruned) if pruned == Pruned::default() => {}
            Ok(pruned) => tracing::info!(?pruned, "pruned old data; trends over its time are no longer available"),
            Err(error) => tracing::warn!(%error, "failed to prune old data"),
        }
    }
}

/// That a sync began, for the audit log.
fn began(request: &SyncRequest) -> AuditNote {
    let action = if request.full { AuditAction::FullSyncBegan } else { AuditAction::SyncBegan };
    let subject = request.provider.clone().unwrap_or_else(|| "every provider".to_owned());
    AuditNote { action, subject, detail: json!({"as_of": request.as_of}) }
}

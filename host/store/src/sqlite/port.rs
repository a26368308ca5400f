//! The port's methods: each runs its queries in one transaction.

use async_trait::async_trait;
use rusqlite::Transaction;
use scoresheet_domain::{
    AuditEntry, AuditVerdict, Client, ClientRef, Entry, Instant, ProviderName, SourceClient, Window, alert::Step,
};
use scoresheet_engine::{
    AlertChanges, AlertRecord, AlertStore, Attribution, AuditNote, ClientSamples, CommittedPage, DeliveryId,
    DeliveryUpdate, DueDelivery, Erased, Erasure, MaintenanceStore, NewPull, OpenPull, ProviderData, ProviderUsage,
    PruneLimits, Pruned, PullAction, PullEnd, PullId, RejectionCount, SavedSheet, Scope, SheetStore, SheetSummary,
    Skipped, StoreError, SyncLock, SyncOutcome, SyncStore, UsageUpdate, UserChange, UserStore,
};
use tokio::sync::oneshot;

use super::{
    SqliteStore, alerts, audit, change, entries, erase,
    error::Failed,
    lock, on_blocking_thread,
    page::{self, Names},
    pull, retention, roster, samples,
    series::Cache,
    sheets, source, usage,
};

#[async_trait]
impl SheetStore for SqliteStore {
    #[tracing::instrument(name = "store.roster", level = "debug", skip_all)]
    async fn roster(&self) -> Result<Vec<Client>, StoreError> {
        self.read("reading the roster", |tx| roster::clients(tx)).await
    }

    #[tracing::instrument(name = "store.provider_data", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn provider_data(&self, scope: &Scope) -> Result<ProviderData, StoreError> {
        let scope = scope.clone();
        self.read("reading a provider's data", move |tx| source::provider_data(tx, &scope)).await
    }

    #[tracing::instrument(name = "store.samples", level = "debug", skip_all, fields(provider = %scope.provider, %window))]
    async fn samples(
        &self,
        scope: &Scope,
        window: Window,
        kinds: &[String],
        clients: Option<&[ClientRef]>,
    ) -> Result<Vec<ClientSamples>, StoreError> {
        let (scope, kinds, clients) = (scope.clone(), kinds.to_vec(), clients.map(<[ClientRef]>::to_vec));
        // Where the caller stops waiting, its end of the channel is dropped, and reading ends soon.
        let (waiting, _wait) = oneshot::channel::<()>();
        self.read("reading observations", move |tx| {
            samples::samples(tx, &scope, window, &kinds, clients.as_deref(), || waiting.is_closed())
        })
        .await
    }

    #[tracing::instrument(name = "store.rejections", level = "debug", skip_all, fields(provider = %scope.provider, %window))]
    async fn rejections(&self, scope: &Scope, window: Window) -> Result<Vec<RejectionCount>, StoreError> {
        let scope = scope.clone();
        self.read("counting rejected records", move |tx| samples::rejections(tx, &scope, window)).await
    }

    #[tracing::instrument(name = "store.entries", level = "debug", skip_all)]
    async fn entries(&self, cleared: bool) -> Result<Vec<Entry>, StoreError> {
        self.read("reading overrides and manual scores", move |tx| entries::entries(tx, cleared)).await
    }

    #[tracing::instrument(name = "store.save_sheet", level = "debug", skip_all, fields(id = sheet.id))]
    async fn save_sheet(&self, sheet: &SavedSheet) -> Result<bool, StoreError> {
        const SAVING: &str = "saving a sheet";
        let sheet = sheet.clone();
        let known = self.read(SAVING, move |tx| Ok(sheets::known(tx, &sheet)?.map(|known| (sheet, known)))).await?;
        let Some((sheet, known)) = known else { return Ok(false) };
        let pack = move || {
            let packed = sheets::pack(&sheet, &known)?;
            Ok::<_, Failed>((sheet, packed))
        };
        let (sheet, packed) = on_blocking_thread(SAVING, pack).await?;
        self.transact(SAVING, move |tx, _| sheets::save(tx, &sheet, &packed)).await
    }

    #[tracing::instrument(name = "store.find_sheet", level = "debug", skip_all)]
    async fn find_sheet(&self, prefix: &str) -> Result<Vec<SavedSheet>, StoreError> {
        let prefix = prefix.to_owned();
        self.read("reading saved sheets", move |tx| sheets::find(tx, &prefix)).await
    }

    #[tracing::instrument(name = "store.sheets", level = "debug", skip_all)]
    async fn sheets(&self, limit: u32) -> Result<Vec<SheetSummary>, StoreError> {
        self.read("reading saved sheets", move |tx| sheets::summaries(tx, limit)).await
    }
}

#[async_trait]
impl SyncStore for SqliteStore {
    #[tracing::instrument(name = "store.lock", level = "debug", skip_all, fields(provider = %lock.provider))]
    async fn lock(&self, lock: &SyncLock, now: Instant) -> Result<(), StoreError> {
        let lock = lock.clone();
        self.transact("locking a provider", move |tx, _| lock::lock(tx, &lock, now)).await
    }

    #[tracing::instrument(name = "store.renew_lock", level = "debug", skip_all, fields(provider = %lock.provider))]
    async fn renew_lock(&self, lock: &SyncLock, now: Instant) -> Result<(), StoreError> {
        let lock = lock.clone();
        self.transact("renewing a provider's lock", move |tx, _| lock::renew(tx, &lock, now)).await
    }

    #[tracing::instrument(name = "store.unlock", level = "debug", skip_all, fields(provider = %lock.provider))]
    async fn unlock(&self, lock: &SyncLock) -> Result<(), StoreError> {
        const UNLOCKING: &str = "unlocking a provider";
        let lock = lock.clone();
        if self.transact(UNLOCKING, move |tx, _| lock::unlock(tx, &lock)).await? {
            // Copies the log into the database's file, as far as readers allow, so that a copy of that one file is
            // complete.
            let checkpoint = "PRAGMA wal_checkpoint(PASSIVE)";
            self.with_writer(UNLOCKING, |writer| Ok(writer.connection.query_row(checkpoint, [], |_| Ok(()))?)).await?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "store.note", level = "debug", skip_all, fields(notes = notes.len()))]
    async fn note(&self, by: &Attribution, notes: &[AuditNote]) -> Result<(), StoreError> {
        let (by, notes) = (by.clone(), notes.to_vec());
        self.transact("writing its audit log", move |tx, _| audit::append_all(tx, &by, &notes)).await
    }

    #[tracing::instrument(name = "store.replace_source_clients", level = "debug", skip_all, fields(provider = %scope.provider, clients = clients.len()))]
    async fn replace_source_clients(
        &self,
        lock: &SyncLock,
        scope: &Scope,
        clients: &[SourceClient],
    ) -> Result<u64, StoreError> {
        let (lock, scope, clients) = (lock.clone(), scope.clone(), clients.to_vec());
        self.transact("replacing source clients", move |tx, _| {
            lock::check(tx, &scope.provider, &lock)?;
            source::replace_clients(tx, &scope, &clients)
        })
        .await
    }

    #[tracing::instrument(name = "store.open_pulls", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn open_pulls(&self, scope: &Scope) -> Result<Vec<OpenPull>, StoreError> {
        let scope = scope.clone();
        self.read("reading open pulls", move |tx| pull::open(tx, &scope)).await
    }

    #[tracing::instrument(name = "store.begin_pull", level = "debug", skip_all, fields(provider = %pull.scope.provider, window = %pull.window))]
    async fn begin_pull(&self, lock: &SyncLock, pull: &NewPull) -> Result<OpenPull, StoreError> {
        let (lock, pull) = (lock.clone(), pull.clone());
        self.transact("beginning a pull", move |tx, _| {
            lock::check(tx, &pull.scope.provider, &lock)?;
            pull::begin(tx, &lock.by, &pull)
        })
        .await
    }

    #[tracing::instrument(name = "store.commit_pages", level = "debug", skip_all, fields(pull = pull.0, pages = pages.len()))]
    async fn commit_pages(
        &self,
        lock: &SyncLock,
        pull: PullId,
        pages: Vec<CommittedPage>,
        kinds: &[String],
        reasons: &[String],
    ) -> Result<Skipped, StoreError> {
        let lock = lock.clone();
        let names = Names { kinds: kinds.to_vec(), reasons: reasons.to_vec() };
        self.transact("committing a page", move |tx, series| {
            lock::check(tx, &lock.provider, &lock)?;
            page::commit(tx, series, &lock.provider, pull, &pages, &names)
        })
        .await
    }

    #[tracing::instrument(name = "store.end_pull", level = "debug", skip_all, fields(pull = pull.0, ?action))]
    async fn end_pull(&self, lock: &SyncLock, pull: PullId, action: PullAction) -> Result<PullEnd, StoreError> {
        let lock = lock.clone();
        self.transact("ending a pull", move |tx, _| {
            lock::check(tx, &lock.provider, &lock)?;
            pull::end(tx, &lock, pull, action)
        })
        .await
    }

    #[tracing::instrument(name = "store.finish_sync", level = "debug", skip_all, fields(provider = %outcome.scope.provider))]
    async fn finish_sync(&self, lock: &SyncLock, outcome: &SyncOutcome) -> Result<(), StoreError> {
        let (lock, outcome) = (lock.clone(), outcome.clone());
        self.transact("storing a sync's outcome", move |tx, _| {
            lock::check(tx, &outcome.scope.provider, &lock)?;
            source::finish_sync(tx, &lock.by, &outcome)
        })
        .await
    }
}

#[async_trait]
impl UserStore for SqliteStore {
    #[tracing::instrument(name = "store.apply", level = "debug", skip_all)]
    async fn apply(&self, by: &Attribution, change: &UserChange) -> Result<Option<u64>, StoreError> {
        let (by, change) = (by.clone(), change.clone());
        self.transact(change::doing(&change), move |tx, _| change::apply(tx, &by, &change)).await
    }
}

#[async_trait]
impl AlertStore for SqliteStore {
    #[tracing::instrument(name = "store.alerts", level = "debug", skip_all)]
    async fn alerts(&self, all: bool, limit: u32) -> Result<Vec<AlertRecord>, StoreError> {
        self.read("reading alerts", move |tx| alerts::records(tx, all, limit)).await
    }

    #[tracing::instrument(name = "store.apply_alerts", level = "debug", skip_all, fields(fire = step.fire.len(), resolve = step.resolve.len()))]
    async fn apply_alerts(&self, by: &Attribution, step: &Step) -> Result<AlertChanges, StoreError> {
        let (by, step) = (by.clone(), step.clone());
        self.transact("storing alerts", move |tx, _| alerts::apply(tx, &by, &step)).await
    }

    #[tracing::instrument(name = "store.due_deliveries", level = "debug", skip_all)]
    async fn due_deliveries(&self, now: Instant, limit: u32) -> Result<Vec<DueDelivery>, StoreError> {
        self.read("reading deliveries", move |tx| alerts::due(tx, now, limit)).await
    }

    #[tracing::instrument(name = "store.update_delivery", level = "debug", skip_all)]
    async fn update_delivery(
        &self,
        id: DeliveryId,
        attempts: u32,
        update: &DeliveryUpdate,
    ) -> Result<bool, StoreError> {
        let update = update.clone();
        self.transact("updating a delivery", move |tx, _| alerts::update_delivery(tx, id, attempts, &update)).await
    }
}

#[async_trait]
impl MaintenanceStore for SqliteStore {
    #[tracing::instrument(name = "store.scopes", level = "debug", skip_all)]
    async fn scopes(&self) -> Result<Vec<Scope>, StoreError> {
        self.read("reading its scopes", |tx| retention::scopes(tx)).await
    }

    #[tracing::instrument(name = "store.audit", level = "debug", skip_all)]
    async fn audit(&self, since: Option<Instant>, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        self.read("reading its audit log", move |tx| audit::entries(tx, since, limit)).await
    }

    #[tracing::instrument(name = "store.verify_audit", level = "debug", skip_all)]
    async fn verify_audit(&self) -> Result<AuditVerdict, StoreError> {
        self.read("verifying its audit log", |tx| audit::verify(tx)).await
    }

    #[tracing::instrument(name = "store.prune", level = "debug", skip_all)]
    async fn prune(&self, by: &Attribution, limits: &PruneLimits) -> Result<Pruned, StoreError> {
        const PRUNING: &str = "pruning";
        let mut pruned = Pruned::default();
        if let Some(before) = limits.observations_before {
            // A transaction for each, so that none takes long.
            for scope in self.scopes().await? {
                let by = by.clone();
                let prune_scope = move |tx: &Transaction<'_>, series: &mut Cache| {
                    // Series that pages named lately may be deleted.
                    *series = Cache::default();
                    retention::prune_scope(tx, &by, &scope, before)
                };
                pruned = retention::sum(pruned, self.transact(PRUNING, prune_scope).await?);
            }
        }
        let (by, limits) = (by.clone(), *limits);
        let logs = self.transact(PRUNING, move |tx, _| retention::prune_logs(tx, &by, &limits)).await?;
        let wiped = self.with_writer("rewriting its file", |writer| {
            Ok(!erase::is_wipe_due(&writer.connection)? || erase::wipe(&writer.connection)?)
        });
        if !wiped.await? {
            tracing::warn!("erased bytes may still be in the store's file: another process was reading it");
        }
        Ok(retention::sum(pruned, logs))
    }

    #[tracing::instrument(name = "store.erase", level = "debug", skip_all)]
    async fn erase(&self, by: &Attribution, erasure: &Erasure) -> Result<Erased, StoreError> {
        const ERASING: &str = "erasing a client";
        let secure_delete = |on| {
            self.with_writer(ERASING, move |writer| Ok(writer.connection.pragma_update(None, "secure_delete", on)?))
        };
        // Deleted bytes are overwritten from here on, should the rewriting below fail.
        secure_delete(true).await?;
        let (by, erasure) = (by.clone(), erasure.clone());
        let erase = move |tx: &Transaction<'_>, series: &mut Cache| {
            *series = Cache::default();
            erase::erase(tx, &by, &erasure)
        };
        let mut erased = self.transact(ERASING, erase).await?;
        match self.with_writer("rewriting its file", |writer| erase::wipe(&writer.connection)).await {
            Ok(wiped) => erased.wiped = wiped,
            // The client is gone from the data; the result says that its bytes may not be.
            Err(error) => tracing::warn!(%error, "the store's file could not be rewritten after an erasure"),
        }
        secure_delete(false).await?;
        Ok(erased)
    }

    #[tracing::instrument(name = "store.write_usage", level = "debug", skip_all, fields(requests = usage.access.len()))]
    async fn write_usage(&self, by: &Attribution, usage: &UsageUpdate) -> Result<(), StoreError> {
        let (by, usage) = (by.clone(), usage.clone());
        self.transact("storing usage", move |tx, _| usage::write(tx, &by, &usage)).await
    }

    #[tracing::instrument(name = "store.usage", level = "debug", skip_all, fields(%provider))]
    async fn usage(
        &self,
        provider: &ProviderName,
        since: Option<Instant>,
        log: u32,
    ) -> Result<ProviderUsage, StoreError> {
        let provider = provider.clone();
        self.read("reading usage", move |tx| usage::read(tx, &provider, since, log)).await
    }
}

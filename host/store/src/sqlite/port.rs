//! The port's methods: each runs its queries in one transaction.

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use rusqlite::Transaction;
use scoresheet_domain::{
    AuditEntry, AuditVerdict, Client, ClientId, ClientRef, Digest, Entry, EntryKind, Instant, Intervals, MetricId,
    ProviderName, SourceClient, Window,
    alert::{Alert, AlertId, Step},
    mapping::{Decision, FormerTie},
};
use scoresheet_engine::{
    AccessEntry, AlertChanges, AlertRecord, Alerts, Attribution, AuditLog, AuditNote, BooksLimits, ClientScope,
    CommittedPage, ConnectionUse, Credential, CredentialAge, DeliveryId, DeliveryOutcome, DueDelivery, Entries, Erased,
    Erasure, Facts, Journal, KeptSheet, LeaseHolder, OpenPull, Pruned, PullEnd, PullId, RejectionCount, Retention,
    Samples, Scope, SheetSummary, Sheets, Skipped, Store, StoreError, SyncRecord,
};
use tokio::sync::oneshot;

use super::{
    SqliteStore, alerts, audit, entries, erase,
    error::Failed,
    journal, lease, on_blocking_thread,
    page::{self, Names},
    pull, query, retention, roster, samples, sheets, source,
};
use crate::sql;

#[async_trait]
impl Facts for SqliteStore {
    #[tracing::instrument(name = "store.roster", level = "debug", skip_all)]
    async fn roster(&self) -> Result<Vec<Client>, StoreError> {
        self.read("reading the roster", |tx| roster::clients(tx)).await
    }

    #[tracing::instrument(name = "store.decisions", level = "debug", skip_all, fields(%provider))]
    async fn decisions(&self, provider: &ProviderName) -> Result<Vec<Decision>, StoreError> {
        let provider = provider.clone();
        self.read("reading decisions", move |tx| roster::decisions(tx, &provider)).await
    }

    #[tracing::instrument(name = "store.ties", level = "debug", skip_all, fields(%provider))]
    async fn ties(&self, provider: &ProviderName) -> Result<Vec<FormerTie>, StoreError> {
        let provider = provider.clone();
        self.read("reading former mappings", move |tx| source::ties(tx, &provider)).await
    }

    #[tracing::instrument(name = "store.source_clients", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn source_clients(&self, scope: &Scope) -> Result<Vec<SourceClient>, StoreError> {
        let scope = scope.clone();
        self.read("reading source clients", move |tx| source::clients(tx, &scope)).await
    }

    #[tracing::instrument(name = "store.coverage", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn coverage(&self, scope: &Scope) -> Result<Intervals, StoreError> {
        let scope = scope.clone();
        self.read("reading what is covered", move |tx| source::coverage(tx, &scope)).await
    }

    #[tracing::instrument(name = "store.sync_record", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn sync_record(&self, scope: &Scope) -> Result<SyncRecord, StoreError> {
        let scope = scope.clone();
        self.read("reading the last sync's outcome", move |tx| source::sync_record(tx, &scope)).await
    }

    #[tracing::instrument(name = "store.samples", level = "debug", skip_all, fields(provider = %scope.provider, %window))]
    async fn samples(
        &self,
        scope: &Scope,
        window: Window,
        clients: Option<&[ClientRef]>,
    ) -> Result<Samples, StoreError> {
        let scope = scope.clone();
        let clients: Option<HashSet<ClientRef>> = clients.map(|clients| clients.iter().cloned().collect());
        // Where the caller stops waiting, its end of the channel is dropped, and reading ends soon.
        let (waiting, _wait) = oneshot::channel::<()>();
        self.read("reading observations", move |tx| {
            samples::samples(tx, &scope, window, clients.as_ref(), || waiting.is_closed())
        })
        .await
    }

    #[tracing::instrument(name = "store.rejections", level = "debug", skip_all, fields(provider = %scope.provider, %window))]
    async fn rejections(&self, scope: &Scope, window: Window) -> Result<Vec<RejectionCount>, StoreError> {
        let scope = scope.clone();
        self.read("counting rejected records", move |tx| samples::rejections(tx, &scope, window)).await
    }

    #[tracing::instrument(name = "store.pruned_until", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn pruned_until(&self, scope: &Scope) -> Result<Option<Instant>, StoreError> {
        let scope = scope.clone();
        self.read("reading up to when it was pruned", move |tx| source::pruned_until(tx, &scope)).await
    }

    #[tracing::instrument(name = "store.entries", level = "debug", skip_all)]
    async fn entries(&self, cleared: bool) -> Result<Vec<Entry>, StoreError> {
        self.read("reading overrides and manual scores", move |tx| entries::entries(tx, cleared)).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    #[tracing::instrument(name = "store.acquire_lease", level = "debug", skip_all)]
    async fn acquire_lease(&self, holder: &LeaseHolder, now: Instant) -> Result<(), StoreError> {
        // Until now another process may have written.
        self.series.forget();
        let taken = holder.clone();
        self.transact("taking its lease", move |tx| lease::acquire(tx, &taken, now)).await?;
        self.held.set(holder, now);
        Ok(())
    }

    #[tracing::instrument(name = "store.renew_lease", level = "debug", skip_all)]
    async fn renew_lease(&self, holder: &LeaseHolder, now: Instant) -> Result<(), StoreError> {
        let token = holder.token.clone();
        self.transact("renewing its lease", move |tx| lease::renew(tx, &token, now)).await?;
        if self.held.get().is_some_and(|(held, _)| held == holder.token) {
            self.held.set(holder, now);
        }
        Ok(())
    }

    #[tracing::instrument(name = "store.release_lease", level = "debug", skip_all)]
    async fn release_lease(&self, holder: &LeaseHolder) -> Result<(), StoreError> {
        self.held.clear(&holder.token);
        let token = holder.token.clone();
        self.with_writer("giving its lease back", move |connection| {
            if query::execute(connection, sql::DELETE_LEASE, [token])? > 0 {
                // Copies the log into the database's file, as far as readers allow, so that a copy of that one file
                // is complete.
                connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
            }
            Ok(())
        })
        .await
    }

    #[tracing::instrument(name = "store.replace_roster", level = "debug", skip_all, fields(clients = clients.len()))]
    async fn replace_roster(&self, by: &Attribution, clients: &[Client]) -> Result<(), StoreError> {
        let (by, clients) = (by.clone(), clients.to_vec());
        self.transact("replacing the roster", move |tx| roster::replace(tx, &by, &clients)).await
    }

    #[tracing::instrument(name = "store.decide", level = "debug", skip_all, fields(%provider))]
    async fn decide(&self, by: &Attribution, provider: &ProviderName, decision: &Decision) -> Result<(), StoreError> {
        let (by, provider, decision) = (by.clone(), provider.clone(), decision.clone());
        self.transact("storing a decision", move |tx| roster::decide(tx, &by, &provider, &decision)).await
    }

    #[tracing::instrument(name = "store.clear_decisions", level = "debug", skip_all)]
    async fn clear_decisions(
        &self,
        by: &Attribution,
        client: &ClientId,
        provider: Option<&ProviderName>,
    ) -> Result<u64, StoreError> {
        let (by, client, provider) = (by.clone(), client.clone(), provider.cloned());
        self.transact("clearing decisions", move |tx| roster::clear_decisions(tx, &by, &client, provider.as_ref()))
            .await
    }

    #[tracing::instrument(name = "store.keep_ties", level = "debug", skip_all, fields(%provider, ties = ties.len()))]
    async fn keep_ties(&self, provider: &ProviderName, ties: &[FormerTie]) -> Result<(), StoreError> {
        let (provider, ties) = (provider.clone(), ties.to_vec());
        self.write("storing mappings", move |tx, _| source::replace_ties(tx, &provider, &ties)).await
    }

    #[tracing::instrument(name = "store.replace_source_clients", level = "debug", skip_all, fields(provider = %scope.provider, clients = clients.len()))]
    async fn replace_source_clients(&self, scope: &Scope, clients: &[SourceClient]) -> Result<u64, StoreError> {
        let (scope, clients) = (scope.clone(), clients.to_vec());
        self.write("replacing source clients", move |tx, _| source::replace_clients(tx, &scope, &clients)).await
    }

    #[tracing::instrument(name = "store.open_pulls", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn open_pulls(&self, scope: &Scope) -> Result<Vec<OpenPull>, StoreError> {
        let scope = scope.clone();
        self.read("reading open pulls", move |tx| pull::open(tx, &scope)).await
    }

    #[tracing::instrument(name = "store.begin_pull", level = "debug", skip_all, fields(provider = %scope.provider, %window))]
    async fn begin_pull(
        &self,
        scope: &Scope,
        window: Window,
        clients: &ClientScope,
        decides: bool,
        now: Instant,
    ) -> Result<OpenPull, StoreError> {
        let (scope, clients) = (scope.clone(), clients.clone());
        let begin = move |tx: &Transaction<'_>, _: &_| pull::begin(tx, &scope, window, &clients, decides, now);
        let (open, over_nothing) = self.write("beginning a pull", begin).await?;
        if over_nothing {
            self.over_nothing.insert(open.id);
        }
        Ok(open)
    }

    #[tracing::instrument(name = "store.commit_pages", level = "debug", skip_all, fields(pull = pull.0, pages = pages.len()))]
    async fn commit_pages(
        &self,
        pull: PullId,
        pages: Vec<CommittedPage>,
        kinds: &[String],
        reasons: &[String],
    ) -> Result<Skipped, StoreError> {
        let names = Names { kinds: kinds.to_vec(), reasons: reasons.to_vec() };
        let series = Arc::clone(&self.series);
        let commit = move |tx: &Transaction<'_>, _: &_| page::commit(tx, &series, pull, &pages, &names);
        let (skipped, learned) = self.write("committing a page", commit).await?;
        self.series.keep(learned);
        Ok(skipped)
    }

    #[tracing::instrument(name = "store.finish_pull", level = "debug", skip_all, fields(pull = pull.0))]
    async fn finish_pull(&self, pull: PullId) -> Result<PullEnd, StoreError> {
        let over_nothing = self.over_nothing.contains(pull);
        let end = self.write("finishing a pull", move |tx, by| pull::finish(tx, by, over_nothing, pull)).await?;
        self.over_nothing.remove(pull);
        Ok(end)
    }

    #[tracing::instrument(name = "store.abandon_pull", level = "debug", skip_all, fields(pull = pull.0))]
    async fn abandon_pull(&self, pull: PullId) -> Result<(), StoreError> {
        self.write("abandoning a pull", move |tx, by| pull::abandon(tx, by, pull)).await
    }

    #[tracing::instrument(name = "store.put_sync_record", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn put_sync_record(&self, scope: &Scope, record: &SyncRecord, notes: &[AuditNote]) -> Result<(), StoreError> {
        let (scope, record, notes) = (scope.clone(), record.clone(), notes.to_vec());
        self.write("storing a sync's outcome", move |tx, by| source::put_sync_record(tx, by, &scope, &record, &notes))
            .await
    }
}

#[async_trait]
impl Alerts for SqliteStore {
    #[tracing::instrument(name = "store.open_alerts", level = "debug", skip_all)]
    async fn open_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        self.read("reading alerts", |tx| alerts::open(tx)).await
    }

    #[tracing::instrument(name = "store.alerts", level = "debug", skip_all)]
    async fn alerts(&self, all: bool, limit: u32) -> Result<Vec<AlertRecord>, StoreError> {
        self.read("reading alerts", move |tx| alerts::records(tx, all, limit)).await
    }

    #[tracing::instrument(name = "store.apply_alerts", level = "debug", skip_all, fields(fire = step.fire.len(), resolve = step.resolve.len()))]
    async fn apply_alerts(&self, by: &Attribution, step: &Step) -> Result<AlertChanges, StoreError> {
        let (by, step) = (by.clone(), step.clone());
        self.transact("storing alerts", move |tx| alerts::apply(tx, &by, &step)).await
    }

    #[tracing::instrument(name = "store.acknowledge_alert", level = "debug", skip_all, fields(%id))]
    async fn acknowledge_alert(
        &self,
        by: &Attribution,
        id: AlertId,
        note: Option<&str>,
    ) -> Result<Option<Alert>, StoreError> {
        let (by, note) = (by.clone(), note.map(str::to_owned));
        self.transact("acknowledging an alert", move |tx| alerts::acknowledge(tx, &by, id, note.as_deref())).await
    }

    #[tracing::instrument(name = "store.due_deliveries", level = "debug", skip_all)]
    async fn due_deliveries(&self, now: Instant, limit: u32) -> Result<Vec<DueDelivery>, StoreError> {
        self.read("reading deliveries", move |tx| alerts::due(tx, now, limit)).await
    }

    #[tracing::instrument(name = "store.begin_delivery", level = "debug", skip_all)]
    async fn begin_delivery(&self, id: DeliveryId, next: Instant) -> Result<bool, StoreError> {
        self.transact("storing a delivery's state", move |tx| alerts::begin_delivery(tx, id, next)).await
    }

    #[tracing::instrument(name = "store.end_delivery", level = "debug", skip_all)]
    async fn end_delivery(&self, id: DeliveryId, outcome: &DeliveryOutcome) -> Result<(), StoreError> {
        let outcome = outcome.clone();
        self.transact("storing a delivery's state", move |tx| alerts::end_delivery(tx, id, &outcome)).await
    }
}

#[async_trait]
impl AuditLog for SqliteStore {
    #[tracing::instrument(name = "store.audit", level = "debug", skip_all)]
    async fn audit(&self, since: Option<Instant>, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        self.read("reading its audit log", move |tx| audit::entries(tx, since, limit)).await
    }

    #[tracing::instrument(name = "store.verify_audit", level = "debug", skip_all)]
    async fn verify_audit(&self) -> Result<AuditVerdict, StoreError> {
        self.read("verifying its audit log", |tx| audit::verify(tx)).await
    }

    #[tracing::instrument(name = "store.note", level = "debug", skip_all, fields(action = note.action.as_str()))]
    async fn note(&self, note: &AuditNote) -> Result<(), StoreError> {
        let note = note.clone();
        self.write("writing its audit log", move |tx, by| audit::append_all(tx, by, &[note])).await
    }
}

#[async_trait]
impl Entries for SqliteStore {
    #[tracing::instrument(name = "store.add_entry", level = "debug", skip_all, fields(metric = %entry.metric))]
    async fn add_entry(&self, by: &Attribution, entry: &Entry) -> Result<Entry, StoreError> {
        let (by, entry) = (by.clone(), entry.clone());
        self.transact("storing a score", move |tx| entries::add(tx, &by, entry)).await
    }

    #[tracing::instrument(name = "store.clear_entries", level = "debug", skip_all, fields(%metric))]
    async fn clear_entries(
        &self,
        by: &Attribution,
        client: &ClientId,
        metric: &MetricId,
        kind: EntryKind,
    ) -> Result<u64, StoreError> {
        let (by, client, metric) = (by.clone(), client.clone(), metric.clone());
        self.transact("clearing a score", move |tx| entries::clear(tx, &by, &client, &metric, kind)).await
    }
}

#[async_trait]
impl Journal for SqliteStore {
    #[tracing::instrument(name = "store.note_access", level = "debug", skip_all, fields(entries = entries.len()))]
    async fn note_access(&self, entries: &[AccessEntry]) -> Result<(), StoreError> {
        let entries = entries.to_vec();
        self.write("writing its access log", move |tx, _| journal::note_access(tx, &entries)).await
    }

    #[tracing::instrument(name = "store.access_log", level = "debug", skip_all, fields(%provider))]
    async fn access_log(&self, provider: &ProviderName, limit: u32) -> Result<Vec<AccessEntry>, StoreError> {
        let provider = provider.clone();
        self.read("reading the access log", move |tx| journal::access_log(tx, &provider, limit)).await
    }

    #[tracing::instrument(name = "store.connection_use", level = "debug", skip_all, fields(%provider))]
    async fn connection_use(&self, provider: &ProviderName, since: Instant) -> Result<ConnectionUse, StoreError> {
        let provider = provider.clone();
        self.read("reading the access log", move |tx| journal::connection_use(tx, &provider, since)).await
    }

    #[tracing::instrument(name = "store.note_credential", level = "debug", skip_all, fields(%provider))]
    async fn note_credential(
        &self,
        provider: &ProviderName,
        fingerprint: &str,
        now: Instant,
    ) -> Result<CredentialAge, StoreError> {
        let (provider, fingerprint) = (provider.clone(), fingerprint.to_owned());
        self.write("storing a credential's fingerprint", move |tx, by| {
            journal::note_credential(tx, by, &provider, &fingerprint, now)
        })
        .await
    }

    #[tracing::instrument(name = "store.credential", level = "debug", skip_all, fields(%provider))]
    async fn credential(&self, provider: &ProviderName) -> Result<Option<Credential>, StoreError> {
        let provider = provider.clone();
        self.read("reading a credential's age", move |tx| journal::credential(tx, &provider)).await
    }

    #[tracing::instrument(name = "store.salt", level = "debug", skip_all)]
    async fn salt(&self) -> Result<[u8; 32], StoreError> {
        self.read("reading its salt", |tx| journal::salt(tx)).await
    }

    #[tracing::instrument(name = "store.note_component", level = "debug", skip_all, fields(provider = %scope.provider))]
    async fn note_component(&self, scope: &Scope, component: Digest) -> Result<(), StoreError> {
        let scope = scope.clone();
        self.write("storing a component's digest", move |tx, by| journal::note_component(tx, by, &scope, component))
            .await
    }

    #[tracing::instrument(name = "store.put_component_use", level = "debug", skip_all, fields(%provider))]
    async fn put_component_use(&self, provider: &ProviderName, json: &str, now: Instant) -> Result<(), StoreError> {
        let (provider, json) = (provider.clone(), json.to_owned());
        self.write("storing a component's usage", move |tx, _| journal::put_component_use(tx, &provider, &json, now))
            .await
    }

    #[tracing::instrument(name = "store.component_use", level = "debug", skip_all, fields(%provider))]
    async fn component_use(&self, provider: &ProviderName) -> Result<Option<(String, Instant)>, StoreError> {
        let provider = provider.clone();
        self.read("reading a component's usage", move |tx| journal::component_use(tx, &provider)).await
    }
}

#[async_trait]
impl Retention for SqliteStore {
    #[tracing::instrument(name = "store.scopes", level = "debug", skip_all)]
    async fn scopes(&self) -> Result<Vec<Scope>, StoreError> {
        self.read("reading its scopes", |tx| retention::scopes(tx)).await
    }

    #[tracing::instrument(name = "store.prune", level = "debug", skip_all, fields(%before))]
    async fn prune(&self, scope: Option<&Scope>, before: Instant) -> Result<Pruned, StoreError> {
        let scopes = match scope {
            Some(scope) => vec![scope.clone()],
            None => self.scopes().await?,
        };
        let mut pruned = Pruned::default();
        for scope in scopes {
            let of_one = self.write("pruning", move |tx, by| retention::prune_scope(tx, by, &scope, before)).await?;
            pruned = pruned.and(of_one);
        }
        Ok(pruned)
    }

    #[tracing::instrument(name = "store.prune_books", level = "debug", skip_all)]
    async fn prune_books(&self, limits: &BooksLimits) -> Result<Pruned, StoreError> {
        let limits = *limits;
        let pruned = self.write("pruning", move |tx, by| retention::prune_books(tx, by, &limits)).await?;
        let wiped = self.with_writer("rewriting its file", |connection| {
            Ok(!erase::is_wipe_due(connection)? || erase::wipe(connection)?)
        });
        if !wiped.await? {
            tracing::warn!("bytes of what was erased may still be in the store's file: somebody was reading");
        }
        Ok(pruned)
    }

    #[tracing::instrument(name = "store.erase", level = "debug", skip_all)]
    async fn erase(&self, erasure: &Erasure) -> Result<Erased, StoreError> {
        const ERASING: &str = "erasing a client";
        let secure_delete = |on| {
            self.with_writer(ERASING, move |connection| Ok(connection.pragma_update(None, "secure_delete", on)?))
        };
        // Deleted bytes are overwritten from here on, should the rewriting below fail.
        secure_delete(true).await?;
        let erasure = erasure.clone();
        let erased = self.write(ERASING, move |tx, by| erase::erase(tx, by, &erasure)).await;
        // Series are deleted that pages lately named.
        self.series.forget();
        let mut erased = erased?;
        match self.with_writer("rewriting its file", |connection| erase::wipe(connection)).await {
            Ok(wiped) => erased.wiped = wiped,
            // The client is gone from the data; the result says that its bytes may not be.
            Err(error) => tracing::warn!(%error, "the store's file could not be rewritten after an erasure"),
        }
        secure_delete(false).await?;
        Ok(erased)
    }

    #[tracing::instrument(name = "store.lift_erasure", level = "debug", skip_all)]
    async fn lift_erasure(&self, client: &ClientId) -> Result<Option<u64>, StoreError> {
        let client = client.clone();
        self.write("lifting an erasure", move |tx, by| erase::lift(tx, by, &client)).await
    }
}

#[async_trait]
impl Sheets for SqliteStore {
    #[tracing::instrument(name = "store.keep_sheet", level = "debug", skip_all, fields(id = sheet.id))]
    async fn keep_sheet(&self, sheet: &KeptSheet, components: &[(Digest, Vec<u8>)]) -> Result<bool, StoreError> {
        const KEEPING: &str = "storing a sheet";
        let (sheet, components) = (sheet.clone(), components.to_vec());
        let (id, digests) = (sheet.id.clone(), components.iter().map(|(digest, _)| *digest).collect::<Vec<_>>());
        let Some(known) = self.read(KEEPING, move |tx| sheets::known(tx, &id, &digests)).await? else {
            return Ok(false);
        };
        let pack = move || {
            let packed = sheets::pack(&sheet, &components, &known)?;
            Ok::<_, Failed>((sheet, packed))
        };
        let (sheet, packed) = on_blocking_thread(KEEPING, pack).await?;
        self.transact(KEEPING, move |tx| sheets::keep(tx, &sheet, &packed)).await
    }

    #[tracing::instrument(name = "store.find_sheet", level = "debug", skip_all)]
    async fn find_sheet(&self, begins: &str) -> Result<Vec<KeptSheet>, StoreError> {
        let begins = begins.to_owned();
        self.read("reading stored sheets", move |tx| sheets::find(tx, &begins)).await
    }

    #[tracing::instrument(name = "store.sheets", level = "debug", skip_all)]
    async fn sheets(&self, limit: u32) -> Result<Vec<SheetSummary>, StoreError> {
        self.read("reading stored sheets", move |tx| sheets::summaries(tx, limit)).await
    }

    #[tracing::instrument(name = "store.kept_component", level = "debug", skip_all, fields(%digest))]
    async fn kept_component(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.read("reading a stored component", move |tx| sheets::component(tx, digest)).await
    }
}

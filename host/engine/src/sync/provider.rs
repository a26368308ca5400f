//! One provider's sync: its clients, then every window that is wanted and not known.

use std::{collections::BTreeMap, pin::pin, sync::Arc, time::Instant as Clock};

use scoresheet_domain::{
    Cursor, Failure, Problem, ProblemKind, ProviderName, Remedy, SourceClient, SourceId, Window, digest::Hasher,
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{
    Progress, ProviderSync, SyncEvent, SyncRequest, notes,
    pages::Pages,
    rejected::RejectedValues,
    repeats::{self, RepeatGuard, endless, page_digest},
};
use crate::{
    definition::ProviderInstance,
    engine::Engine,
    error::EngineError,
    lock::Locked,
    plan,
    ports::{
        CommittedPage, NewPull, OpenPull, ProviderData, PullAction, PullEnd, PullId, RunContext, StoreError,
        SyncFailure, SyncLock, SyncOutcome,
    },
    remedy,
    sheet::kinds_in_use,
};

/// An interrupted pull is gone on with for so long; later its cursors may no longer mean what they did.
const RESUME_HOURS: i64 = 24;

/// Pages that have come are committed together until they hold so many records; a transaction costs as much as a
/// hundred of them, and where ids come in no order, a larger one writes less.
const RECORDS_A_COMMIT: usize = 40_000;

/// What ends a provider's sync early.
enum Stop {
    Failed(Failure),
    Problem(Problem),
    Engine(EngineError),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

/// One provider within one sync.
struct Job<'a> {
    engine: &'a Engine,
    name: &'a ProviderName,
    instance: &'a ProviderInstance,
    lock: &'a SyncLock,
    run: RunContext,
    request: &'a SyncRequest,
    progress: Progress<'a>,
}

/// What is pulled.
enum Begun {
    /// What an earlier sync began and did not finish.
    Before(OpenPull),
    /// A window from its first page on.
    Now(NewPull),
}

impl Begun {
    const fn window(&self) -> Window {
        match self {
            Self::Before(open) => open.window,
            Self::Now(new) => new.window,
        }
    }

    fn kinds(&self) -> &[String] {
        match self {
            Self::Before(open) => &open.kinds,
            Self::Now(new) => &new.kinds,
        }
    }

    const fn resumed(&self) -> bool {
        matches!(self, Self::Before(_))
    }

    /// The pages to begin with; `None` is the first.
    fn first(&self) -> Vec<Option<Cursor>> {
        match self {
            Self::Before(open) if open.started => open.pending.iter().cloned().map(Some).collect(),
            Self::Before(_) | Self::Now(_) => vec![None],
        }
    }
}

/// The source's list of clients, as it was kept.
#[derive(Clone, Copy, Default)]
struct Listed {
    count: u64,
    skipped: u64,
}

impl Engine {
    #[tracing::instrument(name = "sync.provider", skip_all, fields(provider = %name))]
    pub(super) async fn sync_provider(
        &self,
        name: &ProviderName,
        instance: &ProviderInstance,
        locked: &Locked,
        request: &SyncRequest,
        progress: Progress<'_>,
        cancel: &CancellationToken,
    ) -> Result<ProviderSync, EngineError> {
        let began = Clock::now();
        let before = self.sheet_store().provider_data(&instance.scope).await?;
        let run = RunContext { now: request.now, cancel: cancel.clone() };
        let job = Job { engine: self, name, instance, lock: &locked.lock, run, request, progress };
        let mut report = ProviderSync {
            provider: name.clone(),
            stub: instance.provider.description().stub,
            clients: 0,
            pages: 0,
            observations: 0,
            rejected: 0,
            rejections: Vec::new(),
            skipped: 0,
            withdrawn: 0,
            problem: None,
            interrupted: false,
        };
        let mut record = before.sync.clone();
        let mut listed = None;
        let stopped = job.run(&before, &mut listed, &mut report).await;
        record.last_attempt = Some(request.now);
        match stopped {
            Ok(()) => {
                record.last_success = Some(request.now);
                record.failure = None;
            }
            Err(Stop::Failed(Failure::Cancelled)) if cancel.is_cancelled() => report.interrupted = true,
            Err(Stop::Failed(failure)) => {
                let at = remedy::after(request.now, began.elapsed());
                report.problem = Some(remedy::problem_at(name, instance, &failure, at));
            }
            Err(Stop::Problem(problem)) => report.problem = Some(problem),
            Err(Stop::Engine(error)) => return Err(error),
        }
        if let Some(problem) = &report.problem {
            tracing::warn!(kind = problem.kind.as_str(), message = %problem.message, "the sync of a provider failed");
            record.failure = Some(SyncFailure {
                kind: problem.kind,
                message: problem.message.clone(),
                remedy: problem.remedy.clone(),
            });
        }
        let outcome = SyncOutcome {
            scope: instance.scope.clone(),
            component: instance.provider.digest(),
            record,
            mapped: match listed {
                Some(_) => self.mapped_by_rules(name, instance).await?,
                None => None,
            },
            notes: notes::of(&report),
        };
        self.sync_store().finish_sync(&locked.renewed(), &outcome).await?;
        progress(SyncEvent::Done(report.clone()));
        Ok(report)
    }
}

impl Job<'_> {
    /// `listed` is set once the source's list of clients is stored.
    async fn run(
        &self,
        before: &ProviderData,
        listed: &mut Option<Listed>,
        report: &mut ProviderSync,
    ) -> Result<(), Stop> {
        let request = self.request;
        let longest = self.engine.longest_window(self.name, request.as_of, request.lookback_days);
        let wanted = plan::wanted(self.engine.policy, longest, before.pruned_until, request.now);
        if let Some(until) = before.pruned_until.filter(|_| wanted.is_empty()) {
            return Err(Stop::Problem(Problem {
                kind: ProblemKind::Stale,
                provider: Some(self.name.clone()),
                client: None,
                message: format!("{}: the clock says {}, but all before {until} was removed", self.name, request.now),
                remedy: Remedy::SetClock,
            }));
        }
        let pulled = {
            let (mut clients, mut pull) =
                (pin!(self.sync_clients(before)), pin!(self.pull_everything(before, wanted, report)));
            let mut pulled = None;
            // Neither needs the other. A failure of the list ends the pull and is the one that is reported, so that the
            // report on a source that fails at everything does not depend on timing.
            loop {
                tokio::select! {
                    result = &mut clients, if listed.is_none() => *listed = Some(result?),
                    result = &mut pull, if pulled.is_none() => pulled = Some(result),
                    else => break pulled,
                }
            }
        };
        let Listed { mut count, skipped } = listed.as_ref().copied().unwrap_or_default();
        if count == 0 {
            // The source has no list: its clients are those that its records name.
            let data = self.engine.sheet_store().provider_data(&self.instance.scope).await?;
            count = data.source_clients.len() as u64;
            (self.progress)(SyncEvent::Clients { provider: self.name.clone(), count: data.source_clients.len() });
        }
        report.clients = count;
        report.skipped += skipped;
        pulled.unwrap_or(Ok(()))
    }

    /// Pulls what is wanted and not covered, of the kinds that some metric uses.
    async fn pull_everything(
        &self,
        before: &ProviderData,
        wanted: Window,
        report: &mut ProviderSync,
    ) -> Result<(), Stop> {
        let request = self.request;
        let scope = &self.instance.scope;
        let description = self.instance.provider.description();
        let in_use = kinds_in_use(&self.engine.sheet, self.name, description);
        let mut in_use: Vec<String> = in_use.iter().map(|kind| description.kind(*kind).to_owned()).collect();
        in_use.sort();
        let mut coverage = before.coverage.clone();
        let mut rejected = RejectedValues::default();
        for open in self.engine.sync_store().open_pulls(scope).await? {
            let fresh = open.began.plus_millis(RESUME_HOURS * 3_600_000) > request.now && open.began <= request.now;
            let used = open.kinds.iter().all(|kind| in_use.contains(kind));
            if fresh && used && (open.decides || !request.full) {
                for kind in &open.kinds {
                    coverage.entry(kind.clone()).or_default().insert(open.window);
                }
                self.pull(Begun::Before(open), &mut rejected, report).await?;
            } else {
                self.engine.sync_store().end_pull(self.lock, open.id, PullAction::Abandon).await?;
            }
        }
        // Kinds with the same gaps are pulled together.
        let mut pulls: BTreeMap<Vec<Window>, Vec<String>> = BTreeMap::new();
        for kind in &in_use {
            let windows = if request.full {
                vec![wanted]
            } else {
                let covered = coverage.remove(kind).unwrap_or_default();
                plan::windows(self.engine.policy, wanted, &covered)
            };
            pulls.entry(windows).or_default().push(kind.clone());
        }
        for (windows, kinds) in pulls {
            for window in windows {
                let all_kinds = kinds.len() == in_use.len();
                let (scope, kinds, decides) = (scope.clone(), kinds.clone(), request.full);
                let new = NewPull { scope, window, kinds, all_kinds, decides };
                self.pull(Begun::Now(new), &mut rejected, report).await?;
            }
        }
        Ok(())
    }

    /// Pulls the source's list of clients, all pages, and replaces the stored one.
    async fn sync_clients(&self, before: &ProviderData) -> Result<Listed, Stop> {
        let (provider, run) = (Arc::clone(&self.instance.provider), self.run.clone());
        let mut pages = Pages::new([None], self.engine.policy.pages_in_flight, move |cursor: Option<Cursor>| {
            let (provider, run) = (Arc::clone(&provider), run.clone());
            async move { provider.clients(&run, cursor.as_ref()).await }.instrument(page_span())
        });
        let mut clients: BTreeMap<SourceId, SourceClient> = BTreeMap::new();
        let mut guard = RepeatGuard::default();
        let (mut count, mut read, mut total) = (0_u64, 0_u64, None);
        while let Some((_, page)) = pages.next().await {
            let page = page?;
            count += 1;
            read += u64::from(page.read);
            total = total.into_iter().chain(page.total).min();
            if !page.items.is_empty() {
                let mut hasher = Hasher::new();
                for client in &page.items {
                    hasher.field(client.id.as_str()).field(&client.name);
                }
                guard.see(hasher.finish(), "clients")?;
            }
            if count > repeats::MAX_PAGES {
                return Err(endless("clients").into());
            }
            pages.extend(page.next);
            // The same id on a later page replaces the former: the list moved while it was read.
            clients.extend(page.items.into_iter().map(|client| (client.id.clone(), client)));
        }
        if let Some(total) = total.filter(|total| read < *total) {
            return Err(short("clients", read, total).into());
        }
        let clients: Vec<SourceClient> = clients.into_values().collect();
        if clients.is_empty() && !self.request.full && before.listed {
            return Err(Stop::Problem(
                self.ask_a_person(format!("{} suddenly has no clients at all; the ones it had are kept", self.name)),
            ));
        }
        let store = self.engine.sync_store();
        let skipped = store.replace_source_clients(self.lock, &self.instance.scope, &clients).await?;
        tracing::info!(clients = clients.len(), "stored the source's list of clients");
        if !clients.is_empty() {
            (self.progress)(SyncEvent::Clients { provider: self.name.clone(), count: clients.len() });
        }
        Ok(Listed { count: clients.len() as u64, skipped })
    }

    #[tracing::instrument(name = "sync.window", skip_all, fields(window = %begun.window(), resumed = begun.resumed()))]
    async fn pull(&self, begun: Begun, rejected: &mut RejectedValues, report: &mut ProviderSync) -> Result<(), Stop> {
        let (window, resumed) = (begun.window(), begun.resumed());
        (self.progress)(SyncEvent::Window { provider: self.name.clone(), window, resumed });
        tracing::info!(resumed, "pulling a window");
        let (provider, run) = (Arc::clone(&self.instance.provider), self.run.clone());
        let kinds: Arc<[u16]> = self.kinds(begun.kinds());
        let mut pages = Pages::new(begun.first(), self.engine.policy.pages_in_flight, move |cursor: Option<Cursor>| {
            let (provider, kinds, run) = (Arc::clone(&provider), Arc::clone(&kinds), run.clone());
            async move {
                let page = provider.pull(&run, &kinds, window, cursor.as_ref()).await?;
                // Here, where pages are worked on in parallel.
                let digest = page_digest(&page);
                Ok((page, digest))
            }
            .instrument(page_span())
        });
        // The source is asked while the store writes down what is asked for.
        pages.start();
        let open = match begun {
            Begun::Before(open) => open,
            Begun::Now(new) => self.engine.sync_store().begin_pull(self.lock, &new).await?,
        };
        let mut guard = RepeatGuard::from_seen(&open.digests);
        let mut committed = open.digests.len() as u64;
        while let Some(first) = pages.next().await {
            // Pages may have come that nobody waits for any more: the next sync asks for them again.
            if self.run.cancel.is_cancelled() {
                return Err(Failure::Cancelled.into());
            }
            let (mut arrived, mut records, mut stopped) = (Vec::new(), 0, None);
            let mut next = Some(first);
            while let Some((cursor, page)) = next {
                match page.and_then(|page| guard.pass(page, committed + arrived.len() as u64)) {
                    Ok((page, digest)) => {
                        records += page.items.len() + page.rejected.len();
                        rejected.add(&page.rejected);
                        pages.extend(page.next.iter().cloned());
                        arrived.push(CommittedPage { cursor, page, digest });
                    }
                    // What came before it is kept.
                    Err(failure) => {
                        stopped = Some(failure);
                        break;
                    }
                }
                next = if records < RECORDS_A_COMMIT { pages.next_ready() } else { None };
            }
            report.rejections = rejected.most_frequent(&self.instance.provider.description().rejections);
            self.commit(open.id, arrived, &mut committed, pages.pending(), report).await?;
            if let Some(failure) = stopped {
                return Err(failure.into());
            }
        }
        match self.engine.sync_store().end_pull(self.lock, open.id, PullAction::Finish).await? {
            PullEnd::Covered { deleted } => {
                report.withdrawn += deleted;
                tracing::info!(pages = committed, deleted, "the pull is complete");
                Ok(())
            }
            PullEnd::Abandoned => Ok(()),
            PullEnd::Short { read, total } => Err(short("observations", read, total).into()),
            PullEnd::Suspicious { would_delete, of } => Err(Stop::Problem(self.ask_a_person(format!(
                "{}: {would_delete} of the {of} events known in {} are gone at the source; the old data stands",
                self.name, open.window
            )))),
        }
    }

    /// The description's indexes of these kinds.
    fn kinds(&self, names: &[String]) -> Arc<[u16]> {
        let kinds = (0_u16..).zip(&self.instance.provider.description().kinds);
        kinds.filter(|(_, name)| names.contains(name)).map(|(kind, _)| kind).collect()
    }

    /// Commits pages that came together, and reports each.
    async fn commit(
        &self,
        pull: PullId,
        pages: Vec<CommittedPage>,
        committed: &mut u64,
        pending: u64,
        report: &mut ProviderSync,
    ) -> Result<(), Stop> {
        if pages.is_empty() {
            return Ok(());
        }
        let described = self.instance.provider.description();
        let counts: Vec<(u64, u64, Option<u64>)> = pages
            .iter()
            .map(|CommittedPage { page, .. }| (page.items.len() as u64, page.rejected.len() as u64, page.total))
            .collect();
        let skipped = self
            .engine
            .sync_store()
            .commit_pages(self.lock, pull, pages, &described.kinds, &described.rejections)
            .await?;
        report.skipped += skipped.observations + skipped.rejected;
        for (after, (observations, rejected, total)) in (0..counts.len() as u64).rev().zip(counts) {
            *committed += 1;
            report.pages += 1;
            report.observations += observations;
            report.rejected += rejected;
            (self.progress)(SyncEvent::Page {
                provider: self.name.clone(),
                pages: *committed,
                pending: pending + after,
                observations,
                rejected,
                total,
            });
        }
        // They did not count.
        report.observations = report.observations.saturating_sub(skipped.observations);
        report.rejected = report.rejected.saturating_sub(skipped.rejected);
        Ok(())
    }

    /// Something the source says may be a mistake of its own: a person decides.
    fn ask_a_person(&self, message: String) -> Problem {
        Problem {
            kind: ProblemKind::Stale,
            provider: Some(self.name.clone()),
            client: None,
            message,
            remedy: Remedy::ConfirmFullSync { provider: self.name.clone() },
        }
    }
}

pub(crate) fn short(what: &str, read: u64, total: u64) -> Failure {
    Failure::InvalidResponse(format!("it returned {read} {what}, but says that it has {total}"))
}

/// A fetch is a task of its own, so its span has to be told whose it is: made where the sync is.
fn page_span() -> tracing::Span {
    tracing::debug_span!("sync.page")
}

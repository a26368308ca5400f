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
    repeats::{self, RepeatGuard, endless, page_digest},
};
use crate::{
    definition::ProviderInstance,
    engine::{Engine, find_client},
    error::EngineError,
    plan,
    ports::{ClientScope, CommittedPage, OpenPull, PullEnd, PullId, RunContext, StoreError},
    remedy,
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
    settings: Arc<str>,
    run: RunContext,
    request: &'a SyncRequest,
    progress: Progress<'a>,
}

/// What is pulled.
enum Begun {
    /// What an earlier sync began and did not finish.
    Before(OpenPull),
    /// A window from its first page on.
    Now {
        window: Window,
        /// Whether what the source no longer has goes, however much that is.
        decides: bool,
    },
}

impl Begun {
    const fn window(&self) -> Window {
        match self {
            Self::Before(open) => open.window,
            Self::Now { window, .. } => *window,
        }
    }

    const fn resumed(&self) -> bool {
        matches!(self, Self::Before(_))
    }

    /// The pages to begin with; `None` is the first.
    fn first(&self) -> Vec<Option<Cursor>> {
        match self {
            Self::Before(open) if open.started => open.pending.iter().cloned().map(Some).collect(),
            Self::Before(_) | Self::Now { .. } => vec![None],
        }
    }
}

/// The source's list of clients, as it was kept.
#[derive(Default)]
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
        request: &SyncRequest,
        progress: Progress<'_>,
        cancel: &CancellationToken,
    ) -> Result<ProviderSync, EngineError> {
        let began = Clock::now();
        let before = self.store.sync_record(&instance.scope).await?;
        let job = Job {
            engine: self,
            name,
            instance,
            settings: instance.settings.to_string().into(),
            run: RunContext { now: request.now, cancel: cancel.clone() },
            request,
            progress,
        };
        let mut report = ProviderSync {
            provider: name.clone(),
            stub: instance.provider.description().stub,
            clients: 0,
            pages: 0,
            observations: 0,
            rejected: 0,
            skipped: 0,
            withdrawn: 0,
            problem: None,
            interrupted: false,
        };
        // Beside each other, so that the source is asked meanwhile; whoever writes first to the store is first.
        let noted = self.store.note_component(&instance.scope, instance.provider.digest());
        let (noted, stopped) = tokio::join!(noted, job.run(&mut report));
        noted?;
        let mut record = before;
        record.last_attempt = Some(request.now);
        match stopped {
            Ok(()) => {
                // A pull of one client says nothing of the others: an earlier failure still stands.
                if request.client.is_none() {
                    record.last_success = Some(request.now);
                    record.failure = None;
                }
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
            record.failure = Some((problem.kind, problem.message.clone(), remedy::to_stored(&problem.remedy)));
        }
        self.store.put_sync_record(&instance.scope, &record, &notes::of(&report)).await?;
        progress(SyncEvent::Done(report.clone()));
        Ok(report)
    }
}

impl Job<'_> {
    async fn run(&self, report: &mut ProviderSync) -> Result<(), Stop> {
        let request = self.request;
        let longest = self.engine.longest_window(self.name, request.as_of, request.lookback_days);
        let pruned_until = self.engine.store.pruned_until(&self.instance.scope).await?;
        let wanted = plan::wanted(self.engine.policy, longest, pruned_until, request.now);
        if let Some(until) = pruned_until.filter(|_| wanted.is_empty()) {
            return Err(Stop::Problem(Problem {
                kind: ProblemKind::Stale,
                provider: Some(self.name.clone()),
                client: None,
                message: format!("{}: the clock says {}, but all before {until} was removed", self.name, request.now),
                remedy: Remedy::SetClock,
            }));
        }
        if let Some(client) = &request.client {
            report.clients = self.sync_clients().await?.count;
            let roster = self.engine.roster().await?;
            find_client(&roster.clients, client.as_str())?;
            let mapping = self.engine.map_provider(self.name, self.instance, &roster).await?;
            for source in mapping.sources_of(client) {
                let begun = Begun::Now { window: wanted, decides: false };
                self.pull(begun, ClientScope::One(source), report).await?;
            }
            return Ok(());
        }
        let mut listed = None;
        let pulled = {
            let (mut clients, mut pull) = (pin!(self.sync_clients()), pin!(self.pull_everything(wanted, report)));
            let mut pulled = None;
            // Neither needs the other. A failure of the list ends the pull and is the one that is told, so that what
            // is told of a source that fails at everything does not depend on what came first.
            loop {
                tokio::select! {
                    result = &mut clients, if listed.is_none() => listed = Some(result?),
                    result = &mut pull, if pulled.is_none() => pulled = Some(result),
                    else => break pulled,
                }
            }
        };
        let Listed { count, skipped } = listed.unwrap_or_default();
        report.clients = count;
        report.skipped += skipped;
        pulled.unwrap_or(Ok(()))
    }

    /// Pulls what is wanted of every client and is not known.
    async fn pull_everything(&self, wanted: Window, report: &mut ProviderSync) -> Result<(), Stop> {
        let request = self.request;
        let store = &self.engine.store;
        for open in store.open_pulls(&self.instance.scope).await? {
            let fresh = open.began.plus_millis(RESUME_HOURS * 3_600_000) > request.now && open.began <= request.now;
            if fresh && (open.decides || !request.full) {
                self.pull(Begun::Before(open), ClientScope::All, report).await?;
            } else {
                store.abandon_pull(open.id).await?;
            }
        }
        let windows = if request.full {
            vec![wanted]
        } else {
            plan::windows(self.engine.policy, wanted, &store.coverage(&self.instance.scope).await?)
        };
        for window in windows {
            self.pull(Begun::Now { window, decides: request.full }, ClientScope::All, report).await?;
        }
        Ok(())
    }

    /// Pulls the source's clients, all pages, keeps them in the place of the former and says how many they are.
    async fn sync_clients(&self) -> Result<Listed, Stop> {
        let (provider, settings, run) =
            (Arc::clone(&self.instance.provider), Arc::clone(&self.settings), self.run.clone());
        let mut pages = Pages::new([None], self.engine.policy.pages_in_flight, move |cursor: Option<Cursor>| {
            let (provider, settings, run) = (Arc::clone(&provider), Arc::clone(&settings), run.clone());
            async move { provider.clients(&run, &settings, cursor.as_ref()).await }.instrument(page_span())
        });
        let mut clients: BTreeMap<SourceId, SourceClient> = BTreeMap::new();
        let mut guard = RepeatGuard::default();
        let mut count = 0_u64;
        while let Some((_, page)) = pages.next().await {
            let page = page?;
            count += 1;
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
        let clients: Vec<SourceClient> = clients.into_values().collect();
        let scope = &self.instance.scope;
        if clients.is_empty() && !self.request.full && !self.engine.store.source_clients(scope).await?.is_empty() {
            return Err(Stop::Problem(
                self.ask_a_person(format!("{} suddenly has no clients at all; the ones it had are kept", self.name)),
            ));
        }
        let skipped = self.engine.store.replace_source_clients(scope, &clients).await?;
        self.engine.keep_ties(self.name, self.instance).await?;
        tracing::info!(clients = clients.len(), "the source's clients are known");
        (self.progress)(SyncEvent::Clients { provider: self.name.clone(), count: clients.len() });
        Ok(Listed { count: clients.len() as u64, skipped })
    }

    #[tracing::instrument(name = "sync.window", skip_all, fields(window = %begun.window(), resumed = begun.resumed()))]
    async fn pull(&self, begun: Begun, clients: ClientScope, report: &mut ProviderSync) -> Result<(), Stop> {
        let (window, resumed) = (begun.window(), begun.resumed());
        (self.progress)(SyncEvent::Window { provider: self.name.clone(), window, resumed });
        tracing::info!(resumed, "pulling a window");
        let provider = Arc::clone(&self.instance.provider);
        let (settings, run) = (Arc::clone(&self.settings), self.run.clone());
        let client = match &clients {
            ClientScope::All => None,
            ClientScope::One(source) => Some(source.clone()),
        };
        let mut pages = Pages::new(begun.first(), self.engine.policy.pages_in_flight, move |cursor: Option<Cursor>| {
            let (provider, settings, run, client) =
                (Arc::clone(&provider), Arc::clone(&settings), run.clone(), client.clone());
            async move {
                let page = provider.pull(&run, &settings, window, client.as_ref(), cursor.as_ref()).await?;
                // Here, where pages are worked on side by side.
                let digest = page_digest(&page);
                Ok((page, digest))
            }
            .instrument(page_span())
        });
        // The source is asked while the store writes down what is asked for.
        pages.start();
        let open = match begun {
            Begun::Before(open) => open,
            Begun::Now { window, decides } => {
                let (scope, now) = (&self.instance.scope, self.request.now);
                self.engine.store.begin_pull(scope, window, &clients, decides, now).await?
            }
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
            self.commit(open.id, arrived, &mut committed, pages.pending(), report).await?;
            if let Some(failure) = stopped {
                return Err(failure.into());
            }
        }
        match self.engine.store.finish_pull(open.id).await? {
            PullEnd::Covered { withdrawn } => {
                report.withdrawn += withdrawn;
                tracing::info!(pages = committed, withdrawn, "the window is pulled whole");
                Ok(())
            }
            PullEnd::Suspicious { would_go, of } => Err(Stop::Problem(self.ask_a_person(format!(
                "{}: {would_go} of the {of} events known in {} are gone at the source; the old data stands",
                self.name, open.window
            )))),
        }
    }

    /// Commits pages that came together, and tells of each.
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
        let skipped = self.engine.store.commit_pages(pull, pages, &described.kinds, &described.rejections).await?;
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

/// A fetch is a task of its own, so its span has to be told whose it is: made where the sync is.
fn page_span() -> tracing::Span {
    tracing::debug_span!("sync.page")
}

//! One provider's sync: its clients, then every window that is wanted and not known.

use std::{
    collections::{BTreeMap, HashMap},
    pin::pin,
    sync::Arc,
    time::Instant as Clock,
};

use scoresheet_domain::{
    Cursor, Digest, Failure, Observation, ObservationPage, Problem, ProblemKind, ProviderName, Rejection, SourceClient,
    SourceId, Window,
    digest::Hasher,
    observation::{ClientRef, When},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{Progress, ProviderSync, SyncEvent, SyncRequest, notes, pages::Pages};
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

/// A page with the same records for the third time in one pull is a source that goes round in a circle.
const SAME_PAGE_LIMIT: usize = 2;

/// Pages that have come are committed together until they hold so many records; a transaction costs as much as a
/// hundred of them, and where ids come in no order, a larger one writes less.
const RECORDS_A_COMMIT: usize = 40_000;

/// No pull needs more pages than this; a source that hands out more never ends.
const MAX_PAGES: u64 = 1_000_000;

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

/// A page that is to be committed.
struct Arrived {
    cursor: Option<Cursor>,
    page: ObservationPage,
    digest: Digest,
}

type Digested = (ObservationPage, Digest);

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
        self.store.note_component(&instance.scope, instance.provider.digest()).await?;
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
        let stopped = job.run(&mut report).await;
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
                let at = request.now.plus_millis(i64::try_from(began.elapsed().as_millis()).unwrap_or_default());
                report.problem = Some(remedy::problem_at(name, instance, &failure, at));
            }
            Err(Stop::Problem(problem)) => report.problem = Some(problem),
            Err(Stop::Engine(error)) => return Err(error),
        }
        if let Some(problem) = &report.problem {
            tracing::warn!(kind = problem.kind.as_str(), message = %problem.message, "the sync of a provider failed");
            record.failure = Some((problem.kind, problem.message.clone(), problem.remedy.clone()));
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
                remedy: "set the clock right, then run 'scoresheet sync'".to_owned(),
            }));
        }
        if let Some(client) = &request.client {
            report.clients = self.sync_clients().await?.count;
            let roster = self.engine.roster().await?;
            find_client(&roster.clients, client.as_str())?;
            let mapping = self.engine.map_provider(self.name, self.instance, &roster).await?;
            for source in mapping.sources_of(client) {
                self.begin_and_pull(wanted, ClientScope::One(source), false, report).await?;
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
                self.pull(open, ClientScope::All, true, report).await?;
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
            self.begin_and_pull(window, ClientScope::All, request.full, report).await?;
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
            if count > MAX_PAGES {
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

    async fn begin_and_pull(
        &self,
        window: Window,
        clients: ClientScope,
        decides: bool,
        report: &mut ProviderSync,
    ) -> Result<(), Stop> {
        let open =
            self.engine.store.begin_pull(&self.instance.scope, window, &clients, decides, self.request.now).await?;
        self.pull(open, clients, false, report).await
    }

    #[tracing::instrument(name = "sync.window", skip_all, fields(window = %open.window, resumed))]
    async fn pull(
        &self,
        open: OpenPull,
        clients: ClientScope,
        resumed: bool,
        report: &mut ProviderSync,
    ) -> Result<(), Stop> {
        (self.progress)(SyncEvent::Window { provider: self.name.clone(), window: open.window, resumed });
        tracing::info!(resumed, "pulling a window");
        let provider = Arc::clone(&self.instance.provider);
        let (settings, run, window) = (Arc::clone(&self.settings), self.run.clone(), open.window);
        let client = match clients {
            ClientScope::All => None,
            ClientScope::One(source) => Some(source),
        };
        let first: Vec<Option<Cursor>> =
            if open.started { open.pending.into_iter().map(Some).collect() } else { vec![None] };
        let mut pages = Pages::new(first, self.engine.policy.pages_in_flight, move |cursor: Option<Cursor>| {
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
                        arrived.push(Arrived { cursor, page, digest });
                    }
                    // What came before it is kept.
                    Err(failure) => {
                        stopped = Some(failure);
                        break;
                    }
                }
                next = if records < RECORDS_A_COMMIT { pages.next_ready() } else { None };
            }
            self.commit(open.id, &arrived, &mut committed, pages.pending(), report).await?;
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
        arrived: &[Arrived],
        committed: &mut u64,
        pending: u64,
        report: &mut ProviderSync,
    ) -> Result<(), Stop> {
        let description = self.instance.provider.description();
        let pages: Vec<CommittedPage<'_>> = arrived
            .iter()
            .map(|Arrived { cursor, page, digest }| CommittedPage {
                cursor: cursor.as_ref(),
                page,
                kinds: &description.kinds,
                reasons: &description.rejections,
                digest: *digest,
            })
            .collect();
        if pages.is_empty() {
            return Ok(());
        }
        let skipped = self.engine.store.commit_pages(pull, &pages).await?;
        report.skipped += skipped.observations + skipped.rejected;
        for (after, Arrived { page, .. }) in (0..arrived.len() as u64).rev().zip(arrived) {
            *committed += 1;
            let (observations, rejected) = (page.items.len() as u64, page.rejected.len() as u64);
            report.pages += 1;
            report.observations += observations;
            report.rejected += rejected;
            (self.progress)(SyncEvent::Page {
                provider: self.name.clone(),
                pages: *committed,
                pending: pending + after,
                observations,
                rejected,
                total: page.total,
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
            remedy: format!(
                "look at the source; if it is right, run 'scoresheet sync --provider {} --full'",
                self.name
            ),
        }
    }
}

/// A fetch is a task of its own, so its span has to be told whose it is: made where the sync is.
fn page_span() -> tracing::Span {
    tracing::debug_span!("sync.page")
}

/// Notices a source that serves the same page again and again.
#[derive(Default)]
struct RepeatGuard(HashMap<Digest, usize>);

impl RepeatGuard {
    fn from_seen(digests: &[Digest]) -> Self {
        let mut guard = Self::default();
        for digest in digests {
            *guard.0.entry(*digest).or_default() += 1;
        }
        guard
    }

    /// Lets a page of observations through, unless there is no end to them.
    fn pass(&mut self, (page, digest): Digested, before: u64) -> Result<Digested, Failure> {
        // Records without an id may honestly look alike, so they prove nothing.
        if !page.items.is_empty() || page.rejected.iter().any(|rejection| rejection.id.is_some()) {
            self.see(digest, "observations")?;
        }
        if before >= MAX_PAGES { Err(endless("observations")) } else { Ok((page, digest)) }
    }

    fn see(&mut self, digest: Digest, what: &str) -> Result<(), Failure> {
        let times = self.0.entry(digest).or_default();
        *times += 1;
        if *times > SAME_PAGE_LIMIT { Err(endless(what)) } else { Ok(()) }
    }
}

fn endless(what: &str) -> Failure {
    Failure::InvalidResponse(format!("it serves the same page of {what} again and again, as if there were no end"))
}

fn page_digest(page: &ObservationPage) -> Digest {
    let mut hasher = Hasher::new();
    for Observation { id, client, when, kind, value } in &page.items {
        hasher.field(id).number(i64::from(*kind)).float(*value);
        hash_client(&mut hasher, Some(client));
        hash_when(&mut hasher, *when);
    }
    for Rejection { id, client, at, reason } in &page.rejected {
        hasher.field(id.as_deref().unwrap_or_default()).number(i64::from(*reason));
        hash_client(&mut hasher, client.as_ref());
        hasher.number(at.map_or(i64::MIN, Instant::millis));
    }
    hasher.finish()
}

fn hash_client(hasher: &mut Hasher, client: Option<&ClientRef>) {
    match client {
        None => hasher.number(0),
        Some(ClientRef::Id(id)) => hasher.number(1).field(id.as_str()),
        Some(ClientRef::Name(name)) => hasher.number(2).field(name),
    };
}

fn hash_when(hasher: &mut Hasher, when: When) {
    hasher.number(when.start().millis()).number(when.until().millis());
}

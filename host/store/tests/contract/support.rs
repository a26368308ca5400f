//! A place for stores, and helpers for what the cases do with them.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use scoresheet_domain::{
    AuditAction, Client, ClientId, ClientRef, Cursor, Digest, Entry, EntryKind, Instant, MetricId, Observation,
    ObservationPage, ProviderName, Rejection, SourceClient, SourceId, When, Window,
};
use scoresheet_engine::{
    AccessEntry, Attribution, AuditNote, ClientSamples, CommittedPage, Erased, Erasure, NewPull, OpenPull,
    ProviderData, PruneLimits, Pruned, PullAction, PullEnd, PullId, SavedSheet, Scope, Skipped, Store, StoreError,
    SyncLock, SyncOutcome, SyncRecord, UserChange,
};

/// Where a store lies.
#[async_trait]
pub(crate) trait Place: Sync {
    /// Opens the store there, new or not, as another process would.
    async fn open(&self) -> Arc<dyn Store>;
}

/// Names of kinds and reasons, as a description would give them.
pub(crate) const KINDS: [&str; 3] = ["overall", "ticket", "agreement"];
pub(crate) const REASONS: [&str; 2] = ["incomplete", "no-time"];

pub(crate) fn at(millis: i64) -> Instant {
    Instant::from_millis(millis)
}

pub(crate) fn window(start: i64, end: i64) -> Window {
    Window { start: at(start), end: at(end) }
}

/// Everything.
pub(crate) fn ever() -> Window {
    Window { start: Instant::MIN, end: Instant::MAX }
}

pub(crate) fn scope(provider: &str) -> Scope {
    Scope { provider: ProviderName::new(provider).expect("a name"), settings: Digest::of("settings") }
}

/// Anna, at 0.
pub(crate) fn by() -> Attribution {
    by_at(0)
}

pub(crate) fn by_at(millis: i64) -> Attribution {
    Attribution { actor: "anna@here".into(), at: at(millis) }
}

/// A lock of this instance on a provider; what is done under it is done by Anna at 1,000.
pub(crate) fn lock_of(provider_name: &str, instance: &str) -> SyncLock {
    SyncLock { provider: provider(provider_name), instance: instance.into(), by: by_at(1_000) }
}

/// The lock of a scope's provider that every helper below takes.
pub(crate) fn lock(scope: &Scope) -> SyncLock {
    lock_of(scope.provider.as_str(), "writer")
}

async fn take_lock(store: &Arc<dyn Store>, scope: &Scope) {
    store.lock(&lock(scope), at(0)).await.expect("a lock");
}

pub(crate) fn by_id(id: &str) -> ClientRef {
    ClientRef::from_id(SourceId::new(id).expect("an id"))
}

pub(crate) fn by_name(name: &str) -> ClientRef {
    ClientRef::from_name(name)
}

pub(crate) fn by_both(id: &str, name: &str) -> ClientRef {
    ClientRef::new(Some(SourceId::new(id).expect("an id")), Some(name.into())).expect("an id and a name")
}

/// An event of kind 0 of client `c`.
pub(crate) fn event(id: &str, at_millis: i64, value: f64) -> Observation {
    Observation { id: id.into(), client: by_id("c"), when: When::At(at(at_millis)), kind: 0, value }
}

/// A state of kind 2 of client `c`.
pub(crate) fn state(id: &str, when: When) -> Observation {
    Observation { id: id.into(), client: by_id("c"), when, kind: 2, value: 1.0 }
}

/// A rejection for reason 0 of client `c`.
pub(crate) fn rejection(id: Option<&str>, at_millis: Option<i64>) -> Rejection {
    Rejection {
        id: id.map(Into::into),
        client: Some(by_id("c")),
        at: at_millis.map(at),
        reason: 0,
        field: None,
        value: None,
    }
}

pub(crate) fn items(items: impl IntoIterator<Item = Observation>) -> ObservationPage {
    ObservationPage { items: items.into_iter().collect(), ..ObservationPage::default() }
}

pub(crate) fn rejected(rejected: impl IntoIterator<Item = Rejection>) -> ObservationPage {
    ObservationPage { rejected: rejected.into_iter().collect(), ..ObservationPage::default() }
}

pub(crate) fn cursor(text: &str) -> Cursor {
    Cursor(text.as_bytes().to_vec())
}

/// The page with these pages after it.
pub(crate) fn then(mut page: ObservationPage, next: &[&str]) -> ObservationPage {
    page.next = next.iter().map(|text| cursor(text)).collect();
    page
}

/// What the tests take for the digest of a page.
pub(crate) fn digest(page: &ObservationPage) -> Digest {
    Digest::of(format!("{page:?}"))
}

pub(crate) async fn commit(
    store: &Arc<dyn Store>,
    scope: &Scope,
    pull: PullId,
    fetched_with: Option<&str>,
    page: &ObservationPage,
) -> Result<Skipped, StoreError> {
    commit_together(store, scope, pull, &[(fetched_with, page)]).await
}

/// In one step.
pub(crate) async fn commit_together(
    store: &Arc<dyn Store>,
    scope: &Scope,
    pull: PullId,
    pages: &[(Option<&str>, &ObservationPage)],
) -> Result<Skipped, StoreError> {
    let (kinds, reasons) = (KINDS.map(String::from), REASONS.map(String::from));
    let pages = pages
        .iter()
        .map(|(fetched_with, page)| CommittedPage {
            cursor: fetched_with.map(cursor),
            page: (*page).clone(),
            digest: digest(page),
        })
        .collect();
    store.commit_pages(&lock(scope), pull, pages, &kinds, &reasons).await
}

/// A pull of every kind.
pub(crate) fn new_pull(scope: &Scope, window: Window) -> NewPull {
    let kinds = KINDS.map(String::from).to_vec();
    NewPull { scope: scope.clone(), window, kinds, all_kinds: true, decides: false }
}

/// A pull of these kinds, which are not all.
pub(crate) fn pull_of(scope: &Scope, window: Window, kinds: &[&str]) -> NewPull {
    let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    NewPull { kinds, all_kinds: false, ..new_pull(scope, window) }
}

/// Locks the provider and begins a pull of every kind.
pub(crate) async fn begin(store: &Arc<dyn Store>, scope: &Scope, window: Window) -> OpenPull {
    begin_as(store, &new_pull(scope, window)).await
}

pub(crate) async fn begin_as(store: &Arc<dyn Store>, pull: &NewPull) -> OpenPull {
    take_lock(store, &pull.scope).await;
    store.begin_pull(&lock(&pull.scope), pull).await.expect("a pull")
}

pub(crate) async fn finish(store: &Arc<dyn Store>, scope: &Scope, pull: PullId) -> Result<PullEnd, StoreError> {
    store.end_pull(&lock(scope), pull, PullAction::Finish).await
}

pub(crate) async fn abandon(store: &Arc<dyn Store>, scope: &Scope, pull: PullId) -> Result<PullEnd, StoreError> {
    store.end_pull(&lock(scope), pull, PullAction::Abandon).await
}

/// A whole pull of one page, of every kind.
pub(crate) async fn pull(
    store: &Arc<dyn Store>,
    scope: &Scope,
    window: Window,
    decides: bool,
    page: ObservationPage,
) -> PullEnd {
    pull_as(store, &NewPull { decides, ..new_pull(scope, window) }, page).await
}

/// A whole pull of one page.
pub(crate) async fn pull_as(store: &Arc<dyn Store>, pull: &NewPull, page: ObservationPage) -> PullEnd {
    let open = begin_as(store, pull).await;
    commit(store, &pull.scope, open.id, None, &page).await.expect("a page");
    finish(store, &pull.scope, open.id).await.expect("an end")
}

pub(crate) async fn data(store: &Arc<dyn Store>, scope: &Scope) -> ProviderData {
    store.provider_data(scope).await.expect("the provider's data")
}

/// What is covered, which is the same for every kind.
pub(crate) async fn covered(store: &Arc<dyn Store>, scope: &Scope) -> Vec<Window> {
    let coverage = data(store, scope).await.coverage;
    let of_kind = |kind: &str| coverage.get(kind).map_or(Vec::new(), |covered| covered.windows().to_vec());
    let covered = of_kind(KINDS[0]);
    assert!(KINDS.iter().all(|kind| of_kind(kind) == covered), "{coverage:?}");
    covered
}

pub(crate) async fn source_clients(store: &Arc<dyn Store>, scope: &Scope) -> Vec<SourceClient> {
    data(store, scope).await.source_clients
}

/// Locks the provider and replaces its listed clients; returns how many were skipped.
pub(crate) async fn list_clients(store: &Arc<dyn Store>, scope: &Scope, clients: &[SourceClient]) -> u64 {
    take_lock(store, scope).await;
    store.replace_source_clients(&lock(scope), scope, clients).await.expect("a write")
}

/// Makes a change for Anna, at 0.
pub(crate) async fn apply(store: &Arc<dyn Store>, change: UserChange) -> Option<u64> {
    store.apply(&by(), &change).await.expect("a write")
}

pub(crate) async fn replace_roster(store: &Arc<dyn Store>, clients: &[Client]) {
    assert_eq!(apply(store, UserChange::ReplaceRoster(clients.to_vec())).await, Some(clients.len() as u64));
}

pub(crate) async fn add_entry(store: &Arc<dyn Store>, entry: Entry) -> Entry {
    let id = apply(store, UserChange::AddEntry(entry.clone())).await.expect("an id");
    Entry { id: id.try_into().expect("an id"), ..entry }
}

pub(crate) async fn clear_entries(store: &Arc<dyn Store>, client_id: &str, metric_id: &str, kind: EntryKind) -> u64 {
    let change = UserChange::ClearEntries(client(client_id, "x").id, metric(metric_id), kind);
    apply(store, change).await.expect("a count")
}

pub(crate) async fn erase(store: &Arc<dyn Store>, erasure: &Erasure) -> Erased {
    store.erase(&by(), erasure).await.expect("erased")
}

pub(crate) async fn restore(store: &Arc<dyn Store>, by: &Attribution, client_id: &str) -> Option<u64> {
    store.apply(by, &UserChange::RestoreClient(client(client_id, "x").id)).await.expect("an answer")
}

/// The outcome of a sync of which nothing is known but the component.
pub(crate) fn outcome(scope: &Scope) -> SyncOutcome {
    SyncOutcome {
        scope: scope.clone(),
        component: Digest::of("component"),
        record: SyncRecord::default(),
        mapped: None,
        notes: Vec::new(),
    }
}

/// Locks the provider and stores the outcome of its sync.
pub(crate) async fn finish_sync(store: &Arc<dyn Store>, outcome: &SyncOutcome) {
    take_lock(store, &outcome.scope).await;
    store.finish_sync(&lock(&outcome.scope), outcome).await.expect("a write");
}

/// Prunes observations that ended before then, and nothing else.
pub(crate) async fn prune_before(store: &Arc<dyn Store>, before: i64) -> Pruned {
    prune(store, &PruneLimits { observations_before: Some(at(before)), ..limits(i64::MIN) }).await
}

pub(crate) async fn prune(store: &Arc<dyn Store>, limits: &PruneLimits) -> Pruned {
    store.prune(&by(), limits).await.expect("pruned")
}

pub(crate) async fn write_access(store: &Arc<dyn Store>, access: &[AccessEntry]) {
    let usage = scoresheet_engine::UsageUpdate { access: access.to_vec(), providers: Vec::new() };
    store.write_usage(&by(), &usage).await.expect("a write");
}

/// The last requests of `crewhu`.
pub(crate) async fn access_log(store: &Arc<dyn Store>, provider_name: &str, count: u32) -> Vec<AccessEntry> {
    store.usage(&provider(provider_name), None, count).await.expect("usage").log
}

/// Client, kind, start, end, value; sorted.
pub(crate) type Row = (String, String, i64, i64, f64);

/// Of samples of [`KINDS`].
pub(crate) fn rows(clients: &[ClientSamples]) -> Vec<Row> {
    let mut rows = Vec::new();
    for ClientSamples { client, samples } in clients {
        assert!(!samples.is_empty(), "what is named has samples");
        rows.extend(samples.iter().map(|sample| {
            let kind = KINDS[usize::from(sample.kind)].to_owned();
            (told(client), kind, sample.at.millis(), sample.until.millis(), sample.value)
        }));
    }
    rows.sort_by(|a, b| a.partial_cmp(b).expect("finite values"));
    rows
}

pub(crate) fn told(client: &ClientRef) -> String {
    match (client.id(), client.name()) {
        (Some(id), None) => id.to_string(),
        (None, Some(name)) => format!("named {name}"),
        other => panic!("{other:?}"),
    }
}

/// Samples of every kind, of these clients or of all.
pub(crate) async fn samples(
    store: &Arc<dyn Store>,
    scope: &Scope,
    window: Window,
    clients: Option<&[ClientRef]>,
) -> Vec<ClientSamples> {
    store.samples(scope, window, &KINDS.map(String::from), clients).await.expect("samples")
}

pub(crate) async fn read(store: &Arc<dyn Store>, scope: &Scope, window: Window) -> Vec<Row> {
    rows(&samples(store, scope, window, None).await)
}

/// The values in the window, in order: in most cases they tell the records apart.
pub(crate) async fn values(store: &Arc<dyn Store>, scope: &Scope, window: Window) -> Vec<f64> {
    let mut values: Vec<f64> = read(store, scope, window).await.into_iter().map(|row| row.4).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Client (or `-`), reason and count.
pub(crate) async fn counts(store: &Arc<dyn Store>, scope: &Scope, window: Window) -> Vec<(String, String, u64)> {
    let counts = store.rejections(scope, window).await.expect("counts");
    counts
        .into_iter()
        .map(|count| (count.client.as_ref().map_or("-".into(), told), count.reason, count.count))
        .collect()
}

/// How many rejections the window has.
pub(crate) async fn count(store: &Arc<dyn Store>, scope: &Scope, window: Window) -> u64 {
    counts(store, scope, window).await.iter().map(|(_, _, count)| count).sum()
}

pub(crate) fn provider(name: &str) -> ProviderName {
    ProviderName::new(name).expect("a name")
}

pub(crate) fn client(id: &str, name: &str) -> Client {
    Client {
        id: ClientId::new(id).expect("an id"),
        name: name.into(),
        kind: None,
        active: true,
        domains: Vec::new(),
        aliases: Vec::new(),
        attributes: Vec::new(),
    }
}

pub(crate) fn source_client(id: &str, name: &str) -> SourceClient {
    SourceClient {
        id: SourceId::new(id).expect("an id"),
        name: name.into(),
        active: true,
        identifiers: Vec::new(),
        domains: Vec::new(),
        attributes: Vec::new(),
    }
}

pub(crate) fn note(action: AuditAction, subject: &str) -> AuditNote {
    AuditNote { action, subject: subject.into(), detail: serde_json::json!({"n": 1}) }
}

/// A request of `crewhu`, answered with this status after 10 ms.
pub(crate) fn access(at_millis: i64, status: u16) -> AccessEntry {
    AccessEntry {
        at: at(at_millis),
        provider: provider("crewhu"),
        method: "GET".into(),
        path: "/scores".into(),
        status: Some(status),
        fault: None,
        attempt: 1,
        duration_ms: 10,
        bytes_sent: 100,
        bytes_received: 1_000,
    }
}

/// Removes requests before then, and nothing else.
pub(crate) fn limits(access_before: i64) -> PruneLimits {
    PruneLimits {
        observations_before: None,
        access_before: at(access_before),
        access_entries: 100_000,
        audit_before: None,
        sheets_before: None,
    }
}

/// An erasure of a client with these source clients of `crewhu`.
pub(crate) fn erasure(id: &str, sources: &[&str]) -> Erasure {
    Erasure {
        client: ClientId::new(id).expect("an id"),
        names: Vec::new(),
        sources: sources.iter().map(|source| (provider("crewhu"), (*source).to_owned())).collect(),
    }
}

pub(crate) fn metric(id: &str) -> MetricId {
    MetricId::new(id).expect("an id")
}

/// A score that Ada entered at 100 and that holds from then on, and why.
pub(crate) fn entry(client_id: &str, metric_id: &str, kind: EntryKind, score: f64) -> Entry {
    Entry {
        id: 0,
        client: client(client_id, "x").id,
        metric: metric(metric_id),
        kind,
        score,
        author: "ada".into(),
        reason: Some("they said so".into()),
        at: at(100),
        from: at(100),
        until: None,
        cleared: None,
    }
}

/// A sheet whose id is made of these digits over and over, computed at that time from these inputs, which reach back to 50.
pub(crate) fn saved(digits: &str, made: i64, inputs: &[u8]) -> SavedSheet {
    SavedSheet {
        id: format!("sha256:{}", &digits.repeat(64)[..64]),
        as_of: at(1_000),
        made: at(made),
        json: Digest::of(digits),
        inputs: Ok(inputs.to_vec()),
        components: BTreeMap::new(),
        since: at(50),
    }
}

/// What the audit log says was done, and to what, oldest first.
pub(crate) async fn told_actions(store: &Arc<dyn Store>) -> Vec<(String, String)> {
    let entries = store.audit(None, 1_000).await.expect("entries");
    entries.into_iter().map(|entry| (entry.action, entry.subject)).collect()
}

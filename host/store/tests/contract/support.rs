//! A place for stores, and short words for what the cases are about.

use std::sync::Arc;

use async_trait::async_trait;
use scoresheet_domain::{
    AuditAction, Client, ClientId, ClientRef, Cursor, Digest, Entry, EntryKind, Instant, MetricId, Observation,
    ObservationPage, ProviderName, Rejection, SourceClient, SourceId, When, Window,
};
use scoresheet_engine::{
    AccessEntry, Attribution, AuditNote, BooksLimits, ClientScope, CommittedPage, Erasure, KeptSheet, LeaseHolder,
    OpenPull, PullEnd, PullId, Samples, Scope, Skipped, Store, StoreError,
};

/// Where a store lies.
#[async_trait]
pub(crate) trait Place: Sync {
    /// Opens the store there, new or not, as another process would.
    async fn open(&self) -> Arc<dyn Store>;

    /// Opens it and takes the lease from whoever held it.
    async fn open_to_write(&self) -> Arc<dyn Store> {
        let store = self.open().await;
        store.acquire_lease(&holder("writer"), at(0)).await.expect("the lease, under one token");
        store
    }
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

/// A holder on this host whose process lives: this one.
pub(crate) fn holder(token: &str) -> LeaseHolder {
    LeaseHolder {
        token: token.into(),
        host: "here".into(),
        pid: std::process::id(),
        task: "sync".into(),
        user: "anna".into(),
    }
}

pub(crate) fn by_id(id: &str) -> ClientRef {
    ClientRef::Id(SourceId::new(id).expect("an id"))
}

pub(crate) fn by_name(name: &str) -> ClientRef {
    ClientRef::Name(name.to_owned())
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
    Rejection { id: id.map(Into::into), client: Some(by_id("c")), at: at_millis.map(at), reason: 0 }
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
    pull: PullId,
    fetched_with: Option<&str>,
    page: &ObservationPage,
) -> Result<Skipped, StoreError> {
    commit_together(store, pull, &[(fetched_with, page)]).await
}

/// In one step.
pub(crate) async fn commit_together(
    store: &Arc<dyn Store>,
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
    store.commit_pages(pull, pages, &kinds, &reasons).await
}

pub(crate) async fn begin(store: &Arc<dyn Store>, scope: &Scope, window: Window) -> OpenPull {
    store.begin_pull(scope, window, &ClientScope::All, false, at(1_000)).await.expect("a pull")
}

/// A whole pull of one page.
pub(crate) async fn pull(
    store: &Arc<dyn Store>,
    scope: &Scope,
    window: Window,
    decides: bool,
    page: ObservationPage,
) -> PullEnd {
    let open = store.begin_pull(scope, window, &ClientScope::All, decides, at(1_000)).await.expect("a pull");
    commit(store, open.id, None, &page).await.expect("a page");
    store.finish_pull(open.id).await.expect("an end")
}

/// Client, kind, start, end, value; sorted.
pub(crate) type Row = (String, String, i64, i64, f64);

pub(crate) fn rows(samples: &Samples) -> Vec<Row> {
    let mut rows = Vec::new();
    for series in &samples.series {
        assert!(!series.is_empty(), "what is named has samples");
        let of = |at: Instant, until: Instant, value| {
            let kind = samples.kinds[series.kind as usize].clone();
            (told(&samples.refs[series.client as usize]), kind, at.millis(), until.millis(), value)
        };
        rows.extend(series.events.iter().map(|event| of(event.at, event.at, event.value)));
        rows.extend(series.states.iter().map(|state| of(state.at, state.until, state.value)));
    }
    rows.sort_by(|a, b| a.partial_cmp(b).expect("finite values"));
    rows
}

pub(crate) fn told(client: &ClientRef) -> String {
    match client {
        ClientRef::Id(id) => id.to_string(),
        ClientRef::Name(name) => format!("named {name}"),
    }
}

pub(crate) async fn read(store: &Arc<dyn Store>, scope: &Scope, window: Window) -> Vec<Row> {
    rows(&store.samples(scope, window, None).await.expect("samples"))
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

pub(crate) fn books(access_before: i64) -> BooksLimits {
    BooksLimits { access_before: at(access_before), access_entries: 100_000, audit_before: None, sheets_before: None }
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

/// A sheet whose id is made of these digits over and over, made at that time from these inputs, which reach back to 50.
pub(crate) fn kept(digits: &str, made: i64, inputs: &[u8]) -> KeptSheet {
    KeptSheet {
        id: format!("sha256:{}", &digits.repeat(64)[..64]),
        as_of: at(1_000),
        made: at(made),
        json: Digest::of(digits),
        inputs: Ok(inputs.to_vec()),
        since: at(50),
    }
}

/// What the audit log says was done, and to what, oldest first.
pub(crate) async fn told_actions(store: &Arc<dyn Store>) -> Vec<(String, String)> {
    let entries = store.audit(None, 1_000).await.expect("entries");
    entries.into_iter().map(|entry| (entry.action, entry.subject)).collect()
}

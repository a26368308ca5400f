//! One client is removed everywhere, and stays so.

use std::sync::Arc;

use scoresheet_domain::{
    Observation, ObservationPage, ProblemKind, Rejection, Remedy,
    mapping::{Decision, Verdict},
};
use scoresheet_engine::{AccessEntry, Erasure, Skipped, Store, SyncFailure, SyncOutcome, SyncRecord, UserChange};
use serde_json::json;

use crate::support::*;

fn erasure_of_acme() -> Erasure {
    Erasure { names: vec!["Acme, Inc.".into(), "acme.example".into()], ..erasure("acme", &["c"]) }
}

fn decision(client_id: &str, source: &str) -> Decision {
    Decision { client: client(client_id, "x").id, source: source_client(source, "x").id, verdict: Verdict::Same }
}

/// Acme is source client `c`, "ACME Corporation"; Beta is `d`.
async fn fill(store: &Arc<dyn Store>) {
    let crewhu = scope("crewhu");
    replace_roster(store, &[client("acme", "Acme, Inc."), client("beta", "Beta")]).await;
    let sources = [source_client("c", "ACME Corporation"), source_client("d", "Beta")];
    list_clients(store, &crewhu, &sources).await;
    for (who, source) in [("acme", "c"), ("beta", "c"), ("beta", "d")] {
        apply(store, UserChange::Decide(provider("crewhu"), decision(who, source))).await;
    }
    pull(store, &crewhu, window(0, 1_000), false, page()).await;
    prune_before(store, 100).await;
    for path in ["/clients/c/scores", "/clients/d/scores", "/find/acme%20corporation", "/abc"] {
        let entry = AccessEntry { path: path.into(), ..access(0, 200) };
        write_access(store, &[entry]).await;
    }
    let message = "client 'ACME Corporation' twice".to_owned();
    let remedy = Remedy::CorrectClientName { provider: provider("crewhu") };
    let failure = SyncFailure { kind: ProblemKind::Component, message, remedy };
    let record = SyncRecord { failure: Some(failure), ..SyncRecord::default() };
    finish_sync(store, &SyncOutcome { record, ..outcome(&crewhu) }).await;
    begin(store, &crewhu, window(100, 200)).await;
}

fn page() -> ObservationPage {
    let of = |id: &str, client, at, value| Observation { client, ..event(id, at, value) };
    ObservationPage {
        items: vec![
            of("1", by_id("c"), 10, 1.0),
            of("2", by_id("c"), 200, 2.0),
            of("3", by_name("ACME Corporation"), 300, 3.0),
            of("4", by_id("d"), 20, 4.0),
            of("5", by_id("d"), 400, 5.0),
            of("6", by_name("Acme, Inc."), 500, 6.0),
        ],
        rejected: vec![
            rejection(Some("7"), Some(300)),
            rejection(None, Some(300)),
            Rejection { client: Some(by_id("d")), ..rejection(Some("8"), Some(300)) },
            Rejection { client: None, ..rejection(Some("9"), Some(300)) },
        ],
        ..ObservationPage::default()
    }
}

pub(crate) async fn erasure_removes_everything_that_names_a_client(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    fill(&store).await;
    let erased = erase(&store, &erasure_of_acme()).await;
    assert!(erased.roster && erased.wiped);
    assert_eq!((erased.decisions, erased.source_clients, erased.observations, erased.rejected), (2, 1, 2, 2));
    assert_eq!((erased.paths, erased.audit_details), (2, 2));

    let store = place.open().await;
    assert_eq!(store.roster().await.expect("a roster"), [client("beta", "Beta")]);
    assert_eq!(data(&store, &crewhu).await.decisions, [decision("beta", "d")]);
    assert_eq!(source_clients(&store, &crewhu).await, [source_client("d", "Beta")]);
    assert_eq!(values(&store, &crewhu, ever()).await, [5.0, 6.0]);
    assert_eq!(
        counts(&store, &crewhu, ever()).await.iter().map(|(c, _, n)| (c.as_str(), *n)).collect::<Vec<_>>(),
        [("-", 1), ("d", 1)]
    );
    let log = access_log(&store, "crewhu", 10).await;
    let paths: Vec<&str> = log.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths, ["/abc", "(erased)", "/clients/d/scores", "(erased)"]);
    let failure = data(&store, &crewhu).await.sync.failure.expect("it still failed");
    assert_eq!((failure.kind, failure.message.as_str()), (ProblemKind::Component, "(erased): it named a client"));
    assert_eq!(failure.remedy, Remedy::Sync { provider: provider("crewhu") });
    assert_eq!(store.open_pulls(&crewhu).await.expect("pulls"), [], "cursors may name it");
}

pub(crate) async fn records_of_an_erased_client_are_skipped(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    fill(&store).await;
    erase(&store, &erasure_of_acme()).await;
    drop(store);
    let store = place.open().await;
    let sources = [source_client("c", "ACME"), source_client("d", "Beta"), source_client("e", "ACME Corporation")];
    assert_eq!(list_clients(&store, &crewhu, &sources).await, 2, "by id and by name");
    assert_eq!(source_clients(&store, &crewhu).await, [source_client("d", "Beta")]);
    let open = begin(&store, &crewhu, window(100, 1_000)).await;
    let skipped = commit(&store, &crewhu, open.id, None, &page()).await.expect("a page");
    // Those at 10 and 20 were pruned.
    assert_eq!(skipped, Skipped { observations: 4, rejected: 2 });
    finish(&store, &crewhu, open.id).await.expect("an end");
    assert_eq!(values(&store, &crewhu, ever()).await, [5.0, 6.0]);
    // What was learned of a series must not outlive it.
    let again = erase(&store, &erasure("beta", &["d"])).await;
    assert_eq!((again.observations, again.rejected), (1, 1));
    // Another provider's `c` is somebody else.
    pull(&store, &scope("other"), window(0, 1_000), false, items([event("1", 10, 1.0)])).await;
    assert_eq!(values(&store, &scope("other"), ever()).await, [1.0]);
}

pub(crate) async fn restored_client_is_stored_again(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    fill(&store).await;
    assert_eq!(restore(&store, &by(), "acme").await, None);
    erase(&store, &erasure_of_acme()).await;
    // At the same moment.
    erase(&store, &erasure("beta", &["d"])).await;
    assert_eq!(restore(&store, &by_at(6_000), "acme").await, Some(2), "its id and its name");
    let last = store.audit(None, 1).await.expect("entries").remove(0);
    assert_eq!((last.action.as_str(), last.subject.as_str(), last.at), ("erasure-lifted", "client", at(6_000)));
    assert!(!last.detail.expect("a detail").to_string().contains("acme"));
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
    assert_eq!(restore(&store, &by(), "acme").await, Some(0), "once is enough");
    assert_eq!(store.audit(None, 1).await.expect("entries")[0].seq, last.seq, "nothing changed");

    // Acme comes back with what its source says of it, Beta does not.
    let sources = [source_client("c", "ACME Corporation"), source_client("d", "Beta")];
    assert_eq!(list_clients(&store, &crewhu, &sources).await, 1);
    assert_eq!(source_clients(&store, &crewhu).await, [source_client("c", "ACME Corporation")]);
    pull(&store, &crewhu, window(100, 1_000), true, page()).await;
    assert_eq!(values(&store, &crewhu, ever()).await, [2.0, 3.0, 6.0]);
    // And may be erased again. What two erased clients went by stays skipped until the other comes back too.
    erase(&store, &erasure_of_acme()).await;
    assert_eq!(list_clients(&store, &crewhu, &sources).await, 2);
    erase(&store, &erasure("gamma", &["c"])).await;
    assert_eq!(restore(&store, &by(), "acme").await, Some(1), "its name");
    assert_eq!(list_clients(&store, &crewhu, &sources).await, 2);
    assert_eq!(restore(&store, &by(), "gamma").await, Some(1));
    assert_eq!(list_clients(&store, &crewhu, &sources).await, 1, "Beta");
}

pub(crate) async fn another_client_of_the_same_name_is_kept(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let sources = [source_client("c", "Acme"), source_client("d", "Acme")];
    list_clients(&store, &crewhu, &sources).await;
    let named = || Observation { client: by_name("Acme"), ..event("2", 20, 2.0) };
    pull(&store, &crewhu, window(0, 100), false, items([event("1", 10, 1.0), named()])).await;
    erase(&store, &erasure("acme", &["c"])).await;
    assert_eq!(values(&store, &crewhu, ever()).await, [2.0], "whose that is, nobody knows");
    assert_eq!(list_clients(&store, &crewhu, &sources).await, 1);
    assert_eq!(source_clients(&store, &crewhu).await, [source_client("d", "Acme")]);
}

pub(crate) async fn audit_log_verifies_after_an_erasure(place: &dyn Place) {
    let store = place.open().await;
    fill(&store).await;
    let before = store.verify_audit().await.expect("a verdict");
    assert_eq!(before.broken, None);
    erase(&store, &erasure_of_acme()).await;
    let after = store.verify_audit().await.expect("a verdict");
    assert_eq!((after.entries, &after.broken), (before.entries + 1, &None));
    let entries = store.audit(None, 100).await.expect("entries");
    let blank: Vec<u64> = entries.iter().filter(|entry| entry.detail.is_none()).map(|entry| entry.seq).collect();
    let last = entries.last().expect("an entry");
    assert_eq!((last.action.as_str(), last.subject.as_str()), ("client-erased", "client"));
    let detail = last.detail.clone().expect("a detail");
    assert_eq!(detail["blanked"], json!(blank));
    assert_eq!(blank.len(), 2, "two decisions named it");
    assert!(!detail.to_string().contains("acme"), "{detail}");
    // Once more, of one that is called as the log's own words are.
    erase(&store, &erasure("client", &["decisions"])).await;
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
}

//! One client is removed everywhere, and stays so.

use std::sync::Arc;

use scoresheet_domain::{
    Observation, ObservationPage, ProblemKind, Rejection,
    mapping::{Decision, Verdict},
};
use scoresheet_engine::{AccessEntry, Erasure, Skipped, Store, SyncRecord};
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
    store.replace_roster(&by(), &[client("acme", "Acme, Inc."), client("beta", "Beta")]).await.expect("a write");
    let sources = [source_client("c", "ACME Corporation"), source_client("d", "Beta")];
    store.replace_source_clients(&crewhu, &sources).await.expect("a write");
    for (who, source) in [("acme", "c"), ("beta", "c"), ("beta", "d")] {
        store.decide(&by_at(0), &provider("crewhu"), &decision(who, source)).await.expect("a write");
    }
    pull(store, &crewhu, window(0, 1_000), false, page()).await;
    store.prune(None, at(100)).await.expect("pruned");
    for path in ["/clients/c/scores", "/clients/d/scores", "/find/acme%20corporation", "/abc"] {
        let entry = AccessEntry { path: path.into(), ..access(0, 200) };
        store.note_access(&[entry]).await.expect("a write");
    }
    let failure = (ProblemKind::Component, "client 'ACME Corporation' twice".to_owned(), "x".to_owned());
    let record = SyncRecord { failure: Some(failure), ..SyncRecord::default() };
    store.put_sync_record(&crewhu, &record, &[]).await.expect("a write");
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

pub(crate) async fn removes_everything_that_names_a_client(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    fill(&store).await;
    let erased = store.erase(&erasure_of_acme()).await.expect("erased");
    assert!(erased.roster && erased.wiped);
    assert_eq!((erased.decisions, erased.source_clients, erased.observations, erased.rejected), (2, 1, 2, 2));
    assert_eq!((erased.paths, erased.audit_details), (2, 2));

    let store = place.open().await;
    assert_eq!(store.roster().await.expect("a roster"), [client("beta", "Beta")]);
    assert_eq!(store.decisions(&provider("crewhu")).await.expect("decisions"), [decision("beta", "d")]);
    assert_eq!(store.source_clients(&crewhu).await.expect("clients"), [source_client("d", "Beta")]);
    assert_eq!(values(&store, &crewhu, ever()).await, [5.0, 6.0]);
    assert_eq!(
        counts(&store, &crewhu, ever()).await.iter().map(|(c, _, n)| (c.as_str(), *n)).collect::<Vec<_>>(),
        [("-", 1), ("d", 1)]
    );
    let log = store.access_log(&provider("crewhu"), 10).await.expect("a log");
    let paths: Vec<&str> = log.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths, ["/abc", "(erased)", "/clients/d/scores", "(erased)"]);
    let record = store.sync_record(&crewhu).await.expect("a record");
    let (kind, message, _) = record.failure.expect("it still failed");
    assert_eq!((kind, message.as_str()), (ProblemKind::Component, "(erased): it named a client"));
    assert_eq!(store.open_pulls(&crewhu).await.expect("pulls"), [], "cursors may name it");
}

pub(crate) async fn its_records_are_skipped_from_then_on(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    fill(&store).await;
    store.erase(&erasure_of_acme()).await.expect("erased");
    drop(store);
    let store = place.open_to_write().await;
    let sources = [source_client("c", "ACME"), source_client("d", "Beta"), source_client("e", "ACME Corporation")];
    assert_eq!(store.replace_source_clients(&crewhu, &sources).await.expect("a write"), 2, "by id and by name");
    assert_eq!(store.source_clients(&crewhu).await.expect("clients"), [source_client("d", "Beta")]);
    let open = begin(&store, &crewhu, window(100, 1_000)).await;
    let skipped = commit(&store, open.id, None, &page()).await.expect("a page");
    // Those at 10 and 20 were pruned.
    assert_eq!(skipped, Skipped { observations: 4, rejected: 2 });
    store.finish_pull(open.id).await.expect("an end");
    assert_eq!(values(&store, &crewhu, ever()).await, [5.0, 6.0]);
    // What was learned of a series must not outlive it.
    let again = store.erase(&erasure("beta", &["d"])).await.expect("erased");
    assert_eq!((again.observations, again.rejected), (1, 1));
    // Another provider's `c` is somebody else.
    pull(&store, &scope("other"), window(0, 1_000), false, items([event("1", 10, 1.0)])).await;
    assert_eq!(values(&store, &scope("other"), ever()).await, [1.0]);
}

pub(crate) async fn a_lifted_erasure_lets_one_client_in_again(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    fill(&store).await;
    let acme = erasure_of_acme().client;
    assert_eq!(store.lift_erasure(&acme).await.expect("an answer"), None);
    store.erase(&erasure_of_acme()).await.expect("erased");
    // At the same moment.
    store.erase(&erasure("beta", &["d"])).await.expect("erased");
    store.renew_lease(&holder("writer"), at(6_000)).await.expect("later");
    assert_eq!(store.lift_erasure(&acme).await.expect("an answer"), Some(2), "its id and its name");
    let last = store.audit(None, 1).await.expect("entries").remove(0);
    assert_eq!((last.action.as_str(), last.subject.as_str(), last.at), ("erasure-lifted", "client", at(6_000)));
    assert!(!last.detail.expect("a detail").to_string().contains("acme"));
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
    assert_eq!(store.lift_erasure(&acme).await.expect("an answer"), Some(0), "once is enough");
    assert_eq!(store.audit(None, 1).await.expect("entries")[0].seq, last.seq, "nothing changed");

    // Acme comes back with what its source says of it, Beta does not.
    let sources = [source_client("c", "ACME Corporation"), source_client("d", "Beta")];
    assert_eq!(store.replace_source_clients(&crewhu, &sources).await.expect("a write"), 1);
    assert_eq!(store.source_clients(&crewhu).await.expect("clients"), [source_client("c", "ACME Corporation")]);
    pull(&store, &crewhu, window(100, 1_000), true, page()).await;
    assert_eq!(values(&store, &crewhu, ever()).await, [2.0, 3.0, 6.0]);
    // And may be erased again. What two erased clients went by stays skipped until the other comes back too.
    store.erase(&erasure_of_acme()).await.expect("erased");
    assert_eq!(store.replace_source_clients(&crewhu, &sources).await.expect("a write"), 2);
    store.erase(&erasure("gamma", &["c"])).await.expect("erased");
    assert_eq!(store.lift_erasure(&acme).await.expect("an answer"), Some(1), "its name");
    assert_eq!(store.replace_source_clients(&crewhu, &sources).await.expect("a write"), 2);
    assert_eq!(store.lift_erasure(&client("gamma", "x").id).await.expect("an answer"), Some(1));
    assert_eq!(store.replace_source_clients(&crewhu, &sources).await.expect("a write"), 1, "Beta");
}

pub(crate) async fn others_of_the_same_name_keep_theirs(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let sources = [source_client("c", "Acme"), source_client("d", "Acme")];
    store.replace_source_clients(&crewhu, &sources).await.expect("a write");
    let named = || Observation { client: by_name("Acme"), ..event("2", 20, 2.0) };
    pull(&store, &crewhu, window(0, 100), false, items([event("1", 10, 1.0), named()])).await;
    store.erase(&erasure("acme", &["c"])).await.expect("erased");
    assert_eq!(values(&store, &crewhu, ever()).await, [2.0], "whose that is, nobody knows");
    assert_eq!(store.replace_source_clients(&crewhu, &sources).await.expect("a write"), 1);
    assert_eq!(store.source_clients(&crewhu).await.expect("clients"), [source_client("d", "Acme")]);
}

pub(crate) async fn the_log_stays_whole(place: &dyn Place) {
    let store = place.open_to_write().await;
    fill(&store).await;
    let before = store.verify_audit().await.expect("a verdict");
    assert_eq!(before.broken, None);
    store.erase(&erasure_of_acme()).await.expect("erased");
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
    store.erase(&erasure("client", &["decisions"])).await.expect("erased");
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
}

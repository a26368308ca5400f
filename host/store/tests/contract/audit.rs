//! The audit log: what is written down by itself, and that it is whole.

use scoresheet_domain::{
    AuditAction, SourceId,
    mapping::{Decision, Verdict},
};
use scoresheet_engine::{BooksLimits, ClientScope, SyncRecord};
use serde_json::json;

use crate::support::*;

fn decision(client: &str, source: &str) -> Decision {
    Decision {
        client: scoresheet_domain::ClientId::new(client).expect("an id"),
        source: SourceId::new(source).expect("an id"),
        verdict: Verdict::Same,
    }
}

pub(crate) async fn says_who_changed_what(place: &dyn Place) {
    let store = place.open().await;
    let crewhu = scope("crewhu");
    store.acquire_lease(&holder("it"), at(5_000)).await.expect("it is free");
    store.replace_roster(&by_at(5_000), &[client("a", "A"), client("b", "B")]).await.expect("a write");
    store
        .replace_roster(&by_at(5_000), &[client("b", "B"), client("c", "C"), client("d", "D")])
        .await
        .expect("a write");
    store.decide(&by_at(5_001), &provider("crewhu"), &decision("b", "7")).await.expect("a write");
    store.renew_lease(&holder("it"), at(25_000)).await.expect("renewed");
    store.clear_decisions(&by_at(5_002), &decision("b", "7").client, None).await.expect("a write");
    let record = SyncRecord::default();
    let notes = [note(AuditAction::BatchRejected, "crewhu"), note(AuditAction::SyncFinished, "crewhu")];
    store.put_sync_record(&crewhu, &record, &notes).await.expect("a write");

    let entries = place.open().await.audit(None, 100).await.expect("entries");
    let told: Vec<_> = entries
        .iter()
        .map(|entry| {
            (entry.seq, entry.action.as_str(), entry.subject.as_str(), entry.detail.clone().expect("a detail"))
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, "roster-replaced", "roster", json!({"clients": 2, "new": 2, "gone": 0})),
            (2, "roster-replaced", "roster", json!({"clients": 3, "new": 2, "gone": 1})),
            (3, "decision-set", "crewhu", json!({"client": "b", "source": "7", "verdict": "same"})),
            (4, "decisions-cleared", "every provider", json!({"client": "b", "decisions": 1})),
            (5, "batch-rejected", "crewhu", json!({"n": 1})),
            (6, "sync-finished", "crewhu", json!({"n": 1})),
        ]
    );
    assert!(entries.iter().all(|entry| entry.actor == "anna@here"), "{entries:?}");
    let times: Vec<i64> = entries.iter().map(|entry| entry.at.millis()).collect();
    assert_eq!(
        times,
        [5_000, 5_000, 5_001, 5_002, 25_000, 25_000],
        "the attribution's; under the lease, its last renewal"
    );
}

pub(crate) async fn says_nothing_where_nothing_changed(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    store.clear_decisions(&by(), &decision("b", "7").client, None).await.expect("nothing to clear");
    pull(&store, &crewhu, window(0, 100), false, items([event("1", 10, 1.0)])).await;
    store.abandon_pull(scoresheet_engine::PullId(99)).await.expect("nothing to give up");
    store.prune(None, at(-1_000)).await.expect("nothing to prune");
    store.note_access(&[access(0, 200)]).await.expect("a write");
    store.put_sync_record(&crewhu, &SyncRecord::default(), &[]).await.expect("a write");
    assert_eq!(told_actions(&store).await, []);
}

pub(crate) async fn tells_of_withdrawals_and_given_up_pulls(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let all = || (1..=4).map(|n| event(&n.to_string(), n * 10, n as f64));
    pull(&store, &crewhu, window(0, 100), false, items(all())).await;
    pull(&store, &crewhu, window(0, 100), false, items(all().skip(1))).await;
    pull(&store, &crewhu, window(0, 100), false, items([])).await;
    pull(&store, &crewhu, window(0, 100), true, items([])).await;
    let open = begin(&store, &crewhu, window(0, 100)).await;
    store.abandon_pull(open.id).await.expect("given up");
    let one = ClientScope::One(SourceId::new("c").expect("an id"));
    store.begin_pull(&crewhu, window(0, 100), &one, false, at(0)).await.expect("a pull of one");
    store.release_lease(&holder("writer")).await.expect("given back");
    let second = place.open().await;
    second.acquire_lease(&holder("second"), at(0)).await.expect("it is free");

    let entries = second.audit(None, 100).await.expect("entries");
    let details: Vec<_> = entries
        .into_iter()
        .map(|entry| {
            let mut detail = entry.detail.expect("a detail");
            let window = detail.as_object_mut().expect("an object").remove("window");
            assert_eq!(window.is_some(), entry.subject == "crewhu", "{detail}");
            (entry.action, detail)
        })
        .collect();
    let why = "of one client, left behind by another process";
    assert_eq!(
        details,
        [
            ("withdrawn".to_owned(), json!({"withdrawn": 1, "of": 4, "full": false})),
            ("withdrawal-refused".to_owned(), json!({"would_go": 3, "of": 3})),
            ("withdrawn".to_owned(), json!({"withdrawn": 3, "of": 3, "full": true})),
            ("pull-abandoned".to_owned(), json!({"pages": 0})),
            ("pull-abandoned".to_owned(), json!({"pulls": 1, "why": why})),
        ]
    );
}

pub(crate) async fn is_whole_and_gives_the_newest(place: &dyn Place) {
    let store = place.open_to_write().await;
    let verdict = store.verify_audit().await.expect("a verdict");
    assert_eq!((verdict.entries, verdict.broken), (0, None));
    for n in 0..1_003_u32 {
        let mut told = note(AuditAction::SyncBegan, "every provider");
        told.detail = json!({"n": n, "text": "a \"quoted\" ü\n"});
        store.note(&told).await.expect("an entry");
    }
    let reader = place.open().await;
    let verdict = reader.verify_audit().await.expect("a verdict");
    assert_eq!((verdict.entries, verdict.broken), (1_003, None), "more than are read at once");
    let newest = reader.audit(None, 2).await.expect("entries");
    assert_eq!(newest.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1_002, 1_003]);
    assert_eq!(newest[1].detail, Some(json!({"n": 1_002, "text": "a \"quoted\" ü\n"})));
    assert_eq!(newest[1].hash, verdict.last_hash);
    assert_eq!(reader.audit(Some(at(1)), 10).await.expect("entries"), []);
}

pub(crate) async fn is_shortened_from_its_beginning(place: &dyn Place) {
    let store = place.open().await;
    for time in [10, 20, 15, 30] {
        store.acquire_lease(&holder("it"), at(time)).await.expect("its own");
        store.note(&note(AuditAction::SyncBegan, "every provider")).await.expect("an entry");
    }
    let limits = |before: i64| BooksLimits { audit_before: Some(at(before)), ..books(0) };
    // The third is older, but stands behind one that is not.
    assert_eq!(store.prune_books(&limits(16)).await.expect("pruned").audit, 1);
    let seqs = async || store.audit(None, 10).await.expect("entries").iter().map(|e| e.seq).collect::<Vec<_>>();
    assert_eq!(seqs().await, [2, 3, 4, 5], "and one that says so");
    assert_eq!(store.prune_books(&limits(16)).await.expect("nothing to prune").audit, 0);
    let verdict = store.verify_audit().await.expect("a verdict");
    assert_eq!((verdict.entries, verdict.broken), (4, None));
    assert_eq!(store.prune_books(&limits(1_000)).await.expect("pruned").audit, 4);
    assert_eq!(seqs().await, [6]);
    store.note(&note(AuditAction::SyncBegan, "every provider")).await.expect("an entry");
    let verdict = place.open().await.verify_audit().await.expect("a verdict");
    assert_eq!((verdict.entries, verdict.broken), (2, None));
}

pub(crate) async fn a_refused_step_leaves_no_entry(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    // The same id twice: the second row is refused, after the first was written.
    let twice = [client("a", "A"), client("a", "B")];
    assert!(store.replace_roster(&by(), &twice).await.is_err());
    let open = begin(&store, &crewhu, window(0, 100)).await;
    assert!(store.finish_pull(open.id).await.is_err());
    assert_eq!(told_actions(&store).await, []);
}

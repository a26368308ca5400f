//! The audit log: what is written down by itself, and that it is whole.

use scoresheet_domain::{
    AuditAction, SourceId,
    mapping::{Decision, Verdict},
};
use scoresheet_engine::{NewPull, PruneLimits, SyncOutcome, UserChange};
use serde_json::json;

use crate::support::*;

fn decision(client: &str, source: &str) -> Decision {
    Decision {
        client: scoresheet_domain::ClientId::new(client).expect("an id"),
        source: SourceId::new(source).expect("an id"),
        verdict: Verdict::Same,
    }
}

pub(crate) async fn changes_are_recorded_with_their_actor(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    replace_roster(&store, &[client("a", "A"), client("b", "B")]).await;
    replace_roster(&store, &[client("b", "B"), client("c", "C"), client("d", "D")]).await;
    for (time, change) in [
        (5_001, UserChange::Decide(provider("crewhu"), decision("b", "7"))),
        (5_002, UserChange::ClearDecisions(decision("b", "7").client, None)),
    ] {
        assert_eq!(store.apply(&by_at(time), &change).await.expect("a write"), Some(1));
    }
    store.note(&by_at(5_003), &[note(AuditAction::SyncBegan, "every provider")]).await.expect("an entry");
    let notes = vec![note(AuditAction::BatchRejected, "crewhu"), note(AuditAction::SyncFinished, "crewhu")];
    finish_sync(&store, &SyncOutcome { notes, ..outcome(&crewhu) }).await;

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
            (5, "sync-began", "every provider", json!({"n": 1})),
            (6, "batch-rejected", "crewhu", json!({"n": 1})),
            (7, "sync-finished", "crewhu", json!({"n": 1})),
        ]
    );
    assert!(entries.iter().all(|entry| entry.actor == "anna@here"), "{entries:?}");
    let times: Vec<i64> = entries.iter().map(|entry| entry.at.millis()).collect();
    assert_eq!(times, [0, 0, 5_001, 5_002, 5_003, 1_000, 1_000], "the attribution's, a sync's in its lock");
}

pub(crate) async fn unchanged_store_has_no_entries(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    assert_eq!(apply(&store, UserChange::ClearDecisions(decision("b", "7").client, None)).await, Some(0));
    pull(&store, &crewhu, window(0, 100), false, items([event("1", 10, 1.0)])).await;
    abandon(&store, &crewhu, scoresheet_engine::PullId(99)).await.expect("nothing to give up");
    prune_before(&store, -1_000).await;
    write_access(&store, &[access(0, 200)]).await;
    finish_sync(&store, &outcome(&crewhu)).await;
    assert_eq!(told_actions(&store).await, []);
}

pub(crate) async fn deletions_and_abandoned_pulls_are_recorded(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let all = || (1..=4).map(|n| event(&n.to_string(), n * 10, n as f64));
    pull(&store, &crewhu, window(0, 100), false, items(all())).await;
    pull(&store, &crewhu, window(0, 100), false, items(all().skip(1))).await;
    pull(&store, &crewhu, window(0, 100), false, items([])).await;
    pull(&store, &crewhu, window(0, 100), true, items([])).await;
    let open = begin(&store, &crewhu, window(0, 100)).await;
    abandon(&store, &crewhu, open.id).await.expect("given up");
    let decides = NewPull { decides: true, ..new_pull(&crewhu, window(0, 100)) };
    let open = begin_as(&store, &decides).await;
    let short = scoresheet_domain::ObservationPage { read: 1, total: Some(2), ..items([]) };
    commit(&store, &crewhu, open.id, None, &short).await.expect("a page");
    finish(&store, &crewhu, open.id).await.expect("an end");

    let entries = store.audit(None, 100).await.expect("entries");
    let details: Vec<_> = entries
        .into_iter()
        .map(|entry| {
            let mut detail = entry.detail.expect("a detail");
            let window = detail.as_object_mut().expect("an object").remove("window");
            assert!(window.is_some() && entry.subject == "crewhu", "{detail}");
            (entry.action, detail)
        })
        .collect();
    assert_eq!(
        details,
        [
            ("withdrawn".to_owned(), json!({"deleted": 1, "of": 4, "full": false})),
            ("withdrawal-refused".to_owned(), json!({"would_delete": 3, "of": 3})),
            ("withdrawn".to_owned(), json!({"deleted": 3, "of": 3, "full": true})),
            ("pull-abandoned".to_owned(), json!({"pages": 0})),
            ("withdrawal-refused".to_owned(), json!({"read": 1, "total": 2})),
        ]
    );
}

pub(crate) async fn newest_entries_are_listed_and_verified(place: &dyn Place) {
    let store = place.open().await;
    let verdict = store.verify_audit().await.expect("a verdict");
    assert_eq!((verdict.entries, verdict.broken), (0, None));
    for n in 0..1_003_u32 {
        let mut told = note(AuditAction::SyncBegan, "every provider");
        told.detail = json!({"n": n, "text": "a \"quoted\" ü\n"});
        store.note(&by(), &[told]).await.expect("an entry");
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

pub(crate) async fn pruning_removes_the_oldest_entries(place: &dyn Place) {
    let store = place.open().await;
    for time in [10, 20, 15, 30] {
        store.note(&by_at(time), &[note(AuditAction::SyncBegan, "every provider")]).await.expect("an entry");
    }
    // At 30, as the last entry is.
    let prune = async |before: i64| {
        let limits = PruneLimits { audit_before: Some(at(before)), ..limits(0) };
        store.prune(&by_at(30), &limits).await.expect("pruned").audit
    };
    // The third is older, but stands behind one that is not.
    assert_eq!(prune(16).await, 1);
    let seqs = async || store.audit(None, 10).await.expect("entries").iter().map(|e| e.seq).collect::<Vec<_>>();
    assert_eq!(seqs().await, [2, 3, 4, 5], "and one that says so");
    assert_eq!(prune(16).await, 0);
    let verdict = store.verify_audit().await.expect("a verdict");
    assert_eq!((verdict.entries, verdict.broken), (4, None));
    assert_eq!(prune(1_000).await, 4);
    assert_eq!(seqs().await, [6]);
    store.note(&by(), &[note(AuditAction::SyncBegan, "every provider")]).await.expect("an entry");
    let verdict = place.open().await.verify_audit().await.expect("a verdict");
    assert_eq!((verdict.entries, verdict.broken), (2, None));
}

pub(crate) async fn refused_change_has_no_entry(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    // The same id twice: the second row is refused, after the first was written.
    let twice = [client("a", "A"), client("a", "B")];
    assert!(store.apply(&by(), &UserChange::ReplaceRoster(twice.to_vec())).await.is_err());
    let open = begin(&store, &crewhu, window(0, 100)).await;
    assert!(finish(&store, &crewhu, open.id).await.is_err());
    assert_eq!(told_actions(&store).await, []);
}

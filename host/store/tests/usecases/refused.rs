//! What a provider delivers is refused at the door: on record with its reason, and the last good data stand.

use scoresheet_domain::{Failure, ProblemKind, sheet::OutcomeKind};
use scoresheet_engine::{SyncFailure, SyncRequest};
use serde_json::json;

use crate::fake::*;

#[tokio::test]
async fn the_reason_is_on_record_and_the_last_good_scores_stand_as_stale() {
    for (failure, kind, word) in [
        (Failure::Component("a score of 9 is not from 1 to 5".into()), ProblemKind::Component, "component"),
        (Failure::InvalidResponse("no field 'score'".into()), ProblemKind::InvalidResponse, "invalid-response"),
    ] {
        let world = World::new();
        let engine = world.imported().await;
        assert_eq!(sync(&engine, 1_000).await.problem, None);
        let before = sheet(&engine, 1_000).await;
        assert!(!cell(&before, "acme").stale && cell(&before, "acme").samples == 3);

        // The second page of the overlap is refused; the first is committed.
        world.change(|source| source.fails = Some((1, failure.clone())));
        let report = sync(&engine, 1_001).await;
        let problem = report.problem.expect("a problem");
        assert_eq!((problem.kind, report.pages), (kind, 1));

        let store = world.store().await;
        let record = store.provider_data(&scope()).await.expect("data").sync;
        assert_eq!((record.last_success, record.last_attempt), (Some(day(1_000)), Some(day(1_001))));
        let SyncFailure { kind: kept, message, .. } = record.failure.expect("why");
        assert_eq!((kept, &message), (kind, &problem.message));
        assert!(message.contains(&failure.to_string()), "{message}");

        // Nothing is covered by halves, and every score is the one before, marked.
        let after = sheet(&engine, 1_000).await;
        for id in ["acme", "beta"] {
            let (then, now) = (cell(&before, id), cell(&after, id));
            assert_eq!((now.outcome, now.score, now.samples), (OutcomeKind::Measured, then.score, then.samples));
            assert!(now.stale, "{id}");
        }
        assert!(after.problems.iter().any(|problem| problem.kind == kind), "{:?}", after.problems);

        let told = store.audit(None, 100).await.expect("entries");
        let rejected: Vec<_> = told.iter().filter(|entry| entry.action == "batch-rejected").collect();
        assert_eq!(rejected.len(), 1);
        assert_eq!((rejected[0].subject.as_str(), rejected[0].actor.as_str()), ("fake", "anna@here"));
        assert_eq!(rejected[0].detail, Some(json!({"kind": word, "reason": message})));

        // Once it delivers again, the marks are gone.
        world.change(|source| source.fails = None);
        assert_eq!(sync(&engine, 1_001).await.problem, None);
        assert!(!cell(&sheet(&engine, 1_001).await, "acme").stale);
        assert_eq!(store.provider_data(&scope()).await.expect("data").sync.failure, None);
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_source_is_no_refused_batch() {
    let world = World::new();
    let engine = world.imported().await;
    world.change(|source| source.fails = Some((0, Failure::Unavailable("it is down".into()))));
    assert!(sync(&engine, 1_000).await.problem.is_some());
    assert_eq!(actions(&world).await, ["roster-replaced", "sync-began", "sync-finished"]);
    let last = world.store().await.audit(None, 1).await.expect("entries").remove(0);
    assert_eq!(last.detail.expect("a detail")["problem"], "unavailable");
}

#[tokio::test]
async fn a_sync_is_one_entry_with_its_counts_whatever_its_pages() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    sync_as(&engine, SyncRequest { full: true, ..SyncRequest::all(day(1_001)) }).await;
    world.change(|source| source.version = "2");
    let newer = world.engine(scoresheet_engine::definition::RosterSource::StoredOr(None)).await;
    sync(&newer, 1_002).await;
    let expected = [
        "roster-replaced",
        "sync-began",
        "sync-finished",
        "full-sync-began",
        "sync-finished",
        "sync-began",
        "component-changed",
        "sync-finished",
    ];
    assert_eq!(actions(&world).await, expected);
    let first = world.store().await.audit(None, 100).await.expect("entries").remove(2);
    assert_eq!(
        first.detail,
        Some(json!({
            "clients": 2, "pages": 10, "observations": 10, "rejected": 0, "skipped": 0, "withdrawn": 0,
            "interrupted": false, "problem": null,
        }))
    );
}

//! Retention, as the use cases know it.

use scoresheet_domain::sheet::OutcomeKind;
use scoresheet_engine::{
    AccessEntry, Attribution, EngineError, GenerateRequest, UsageUpdate, definition::RetentionPolicy,
};
use tokio_util::sync::CancellationToken;

use crate::fake::*;

fn keeping(days: u32) -> RetentionPolicy {
    RetentionPolicy { observations_days: Some(days), ..RetentionPolicy::default() }
}

#[tokio::test]
async fn a_policy_that_removes_what_a_metric_needs_is_refused_in_words() {
    let world = World::new();
    let engine = world.imported().await;
    let error = engine.clone().retaining(keeping(29)).err().expect("refused");
    assert!(matches!(error, EngineError::Retention { days: 29, lookback_days: 30, .. }));
    assert_eq!(
        error.to_string(),
        "observations cannot be removed after 29 days: metric 'satisfaction' looks back 30 days; keep them for 30 days at least"
    );
    assert!(engine.prune(keeping(29), day(1_000)).await.is_err());
    assert!(engine.retaining(keeping(30)).is_ok());
}

#[tokio::test]
async fn a_sync_removes_what_is_too_old_and_the_next_does_not_ask_for_it() {
    let world = World::new();
    let engine = world.imported().await.retaining(keeping(30)).expect("a policy");
    let report = sync(&engine, 1_000).await;
    assert_eq!(report.observations, 10, "what is pruned was pulled first, so that trends have a past");
    let store = world.store().await;
    assert_eq!(store.provider_data(&scope()).await.expect("data").pruned_until, Some(day(970)));
    assert_eq!(store.provider_data(&scope()).await.expect("data").coverage["answer"].windows()[0].start, day(970));
    let whole = sheet(&engine, 1_000).await;
    assert_eq!((cell(&whole, "acme").samples, cell(&whole, "acme").stale), (3, false), "the window is all there");

    // A day later: only the overlap, and nothing from before.
    world.change(|source| source.asked.clear());
    let report = sync(&engine, 1_001).await;
    assert_eq!((report.problem, report.withdrawn, report.skipped), (None, 0, 0));
    let asked = world.source.lock().expect("the source").asked.clone();
    assert_eq!(asked.iter().map(|window| window.start).collect::<Vec<_>>(), [day(993)]);
    let actions = actions(&world).await;
    assert_eq!(actions.iter().filter(|action| *action == "pruned").count(), 1, "the second day had nothing to remove");

    // Everything anew asks for no more than is kept.
    world.change(|source| source.asked.clear());
    sync_as(&engine, scoresheet_engine::SyncRequest { full: true, ..scoresheet_engine::SyncRequest::all(day(1_001)) })
        .await;
    let asked = world.source.lock().expect("the source").asked.clone();
    assert_eq!(asked.iter().map(|window| window.start).collect::<Vec<_>>(), [day(971)]);
}

#[tokio::test]
async fn a_sheet_that_looks_behind_it_says_that_it_is_no_longer_kept() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    engine.prune(keeping(30), day(1_000)).await.expect("pruned");
    let at = |as_of: i64| GenerateRequest { as_of: day(as_of), ..GenerateRequest::all(day(1_000)) };
    for (as_of, outcome) in [(990, OutcomeKind::Measured), (970, OutcomeKind::NoData)] {
        let sheet = engine.generate(&at(as_of), &CancellationToken::new()).await.expect("a sheet");
        assert_eq!(cell(&sheet, "acme").outcome, outcome, "{as_of}");
        let told: Vec<&str> = sheet.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(told, [format!("fake: what happened before {} is no longer kept", day(970))]);
    }
}

#[tokio::test]
async fn every_sync_shortens_the_books() {
    let world = World::new();
    let engine = world.imported().await;
    let store = world.store().await;
    let entry = |at: i64| AccessEntry {
        at: day(at),
        provider: provider(),
        method: "GET".into(),
        path: "/".into(),
        status: Some(200),
        fault: None,
        attempt: 1,
        duration_ms: 1,
        bytes_sent: 1,
        bytes_received: 1,
    };
    let by = Attribution { actor: "anna@here".into(), at: day(900) };
    let access = vec![entry(969), entry(970), entry(990)];
    store.write_usage(&by, &UsageUpdate { access, providers: Vec::new() }).await.expect("stored");
    sync(&engine, 1_000).await;
    let kept = || async { store.usage(&provider(), None, 10).await.expect("usage").log.len() };
    assert_eq!(kept().await, 2, "30 days where nobody said otherwise");
    let policy = RetentionPolicy { access_days: 5, audit_days: Some(10), ..RetentionPolicy::default() };
    let engine = engine.retaining(policy).expect("a policy");
    sync(&engine, 1_000).await;
    assert_eq!(kept().await, 0);
    let entries = store.audit(None, 100).await.expect("entries");
    assert_eq!(entries[0].action, "sync-began", "the import of day 1 is gone");
    assert_eq!(store.verify_audit().await.expect("a verdict").broken, None);
}

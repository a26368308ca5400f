//! The access log, credentials, components and their use of limits.

use std::sync::Arc;

use scoresheet_domain::Digest;
use scoresheet_engine::{
    AccessEntry, ConnectionUse, ProviderUsage, ProviderUse, PruneLimits, Scope, Store, SyncOutcome, UsageUpdate,
};
use serde_json::json;

use crate::support::*;

async fn usage(store: &Arc<dyn Store>) -> ProviderUsage {
    store.usage(&provider("crewhu"), None, 0).await.expect("usage")
}

/// Summed up since then.
async fn requests(store: &Arc<dyn Store>, since: i64) -> ConnectionUse {
    let usage = store.usage(&provider("crewhu"), Some(at(since)), 0).await.expect("usage");
    assert_eq!(usage.log, []);
    usage.requests.expect("requests")
}

/// A run at that time, with these limits used and this credential.
async fn run(store: &Arc<dyn Store>, now: i64, limits: &str, credential: Option<&str>) {
    let used = ProviderUse {
        provider: provider("crewhu"),
        limits: limits.to_owned(),
        credential: credential.map(str::to_owned),
    };
    let usage = UsageUpdate { access: Vec::new(), providers: vec![used] };
    store.write_usage(&by_at(now), &usage).await.expect("a write");
}

pub(crate) async fn requests_are_listed_newest_first(place: &dyn Place) {
    let store = place.open().await;
    let lost = AccessEntry {
        status: None,
        fault: Some("timeout".into()),
        attempt: 2,
        path: "/a?b=ü".into(),
        bytes_received: 0,
        ..access(30, 0)
    };
    let unmodified = AccessEntry { status: Some(304), ..access(10, 0) };
    let other = AccessEntry { provider: provider("other"), ..access(40, 200) };
    write_access(&store, &[]).await;
    write_access(&store, &[access(20, 200), lost.clone(), unmodified.clone(), other.clone()]).await;
    let log = access_log(&place.open().await, "crewhu", 10).await;
    assert_eq!(log, [lost.clone(), access(20, 200), unmodified]);
    assert_eq!(access_log(&store, "crewhu", 1).await, [lost]);
    assert_eq!(access_log(&store, "other", 10).await, [other]);

    let many: Vec<AccessEntry> = (100..1_100).map(|n| access(n, 200)).collect();
    write_access(&store, &many).await;
    assert_eq!(access_log(&store, "crewhu", 5_000).await.len(), 1_003);
}

pub(crate) async fn requests_are_summed_up(place: &dyn Place) {
    let store = place.open().await;
    let took = |n: i64, duration_ms| AccessEntry { duration_ms, ..access(n, 200) };
    let mut entries: Vec<AccessEntry> = (1..=95).map(|n| took(n, 96 - n.unsigned_abs())).collect();
    entries.push(AccessEntry { attempt: 2, ..took(200, 1_000) });
    entries.push(AccessEntry { duration_ms: 2_000, ..access(210, 429) });
    entries.push(AccessEntry { duration_ms: 3_000, attempt: 3, ..access(220, 500) });
    entries.push(AccessEntry { duration_ms: 4_000, status: None, fault: Some("reset".into()), ..access(230, 0) });
    // An answer that broke off in the middle is no success.
    entries.push(AccessEntry { duration_ms: 5_000, fault: Some("cut".into()), ..access(190, 200) });
    entries.push(AccessEntry { provider: provider("other"), ..access(400, 500) });
    write_access(&store, &entries).await;

    let all = requests(&place.open().await, 0).await;
    assert_eq!(
        all,
        ConnectionUse {
            requests: 100,
            bytes_sent: 10_000,
            bytes_received: 100_000,
            retries: 2,
            rate_limited: 1,
            failures: 4,
            success_rate: Some(0.96),
            p50_ms: Some(50),
            p95_ms: Some(95),
            p99_ms: Some(4_000),
            last_success: Some(at(200)),
            last_failure: Some(at(230)),
        }
    );
    let late = requests(&store, 225).await;
    assert_eq!((late.requests, late.failures, late.success_rate), (1, 1, Some(0.0)));
    assert_eq!((late.last_success, late.p50_ms, late.p99_ms), (None, Some(4_000), Some(4_000)));
}

pub(crate) async fn unused_connection_has_no_figures(place: &dyn Place) {
    let store = place.open().await;
    let none = requests(&store, 0).await;
    assert_eq!(none, ConnectionUse::default());
    assert_eq!(access_log(&store, "crewhu", 10).await, []);
}

pub(crate) async fn changed_credential_is_recorded(place: &dyn Place) {
    let store = place.open().await;
    assert_eq!(usage(&store).await.credential, None);
    for (now, fingerprint, first_seen) in [(10, "aa", 10), (20, "aa", 10), (30, "bb", 30), (40, "bb", 30)] {
        run(&store, now, "{}", Some(fingerprint)).await;
        let stored = usage(&place.open().await).await.credential.expect("one");
        assert_eq!(
            (stored.fingerprint.as_str(), stored.first_seen, stored.last_seen),
            (fingerprint, at(first_seen), at(now))
        );
    }
    run(&store, 50, "{}", None).await;
    assert_eq!(usage(&store).await.credential.expect("one").last_seen, at(40), "a run without one keeps it");
    let other = store.usage(&provider("other"), None, 0).await.expect("usage");
    assert_eq!((other.credential, other.limits), (None, None));
    let told = store.audit(None, 10).await.expect("entries");
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].action.as_str(), told[0].subject.as_str()), ("credential-changed", "crewhu"));
    assert_eq!((told[0].at, told[0].actor.as_str()), (at(30), "anna@here"));
    assert_eq!(told[0].detail, Some(json!({"fingerprint": "bb", "former": "aa"})));
}

pub(crate) async fn changed_component_and_settings_are_recorded(place: &dyn Place) {
    let store = place.open().await;
    let scope = |settings: &str| Scope { provider: provider("crewhu"), settings: Digest::of(settings) };
    for (settings, component) in [("a", "1"), ("a", "1"), ("a", "2"), ("b", "2"), ("c", "3"), ("c", "3")] {
        finish_sync(&store, &SyncOutcome { component: Digest::of(component), ..outcome(&scope(settings)) }).await;
    }
    let actions: Vec<String> = told_actions(&store).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["component-changed", "settings-changed", "component-changed", "settings-changed"]);
    let first = store.audit(None, 10).await.expect("entries").remove(0);
    let (now, former) = (Digest::of("2").hex(), Digest::of("1").hex());
    assert_eq!(first.detail, Some(json!({"digest": now, "former": former})));
}

pub(crate) async fn use_of_limits_is_replaced(place: &dyn Place) {
    let store = place.open().await;
    assert_eq!(usage(&store).await.limits, None);
    run(&store, 1, "{\"memory\":1}", None).await;
    run(&store, 2, "{\"memory\":2}", None).await;
    assert_eq!(usage(&place.open().await).await.limits.as_deref(), Some("{\"memory\":2}"));
    assert_eq!(told_actions(&store).await, []);
}

pub(crate) async fn salt_never_changes(place: &dyn Place) {
    let salt = usage(&place.open().await).await.salt;
    assert_ne!(salt, [0; 32], "before anything was written");
    assert_eq!(usage(&place.open().await).await.salt, salt);
}

pub(crate) async fn old_and_surplus_requests_are_pruned(place: &dyn Place) {
    let store = place.open().await;
    let other = AccessEntry { provider: provider("other"), ..access(50, 200) };
    let entries: Vec<AccessEntry> = (0..10).map(|n| access(n * 10, 200)).chain([other.clone()]).collect();
    write_access(&store, &entries).await;
    assert_eq!(prune(&store, &limits(30)).await.access, 3);
    let limits = PruneLimits { access_entries: 2, ..limits(30) };
    assert_eq!(prune(&store, &limits).await.access, 5);
    let left = access_log(&store, "crewhu", 10).await;
    assert_eq!(left, [access(90, 200), access(80, 200)]);
    assert_eq!(access_log(&store, "other", 10).await, [other]);
}

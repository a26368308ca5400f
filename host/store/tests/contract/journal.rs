//! Requests, responses, credentials and components on record.

use scoresheet_domain::Digest;
use scoresheet_engine::{AccessEntry, BooksLimits, ConnectionUse, CredentialAge, Scope};
use serde_json::json;

use crate::support::*;

pub(crate) async fn requests_are_kept_newest_first(place: &dyn Place) {
    let store = place.open_to_write().await;
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
    store.note_access(&[]).await.expect("nothing");
    store.note_access(&[access(20, 200), lost.clone(), unmodified.clone(), other.clone()]).await.expect("a write");
    let log = place.open().await.access_log(&provider("crewhu"), 10).await.expect("a log");
    assert_eq!(log, [lost.clone(), access(20, 200), unmodified]);
    assert_eq!(store.access_log(&provider("crewhu"), 1).await.expect("a log"), [lost]);
    assert_eq!(store.access_log(&provider("other"), 10).await.expect("a log"), [other]);

    let many: Vec<AccessEntry> = (100..1_100).map(|n| access(n, 200)).collect();
    store.note_access(&many).await.expect("more than a statement takes");
    assert_eq!(store.access_log(&provider("crewhu"), 5_000).await.expect("a log").len(), 1_003);
}

pub(crate) async fn the_use_of_a_connection_adds_up(place: &dyn Place) {
    let store = place.open_to_write().await;
    let took = |n: i64, duration_ms| AccessEntry { duration_ms, ..access(n, 200) };
    let mut entries: Vec<AccessEntry> = (1..=95).map(|n| took(n, 96 - n.unsigned_abs())).collect();
    entries.push(AccessEntry { attempt: 2, ..took(200, 1_000) });
    entries.push(AccessEntry { duration_ms: 2_000, ..access(210, 429) });
    entries.push(AccessEntry { duration_ms: 3_000, attempt: 3, ..access(220, 500) });
    entries.push(AccessEntry { duration_ms: 4_000, status: None, fault: Some("reset".into()), ..access(230, 0) });
    // An answer that broke off in the middle is no success.
    entries.push(AccessEntry { duration_ms: 5_000, fault: Some("cut".into()), ..access(190, 200) });
    entries.push(AccessEntry { provider: provider("other"), ..access(400, 500) });
    store.note_access(&entries).await.expect("a write");

    let all = place.open().await.connection_use(&provider("crewhu"), at(0)).await.expect("a use");
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
    let late = store.connection_use(&provider("crewhu"), at(225)).await.expect("a use");
    assert_eq!((late.requests, late.failures, late.success_rate), (1, 1, Some(0.0)));
    assert_eq!((late.last_success, late.p50_ms, late.p99_ms), (None, Some(4_000), Some(4_000)));
}

pub(crate) async fn an_unused_connection_has_no_figures(place: &dyn Place) {
    let store = place.open_to_write().await;
    let none = store.connection_use(&provider("crewhu"), at(0)).await.expect("a use");
    assert_eq!(none, ConnectionUse::default());
    assert_eq!(store.access_log(&provider("crewhu"), 10).await.expect("a log"), []);
}

pub(crate) async fn a_credentials_age_begins_anew_with_another(place: &dyn Place) {
    let store = place.open_to_write().await;
    let crewhu = provider("crewhu");
    assert_eq!(store.credential(&crewhu).await.expect("none"), None);
    for (fingerprint, now, since, changed) in
        [("aa", 10, 10, false), ("aa", 20, 10, false), ("bb", 30, 30, true), ("bb", 40, 30, false)]
    {
        let age = store.note_credential(&crewhu, fingerprint, at(now)).await.expect("an age");
        assert_eq!(age, CredentialAge { since: at(since), changed }, "{now}");
    }
    let kept = place.open().await.credential(&crewhu).await.expect("one").expect("one");
    assert_eq!((kept.fingerprint.as_str(), kept.first_seen, kept.last_seen), ("bb", at(30), at(40)));
    assert_eq!(store.credential(&provider("other")).await.expect("none"), None);
    let told = store.audit(None, 10).await.expect("entries");
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].action.as_str(), told[0].subject.as_str()), ("credential-changed", "crewhu"));
    assert_eq!(told[0].detail, Some(json!({"fingerprint": "bb", "former": "aa"})));
}

pub(crate) async fn components_and_settings_that_change_are_told(place: &dyn Place) {
    let store = place.open_to_write().await;
    let scope = |settings: &str| Scope { provider: provider("crewhu"), settings: Digest::of(settings) };
    for (settings, component) in [("a", "1"), ("a", "1"), ("a", "2"), ("b", "2"), ("c", "3"), ("c", "3")] {
        store.note_component(&scope(settings), Digest::of(component)).await.expect("noted");
    }
    let actions: Vec<String> = told_actions(&store).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["component-changed", "settings-changed", "component-changed", "settings-changed"]);
    let first = store.audit(None, 10).await.expect("entries").remove(0);
    let (now, former) = (Digest::of("2").hex(), Digest::of("1").hex());
    assert_eq!(first.detail, Some(json!({"digest": now, "former": former})));
}

pub(crate) async fn what_a_component_used_is_kept(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, provider("crewhu"));
    assert_eq!(store.component_use(&crewhu).await.expect("none"), None);
    store.put_component_use(&crewhu, "{\"memory\":1}", at(1)).await.expect("kept");
    store.put_component_use(&crewhu, "{\"memory\":2}", at(2)).await.expect("kept");
    let kept = place.open().await.component_use(&crewhu).await.expect("one");
    assert_eq!(kept, Some(("{\"memory\":2}".to_owned(), at(2))));
}

pub(crate) async fn the_salt_stays(place: &dyn Place) {
    let salt = place.open().await.salt().await.expect("a salt, before anything was written");
    assert_ne!(salt, [0; 32]);
    assert_eq!(place.open_to_write().await.salt().await.expect("a salt"), salt);
}

pub(crate) async fn old_requests_and_too_many_go(place: &dyn Place) {
    let store = place.open_to_write().await;
    let other = AccessEntry { provider: provider("other"), ..access(50, 200) };
    let entries: Vec<AccessEntry> = (0..10).map(|n| access(n * 10, 200)).chain([other.clone()]).collect();
    store.note_access(&entries).await.expect("a write");
    assert_eq!(store.prune_books(&books(30)).await.expect("pruned").access, 3);
    let limits = BooksLimits { access_entries: 2, ..books(30) };
    assert_eq!(store.prune_books(&limits).await.expect("pruned").access, 5);
    let left = store.access_log(&provider("crewhu"), 10).await.expect("a log");
    assert_eq!(left, [access(90, 200), access(80, 200)]);
    assert_eq!(store.access_log(&provider("other"), 10).await.expect("a log"), [other]);
}

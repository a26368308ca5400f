//! Provider locks: taken, renewed, expired, taken over; and what needs none.

use scoresheet_domain::{AuditAction, EntryKind, SourceId, mapping::Decision, mapping::Verdict};
use scoresheet_engine::{Attribution, PullId, StoreError, UserChange};

use crate::support::*;

pub(crate) async fn locked_provider_names_its_holder(place: &dyn Place) {
    let (first, second) = (place.open().await, place.open().await);
    first.lock(&lock_of("crewhu", "first"), at(5_000)).await.expect("it is free");
    for store in [&first, &second] {
        let error = store.lock(&lock_of("crewhu", "second"), at(6_000)).await.expect_err("it is held");
        let StoreError::Locked { provider: of, actor, since, until } = error else { panic!("{error}") };
        assert_eq!((of, actor.as_str()), (provider("crewhu"), "anna@here"));
        assert_eq!((since, until), (at(5_000), at(35_000)));
    }
    second.lock(&lock_of("other", "second"), at(6_000)).await.expect("another provider is free");
    first.unlock(&lock_of("crewhu", "first")).await.expect("unlocked");
    second.lock(&lock_of("crewhu", "second"), at(6_000)).await.expect("it is free again");
}

pub(crate) async fn renewed_lock_holds_longer(place: &dyn Place) {
    let (first, second) = (place.open().await, place.open().await);
    first.lock(&lock_of("crewhu", "first"), at(0)).await.expect("it is free");
    first.renew_lock(&lock_of("crewhu", "first"), at(20_000)).await.expect("renewed");
    let held = second.lock(&lock_of("crewhu", "second"), at(49_999)).await;
    assert!(matches!(held, Err(StoreError::Locked { since, until, .. }) if (since, until) == (at(0), at(50_000))));
    second.lock(&lock_of("crewhu", "second"), at(50_000)).await.expect("it expired");
    let lost = first.renew_lock(&lock_of("crewhu", "first"), at(50_001)).await;
    assert!(matches!(lost, Err(StoreError::LockLost { provider: of }) if of == provider("crewhu")));
    let held = first.lock(&lock_of("crewhu", "first"), at(79_999)).await;
    assert!(matches!(held, Err(StoreError::Locked { since, .. }) if since == at(50_000)), "{held:?}");
}

pub(crate) async fn lock_taken_again_keeps_its_start(place: &dyn Place) {
    let (first, second) = (place.open().await, place.open().await);
    first.lock(&lock_of("crewhu", "first"), at(0)).await.expect("it is free");
    first.lock(&lock_of("crewhu", "first"), at(20_000)).await.expect("it is its own");
    let held = second.lock(&lock_of("crewhu", "second"), at(49_999)).await;
    assert!(matches!(held, Err(StoreError::Locked { since, until, .. }) if (since, until) == (at(0), at(50_000))));
}

pub(crate) async fn expired_lock_allows_writes_until_taken_over(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let open = begin(&store, &crewhu, window(0, 100)).await;
    commit(&store, &crewhu, open.id, None, &then(items([event("1", 10, 1.0)]), &["b"])).await.expect("a page");
    // It expired long ago, and nobody took it.
    store.renew_lock(&lock(&crewhu), at(1_000_000)).await.expect("renewed");
    commit(&store, &crewhu, open.id, Some("b"), &then(items([]), &["c"])).await.expect("a page");

    let other = place.open().await;
    other.lock(&lock_of("crewhu", "second"), at(2_000_000)).await.expect("it expired");
    let lost = commit(&store, &crewhu, open.id, Some("c"), &items([event("2", 10, 2.0)])).await;
    assert!(matches!(lost, Err(StoreError::LockLost { .. })), "{lost:?}");
    assert_eq!(values(&other, &crewhu, ever()).await, [1.0]);
    // The new holder resumes the pull.
    assert_eq!(other.open_pulls(&crewhu).await.expect("pulls")[0].pending, [cursor("c")]);
}

pub(crate) async fn writes_without_the_lock_are_refused(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    // Never locked; unlocked; taken over; and another provider's.
    for step in 0..4 {
        match step {
            1 => {
                store.lock(&lock(&crewhu), at(0)).await.expect("it is free");
                store.unlock(&lock(&crewhu)).await.expect("unlocked");
            }
            2 => store.lock(&lock_of("crewhu", "second"), at(0)).await.expect("it is free"),
            3 => store.lock(&lock_of("other", "writer"), at(0)).await.expect("it is free"),
            _ => {}
        }
        let lock = lock(&crewhu);
        let writes = [
            ("source clients", store.replace_source_clients(&lock, &crewhu, &[]).await.err()),
            ("begin", store.begin_pull(&lock, &new_pull(&crewhu, window(0, 1))).await.err()),
            ("commit", commit(&store, &crewhu, PullId(1), None, &items([])).await.err()),
            ("finish", finish(&store, &crewhu, PullId(1)).await.err()),
            ("abandon", abandon(&store, &crewhu, PullId(1)).await.err()),
            ("outcome", store.finish_sync(&lock, &outcome(&crewhu)).await.err()),
            ("renew", store.renew_lock(&lock, at(0)).await.err()),
            // Under a lock that is held, but not of the scope's provider.
            ("other lock", store.finish_sync(&lock_of("other", "writer"), &outcome(&crewhu)).await.err()),
        ];
        for (what, error) in writes {
            assert!(
                matches!(&error, Some(StoreError::LockLost { provider: of }) if *of == provider("crewhu")),
                "{what} in step {step}: {error:?}"
            );
        }
    }
}

pub(crate) async fn pull_of_another_provider_is_refused(place: &dyn Place) {
    let (store, crewhu, other) = (place.open().await, scope("crewhu"), scope("other"));
    let open = begin(&store, &crewhu, window(0, 100)).await;
    begin(&store, &other, window(0, 100)).await;
    assert!(commit(&store, &other, open.id, None, &items([])).await.is_err());
    assert!(finish(&store, &other, open.id).await.is_err());
    abandon(&store, &other, open.id).await.expect("nothing happens");
    assert_eq!(store.open_pulls(&crewhu).await.expect("pulls"), [open]);
}

pub(crate) async fn unlock_by_another_instance_does_nothing(place: &dyn Place) {
    let (first, second) = (place.open().await, place.open().await);
    first.lock(&lock_of("crewhu", "first"), at(0)).await.expect("it is free");
    second.unlock(&lock_of("crewhu", "second")).await.expect("nothing happens");
    first.unlock(&lock_of("other", "first")).await.expect("nothing happens");
    first.renew_lock(&lock_of("crewhu", "first"), at(1)).await.expect("it is still held");
}

/// A clock that goes back neither frees a lock that is held nor keeps one that expired.
pub(crate) async fn clock_that_went_back_keeps_a_lock(place: &dyn Place) {
    let (first, second) = (place.open().await, place.open().await);
    first.lock(&lock_of("crewhu", "first"), at(1_000_000)).await.expect("it is free");
    let held = second.lock(&lock_of("crewhu", "second"), at(5_000)).await;
    assert!(matches!(held, Err(StoreError::Locked { since, .. }) if since == at(1_000_000)), "{held:?}");
    // Its own clock went back too: it holds for as long as that clock says.
    first.renew_lock(&lock_of("crewhu", "first"), at(6_000)).await.expect("renewed");
    let held = second.lock(&lock_of("crewhu", "second"), at(35_999)).await;
    assert!(matches!(held, Err(StoreError::Locked { .. })), "until 30 s after the renewal");
    second.lock(&lock_of("crewhu", "second"), at(36_000)).await.expect("it expired");
}

/// Another process syncs: what a user changes meanwhile is stored at once, under that user's name.
pub(crate) async fn user_changes_are_not_blocked(place: &dyn Place) {
    let (syncing, other, crewhu) = (place.open().await, place.open().await, scope("crewhu"));
    let open = begin(&syncing, &crewhu, window(0, 100)).await;
    let bob = Attribution { actor: "bob@there".into(), at: at(7) };
    let decision =
        Decision { client: client("acme", "x").id, source: SourceId::new("c").expect("an id"), verdict: Verdict::Same };
    for store in [&syncing, &other] {
        for change in [
            UserChange::AddEntry(entry("acme", "csat", EntryKind::Override, 3.0)),
            UserChange::ReplaceRoster(vec![client("acme", "Acme")]),
            UserChange::Decide(provider("crewhu"), decision.clone()),
        ] {
            store.apply(&bob, &change).await.expect("a write");
        }
        store.save_sheet(&saved("ab", 0, b"x")).await.expect("a write");
        store.note(&bob, &[note(AuditAction::SyncBegan, "every provider")]).await.expect("a write");
        write_access(store, &[access(0, 200)]).await;
        prune(store, &limits(0)).await;
        erase(store, &erasure("nobody", &[])).await;
    }
    // The sync continues, and what it changes is under its own name.
    commit(&syncing, &crewhu, open.id, None, &items([event("1", 10, 1.0)])).await.expect("a page");
    abandon(&syncing, &crewhu, open.id).await.expect("abandoned");
    let entries = other.audit(None, 20).await.expect("entries");
    let told: Vec<_> = entries.iter().map(|entry| (entry.action.as_str(), entry.actor.as_str())).collect();
    let changes = [
        ("override-set", "bob@there"),
        ("roster-replaced", "bob@there"),
        ("decision-set", "bob@there"),
        ("sync-began", "bob@there"),
        ("client-erased", "anna@here"),
    ];
    assert_eq!(told, [&changes[..], &changes[..], &[("pull-abandoned", "anna@here")]].concat());
    assert_eq!(other.verify_audit().await.expect("a verdict").broken, None);
}

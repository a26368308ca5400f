//! Who may write.

use scoresheet_domain::{
    AuditAction, ClientId, Digest, EntryKind, ProviderName, SourceId, mapping::Decision, mapping::Verdict,
};
use scoresheet_engine::{Attribution, ClientScope, LeaseHolder, PullId, StoreError, SyncRecord};

use crate::support::*;

/// Another process syncs: what a user changes meanwhile is stored at once, and put down to that user.
pub(crate) async fn user_changes_wait_for_no_sync(place: &dyn Place) {
    let (syncing, other, scope) = (place.open_to_write().await, place.open().await, scope("crewhu"));
    let open = begin(&syncing, &scope, window(0, 100)).await;
    let bob = Attribution { actor: "bob@there".into(), at: at(7) };
    let began = std::time::Instant::now();
    for store in [&syncing, &other] {
        store.add_entry(&bob, &entry("acme", "csat", EntryKind::Override, 3.0)).await.expect("a write");
        store.replace_roster(&bob, &[client("acme", "Acme")]).await.expect("a write");
        let decision = Decision {
            client: client("acme", "x").id,
            source: SourceId::new("c").expect("an id"),
            verdict: Verdict::Same,
        };
        store.decide(&bob, &provider("crewhu"), &decision).await.expect("a write");
        store.keep_sheet(&kept("ab", 0, b"x"), &[]).await.expect("a write");
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "it waits for nothing: {:?}", began.elapsed());
    // The sync goes on, and what it changes is its own.
    commit(&syncing, open.id, None, &items([event("1", 10, 1.0)])).await.expect("a page");
    syncing.abandon_pull(open.id).await.expect("abandoned");
    let entries = other.audit(None, 10).await.expect("entries");
    let told: Vec<_> = entries.iter().map(|entry| (entry.action.as_str(), entry.actor.as_str())).collect();
    let changes = [("override-set", "bob@there"), ("roster-replaced", "bob@there"), ("decision-set", "bob@there")];
    assert_eq!(told, [&changes[..], &changes[..], &[("pull-abandoned", "anna@here")]].concat());
    assert_eq!(other.verify_audit().await.expect("a verdict").broken, None);
}

pub(crate) async fn one_process_writes_at_a_time(place: &dyn Place) {
    let (first, second) = (place.open().await, place.open().await);
    first.acquire_lease(&holder("first"), at(5_000)).await.expect("it is free");
    let error = second.acquire_lease(&holder("second"), at(6_000)).await.expect_err("it is held");
    let StoreError::Held { task, pid, host, since } = error else { panic!("{error}") };
    assert_eq!((task.as_str(), pid, host.as_str(), since), ("sync", std::process::id(), "here", at(5_000)));

    first.release_lease(&holder("first")).await.expect("given back");
    second.acquire_lease(&holder("second"), at(6_000)).await.expect("it is free again");
    second.note(&note(AuditAction::SyncBegan, "store")).await.expect("a write");
    assert!(matches!(first.note(&note(AuditAction::SyncBegan, "store")).await, Err(StoreError::LeaseLost)));
}

pub(crate) async fn holds_until_it_is_not_renewed(place: &dyn Place) {
    let (first, second) = (place.open().await, place.open().await);
    first.acquire_lease(&holder("first"), at(0)).await.expect("it is free");
    first.renew_lease(&holder("first"), at(50_000)).await.expect("renewed");
    let held = second.acquire_lease(&holder("second"), at(110_000)).await;
    assert!(matches!(held, Err(StoreError::Held { since, .. }) if since == at(0)), "until 60 s after the renewal");
    second.acquire_lease(&holder("second"), at(110_001)).await.expect("it ran out");

    assert!(matches!(first.renew_lease(&holder("first"), at(110_002)).await, Err(StoreError::LeaseLost)));
    assert!(matches!(first.note(&note(AuditAction::SyncBegan, "store")).await, Err(StoreError::LeaseLost)));
    second.note(&note(AuditAction::SyncBegan, "store")).await.expect("a write");
}

pub(crate) async fn is_kept_by_its_own_token(place: &dyn Place) {
    let (first, second) = (place.open().await, place.open().await);
    first.acquire_lease(&holder("first"), at(0)).await.expect("it is free");
    first.acquire_lease(&holder("first"), at(30_000)).await.expect("it is its own");
    let held = second.acquire_lease(&holder("second"), at(90_000)).await;
    assert!(matches!(held, Err(StoreError::Held { since, .. }) if since == at(0)), "since it was first taken");
}

pub(crate) async fn a_dead_process_is_no_obstacle(place: &dyn Place) {
    // Beyond what any system gives to a process.
    let dead = LeaseHolder { pid: 2_000_000_000, ..holder("dead") };
    let (first, second) = (place.open().await, place.open().await);
    first.acquire_lease(&dead, at(0)).await.expect("it is free");
    let elsewhere = LeaseHolder { host: "elsewhere".into(), ..holder("second") };
    let held = second.acquire_lease(&elsewhere, at(1)).await;
    assert!(matches!(held, Err(StoreError::Held { .. })), "another host's processes are not known here");
    if cfg!(target_os = "linux") {
        second.acquire_lease(&holder("second"), at(1)).await.expect("its process is gone");
        second.note(&note(AuditAction::SyncBegan, "store")).await.expect("a write");
    }
}

pub(crate) async fn every_write_of_a_sync_needs_it(place: &dyn Place) {
    let (store, scope) = (place.open().await, scope("crewhu"));
    let client = ClientId::new("acme").expect("an id");
    let provider = ProviderName::new("crewhu").expect("a name");
    // Before it was taken, and after it was given back.
    for taken in [false, true] {
        if taken {
            store.acquire_lease(&holder("it"), at(0)).await.expect("it is free");
            store.release_lease(&holder("it")).await.expect("given back");
        }
        let writes = [
            ("source clients", store.replace_source_clients(&scope, &[]).await.err()),
            ("begin", store.begin_pull(&scope, window(0, 1), &ClientScope::All, false, at(0)).await.err()),
            ("commit", commit(&store, PullId(1), None, &items([])).await.err()),
            ("finish", store.finish_pull(PullId(1)).await.err()),
            ("abandon", store.abandon_pull(PullId(1)).await.err()),
            ("sync record", store.put_sync_record(&scope, &SyncRecord::default(), &[]).await.err()),
            ("note", store.note(&note(AuditAction::Pruned, "store")).await.err()),
            ("access", store.note_access(&[access(0, 200)]).await.err()),
            ("credential", store.note_credential(&provider, "f", at(0)).await.err()),
            ("component", store.note_component(&scope, Digest::of("c")).await.err()),
            ("component use", store.put_component_use(&provider, "{}", at(0)).await.err()),
            ("prune", store.prune(Some(&scope), at(0)).await.err()),
            ("books", store.prune_books(&books(0)).await.err()),
            ("erase", store.erase(&erasure("acme", &[])).await.err()),
            ("lift", store.lift_erasure(&client).await.err()),
        ];
        for (what, error) in writes {
            assert!(matches!(error, Some(StoreError::LeaseLost)), "{what}: {error:?}");
        }
        assert!(matches!(store.renew_lease(&holder("it"), at(0)).await, Err(StoreError::LeaseLost)));
    }
    assert_eq!(store.roster().await.expect("reading needs no lease"), []);
    assert_eq!(store.entries(true).await.expect("entries"), []);
    assert_eq!(store.sheets(10).await.expect("sheets"), []);
}

pub(crate) async fn is_given_back_by_its_holder_alone(place: &dyn Place) {
    let (first, second) = (place.open().await, place.open().await);
    first.acquire_lease(&holder("first"), at(0)).await.expect("it is free");
    second.release_lease(&holder("second")).await.expect("nothing happens");
    first.release_lease(&holder("other")).await.expect("nothing happens");
    first.note(&note(AuditAction::SyncBegan, "store")).await.expect("it is still held");
}

/// A clock that goes back confuses neither a live holder's lease with one that ran out, nor the other way round.
pub(crate) async fn a_clock_that_went_back_takes_nothing_from_a_holder(place: &dyn Place) {
    let (first, second) = (place.open().await, place.open().await);
    first.acquire_lease(&holder("first"), at(1_000_000)).await.expect("it is free");
    let held = second.acquire_lease(&holder("second"), at(5_000)).await;
    assert!(matches!(held, Err(StoreError::Held { since, .. }) if since == at(1_000_000)), "{held:?}");
    // Its own clock went back too: it goes on, and holds for as long as that clock says.
    first.renew_lease(&holder("first"), at(6_000)).await.expect("renewed");
    first.note(&note(AuditAction::SyncBegan, "store")).await.expect("a write");
    let held = second.acquire_lease(&holder("second"), at(66_000)).await;
    assert!(matches!(held, Err(StoreError::Held { .. })), "until 60 s after the renewal");
    second.acquire_lease(&holder("second"), at(66_001)).await.expect("it ran out");
    assert!(matches!(first.note(&note(AuditAction::SyncBegan, "store")).await, Err(StoreError::LeaseLost)));
}

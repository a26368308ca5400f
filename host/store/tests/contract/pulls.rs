//! Pulls: listed, gone on with, ended.

use scoresheet_domain::{Intervals, SourceId};
use scoresheet_engine::{ClientScope, PullEnd, Skipped, StoreError};

use crate::support::*;

fn one() -> ClientScope {
    ClientScope::One(SourceId::new("c").expect("an id"))
}

pub(crate) async fn are_listed_until_they_end(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let first = begin(&store, &crewhu, window(0, 100)).await;
    assert_eq!((first.window, first.began, first.decides, first.started), (window(0, 100), at(1_000), false, false));
    assert!(first.pending.is_empty() && first.digests.is_empty());
    let second = store.begin_pull(&crewhu, window(100, 200), &ClientScope::All, true, at(2_000)).await.expect("a pull");
    store.begin_pull(&crewhu, window(0, 200), &one(), false, at(2_000)).await.expect("a pull of one");
    begin(&store, &scope("other"), window(0, 100)).await;

    let listed = place.open().await.open_pulls(&crewhu).await.expect("pulls");
    assert_eq!(listed, [first.clone(), second.clone()], "oldest first, of every client, of this scope");
    assert!(listed[1].decides);

    store.abandon_pull(first.id).await.expect("abandoned");
    commit(&store, second.id, None, &items([])).await.expect("a page");
    store.finish_pull(second.id).await.expect("an end");
    assert_eq!(store.open_pulls(&crewhu).await.expect("pulls"), []);
    let third = begin(&store, &crewhu, window(0, 100)).await;
    assert!(third.id > second.id, "an id is never given twice");
}

pub(crate) async fn go_on_from_the_pages_they_have(place: &dyn Place) {
    let crewhu = scope("crewhu");
    let pages = [
        then(items([event("1", 10, 1.0)]), &["b", "c"]),
        then(items([event("2", 20, 2.0)]), &["d"]),
        items([event("3", 30, 3.0)]),
        items([event("4", 40, 4.0)]),
    ];
    let before = place.open_to_write().await;
    let open = begin(&before, &crewhu, window(0, 100)).await;
    commit(&before, open.id, None, &pages[0]).await.expect("the first page");
    commit(&before, open.id, Some("b"), &pages[1]).await.expect("the second page");
    drop(before);

    let after = place.open_to_write().await;
    let listed = after.open_pulls(&crewhu).await.expect("pulls");
    assert_eq!(listed.len(), 1);
    assert!(listed[0].started);
    assert_eq!(listed[0].pending, [cursor("c"), cursor("d")], "in the order in which they are applied");
    assert_eq!(listed[0].digests, [digest(&pages[0]), digest(&pages[1])]);
    assert_eq!(values(&after, &crewhu, ever()).await, [1.0, 2.0], "what was committed can be read");

    commit(&after, open.id, Some("c"), &pages[2]).await.expect("the third page");
    commit(&after, open.id, Some("d"), &pages[3]).await.expect("the last page");
    assert_eq!(after.finish_pull(open.id).await.expect("an end"), PullEnd::Covered { withdrawn: 0 });
    assert_eq!(values(&after, &crewhu, ever()).await, [1.0, 2.0, 3.0, 4.0]);
}

pub(crate) async fn take_each_page_once(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let open = begin(&store, &crewhu, window(0, 100)).await;
    let other = begin(&store, &crewhu, window(0, 100)).await;
    let refused = |result: Result<Skipped, StoreError>| match result {
        Err(StoreError::Database { doing: "committing a page", message }) => message,
        other => panic!("{other:?}"),
    };
    refused(commit(&store, open.id, Some("b"), &items([])).await);
    // The source gives one cursor twice; both are pages to fetch.
    commit(&store, open.id, None, &then(items([]), &["b", "c", "b"])).await.expect("the first page");
    let told = refused(commit(&store, open.id, None, &items([])).await);
    assert!(told.contains("committed before"), "{told}");
    refused(commit(&store, other.id, Some("b"), &items([])).await);

    commit(&store, open.id, Some("b"), &items([])).await.expect("a page");
    let pending = store.open_pulls(&crewhu).await.expect("pulls").remove(0).pending;
    assert_eq!(pending, [cursor("c"), cursor("b")]);
    commit(&store, open.id, Some("b"), &then(items([]), &["b"])).await.expect("the page of the same cursor");
    commit(&store, open.id, Some("c"), &items([])).await.expect("a page");
    refused(commit(&store, open.id, Some("c"), &items([])).await);
    commit(&store, open.id, Some("b"), &items([])).await.expect("the page that came after itself");
    store.finish_pull(open.id).await.expect("an end");
    refused(commit(&store, open.id, None, &items([])).await);
}

pub(crate) async fn end_only_when_every_page_is_there(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let open = begin(&store, &crewhu, window(0, 100)).await;
    assert!(store.finish_pull(open.id).await.is_err(), "no page yet");
    commit(&store, open.id, None, &then(items([]), &["b"])).await.expect("a page");
    let error = store.finish_pull(open.id).await.expect_err("a page is missing");
    assert!(matches!(error, StoreError::Database { doing: "finishing a pull", .. }), "{error}");
    assert_eq!(store.coverage(&crewhu).await.expect("coverage"), Intervals::default());
    commit(&store, open.id, Some("b"), &items([])).await.expect("a page");
    store.finish_pull(open.id).await.expect("an end");
    assert!(store.finish_pull(open.id).await.is_err(), "it has ended");
}

pub(crate) async fn cover_their_windows(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    for (start, end) in [(0, 10), (20, 30), (50, 60), (10, 15), (25, 40)] {
        pull(&store, &crewhu, window(start, end), false, items([])).await;
    }
    let covered = place.open().await.coverage(&crewhu).await.expect("coverage");
    assert_eq!(covered.windows(), [window(0, 15), window(20, 40), window(50, 60)]);
    assert_eq!(store.coverage(&scope("other")).await.expect("coverage"), Intervals::default());
}

pub(crate) async fn leave_their_pages_when_abandoned(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let open = begin(&store, &crewhu, window(0, 100)).await;
    commit(&store, open.id, None, &then(items([event("1", 10, 1.0)]), &["b"])).await.expect("a page");
    store.abandon_pull(open.id).await.expect("abandoned");
    store.abandon_pull(open.id).await.expect("nothing happens");
    assert_eq!(values(&store, &crewhu, ever()).await, [1.0]);
    assert_eq!(store.coverage(&crewhu).await.expect("coverage"), Intervals::default());
    assert!(commit(&store, open.id, Some("b"), &items([])).await.is_err());
    assert!(store.finish_pull(open.id).await.is_err());
}

pub(crate) async fn of_one_client_cover_and_withdraw_nothing(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    pull(&store, &crewhu, window(0, 50), false, items([event("1", 10, 1.0), event("2", 20, 2.0)])).await;
    let open = store.begin_pull(&crewhu, window(0, 100), &one(), false, at(2_000)).await.expect("a pull");
    commit(&store, open.id, None, &then(items([event("2", 20, 2.5)]), &["b"])).await.expect("a page");
    assert!(store.finish_pull(open.id).await.is_err(), "a page is missing");
    commit(&store, open.id, Some("b"), &items([event("3", 80, 3.0)])).await.expect("a page");
    assert_eq!(store.finish_pull(open.id).await.expect("an end"), PullEnd::Covered { withdrawn: 0 });
    assert_eq!(values(&store, &crewhu, ever()).await, [1.0, 2.5, 3.0]);
    assert_eq!(store.coverage(&crewhu).await.expect("coverage").windows(), [window(0, 50)]);
    assert!(store.finish_pull(open.id).await.is_err(), "it has ended");
}

/// They are not listed, so nobody else could end them.
pub(crate) async fn of_one_client_end_with_the_lease(place: &dyn Place) {
    let (first, second) = (place.open_to_write().await, place.open().await);
    let crewhu = scope("crewhu");
    let open = first.begin_pull(&crewhu, window(0, 100), &one(), false, at(0)).await.expect("a pull");
    let whole = begin(&first, &crewhu, window(0, 100)).await;
    first.acquire_lease(&holder("writer"), at(1)).await.expect("its own");
    commit(&first, open.id, None, &then(items([]), &["b"])).await.expect("it is still the same lease");

    first.release_lease(&holder("writer")).await.expect("given back");
    second.acquire_lease(&holder("second"), at(0)).await.expect("it is free");
    assert!(commit(&second, open.id, Some("b"), &items([])).await.is_err());
    commit(&second, whole.id, None, &items([])).await.expect("a pull of every client is gone on with");
}

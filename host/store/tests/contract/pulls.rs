//! Pulls: listed, resumed, ended.

use scoresheet_engine::{NewPull, PullEnd, Skipped, StoreError};

use crate::support::*;

pub(crate) async fn open_pulls_are_listed(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let first = begin(&store, &crewhu, window(0, 100)).await;
    assert_eq!((first.window, first.began, first.decides, first.started), (window(0, 100), at(1_000), false, false));
    assert!(first.pending.is_empty() && first.digests.is_empty());
    let second = begin_as(&store, &NewPull { decides: true, ..new_pull(&crewhu, window(100, 200)) }).await;
    begin(&store, &scope("other"), window(0, 100)).await;

    let listed = place.open().await.open_pulls(&crewhu).await.expect("pulls");
    assert_eq!(listed, [first.clone(), second.clone()], "oldest first, of this scope");
    assert!(listed[1].decides);

    abandon(&store, &crewhu, first.id).await.expect("abandoned");
    commit(&store, &crewhu, second.id, None, &items([])).await.expect("a page");
    finish(&store, &crewhu, second.id).await.expect("an end");
    assert_eq!(store.open_pulls(&crewhu).await.expect("pulls"), []);
    let third = begin(&store, &crewhu, window(0, 100)).await;
    assert!(third.id > second.id, "an id is never given twice");
}

pub(crate) async fn pull_resumes_from_its_committed_pages(place: &dyn Place) {
    let crewhu = scope("crewhu");
    let pages = [
        then(items([event("1", 10, 1.0)]), &["b", "c"]),
        then(items([event("2", 20, 2.0)]), &["d"]),
        items([event("3", 30, 3.0)]),
        items([event("4", 40, 4.0)]),
    ];
    let before = place.open().await;
    let open = begin(&before, &crewhu, window(0, 100)).await;
    commit(&before, &crewhu, open.id, None, &pages[0]).await.expect("the first page");
    commit(&before, &crewhu, open.id, Some("b"), &pages[1]).await.expect("the second page");
    drop(before);

    let after = place.open().await;
    let listed = after.open_pulls(&crewhu).await.expect("pulls");
    assert_eq!(listed.len(), 1);
    assert!(listed[0].started);
    assert_eq!(listed[0].pending, [cursor("c"), cursor("d")], "in the order in which they are applied");
    assert_eq!(listed[0].digests, [digest(&pages[0]), digest(&pages[1])]);
    assert_eq!(values(&after, &crewhu, ever()).await, [1.0, 2.0], "what was committed can be read");

    commit(&after, &crewhu, open.id, Some("c"), &pages[2]).await.expect("the third page");
    commit(&after, &crewhu, open.id, Some("d"), &pages[3]).await.expect("the last page");
    assert_eq!(finish(&after, &crewhu, open.id).await.expect("an end"), PullEnd::Covered { deleted: 0 });
    assert_eq!(values(&after, &crewhu, ever()).await, [1.0, 2.0, 3.0, 4.0]);
}

pub(crate) async fn page_is_committed_once(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let open = begin(&store, &crewhu, window(0, 100)).await;
    let other = begin(&store, &crewhu, window(0, 100)).await;
    let refused = |result: Result<Skipped, StoreError>| match result {
        Err(StoreError::Database { doing: "committing a page", message }) => message,
        other => panic!("{other:?}"),
    };
    refused(commit(&store, &crewhu, open.id, Some("b"), &items([])).await);
    // The source gives one cursor twice; both are pages to fetch.
    commit(&store, &crewhu, open.id, None, &then(items([]), &["b", "c", "b"])).await.expect("the first page");
    let told = refused(commit(&store, &crewhu, open.id, None, &items([])).await);
    assert!(told.contains("committed before"), "{told}");
    refused(commit(&store, &crewhu, other.id, Some("b"), &items([])).await);

    commit(&store, &crewhu, open.id, Some("b"), &items([])).await.expect("a page");
    let pending = store.open_pulls(&crewhu).await.expect("pulls").remove(0).pending;
    assert_eq!(pending, [cursor("c"), cursor("b")]);
    commit(&store, &crewhu, open.id, Some("b"), &then(items([]), &["b"])).await.expect("the page of the same cursor");
    commit(&store, &crewhu, open.id, Some("c"), &items([])).await.expect("a page");
    refused(commit(&store, &crewhu, open.id, Some("c"), &items([])).await);
    commit(&store, &crewhu, open.id, Some("b"), &items([])).await.expect("the page that came after itself");
    finish(&store, &crewhu, open.id).await.expect("an end");
    refused(commit(&store, &crewhu, open.id, None, &items([])).await);
}

pub(crate) async fn pull_with_pending_pages_does_not_finish(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let open = begin(&store, &crewhu, window(0, 100)).await;
    assert!(finish(&store, &crewhu, open.id).await.is_err(), "no page yet");
    commit(&store, &crewhu, open.id, None, &then(items([]), &["b"])).await.expect("a page");
    let error = finish(&store, &crewhu, open.id).await.expect_err("a page is missing");
    assert!(matches!(error, StoreError::Database { doing: "ending a pull", .. }), "{error}");
    assert_eq!(covered(&store, &crewhu).await, []);
    commit(&store, &crewhu, open.id, Some("b"), &items([])).await.expect("a page");
    finish(&store, &crewhu, open.id).await.expect("an end");
    assert!(finish(&store, &crewhu, open.id).await.is_err(), "it has ended");
}

pub(crate) async fn finished_pull_covers_its_window(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    for (start, end) in [(0, 10), (20, 30), (50, 60), (10, 15), (25, 40)] {
        pull(&store, &crewhu, window(start, end), false, items([])).await;
    }
    assert_eq!(covered(&place.open().await, &crewhu).await, [window(0, 15), window(20, 40), window(50, 60)]);
    assert_eq!(covered(&store, &scope("other")).await, []);
}

pub(crate) async fn abandoned_pull_keeps_its_pages(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let open = begin(&store, &crewhu, window(0, 100)).await;
    commit(&store, &crewhu, open.id, None, &then(items([event("1", 10, 1.0)]), &["b"])).await.expect("a page");
    abandon(&store, &crewhu, open.id).await.expect("abandoned");
    abandon(&store, &crewhu, open.id).await.expect("nothing happens");
    assert_eq!(values(&store, &crewhu, ever()).await, [1.0]);
    assert_eq!(covered(&store, &crewhu).await, []);
    assert!(commit(&store, &crewhu, open.id, Some("b"), &items([])).await.is_err());
    assert!(finish(&store, &crewhu, open.id).await.is_err());
}

//! What pruning removes, and what stays.

use scoresheet_domain::{Instant, Observation, ObservationPage, Rejection, When};
use scoresheet_engine::{Pruned, PullEnd, Skipped};

use crate::support::*;

fn time(text: &str) -> i64 {
    Instant::parse(text).expect("a time").millis()
}

fn all_2026() -> scoresheet_domain::Window {
    window(time("2026-01-01"), time("2027-01-01"))
}

pub(crate) async fn old_records_are_pruned(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let of = |id: &str, client, text: &str, value| Observation { client, ..event(id, time(text), value) };
    let page = ObservationPage {
        items: vec![
            of("1", by_id("c"), "2026-01-31T23:59:59.999Z", 0.1),
            of("2", by_id("c"), "2026-02-01", 0.2),
            of("3", by_id("c"), "2026-02-03", 0.3),
            of("4", by_name("Acme"), "2026-02-03", -4.0),
            of("5", by_id("c"), "2026-05-01", 5.0),
        ],
        rejected: vec![
            rejection(Some("x"), Some(time("2026-02-04"))),
            rejection(None, Some(time("2026-02-05"))),
            rejection(Some("y"), Some(time("2026-06-04"))),
        ],
        ..ObservationPage::default()
    };
    pull(&store, &crewhu, all_2026(), false, page).await;
    let pruned = prune_before(&store, time("2026-04-01")).await;
    assert_eq!(pruned, Pruned { observations: 4, rejected: 2, ..Pruned::default() });
    assert_eq!(values(&store, &crewhu, ever()).await, [5.0]);
    assert_eq!(count(&store, &crewhu, ever()).await, 1);
    let told = store.audit(None, 10).await.expect("entries").remove(0);
    assert_eq!((told.action.as_str(), told.subject.as_str()), ("pruned", "crewhu"));
    assert_eq!(told.detail.expect("a detail")["observations"], 4);
    assert_eq!(prune_before(&store, time("2026-04-01")).await, Pruned::default());
    assert_eq!(store.audit(None, 10).await.expect("entries").len(), 1, "nothing more went");
}

pub(crate) async fn records_that_reach_the_kept_time_stay(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let of = |id, when, value| Observation { value, ..state(id, when) };
    let page = ObservationPage {
        items: vec![
            event("just before", 99, 1.0),
            event("just then", 100, 2.0),
            of("ended then", When::During(window(50, 100)), 3.0),
            of("ended after", When::During(window(50, 101)), 4.0),
            of("still holds", When::Since(at(0)), 5.0),
        ],
        // One without a time holds the whole window of its pull.
        rejected: vec![Rejection { at: None, ..rejection(Some("x"), None) }, rejection(None, None)],
        ..ObservationPage::default()
    };
    pull(&store, &crewhu, window(0, 1_000), false, page).await;
    let pruned = prune_before(&store, 100).await;
    assert_eq!((pruned.observations, pruned.rejected), (2, 0));
    assert_eq!(values(&store, &crewhu, ever()).await, [2.0, 4.0, 5.0]);
    assert_eq!(count(&store, &crewhu, ever()).await, 2);
}

pub(crate) async fn pruned_time_is_neither_covered_nor_stored_again(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    pull(&store, &crewhu, window(0, 50), false, items([event("1", 10, 1.0)])).await;
    pull(&store, &crewhu, window(80, 200), false, items([event("2", 90, 2.0), event("3", 150, 3.0)])).await;
    assert_eq!(data(&store, &crewhu).await.pruned_until, None);
    prune_before(&store, 100).await;
    prune_before(&store, 60).await;
    let other = place.open().await;
    assert_eq!(data(&other, &crewhu).await.pruned_until, Some(at(100)));
    assert_eq!(covered(&other, &crewhu).await, [window(100, 200)]);

    // A pull that begins before it all the same.
    let open = begin(&store, &crewhu, window(0, 300)).await;
    let page = ObservationPage {
        items: vec![event("1", 10, 1.0), event("3", 150, 3.5), event("4", 99, 4.0)],
        rejected: vec![rejection(Some("5"), Some(20)), rejection(None, Some(20)), rejection(Some("6"), Some(120))],
        ..ObservationPage::default()
    };
    let skipped = commit(&store, &crewhu, open.id, None, &page).await.expect("a page");
    assert_eq!(skipped, Skipped { observations: 2, rejected: 2 });
    assert_eq!(finish(&store, &crewhu, open.id).await.expect("an end"), PullEnd::Covered { deleted: 0 });
    assert_eq!(values(&store, &crewhu, ever()).await, [3.5]);
    assert_eq!(count(&store, &crewhu, ever()).await, 1);
    assert_eq!(covered(&store, &crewhu).await, [window(100, 300)]);
    // One that lies before it altogether covers nothing.
    pull(&store, &crewhu, window(0, 50), false, items([event("1", 10, 1.0)])).await;
    assert_eq!(covered(&store, &crewhu).await, [window(100, 300)]);
}

pub(crate) async fn pull_that_reaches_back_is_deleted(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    pull(&store, &crewhu, window(0, 200), false, items((0..20).map(|n| event(&n.to_string(), n * 10, 1.0)))).await;
    let back = begin(&store, &crewhu, window(0, 200)).await;
    let kept = begin(&store, &crewhu, window(100, 200)).await;
    let pruned = prune_before(&store, 100).await;
    assert_eq!((pruned.observations, pruned.pulls), (10, 1));
    assert!(commit(&store, &crewhu, back.id, None, &items([])).await.is_err());
    let open: Vec<_> = store.open_pulls(&crewhu).await.expect("pulls").into_iter().map(|open| open.id).collect();
    assert_eq!(open, [kept.id]);
}

pub(crate) async fn every_scope_is_pruned(place: &dyn Place) {
    let store = place.open().await;
    assert_eq!(prune_before(&store, 50).await, Pruned::default());
    for name in ["one", "two"] {
        pull(&store, &scope(name), window(0, 100), false, items([event("1", 10, 1.0), event("2", 60, 2.0)])).await;
    }
    assert_eq!(store.scopes().await.expect("scopes"), [scope("one"), scope("two")]);
    assert_eq!(prune(&store, &limits(0)).await, Pruned::default(), "nothing without a time");
    assert_eq!(prune_before(&store, 50).await, Pruned { observations: 2, ..Pruned::default() });
    for name in ["one", "two"] {
        assert_eq!(values(&store, &scope(name), ever()).await, [2.0]);
    }
}

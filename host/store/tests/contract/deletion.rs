//! What a complete pull deletes, and when it deletes nothing.

use scoresheet_domain::{Instant, ObservationPage, When};
use scoresheet_engine::PullEnd;

use crate::support::*;

pub(crate) async fn unseen_records_are_deleted(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let all = || (1..=4).map(|n| event(&n.to_string(), n * 10, n as f64));
    assert_eq!(
        pull(&store, &crewhu, window(0, 100), false, items(all())).await,
        PullEnd::Covered { deleted: 0 },
        "nothing was stored before, so nothing is suspicious"
    );
    let end = pull(&store, &crewhu, window(0, 100), false, items(all().skip(1))).await;
    assert_eq!(end, PullEnd::Covered { deleted: 1 });
    assert_eq!(values(&place.open().await, &crewhu, ever()).await, [2.0, 3.0, 4.0]);
}

pub(crate) async fn records_outside_the_window_are_kept(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let of = |id, when, value| scoresheet_domain::Observation { value, ..state(id, when) };
    let page = items([
        event("just before", 99, 1.0),
        event("first inside", 100, 2.0),
        event("last inside", 199, 3.0),
        event("just after", 200, 4.0),
        of("ends before", When::During(window(50, 100)), 5.0),
        of("reaches in", When::During(window(50, 101)), 6.0),
        of("begins inside", When::Since(at(199)), 7.0),
        of("begins after", When::Since(at(200)), 8.0),
        of("began long ago", When::Since(Instant::MIN), 9.0),
        // A state that never held is an event.
        of("never held, before", When::During(window(99, 99)), 10.0),
        of("never held, inside", When::During(window(100, 100)), 11.0),
    ]);
    pull(&store, &crewhu, window(0, 1_000), false, page).await;
    let end = pull(&store, &crewhu, window(100, 200), true, items([])).await;
    assert_eq!(end, PullEnd::Covered { deleted: 6 });
    assert_eq!(values(&store, &crewhu, ever()).await, [1.0, 4.0, 5.0, 8.0, 10.0]);
}

pub(crate) async fn half_of_the_window_may_be_deleted(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let all = || (1..=4).map(|n| event(&n.to_string(), n * 10, n as f64));
    pull(&store, &crewhu, window(0, 100), false, items(all())).await;
    let end = pull(&store, &crewhu, window(0, 100), false, items(all().skip(2))).await;
    assert_eq!(end, PullEnd::Covered { deleted: 2 });
    assert_eq!(values(&store, &crewhu, ever()).await, [3.0, 4.0]);
}

pub(crate) async fn more_than_half_is_suspicious(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let page = ObservationPage {
        items: (1..=5).map(|n| event(&n.to_string(), n * 10, n as f64)).chain([event("out", 500, 50.0)]).collect(),
        rejected: vec![rejection(Some("bad"), Some(60))],
        ..ObservationPage::default()
    };
    pull(&store, &crewhu, window(0, 1_000), false, page).await;
    let before = covered(&store, &crewhu).await;

    // Three of five go. Many new ones do not outweigh them, nor do they stand before.
    let new = (100..200).map(|n| event(&n.to_string(), n, n as f64));
    let page = items([event("1", 10, 1.5), event("2", 20, 2.0)].into_iter().chain(new));
    let end = pull(&store, &crewhu, window(0, 400), false, page).await;
    assert_eq!(end, PullEnd::Suspicious { would_delete: 3, of: 5 });
    assert_eq!(store.open_pulls(&crewhu).await.expect("pulls"), [], "it is over");
    assert_eq!(covered(&store, &crewhu).await, before);
    assert_eq!(values(&store, &crewhu, window(0, 51)).await, [1.5, 2.0, 3.0, 4.0, 5.0], "the old data stands");
    assert_eq!(count(&store, &crewhu, ever()).await, 1, "rejections stand too");
    assert_eq!(covered(&store, &scope("other")).await, []);

    // A sudden empty success.
    let end = pull(&store, &crewhu, window(0, 400), false, items([])).await;
    assert_eq!(end, PullEnd::Suspicious { would_delete: 105, of: 105 });
    assert_eq!(covered(&store, &crewhu).await, before);
}

pub(crate) async fn deciding_pull_deletes_everything_unseen(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let all = items((1..=5).map(|n| event(&n.to_string(), n * 10, n as f64)));
    pull(&store, &crewhu, window(0, 100), false, all).await;
    let end = pull(&store, &crewhu, window(0, 200), true, items([])).await;
    assert_eq!(end, PullEnd::Covered { deleted: 5 });
    assert_eq!(values(&store, &crewhu, ever()).await, [0.0; 0]);
    assert_eq!(covered(&store, &crewhu).await, [window(0, 200)]);
}

pub(crate) async fn record_seen_as_rejected_is_not_deleted(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    pull(&store, &crewhu, window(0, 100), false, items((1..=3).map(|n| event(&n.to_string(), n * 10, n as f64)))).await;
    let page = ObservationPage {
        items: vec![event("1", 10, 1.0)],
        rejected: vec![rejection(Some("2"), Some(20)), rejection(Some("3"), None)],
        ..ObservationPage::default()
    };
    let end = pull(&store, &crewhu, window(0, 100), false, page).await;
    assert_eq!(end, PullEnd::Covered { deleted: 0 });
    assert_eq!(values(&store, &crewhu, ever()).await, [1.0]);
    assert_eq!(count(&store, &crewhu, ever()).await, 2);
}

/// Three of four events go, and the pages that say so were committed in two runs.
pub(crate) async fn resumed_pull_counts_earlier_records(place: &dyn Place) {
    let crewhu = scope("crewhu");
    let store = place.open().await;
    pull(&store, &crewhu, window(0, 100), false, items((1..=4).map(|n| event(&n.to_string(), n * 10, n as f64)))).await;
    let open = begin(&store, &crewhu, window(0, 100)).await;
    let first = then(items([event("1", 10, 1.0), event("new", 15, 15.0)]), &["b"]);
    commit(&store, &crewhu, open.id, None, &first).await.expect("a page");
    drop(store);

    let store = place.open().await;
    let resumed = store.open_pulls(&crewhu).await.expect("pulls").remove(0);
    commit(&store, &crewhu, resumed.id, Some("b"), &items([event("newer", 16, 16.0)])).await.expect("a page");
    let end = finish(&store, &crewhu, resumed.id).await.expect("an end");
    assert_eq!(end, PullEnd::Suspicious { would_delete: 3, of: 4 });
    assert_eq!(values(&store, &crewhu, ever()).await, [1.0, 2.0, 3.0, 4.0, 15.0, 16.0]);
}

pub(crate) async fn records_seen_by_another_pull_are_kept(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let old = items((1..=6).map(|n| event(&n.to_string(), n * 10, n as f64)));
    pull(&store, &crewhu, window(0, 100), false, old).await;

    // Two windows side by side, a state that overlaps both, committed in either order.
    let (left, right) = (begin(&store, &crewhu, window(0, 50)).await, begin(&store, &crewhu, window(50, 100)).await);
    let both = state("both", When::Since(at(5)));
    let page = items((5..=6).map(|n| event(&n.to_string(), n * 10, n as f64)).chain([both.clone()]));
    commit(&store, &crewhu, right.id, None, &page).await.expect("a page");
    let page = items((2..=4).map(|n| event(&n.to_string(), n * 10, n as f64)).chain([both]));
    commit(&store, &crewhu, left.id, None, &page).await.expect("a page");
    // Another one ends while they run.
    let between = begin(&store, &crewhu, window(11, 13)).await;
    commit(&store, &crewhu, between.id, None, &items([event("7", 12, 7.0)])).await.expect("a page");
    finish(&store, &crewhu, between.id).await.expect("an end");

    assert_eq!(finish(&store, &crewhu, right.id).await.expect("an end"), PullEnd::Covered { deleted: 0 });
    assert_eq!(finish(&store, &crewhu, left.id).await.expect("an end"), PullEnd::Covered { deleted: 1 });
    assert_eq!(values(&store, &crewhu, ever()).await, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    assert_eq!(read(&store, &crewhu, ever()).await[0].1, "agreement", "the value 1 is the state's");

    // The next pull of the window sees none of the three again.
    let page = items((3..=4).map(|n| event(&n.to_string(), n * 10, n as f64)).chain([event("2", 20, 2.0)]));
    let end = pull(&store, &crewhu, window(0, 50), false, page).await;
    assert_eq!(end, PullEnd::Covered { deleted: 2 });
    assert_eq!(values(&store, &crewhu, ever()).await, [2.0, 3.0, 4.0, 5.0, 6.0]);
}

pub(crate) async fn unseen_rejected_records_are_deleted(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let page = rejected([
        rejection(Some("inside"), Some(50)),
        rejection(Some("seen again"), Some(60)),
        rejection(Some("outside"), Some(500)),
        rejection(Some("no time"), None),
    ]);
    pull(&store, &crewhu, window(0, 1_000), false, page).await;
    assert_eq!(count(&store, &crewhu, ever()).await, 4);
    let end = pull(&store, &crewhu, window(0, 100), false, rejected([rejection(Some("seen again"), Some(60))])).await;
    assert_eq!(end, PullEnd::Covered { deleted: 0 }, "only observations are counted");
    assert_eq!(count(&store, &crewhu, ever()).await, 2);
    assert_eq!(count(&store, &crewhu, window(60, 61)).await, 1);
    assert_eq!(count(&store, &crewhu, window(500, 501)).await, 1);
}

//! What a whole pull takes away, and when it asks first.

use scoresheet_domain::{Instant, Intervals, ObservationPage, When};
use scoresheet_engine::{ClientScope, PullEnd};

use crate::support::*;

pub(crate) async fn what_a_whole_pull_has_not_seen_goes(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let all = || (1..=4).map(|n| event(&n.to_string(), n * 10, n as f64));
    assert_eq!(
        pull(&store, &crewhu, window(0, 100), false, items(all())).await,
        PullEnd::Covered { withdrawn: 0 },
        "nothing stood before, so nothing is suspicious"
    );
    let end = pull(&store, &crewhu, window(0, 100), false, items(all().skip(1))).await;
    assert_eq!(end, PullEnd::Covered { withdrawn: 1 });
    assert_eq!(values(&place.open().await, &crewhu, ever()).await, [2.0, 3.0, 4.0]);
}

pub(crate) async fn reaches_no_further_than_the_window(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
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
    assert_eq!(end, PullEnd::Covered { withdrawn: 6 });
    assert_eq!(values(&store, &crewhu, ever()).await, [1.0, 4.0, 5.0, 8.0, 10.0]);
}

pub(crate) async fn half_may_go_unasked(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let all = || (1..=4).map(|n| event(&n.to_string(), n * 10, n as f64));
    pull(&store, &crewhu, window(0, 100), false, items(all())).await;
    let end = pull(&store, &crewhu, window(0, 100), false, items(all().skip(2))).await;
    assert_eq!(end, PullEnd::Covered { withdrawn: 2 });
    assert_eq!(values(&store, &crewhu, ever()).await, [3.0, 4.0]);
}

pub(crate) async fn more_than_half_asks_a_person(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let page = ObservationPage {
        items: (1..=5).map(|n| event(&n.to_string(), n * 10, n as f64)).chain([event("out", 500, 50.0)]).collect(),
        rejected: vec![rejection(Some("bad"), Some(60))],
        ..ObservationPage::default()
    };
    pull(&store, &crewhu, window(0, 1_000), false, page).await;
    let covered = store.coverage(&crewhu).await.expect("coverage");

    // Three of five go. Many new ones do not outweigh them, nor do they stand before.
    let new = (100..200).map(|n| event(&n.to_string(), n, n as f64));
    let page = items([event("1", 10, 1.5), event("2", 20, 2.0)].into_iter().chain(new));
    let end = pull(&store, &crewhu, window(0, 400), false, page).await;
    assert_eq!(end, PullEnd::Suspicious { would_go: 3, of: 5 });
    assert_eq!(store.open_pulls(&crewhu).await.expect("pulls"), [], "it is over");
    assert_eq!(store.coverage(&crewhu).await.expect("coverage"), covered);
    assert_eq!(values(&store, &crewhu, window(0, 51)).await, [1.5, 2.0, 3.0, 4.0, 5.0], "the old data stands");
    assert_eq!(count(&store, &crewhu, ever()).await, 1, "rejections stand too");
    assert_eq!(store.coverage(&scope("other")).await.expect("coverage"), Intervals::default());

    // A sudden empty success.
    let end = pull(&store, &crewhu, window(0, 400), false, items([])).await;
    assert_eq!(end, PullEnd::Suspicious { would_go: 105, of: 105 });
    assert_eq!(store.coverage(&crewhu).await.expect("coverage"), covered);
}

pub(crate) async fn a_person_decides(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let all = items((1..=5).map(|n| event(&n.to_string(), n * 10, n as f64)));
    pull(&store, &crewhu, window(0, 100), false, all).await;
    let end = pull(&store, &crewhu, window(0, 200), true, items([])).await;
    assert_eq!(end, PullEnd::Covered { withdrawn: 5 });
    assert_eq!(values(&store, &crewhu, ever()).await, [0.0; 0]);
    assert_eq!(store.coverage(&crewhu).await.expect("coverage").windows(), [window(0, 200)]);
}

pub(crate) async fn what_is_seen_as_rejected_is_seen(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    pull(&store, &crewhu, window(0, 100), false, items((1..=3).map(|n| event(&n.to_string(), n * 10, n as f64)))).await;
    let page = ObservationPage {
        items: vec![event("1", 10, 1.0)],
        rejected: vec![rejection(Some("2"), Some(20)), rejection(Some("3"), None)],
        ..ObservationPage::default()
    };
    let end = pull(&store, &crewhu, window(0, 100), false, page).await;
    assert_eq!(end, PullEnd::Covered { withdrawn: 0 });
    assert_eq!(values(&store, &crewhu, ever()).await, [1.0]);
    assert_eq!(count(&store, &crewhu, ever()).await, 2);
}

/// Three of four events go, and the pages that say so were committed in two runs.
pub(crate) async fn counts_right_when_resumed(place: &dyn Place) {
    let crewhu = scope("crewhu");
    let store = place.open_to_write().await;
    pull(&store, &crewhu, window(0, 100), false, items((1..=4).map(|n| event(&n.to_string(), n * 10, n as f64)))).await;
    let open = begin(&store, &crewhu, window(0, 100)).await;
    let first = then(items([event("1", 10, 1.0), event("new", 15, 15.0)]), &["b"]);
    commit(&store, open.id, None, &first).await.expect("a page");
    drop(store);

    let store = place.open_to_write().await;
    let resumed = store.open_pulls(&crewhu).await.expect("pulls").remove(0);
    commit(&store, resumed.id, Some("b"), &items([event("newer", 16, 16.0)])).await.expect("a page");
    let end = store.finish_pull(resumed.id).await.expect("an end");
    assert_eq!(end, PullEnd::Suspicious { would_go: 3, of: 4 });
    assert_eq!(values(&store, &crewhu, ever()).await, [1.0, 2.0, 3.0, 4.0, 15.0, 16.0]);
}

pub(crate) async fn spares_what_another_pull_saw_since(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let old = items((1..=6).map(|n| event(&n.to_string(), n * 10, n as f64)));
    pull(&store, &crewhu, window(0, 100), false, old).await;

    // Two windows side by side, a state that overlaps both, committed in either order.
    let (left, right) = (begin(&store, &crewhu, window(0, 50)).await, begin(&store, &crewhu, window(50, 100)).await);
    let both = state("both", When::Since(at(5)));
    let page = items((5..=6).map(|n| event(&n.to_string(), n * 10, n as f64)).chain([both.clone()]));
    commit(&store, right.id, None, &page).await.expect("a page");
    let page = items((2..=4).map(|n| event(&n.to_string(), n * 10, n as f64)).chain([both]));
    commit(&store, left.id, None, &page).await.expect("a page");
    // One client is refreshed while they run.
    let one = ClientScope::One(scoresheet_domain::SourceId::new("c").expect("an id"));
    let between = store.begin_pull(&crewhu, window(0, 100), &one, false, at(2_000)).await.expect("a pull");
    commit(&store, between.id, None, &items([event("7", 12, 7.0)])).await.expect("a page");
    store.finish_pull(between.id).await.expect("an end");

    assert_eq!(store.finish_pull(right.id).await.expect("an end"), PullEnd::Covered { withdrawn: 0 });
    assert_eq!(store.finish_pull(left.id).await.expect("an end"), PullEnd::Covered { withdrawn: 1 });
    assert_eq!(values(&store, &crewhu, ever()).await, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    assert_eq!(read(&store, &crewhu, ever()).await[0].1, "agreement", "the value 1 is the state's");

    // The next pull of the window sees none of the three again.
    let page = items((3..=4).map(|n| event(&n.to_string(), n * 10, n as f64)).chain([event("2", 20, 2.0)]));
    let end = pull(&store, &crewhu, window(0, 50), false, page).await;
    assert_eq!(end, PullEnd::Covered { withdrawn: 2 });
    assert_eq!(values(&store, &crewhu, ever()).await, [2.0, 3.0, 4.0, 5.0, 6.0]);
}

pub(crate) async fn takes_rejections_with_an_id(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let page = rejected([
        rejection(Some("inside"), Some(50)),
        rejection(Some("seen again"), Some(60)),
        rejection(Some("outside"), Some(500)),
        rejection(Some("no time"), None),
    ]);
    pull(&store, &crewhu, window(0, 1_000), false, page).await;
    assert_eq!(count(&store, &crewhu, ever()).await, 4);
    let end = pull(&store, &crewhu, window(0, 100), false, rejected([rejection(Some("seen again"), Some(60))])).await;
    assert_eq!(end, PullEnd::Covered { withdrawn: 0 }, "only events count as withdrawn");
    assert_eq!(count(&store, &crewhu, ever()).await, 2);
    assert_eq!(count(&store, &crewhu, window(60, 61)).await, 1);
    assert_eq!(count(&store, &crewhu, window(500, 501)).await, 1);
}

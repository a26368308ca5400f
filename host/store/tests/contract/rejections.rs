//! Where rejected records count, and until when.

use scoresheet_domain::Rejection;

use crate::support::*;

pub(crate) async fn rejected_records_count_in_their_window(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let of = |id, at, client, reason| Rejection { client, reason, ..rejection(Some(id), Some(at)) };
    let page = rejected([
        of("1", 100, Some(by_id("c")), 0),
        of("2", 150, Some(by_name("c")), 0),
        of("3", 199, None, 1),
        of("4", 200, Some(by_id("c")), 0),
    ]);
    pull(&store, &crewhu, window(0, 1_000), false, page).await;
    let told = |client: &str, reason: &str, count| (client.to_owned(), reason.to_owned(), count);
    assert_eq!(
        counts(&store, &crewhu, window(100, 200)).await,
        [told("-", "no-time", 1), told("named c", "incomplete", 1), told("c", "incomplete", 1)]
    );
    assert_eq!(counts(&store, &crewhu, window(101, 150)).await, []);
    assert_eq!(
        counts(&place.open().await, &crewhu, ever()).await,
        [told("-", "no-time", 1), told("named c", "incomplete", 1), told("c", "incomplete", 2)]
    );
    assert_eq!(values(&store, &crewhu, ever()).await, [0.0; 0], "they are no samples");
}

pub(crate) async fn record_without_time_counts_in_its_pull(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    for (id, at) in [(Some("none"), None), (Some("future"), Some(5_000)), (None, Some(99)), (None, None)] {
        let page = rejected([rejection(id, at)]);
        let crewhu = scope(&format!("crewhu-{}-{}", id.unwrap_or("anonymous"), at.unwrap_or(0)));
        pull(&store, &crewhu, window(100, 200), false, page).await;
        for (from, until, expected) in
            [(0, 100, 0), (0, 101, 1), (140, 150, 1), (199, 900, 1), (200, 900, 0), (4_000, 6_000, 0), (0, 9_000, 1)]
        {
            let counted = count(&store, &crewhu, window(from, until)).await;
            assert_eq!(counted, expected, "{id:?} at {at:?} in {from}..{until}");
        }
    }
    assert_eq!(count(&store, &crewhu, ever()).await, 0);
}

pub(crate) async fn records_without_id_add_up_until_the_next_pull(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let open = begin(&store, &crewhu, window(0, 100)).await;
    let many = || (0..7).map(|_| rejection(None, Some(50)));
    let nobodys = Rejection { client: None, ..rejection(None, None) };
    commit(&store, &crewhu, open.id, None, &then(rejected(many().chain([nobodys])), &["b"])).await.expect("a page");
    commit(&store, &crewhu, open.id, Some("b"), &rejected(many().chain([rejection(None, Some(51))])))
        .await
        .expect("a page");
    finish(&store, &crewhu, open.id).await.expect("an end");
    let told = |client: &str, count| (client.to_owned(), "incomplete".to_owned(), count);
    assert_eq!(counts(&store, &crewhu, ever()).await, [told("-", 1), told("c", 15)]);

    // A pull beside it leaves them, one of an overlapping window counts its own anew.
    pull(&store, &crewhu, window(100, 200), false, rejected([rejection(None, Some(150))])).await;
    assert_eq!(counts(&store, &crewhu, ever()).await, [told("-", 1), told("c", 16)]);
    let open = begin(&store, &crewhu, window(51, 120)).await;
    commit(&store, &crewhu, open.id, None, &rejected([rejection(None, Some(51))])).await.expect("a page");
    assert_eq!(count(&store, &crewhu, window(51, 52)).await, 3, "both, and nobody's, until it ends");
    finish(&store, &crewhu, open.id).await.expect("an end");
    assert_eq!(counts(&store, &crewhu, ever()).await, [told("c", 16)], "14 at 50, and one each at 51 and 150");
    assert_eq!(counts(&store, &crewhu, window(51, 52)).await, [told("c", 1)]);

    pull(&store, &crewhu, window(0, 200), true, items([])).await;
    assert_eq!(counts(&store, &crewhu, ever()).await, []);
}

pub(crate) async fn records_without_id_survive_a_suspicious_pull(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let mut page = items([event("1", 10, 1.0)]);
    page.rejected = vec![rejection(None, Some(50))];
    pull(&store, &crewhu, window(0, 100), false, page).await;
    pull(&store, &crewhu, window(0, 100), false, rejected([])).await;
    assert_eq!(count(&store, &crewhu, ever()).await, 1);
    pull(&store, &crewhu, window(0, 100), true, rejected([])).await;
    assert_eq!(count(&store, &crewhu, ever()).await, 0, "a person decided");
}

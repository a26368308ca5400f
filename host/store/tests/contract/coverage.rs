//! Pulls of some kinds: what they cover, what they delete, and pulls that were cut short.

use std::collections::BTreeMap;

use scoresheet_domain::{Observation, ObservationPage, Window};
use scoresheet_engine::{NewPull, PullEnd};

use crate::support::*;

/// An event of this kind.
fn of_kind(id: &str, kind: u16, at_millis: i64, value: f64) -> Observation {
    Observation { kind, ..event(id, at_millis, value) }
}

fn told(coverage: &BTreeMap<String, scoresheet_domain::Intervals>) -> Vec<(&str, &[Window])> {
    coverage.iter().map(|(kind, covered)| (kind.as_str(), covered.windows())).collect()
}

pub(crate) async fn kinds_are_covered_separately(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    for (start, end, kinds) in
        [(0, 10, &["overall", "ticket"][..]), (10, 20, &["ticket"]), (50, 60, &["overall"]), (60, 70, &["agreement"])]
    {
        pull_as(&store, &pull_of(&crewhu, window(start, end), kinds), items([])).await;
    }
    let coverage = data(&place.open().await, &crewhu).await.coverage;
    assert_eq!(
        told(&coverage),
        [
            ("agreement", &[window(60, 70)][..]),
            ("overall", &[window(0, 10), window(50, 60)]),
            ("ticket", &[window(0, 20)]),
        ]
    );
    prune_before(&store, 15).await;
    let coverage = data(&store, &crewhu).await.coverage;
    assert_eq!(
        told(&coverage),
        [("agreement", &[window(60, 70)][..]), ("overall", &[window(50, 60)]), ("ticket", &[window(15, 20)])]
    );
    assert_eq!(data(&store, &scope("other")).await.coverage, BTreeMap::new());
}

pub(crate) async fn open_pull_lists_its_kinds_in_order(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let open = begin_as(&store, &pull_of(&crewhu, window(0, 100), &["ticket", "agreement", "ticket"])).await;
    assert_eq!(open.kinds, ["agreement", "ticket"]);
    assert_eq!(place.open().await.open_pulls(&crewhu).await.expect("pulls"), [open]);
}

pub(crate) async fn pull_of_some_kinds_leaves_the_others(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let mut page = items([
        of_kind("1", 0, 10, 1.0),
        of_kind("2", 0, 20, 2.0),
        of_kind("3", 1, 30, 3.0),
        of_kind("4", 1, 40, 4.0),
        of_kind("5", 2, 50, 5.0),
    ]);
    page.rejected = vec![rejection(Some("6"), Some(60)), rejection(None, Some(60))];
    pull(&store, &crewhu, window(0, 100), false, page).await;

    // Another pull of the other kind is open meanwhile.
    begin_as(&store, &pull_of(&crewhu, window(0, 100), &["ticket"])).await;
    let two = pull_of(&crewhu, window(0, 100), &["overall", "agreement"]);
    // One of three: the other kind's observations are not counted.
    let end = pull_as(&store, &two, items([of_kind("1", 0, 10, 1.5), of_kind("5", 2, 50, 5.5)])).await;
    assert_eq!(end, PullEnd::Covered { deleted: 1 });
    assert_eq!(values(&store, &crewhu, ever()).await, [1.5, 3.0, 4.0, 5.5]);
    assert_eq!(count(&store, &crewhu, ever()).await, 2, "rejected records may be of any kind");

    // Two of two are too many, whatever there is of other kinds.
    let tickets = pull_of(&crewhu, window(0, 100), &["ticket"]);
    let end = pull_as(&store, &tickets, items([])).await;
    assert_eq!(end, PullEnd::Suspicious { would_delete: 2, of: 2 });
    let end = pull_as(&store, &NewPull { decides: true, ..tickets }, items([])).await;
    assert_eq!(end, PullEnd::Covered { deleted: 2 });
    assert_eq!(values(&store, &crewhu, ever()).await, [1.5, 5.5]);
    assert_eq!(count(&store, &crewhu, ever()).await, 2);

    // All kinds: they are deleted now.
    pull(&store, &crewhu, window(0, 100), true, items([])).await;
    assert_eq!(values(&store, &crewhu, ever()).await, [0.0; 0]);
    assert_eq!(count(&store, &crewhu, ever()).await, 0);
}

/// A record that changes its kind was seen, and is the other kind's from then on.
pub(crate) async fn record_that_changes_its_kind_is_kept(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    pull(&store, &crewhu, window(0, 100), false, items([of_kind("1", 0, 10, 1.0), of_kind("2", 1, 20, 2.0)])).await;
    let tickets = pull_of(&crewhu, window(0, 100), &["ticket"]);
    let end = pull_as(&store, &tickets, items([of_kind("1", 1, 10, 1.5), of_kind("2", 1, 20, 2.5)])).await;
    assert_eq!(end, PullEnd::Covered { deleted: 0 });
    let end = pull_as(&store, &pull_of(&crewhu, window(0, 100), &["overall"]), items([])).await;
    assert_eq!(end, PullEnd::Covered { deleted: 0 });
    assert_eq!(values(&store, &crewhu, ever()).await, [1.5, 2.5]);
}

/// A first sync: only rejected records were there before.
pub(crate) async fn rejected_records_alone_are_deleted(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    pull(&store, &crewhu, window(0, 100), false, rejected([rejection(Some("1"), Some(10))])).await;
    let some = pull_of(&crewhu, window(0, 100), &KINDS);
    assert_eq!(pull_as(&store, &some, items([])).await, PullEnd::Covered { deleted: 0 });
    assert_eq!(count(&store, &crewhu, ever()).await, 1);
    let all = NewPull { all_kinds: true, ..some };
    assert_eq!(pull_as(&store, &all, items([])).await, PullEnd::Covered { deleted: 0 });
    assert_eq!(count(&store, &crewhu, ever()).await, 0);
}

/// The page with these rows read, of this total.
fn counted(page: ObservationPage, read: u32, total: Option<u64>) -> ObservationPage {
    ObservationPage { read, total, ..page }
}

pub(crate) async fn short_pull_deletes_and_covers_nothing(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let before = items((1..=3).map(|n| event(&n.to_string(), n * 10, n as f64)));
    pull(&store, &crewhu, window(0, 50), false, before).await;
    // Even one that decides: the response is known to be incomplete.
    let decides = NewPull { decides: true, ..new_pull(&crewhu, window(0, 100)) };
    let open = begin_as(&store, &decides).await;
    let first = then(counted(items([event("1", 10, 1.5)]), 1, Some(9)), &["b", "c"]);
    commit(&store, &crewhu, open.id, None, &first).await.expect("a page");
    drop(store);

    // The counts outlive the process. The total changed while the pages were read: the smallest one counts.
    let store = place.open().await;
    let second = counted(items([event("4", 40, 4.0)]), 2, Some(5));
    let third = counted(items([]), 1, None);
    let pages = [(Some("b"), &second), (Some("c"), &third)];
    commit_together(&store, &crewhu, open.id, &pages).await.expect("pages");
    let end = finish(&store, &crewhu, open.id).await.expect("an end");
    assert_eq!(end, PullEnd::Short { read: 4, total: 5 });
    assert_eq!(values(&store, &crewhu, ever()).await, [1.5, 2.0, 3.0, 4.0], "its pages stay");
    assert_eq!(covered(&store, &crewhu).await, [window(0, 50)]);
    assert_eq!(store.open_pulls(&crewhu).await.expect("pulls"), []);
    let told = store.audit(None, 1).await.expect("entries").remove(0);
    assert_eq!((told.action.as_str(), told.subject.as_str()), ("withdrawal-refused", "crewhu"));
    let detail = told.detail.expect("a detail");
    assert_eq!((&detail["read"], &detail["total"]), (&4.into(), &5.into()));
}

pub(crate) async fn pull_that_reaches_the_smallest_total_covers(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    for (read, totals) in
        [([0, 0], [None, None]), ([2, 3], [Some(5), None]), ([2, 3], [Some(6), Some(4)]), ([2, 3], [Some(4), Some(6)])]
    {
        let open = begin(&store, &crewhu, window(0, 100)).await;
        let first = then(counted(items([]), read[0], totals[0]), &["b"]);
        commit(&store, &crewhu, open.id, None, &first).await.expect("a page");
        let second = counted(items([]), read[1], totals[1]);
        commit(&store, &crewhu, open.id, Some("b"), &second).await.expect("a page");
        let end = finish(&store, &crewhu, open.id).await.expect("an end");
        assert_eq!(end, PullEnd::Covered { deleted: 0 }, "{read:?} {totals:?}");
    }
    let open = begin(&store, &crewhu, window(0, 100)).await;
    commit(&store, &crewhu, open.id, None, &counted(items([]), 7, Some(u64::MAX))).await.expect("a page");
    let end = finish(&store, &crewhu, open.id).await.expect("an end");
    assert_eq!(end, PullEnd::Short { read: 7, total: i64::MAX.unsigned_abs() });
}

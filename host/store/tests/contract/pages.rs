//! What a committed page leaves.

use scoresheet_domain::{Digest, Observation, ObservationPage, Rejection};
use scoresheet_engine::{CommittedPage, Scope, StoreError};

use crate::support::*;

pub(crate) async fn later_position_wins(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let open = begin(&store, &crewhu, window(0, 100)).await;
    let moved = Observation { client: by_name("Beta"), kind: 1, ..event("moved", 90, 9.0) };
    let first = then(
        ObservationPage {
            items: vec![event("kept", 10, 1.0), event("moved", 20, 2.0), event("rejected later", 30, 3.0)],
            rejected: vec![rejection(Some("mended"), Some(40)), rejection(Some("still bad"), Some(50))],
            ..ObservationPage::default()
        },
        &["b"],
    );
    let second = ObservationPage {
        items: vec![event("mended", 40, 4.0), moved],
        rejected: vec![
            rejection(Some("rejected later"), Some(30)),
            Rejection { reason: 1, ..rejection(Some("still bad"), Some(60)) },
        ],
        ..ObservationPage::default()
    };
    commit(&store, &crewhu, open.id, None, &first).await.expect("a page");
    assert_eq!(counts(&store, &crewhu, ever()).await, [("c".into(), "incomplete".into(), 2)]);
    commit(&store, &crewhu, open.id, Some("b"), &second).await.expect("a page");
    assert_eq!(
        read(&store, &crewhu, ever()).await,
        [
            ("c".into(), "overall".into(), 10, 10, 1.0),
            ("c".into(), "overall".into(), 40, 40, 4.0),
            ("named Beta".into(), "ticket".into(), 90, 90, 9.0),
        ]
    );
    assert_eq!(
        counts(&store, &crewhu, ever()).await,
        [("c".into(), "incomplete".into(), 1), ("c".into(), "no-time".into(), 1)]
    );
    assert_eq!(count(&store, &crewhu, window(50, 51)).await, 0, "it happened at 60 now");
    finish(&store, &crewhu, open.id).await.expect("an end");
}

pub(crate) async fn refused_page_stores_nothing(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let open = begin(&store, &crewhu, window(0, 100)).await;
    commit(&store, &crewhu, open.id, None, &then(items([event("1", 10, 1.0)]), &["b"])).await.expect("a page");
    let before = store.open_pulls(&crewhu).await.expect("pulls");

    let fresh = Observation { client: by_name("Never Seen"), ..event("2", 20, 2.0) };
    let of_no_kind = Observation { kind: 99, ..event("3", 30, 3.0) };
    let of_no_value = event("3", 30, f64::NAN);
    let for_no_reason = Rejection { reason: 99, ..rejection(Some("3"), None) };
    for (page, why) in [
        (items([fresh.clone(), of_no_kind]), "kind"),
        (items([fresh.clone(), of_no_value]), "finite"),
        (ObservationPage { items: vec![fresh], rejected: vec![for_no_reason], ..ObservationPage::default() }, "reason"),
    ] {
        let page = then(page, &["c"]);
        let error = commit(&store, &crewhu, open.id, Some("b"), &page).await.expect_err(why);
        let StoreError::Database { doing: "committing a page", message } = error else { panic!("{error}") };
        assert!(message.contains(why), "{message}");
        assert_eq!(store.open_pulls(&crewhu).await.expect("pulls"), before);
        assert_eq!(values(&store, &crewhu, ever()).await, [1.0]);
    }
    // What the refused pages named first is found under its own name all the same.
    let fresh = Observation { client: by_name("Never Seen"), ..event("2", 20, 2.0) };
    commit(&store, &crewhu, open.id, Some("b"), &items([fresh])).await.expect("a page");
    assert_eq!(read(&store, &crewhu, ever()).await[1].0, "named Never Seen");
}

pub(crate) async fn pages_together_equal_pages_one_by_one(place: &dyn Place) {
    let store = place.open().await;
    let first = then(
        ObservationPage {
            items: vec![event("z", 10, 1.0), event("moved", 20, 2.0), event("rejected later", 30, 3.0)],
            rejected: vec![rejection(Some("mended"), Some(40)), rejection(None, Some(10))],
            ..ObservationPage::default()
        },
        &["b"],
    );
    let second = then(
        ObservationPage {
            items: vec![event("mended", 40, 4.0), event("a", 50, 5.0), event("moved", 60, 6.0)],
            rejected: vec![rejection(Some("rejected later"), Some(30)), rejection(None, Some(10))],
            ..ObservationPage::default()
        },
        &["c", "d"],
    );
    let third = items([event("moved", 70, 7.0)]);
    let pages = [(None, &first), (Some("b"), &second), (Some("c"), &third)];

    let (one_by_one, together) = (scope("crewhu"), scope("connectwise"));
    let (alone, at_once) =
        (begin(&store, &one_by_one, window(0, 100)).await, begin(&store, &together, window(0, 100)).await);
    for (fetched_with, page) in pages {
        commit(&store, &one_by_one, alone.id, fetched_with, page).await.expect("a page");
    }
    commit_together(&store, &together, at_once.id, &pages).await.expect("three pages");

    let rows = read(&store, &one_by_one, ever()).await;
    assert_eq!(rows.iter().map(|row| row.4).collect::<Vec<_>>(), [1.0, 4.0, 5.0, 7.0]);
    assert_eq!(read(&store, &together, ever()).await, rows);
    assert_eq!(counts(&store, &together, ever()).await, counts(&store, &one_by_one, ever()).await);
    let (alone, at_once) =
        (store.open_pulls(&one_by_one).await.expect("pulls"), store.open_pulls(&together).await.expect("pulls"));
    assert_eq!((&alone[0].pending, &alone[0].digests), (&at_once[0].pending, &at_once[0].digests));
    assert_eq!(alone[0].pending, [cursor("d")]);
}

pub(crate) async fn pages_together_are_stored_or_refused(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let open = begin(&store, &crewhu, window(0, 100)).await;
    let good = then(items([event("1", 10, 1.0)]), &["b"]);
    let bad = items([event("2", 20, f64::NAN)]);
    commit_together(&store, &crewhu, open.id, &[(None, &good), (Some("b"), &bad)])
        .await
        .expect_err("the second is refused");
    assert_eq!(count(&store, &crewhu, ever()).await, 0);
    assert!(!store.open_pulls(&crewhu).await.expect("pulls")[0].started);
}

pub(crate) async fn page_may_exceed_a_statement(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let of = |n: i64, value: f64| Observation {
        client: by_id(&format!("c-{}", n % 700)),
        kind: (n % 3) as u16,
        ..event(&format!("r-{n}"), n, value)
    };
    let page = ObservationPage {
        items: (0..1_203).map(|n| of(n, n as f64)).collect(),
        rejected: (0..1_203)
            .map(|n| rejection(if n % 2 == 0 { None } else { Some("x") }, Some(n)))
            .map(|r| Rejection { id: r.id.map(|_| format!("x-{}", r.at.expect("a time").millis()).into()), ..r })
            .collect(),
        next: (0..1_203).map(|n| cursor(&n.to_string())).collect(),
        ..ObservationPage::default()
    };
    let open = begin(&store, &crewhu, window(0, 10_000)).await;
    commit(&store, &crewhu, open.id, None, &page).await.expect("a page");
    let expected: Vec<f64> = (0..1_203).map(f64::from).collect();
    assert_eq!(values(&store, &crewhu, ever()).await, expected);
    let samples = samples(&store, &crewhu, ever(), None).await;
    assert_eq!(samples.len(), 700);
    for (client, kind, n, ..) in rows(&samples) {
        assert_eq!(client, format!("c-{}", n % 700));
        assert_eq!(kind, KINDS[(n % 3) as usize]);
    }
    assert_eq!(counts(&store, &crewhu, ever()).await, [("c".into(), "incomplete".into(), 1_203)]);
    assert_eq!(store.open_pulls(&crewhu).await.expect("pulls")[0].pending, page.next);

    // The same again with other values: replaced, not added.
    let again = items((0..1_203).map(|n| of(n, n as f64 + 0.5)));
    commit(&store, &crewhu, open.id, Some("0"), &again).await.expect("a page");
    let expected: Vec<f64> = (0..1_203).map(|n| f64::from(n) + 0.5).collect();
    assert_eq!(values(&store, &crewhu, ever()).await, expected);
}

pub(crate) async fn unusual_texts_and_values_are_unchanged(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    // Composed and decomposed, a NUL in the middle, quotes, nothing at all: each another text.
    let texts = ["Zoë", "Zoe\u{308}", "a\u{0}b", "a\u{0}c", "a", "'; DROP TABLE record; --", "", " ", "株式会社"];
    let figures =
        [0.1, -0.3, 1e308, f64::MIN_POSITIVE, 5e-324, 4.333_333_333_333_333, 9_007_199_254_740_993.0, -2.5, 0.0];
    let page = items(texts.iter().zip(figures).zip(0..).map(|((text, value), n)| Observation {
        id: (*text).into(),
        client: by_name(text),
        ..event("", n, value)
    }));
    pull(&store, &crewhu, window(0, 100), false, page).await;
    let mut rows = read(&place.open().await, &crewhu, ever()).await;
    rows.sort_by_key(|row| row.2);
    assert_eq!(rows.len(), texts.len());
    for (row, (text, value)) in rows.iter().zip(texts.iter().zip(figures)) {
        assert_eq!(row.0, format!("named {text}"));
        assert_eq!(row.4.to_bits(), value.to_bits(), "{value}");
    }
}

pub(crate) async fn kinds_and_reasons_are_stored_by_name(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let open = begin(&store, &crewhu, window(0, 100)).await;
    commit(&store, &crewhu, open.id, None, &then(items([event("1", 10, 1.0)]), &["b"])).await.expect("a page");
    // The provider's next version has one more of each, in front.
    let page = ObservationPage {
        items: vec![Observation { kind: 1, ..event("2", 20, 2.0) }, event("3", 30, 3.0)],
        rejected: vec![rejection(None, Some(10))],
        ..ObservationPage::default()
    };
    let (kinds, reasons) = (["agreement".to_owned(), "overall".to_owned()], ["future".to_owned()]);
    let page = CommittedPage { cursor: Some(cursor("b")), page, digest: Digest::of("b") };
    store.commit_pages(&lock(&crewhu), open.id, vec![page], &kinds, &reasons).await.expect("a page");
    let rows = read(&store, &crewhu, ever()).await;
    let kinds: Vec<(&str, f64)> = rows.iter().map(|row| (row.1.as_str(), row.4)).collect();
    assert_eq!(kinds, [("agreement", 3.0), ("overall", 1.0), ("overall", 2.0)]);
    assert_eq!(counts(&store, &crewhu, ever()).await, [("c".into(), "future".into(), 1)]);
}

pub(crate) async fn scopes_are_independent(place: &dyn Place) {
    let store = place.open().await;
    let (crewhu, other_provider) = (scope("crewhu"), scope("connectwise"));
    let other_settings = Scope { settings: Digest::of("other"), ..crewhu.clone() };
    for (scope, value) in [(&crewhu, 1.0), (&other_provider, 2.0), (&other_settings, 3.0)] {
        let page = ObservationPage {
            items: vec![event("same id", 10, value)],
            rejected: vec![rejection(Some("bad"), None), rejection(None, None)],
            ..ObservationPage::default()
        };
        pull(&store, scope, window(0, 100), false, page).await;
    }
    for (scope, value) in [(&crewhu, 1.0), (&other_provider, 2.0), (&other_settings, 3.0)] {
        assert_eq!(values(&store, scope, ever()).await, [value]);
        assert_eq!(count(&store, scope, ever()).await, 2);
    }
    pull(&store, &crewhu, window(0, 100), true, items([])).await;
    assert_eq!(values(&store, &crewhu, ever()).await, [0.0; 0]);
    assert_eq!(count(&store, &crewhu, ever()).await, 0);
    assert_eq!(values(&store, &other_settings, ever()).await, [3.0]);
    assert_eq!(count(&store, &other_provider, ever()).await, 2);
}

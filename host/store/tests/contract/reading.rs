//! What a window gives.

use scoresheet_domain::{Instant, Observation, When, Window};
use scoresheet_engine::Samples;

use crate::support::*;

/// The same answer as [`When::touches`], at and around every boundary.
pub(crate) async fn gives_what_touches_the_window(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let mut whens = Vec::new();
    for start in 0..8 {
        whens.push(When::At(at(start)));
        whens.push(When::Since(at(start)));
        whens.extend((start + 1..9).map(|end| When::During(window(start, end))));
    }
    let states = whens.iter().enumerate().map(|(id, when)| state(&id.to_string(), *when));
    pull(&store, &crewhu, window(0, 10), false, items(states)).await;
    for start in 0..9 {
        for end in start + 1..10 {
            let window = window(start, end);
            let mut expected: Vec<(i64, i64)> = whens
                .iter()
                .filter(|when| when.touches(window))
                .map(|when| (when.start().millis(), when.until().millis()))
                .collect();
            expected.sort_unstable();
            let given: Vec<(i64, i64)> =
                read(&store, &crewhu, window).await.into_iter().map(|row| (row.2, row.3)).collect();
            assert_eq!(given, expected, "{start}..{end}");
        }
    }
    let since: Vec<Instant> = store
        .samples(&crewhu, Window { start: at(100), end: Instant::MAX }, None)
        .await
        .expect("samples")
        .series
        .iter()
        .flat_map(|series| series.states.iter().map(|state| state.until))
        .collect();
    assert_eq!(since, [Instant::MAX; 8], "what still holds");
}

pub(crate) async fn gives_only_the_clients_asked_for(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let of = |id: &str, client, value| Observation { client, ..event(id, 10, value) };
    let page = items([
        of("1", by_id("acme"), 1.0),
        of("2", by_name("acme"), 2.0),
        of("3", by_id("beta"), 3.0),
        of("4", by_id("Acme"), 4.0),
        of("5", by_id("acme"), 5.0),
    ]);
    // Twice: the second time every client is known.
    pull(&store, &crewhu, window(0, 100), false, page.clone()).await;
    pull(&store, &crewhu, window(0, 100), false, page).await;
    for (asked, expected) in [
        (vec![by_id("acme")], vec![1.0, 5.0]),
        (vec![by_name("acme"), by_id("beta"), by_id("beta")], vec![2.0, 3.0]),
        (vec![by_id("nobody")], vec![]),
        (vec![], vec![]),
    ] {
        let samples = store.samples(&crewhu, window(0, 100), Some(&asked)).await.expect("samples");
        let mut values: Vec<f64> = rows(&samples).into_iter().map(|row| row.4).collect();
        values.sort_by(f64::total_cmp);
        assert_eq!(values, expected, "{asked:?}");
        assert!(samples.refs.iter().all(|client| asked.contains(client)));
    }
    let elsewhere = store.samples(&crewhu, window(50, 100), Some(&[by_id("acme")])).await.expect("samples");
    assert_eq!(elsewhere, Samples::default());
}

pub(crate) async fn knows_nothing_of_a_new_scope(place: &dyn Place) {
    let (store, new) = (place.open().await, scope("new"));
    assert_eq!(store.samples(&new, ever(), None).await.expect("samples"), Samples::default());
    assert_eq!(store.samples(&new, ever(), Some(&[by_id("c")])).await.expect("samples"), Samples::default());
    assert_eq!(store.rejections(&new, ever()).await.expect("counts"), []);
    assert_eq!(store.open_pulls(&new).await.expect("pulls"), []);
    assert_eq!(store.source_clients(&new).await.expect("clients"), []);
    assert_eq!(store.coverage(&new).await.expect("coverage").windows(), []);
}

pub(crate) async fn names_only_what_it_gives(place: &dyn Place) {
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let far = Observation { client: by_id("far"), kind: 1, ..event("2", 500, 2.0) };
    let mut page = items([event("1", 10, 1.0), far]);
    page.rejected = vec![rejection(Some("3"), Some(10))];
    pull(&store, &crewhu, window(0, 1_000), false, page).await;
    let samples = store.samples(&crewhu, window(0, 100), None).await.expect("samples");
    assert_eq!(samples.refs, [by_id("c")]);
    assert_eq!(samples.kinds, ["overall"]);
}

/// Windows of as many rows as are sorted at a time, twice as many, and a row more or less.
pub(crate) async fn gives_however_many_there_are(place: &dyn Place) {
    const AT_A_TIME: i64 = 4_096;
    let (store, crewhu) = (place.open_to_write().await, scope("crewhu"));
    let of = |n: i64| Observation {
        client: by_id(&format!("c-{}", n % 300)),
        // Every seventh holds until the next comes.
        when: if n % 7 == 0 { When::During(window(n, n + 1)) } else { When::At(at(n)) },
        ..event(&format!("r-{n}"), n, n as f64)
    };
    let last = 2 * AT_A_TIME + 1;
    pull(&store, &crewhu, window(0, last), false, items((0..last).map(of))).await;
    for count in [1, AT_A_TIME - 1, AT_A_TIME, AT_A_TIME + 1, last - 2, last - 1, last] {
        let mut found = values(&store, &crewhu, window(0, count)).await;
        found.sort_by(f64::total_cmp);
        let expected: Vec<f64> = (0..count).map(|n| n as f64).collect();
        assert!(found == expected, "{count}: {} values", found.len());
    }
}

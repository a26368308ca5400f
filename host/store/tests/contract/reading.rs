//! What a window gives.

use scoresheet_domain::{Instant, Observation, When, Window};

use scoresheet_engine::ProviderData;

use crate::support::*;

/// The same answer as [`When::touches`], at and around every boundary.
pub(crate) async fn samples_touch_the_window(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
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
    let since = samples(&store, &crewhu, Window { start: at(100), end: Instant::MAX }, None).await;
    let since: Vec<Instant> = since.iter().flat_map(|client| client.samples.until.clone()).collect();
    assert_eq!(since, [Instant::MAX; 8], "what still holds");
}

pub(crate) async fn only_requested_clients_are_returned(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
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
        let found = samples(&store, &crewhu, window(0, 100), Some(&asked)).await;
        let mut values: Vec<f64> = rows(&found).into_iter().map(|row| row.4).collect();
        values.sort_by(f64::total_cmp);
        assert_eq!(values, expected, "{asked:?}");
        assert!(found.iter().all(|it| asked.contains(&it.client)));
    }
    let elsewhere = samples(&store, &crewhu, window(50, 100), Some(&[by_id("acme")])).await;
    assert_eq!(elsewhere, []);
}

pub(crate) async fn new_scope_is_empty(place: &dyn Place) {
    let (store, new) = (place.open().await, scope("new"));
    assert_eq!(samples(&store, &new, ever(), None).await, []);
    assert_eq!(samples(&store, &new, ever(), Some(&[by_id("c")])).await, []);
    assert_eq!(store.rejections(&new, ever()).await.expect("counts"), []);
    assert_eq!(store.open_pulls(&new).await.expect("pulls"), []);
    assert_eq!(data(&store, &new).await, ProviderData::default());
}

pub(crate) async fn clients_without_samples_are_left_out(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let far = Observation { client: by_id("far"), kind: 1, ..event("2", 500, 2.0) };
    let mut page = items([event("1", 10, 1.0), far]);
    page.rejected = vec![rejection(Some("3"), Some(10))];
    pull(&store, &crewhu, window(0, 1_000), false, page).await;
    let found = samples(&store, &crewhu, window(0, 100), None).await;
    assert_eq!(found.iter().map(|it| it.client.clone()).collect::<Vec<_>>(), [by_id("c")]);
    assert_eq!(found[0].samples.kind, [0]);
}

/// Windows of as many rows as are sorted at a time, twice as many, and a row more or less.
pub(crate) async fn any_number_of_rows_is_returned(place: &dyn Place) {
    const AT_A_TIME: i64 = 4_096;
    let (store, crewhu) = (place.open().await, scope("crewhu"));
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

pub(crate) async fn only_requested_kinds_are_returned(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let of = |id: &str, kind: u16, value: f64| Observation { kind, ..event(id, 10, value) };
    let elsewhere = Observation { client: by_id("d"), ..of("4", 1, 4.0) };
    pull(&store, &crewhu, window(0, 100), false, items([of("1", 0, 1.0), of("2", 1, 2.0), of("3", 2, 3.0), elsewhere]))
        .await;
    // Kinds are indexes into what was asked for, and a client's kinds are one entry.
    for (asked, expected) in [
        (vec!["agreement", "overall"], vec![("c", vec![(0, 3.0), (1, 1.0)])]),
        (vec!["ticket"], vec![("c", vec![(0, 2.0)]), ("d", vec![(0, 4.0)])]),
        (vec!["unknown", "ticket"], vec![("c", vec![(1, 2.0)]), ("d", vec![(1, 4.0)])]),
        (vec!["unknown"], vec![]),
        (vec![], vec![]),
    ] {
        let kinds: Vec<String> = asked.iter().map(|kind| (*kind).to_owned()).collect();
        let mut found = store.samples(&crewhu, window(0, 100), &kinds, None).await.expect("samples");
        found.iter_mut().for_each(|client| client.samples.sort());
        let found: Vec<(String, Vec<(u16, f64)>)> = found
            .into_iter()
            .map(|it| (told(&it.client), it.samples.iter().map(|sample| (sample.kind, sample.value)).collect()))
            .collect();
        let expected: Vec<_> = expected.into_iter().map(|(client, samples)| (client.to_owned(), samples)).collect();
        assert_eq!(found, expected, "{asked:?}");
    }
}

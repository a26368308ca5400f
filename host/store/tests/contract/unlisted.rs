//! Source clients that records name, of a source that lists none.

use scoresheet_domain::{Observation, Rejection, SourceClient};
use scoresheet_engine::Skipped;

use crate::support::*;

fn of(id: &str, client: scoresheet_domain::ClientRef, at_millis: i64) -> Observation {
    Observation { client, ..event(id, at_millis, 1.0) }
}

/// Ids and names.
async fn told(store: &std::sync::Arc<dyn scoresheet_engine::Store>) -> Vec<(String, String)> {
    let clients = source_clients(store, &scope("crewhu")).await;
    clients.into_iter().map(|client| (client.id.to_string(), client.name)).collect()
}

fn pair(id: &str, name: &str) -> (String, String) {
    (id.to_owned(), name.to_owned())
}

pub(crate) async fn clients_are_derived_from_records(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let nameless = of("1", by_id("7"), 10);
    pull(&store, &crewhu, window(0, 100), false, items([nameless])).await;
    assert_eq!(told(&store).await, [], "an id alone is no client that anybody could map");

    let mut page = items([of("2", by_both("7", "Acme"), 20), of("3", by_name("Beta"), 30)]);
    page.rejected = vec![Rejection { client: Some(by_both("8", "Gamma")), ..rejection(Some("4"), Some(40)) }];
    pull(&store, &crewhu, window(0, 100), true, page).await;
    let other = place.open().await;
    assert_eq!(told(&other).await, [pair("7", "Acme"), pair("8", "Gamma"), pair("Beta", "Beta")]);
    let acme = SourceClient { active: true, ..source_client("7", "Acme") };
    assert_eq!(source_clients(&other, &crewhu).await[0], acme);
    assert_eq!(source_clients(&other, &scope("other")).await, []);
    // The id decides, with a name or without.
    let clients: Vec<String> = read(&other, &crewhu, ever()).await.into_iter().map(|row| row.0).collect();
    assert_eq!(clients, ["7", "named Beta"]);
}

pub(crate) async fn id_and_name_are_one_series_with_the_id(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let page = items([of("1", by_id("7"), 10), of("2", by_both("7", "Acme"), 20), of("3", by_both("7", "ACME"), 30)]);
    pull(&store, &crewhu, window(0, 100), false, page).await;
    for asked in [by_id("7"), by_both("7", "whatever")] {
        let found = samples(&store, &crewhu, ever(), Some(&[asked])).await;
        assert_eq!((found.len(), found[0].samples.len()), (1, 3));
    }
    assert_eq!(samples(&store, &crewhu, ever(), Some(&[by_name("Acme")])).await, []);
}

pub(crate) async fn name_that_is_no_id_gets_a_digest(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let names = [" Acme", "a\nb", ""];
    let page = items(names.iter().zip(0..).map(|(name, n)| of(&n.to_string(), by_name(name), n)));
    pull(&store, &crewhu, window(0, 100), false, page).await;
    let mut expected: Vec<_> = names.map(|name| pair(&scoresheet_domain::Digest::of(name).to_string(), name)).to_vec();
    expected.sort();
    assert_eq!(told(&store).await, expected);
}

pub(crate) async fn listed_clients_replace_derived_ones(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    pull(&store, &crewhu, window(0, 100), false, items([of("1", by_both("7", "as records say"), 10)])).await;
    list_clients(&store, &crewhu, &[source_client("7", "Acme"), source_client("9", "Gamma")]).await;
    assert_eq!(told(&store).await, [pair("7", "Acme"), pair("9", "Gamma")]);
    // A record's name changes nothing of a listed client, in whatever process.
    let store = place.open().await;
    pull(&store, &crewhu, window(0, 100), false, items([of("1", by_both("7", "renamed"), 10)])).await;
    assert_eq!(told(&store).await, [pair("7", "Acme"), pair("9", "Gamma")]);
    list_clients(&store, &crewhu, &[]).await;
    assert_eq!(told(&store).await, [pair("7", "renamed")]);
}

pub(crate) async fn renamed_client_gets_its_new_name(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let page = |name: &str| items([of("1", by_both("7", name), 10), of("2", by_name(name), 20)]);
    pull(&store, &crewhu, window(0, 100), false, page("Acme")).await;
    assert_eq!(told(&store).await, [pair("7", "Acme")], "by name alone, it is the one with the id");
    // A new process knows no series, so it looks at the names again.
    let store = place.open().await;
    pull(&store, &crewhu, window(0, 100), false, page("Acme Corp")).await;
    assert_eq!(told(&store).await, [pair("7", "Acme Corp")]);
}

pub(crate) async fn last_name_of_a_page_counts(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let names = ["A", "B", "C", "D"];
    let page = items(names.iter().zip(0..).map(|(name, n)| of(&n.to_string(), by_both("7", name), n)));
    pull(&store, &crewhu, window(0, 100), false, page).await;
    assert_eq!(told(&store).await, [pair("7", "D")]);
}

pub(crate) async fn client_without_records_is_left_out(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let mut page = items([of("1", by_both("7", "Acme"), 10), of("2", by_name("Beta"), 20)]);
    // A rejected record without an id is a record too.
    page.rejected = vec![Rejection { client: Some(by_both("8", "Gamma")), ..rejection(None, Some(30)) }];
    pull(&store, &crewhu, window(0, 100), false, page).await;
    pull(&store, &crewhu, window(0, 15), true, items([])).await;
    assert_eq!(told(&store).await, [pair("8", "Gamma"), pair("Beta", "Beta")]);
    prune_before(&store, 25).await;
    assert_eq!(told(&store).await, [pair("8", "Gamma")]);
    prune_before(&store, 100).await;
    assert_eq!(told(&store).await, []);
    pull(&store, &crewhu, window(0, 200), false, items([of("1", by_both("7", "Acme"), 110)])).await;
    assert_eq!(told(&store).await, [pair("7", "Acme")], "pruned series are not taken for known");
}

pub(crate) async fn erased_client_is_skipped_by_id_or_name(place: &dyn Place) {
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    let page = || items([of("1", by_both("7", "Acme"), 10), of("2", by_name("Beta"), 20), of("3", by_id("8"), 30)]);
    pull(&store, &crewhu, window(0, 100), false, page()).await;
    let erased = erase(&store, &erasure("acme", &["7"])).await;
    assert_eq!((erased.source_clients, erased.observations), (1, 1));
    let erased = erase(&store, &erasure("beta", &["Beta"])).await;
    assert_eq!((erased.source_clients, erased.observations), (1, 1), "a name alone is its id");
    assert_eq!(told(&store).await, []);

    let mut page = page();
    page.items.extend([
        of("4", by_both("9", "Acme"), 40),
        of("5", by_both("7", "another name"), 50),
        of("6", by_name("Acme"), 60),
        of("7", by_both("10", "Beta"), 70),
    ]);
    page.rejected = vec![Rejection { client: Some(by_both("9", "Acme")), ..rejection(None, Some(30)) }];
    let open = begin(&store, &crewhu, window(0, 100)).await;
    let skipped = commit(&store, &crewhu, open.id, None, &page).await.expect("a page");
    assert_eq!(skipped, Skipped { observations: 6, rejected: 1 });
    assert_eq!(told(&store).await, []);
    assert_eq!(read(&store, &crewhu, ever()).await.len(), 1);
}

//! What every stub provider must keep to, as one test that each of them calls.

use std::collections::BTreeMap;

use super::{ScriptedHost, with_defaults};
use crate::{ClientRef, Observation, Provider, When, Window, numbers::DAY_MS, paging::PageCursor, stub};

/// 2026-01-01T05:30:00Z: no window of the test begins or ends with a day.
const START: i64 = 1_767_225_600_000 + 5 * 3_600_000 + 30 * 60_000;

/// Tests a stub: it says that it is one, makes no request, and makes up the same whatever the pages and windows.
///
/// # Panics
/// Where the provider breaks one of these promises.
pub fn stub_contract<P: Provider>() {
    let description = P::describe();
    assert!(description.stub && description.title.ends_with("(stub)"), "a stub says that it is one");
    assert_eq!(description.version.split('.').count(), 3);
    assert_eq!(with_defaults(&description.settings_schema, "{}")["seed"], 1);

    let host = ScriptedHost::at(START);
    let names: Vec<String> = (0..23).map(|number| format!("Client {number}")).collect();
    let settings = |seed: u64| serde_json::json!({"clients": names, "seed": seed}).to_string();
    let steps = P::check(&host, &settings(1));
    assert!(steps.iter().all(|step| step.outcome.is_ok() && step.detail.contains("made up")), "{steps:?}");
    assert!(P::clients(&host, "{}", None).expect("clients").items.is_empty(), "no clients unless they are named");

    let pull = |seed: u64, from: i64, until: i64, client: Option<&str>| {
        let window = Window { start: START + from * DAY_MS, end: START + until * DAY_MS };
        let mut all = BTreeMap::new();
        let mut cursors = vec![None];
        while let Some(cursor) = cursors.pop() {
            let page = P::pull(&host, &settings(seed), window, client, cursor.as_deref()).expect("a page");
            if cursor.is_none() && client.is_none() {
                let known = PageCursor::decode(None).expect("the first page").following(3);
                assert_eq!(page.next, known, "23 clients make three pages of {}", stub::CLIENTS_PER_PAGE);
            }
            for observation in page.items {
                check_observation(&observation, window);
                let id = observation.id.clone();
                assert!(all.insert(id.clone(), observation).is_none(), "'{id}' stands twice");
            }
            cursors.extend(page.next.into_iter().map(Some));
        }
        all
    };

    let whole = pull(1, 0, 90, None);
    assert!(!whole.is_empty());
    assert_eq!(whole, pull(1, 0, 90, None), "the same settings and window give the same");
    assert_ne!(whole, pull(2, 0, 90, None), "another seed gives something else");
    for cut in [1, 37, 89] {
        let mut parts = pull(1, 0, cut, None);
        parts.extend(pull(1, cut, 90, None));
        assert_eq!(whole, parts, "cut after {cut} days");
    }

    let clients = P::clients(&host, &settings(1), None).expect("clients").items;
    assert_eq!(clients.len(), stub::CLIENTS_PER_PAGE);
    for client in clients {
        assert!(client.active && names.contains(&client.name), "{client:?}");
        let mut own = whole.clone();
        own.retain(|_, observation| observation.client == ClientRef::Id(client.id.clone()));
        assert_eq!(pull(1, 0, 90, Some(&client.id)), own, "{client:?}");
    }
    assert!(host.requests().is_empty(), "a stub makes no request");
}

fn check_observation(observation: &Observation, window: Window) {
    assert!(observation.kind == 0 && observation.value.is_finite(), "{observation:?}");
    assert!(crate::touches(observation.when, window), "{observation:?} lies outside {window:?}");
    if let When::During(held) = observation.when {
        assert!(held.start < held.end, "{observation:?}");
    }
}

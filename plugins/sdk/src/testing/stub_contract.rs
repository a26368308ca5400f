//! What every stub provider must keep to, as one test that each of them calls.

use std::collections::BTreeMap;

use super::{ScriptedHost, check, clients, describe, parse_settings, pull};
use crate::{Cursor, Observation, Provider, When, Window, numbers::DAY_MS, paging::PageCursor, stub};

/// 2026-01-01T05:30:00Z: no window of the test begins or ends with a day.
const START: i64 = 1_767_225_600_000 + 5 * 3_600_000 + 30 * 60_000;

/// Tests a stub: it says that it is one, makes no request, and makes up the same whatever the pages and windows.
///
/// # Panics
/// Where the provider breaks one of these promises.
pub fn stub_contract<P: Provider>() {
    let description = describe::<P>("{}").expect("a description");
    assert!(description.stub && P::spec().title.ends_with("(stub)"), "a stub says that it is one");
    assert!(parse_settings::<P::Settings>("{}").is_ok(), "every setting has a default");

    let host = ScriptedHost::at(START);
    let names: Vec<String> = (0..23).map(|number| format!("Client {number}")).collect();
    let settings = |seed: u64| serde_json::json!({"clients": names, "seed": seed}).to_string();
    let steps = check::<P>(&host, &settings(1));
    assert!(steps.iter().all(|step| step.outcome.is_ok() && step.detail.contains("made up")), "{steps:?}");
    assert!(clients::<P>(&host, "{}", None).expect("clients").items.is_empty(), "no clients unless they are named");

    let pull = |seed: u64, from: i64, until: i64| {
        let window = Window { start: START + from * DAY_MS, end: START + until * DAY_MS };
        let mut all = BTreeMap::new();
        let mut cursors = vec![None];
        while let Some(cursor) = cursors.pop() {
            let page = pull::<P>(&host, &settings(seed), window, cursor.as_deref()).expect("a page");
            if cursor.is_none() {
                let json = |cursor: &PageCursor| serde_json::to_vec(cursor).expect("JSON");
                let known: Vec<Cursor> = PageCursor::default().following(3).iter().map(json).collect();
                assert_eq!(page.next, known, "23 clients make three pages of {}", stub::CLIENTS_PER_PAGE);
            }
            for observation in page.items {
                check_observation(&observation);
                let id = observation.id.clone();
                assert!(all.insert(id.clone(), observation).is_none(), "'{id}' stands twice");
            }
            cursors.extend(page.next.into_iter().map(Some));
        }
        all
    };

    let whole = pull(1, 0, 90);
    assert!(!whole.is_empty());
    assert_eq!(whole, pull(1, 0, 90), "the same settings and window give the same");
    assert_ne!(whole, pull(2, 0, 90), "another seed gives something else");
    for cut in [1, 37, 89] {
        let mut parts = pull(1, 0, cut);
        parts.extend(pull(1, cut, 90));
        assert_eq!(whole, parts, "cut after {cut} days");
    }

    let listed = clients::<P>(&host, &settings(1), None).expect("clients");
    assert_eq!((listed.items.len(), listed.total), (stub::CLIENTS_PER_PAGE, Some(23)));
    for client in &listed.items {
        assert!(client.active && names.contains(&client.name), "{client:?}");
    }
    assert!(host.requests().is_empty(), "a stub makes no request");
}

fn check_observation(observation: &Observation) {
    assert!(observation.kind == 0 && observation.value.is_finite(), "{observation:?}");
    if let When::During(held) = observation.when {
        assert!(held.start < held.end, "{observation:?}");
    }
}

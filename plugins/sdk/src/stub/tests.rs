//! The made-up roster and its pages.

use serde_json::{Value, json};

use super::*;
use crate::{When, testing::with_defaults};

fn settings(names: usize) -> String {
    let names: Vec<String> = (1..=names).map(|number| format!("Client {number}")).collect();
    json!({"clients": names}).to_string()
}

/// Every page's clients, following the cursors in their order.
fn all_clients(settings: &str) -> Vec<Vec<SourceClient>> {
    let first = clients(settings, None).expect("the first page");
    let mut pages = vec![first.items];
    for cursor in &first.next {
        let page = clients(settings, Some(cursor)).expect("a further page");
        assert!(page.next.is_empty(), "the first page hands out all");
        pages.push(page.items);
    }
    pages
}

#[test]
fn the_schemas_defaults_are_the_codes() {
    let schema: Value = serde_json::from_str(SETTINGS_SCHEMA).expect("the schema is JSON");
    let schema = jsonschema::draft202012::new(&schema).expect("the schema is one");
    let filled = with_defaults(SETTINGS_SCHEMA, "{}");
    assert_eq!(filled, json!({"clients": [], "seed": 1}));
    assert!(schema.is_valid(&filled));
    for wrong in [
        json!({"clients": ["a", "a"]}),
        json!({"clients": [" "]}),
        json!({"clients": [1]}),
        json!({"clients": "a"}),
        json!({"seed": -1}),
        json!({"seed": 1.5}),
        json!({"seeds": 1}),
    ] {
        assert!(!schema.is_valid(&wrong), "{wrong}");
        assert!(matches!(roster(&wrong.to_string()), Err(Failure::Settings(_))), "{wrong}");
    }
}

#[test]
fn names_that_the_host_would_refuse_are_refused_here() {
    for name in ["x".repeat(1_001), "\0".to_owned()] {
        let settings = json!({"clients": [name]}).to_string();
        assert!(matches!(clients(&settings, None), Err(Failure::Settings(_))));
    }
}

#[test]
fn the_roster_comes_ten_a_page() {
    assert_eq!(all_clients("{}"), [Vec::new()]);
    for (names, pages) in [(1, vec![1]), (10, vec![10]), (11, vec![10, 1]), (25, vec![10, 10, 5])] {
        let got: Vec<usize> = all_clients(&settings(names)).iter().map(Vec::len).collect();
        assert_eq!(got, pages, "{names}");
    }
    let names: Vec<String> = all_clients(&settings(12)).concat().into_iter().map(|client| client.name).collect();
    assert_eq!(names[..2], ["Client 1", "Client 2"]);
    assert_eq!(names[11], "Client 12");
    assert!(matches!(clients("{}", Some(b"7")), Err(Failure::Other(_))));
}

#[test]
fn ids_come_from_names_alone() {
    let client = |settings: &str| clients(settings, None).expect("a page").items.remove(0);
    let id = client(r#"{"clients": ["Acme, Inc."], "seed": 1}"#).id;
    assert_eq!(id, client(r#"{"clients": ["Acme, Inc.", "Other"], "seed": 2}"#).id);
    assert!(id.starts_with("cw-acme-inc-") && id.len() == "cw-acme-inc-".len() + 8, "{id}");
    let similar = ["Acme Inc", "acme inc", "株式会社", "", "---", &"x".repeat(500)].map(id_of);
    let distinct: BTreeSet<&String> = similar.iter().collect();
    assert_eq!(distinct.len(), similar.len(), "{similar:?}");
    assert!(similar.iter().all(|id| crate::text::is_usable_id(id)), "{similar:?}");
}

#[test]
fn the_check_says_that_nothing_is_real() {
    let step = check(&settings(3)).remove(0);
    assert_eq!(step.detail, "figures are made up for 3 clients; no connection is used");
    assert_eq!(step.outcome, Ok(()));
    let step = check(r#"{"client": []}"#).remove(0);
    assert!(matches!(step.outcome, Err(Failure::Settings(_))) && step.remedy.is_some());
}

#[test]
fn a_pull_gives_what_lies_in_the_window() {
    let make_up = |client: &StubClient, _: Window, out: &mut Vec<Observation>| {
        let observation = |id: &str, when| Observation {
            id: format!("{id}-{}", client.id),
            client: crate::ClientRef::Id(client.id.clone()),
            when,
            kind: 0,
            value: 1.0,
        };
        out.push(observation("in", When::At(5)));
        out.push(observation("out", When::At(10)));
        out.push(observation("holds", When::Since(-5)));
        out.push(observation("later", When::Since(10)));
        out.push(observation("held", When::During(Window { start: -5, end: 1 })));
        out.push(observation("over", When::During(Window { start: -5, end: 0 })));
    };
    let window = Window { start: 0, end: 10 };
    let page = pull(&settings(12), window, None, None, make_up).expect("a page");
    assert_eq!((page.items.len(), page.next.len()), (30, 1));
    let only = id_of("Client 12");
    let page = pull(&settings(12), window, Some(&only), None, make_up).expect("a page");
    let ids: Vec<&str> = page.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["in", "holds", "held"].map(|id| format!("{id}-{only}")));
    let page = pull(&settings(12), window, Some("nobody"), None, make_up).expect("a page");
    assert!(page.items.is_empty() && page.next.is_empty());
}

#[test]
fn days_are_those_the_window_touches() {
    let day = |n: i64| ERA.start + n * DAY_MS;
    let first = ERA.start / DAY_MS;
    let list = |start, end| days(Window { start, end }).collect::<Vec<_>>();
    assert_eq!(list(day(1), day(3)), [first + 1, first + 2]);
    assert_eq!(list(day(1) - 1, day(1) + 1), [first, first + 1]);
    assert_eq!(list(day(1), day(1)), Vec::<i64>::new());
    assert_eq!(list(day(1), day(0)), Vec::<i64>::new());
    assert_eq!(list(i64::MIN, ERA.start + 1), [first]);
    assert_eq!(days(Window { start: i64::MIN, end: i64::MAX }).count(), 29_220);
    let mut random = Random::keyed(&[b"x"]);
    for _ in 0..100 {
        let moment = office_hour(first, &mut random) - day(0);
        assert!((8 * 3_600_000..18 * 3_600_000).contains(&moment));
    }
}

//! The invented roster and its pages.

use serde_json::json;

use super::*;
use crate::{
    When,
    testing::{assert_schema, parse_settings},
};

fn named(names: &[&str], seed: u64) -> StubSettings {
    StubSettings { clients: names.iter().map(|name| (*name).to_owned()).collect(), seed }
}

fn numbered(names: usize) -> StubSettings {
    StubSettings { clients: (1..=names).map(|number| format!("Client {number}")).collect(), seed: 1 }
}

/// The clients of every page, following the cursors in order.
fn all_clients(settings: &StubSettings) -> Vec<Vec<SourceClient>> {
    let first = clients(settings, None);
    assert_eq!((first.read as usize, first.total), (first.items.len(), Some(settings.clients.len() as u64)));
    let mut pages = vec![first.items];
    for cursor in first.next {
        let page = clients(settings, Some(cursor));
        assert!(page.next.is_empty(), "the first page hands out all");
        pages.push(page.items);
    }
    pages
}

#[test]
fn checked_in_schema_is_current() {
    assert_schema::<StubSettings>("schema/stub.json");
}

#[test]
fn the_schemas_defaults_are_the_codes() {
    assert_eq!(StubSettings::default(), named(&[], 1));
    assert_eq!(parse_settings("{}"), Ok(StubSettings::default()));
    assert_eq!(parse_settings(r#"{"seed": 2.0}"#), Ok(named(&[], 2)));
    for (wrong, pointer) in [
        (r#"{"clients": ["a", "a"]}"#, "/clients"),
        (r#"{"clients": [" "]}"#, "/clients/0"),
        (r#"{"clients": [1]}"#, "/clients/0"),
        (r#"{"clients": "a"}"#, "/clients"),
        (r#"{"seed": -1}"#, "/seed"),
        (r#"{"seed": 1.5}"#, "/seed"),
        (r#"{"seeds": 1}"#, ""),
    ] {
        assert_eq!(parse_settings::<StubSettings>(wrong), Err(vec![pointer.to_owned()]), "{wrong}");
    }
}

#[test]
fn names_that_the_host_would_refuse_are_refused_here() {
    for name in ["x".repeat(1_001), "\0".to_owned()] {
        let settings = json!({"clients": [name]}).to_string();
        assert_eq!(parse_settings::<StubSettings>(&settings), Err(vec!["/clients/0".to_owned()]));
    }
}

#[test]
fn the_roster_comes_ten_a_page() {
    assert_eq!(all_clients(&StubSettings::default()), [Vec::new()]);
    for (names, pages) in [(1, vec![1]), (10, vec![10]), (11, vec![10, 1]), (25, vec![10, 10, 5])] {
        let got: Vec<usize> = all_clients(&numbered(names)).iter().map(Vec::len).collect();
        assert_eq!(got, pages, "{names}");
    }
    let names: Vec<String> = all_clients(&numbered(12)).concat().into_iter().map(|client| client.name).collect();
    assert_eq!(names[..2], ["Client 1", "Client 2"]);
    assert_eq!(names[11], "Client 12");
}

#[test]
fn ids_come_from_names_alone() {
    let client = |settings: &StubSettings| clients(settings, None).items.remove(0);
    let id = client(&named(&["Acme, Inc."], 1)).id;
    assert_eq!(id, client(&named(&["Acme, Inc.", "Other"], 2)).id);
    assert!(id.starts_with("cw-acme-inc-") && id.len() == "cw-acme-inc-".len() + 8, "{id}");
    let similar = ["Acme Inc", "acme inc", "株式会社", "", "---", &"x".repeat(500)].map(id_of);
    let distinct: BTreeSet<&String> = similar.iter().collect();
    assert_eq!(distinct.len(), similar.len(), "{similar:?}");
    assert!(similar.iter().all(|id| crate::text::is_usable_id(id)), "{similar:?}");
}

#[test]
fn the_check_says_that_nothing_is_real() {
    let step = check(&numbered(3)).remove(0);
    assert_eq!(step.detail, "figures are made up for 3 clients; no connection is used");
    assert_eq!(step.outcome, Ok(()));
}

#[test]
fn a_pull_gives_what_lies_in_the_window() {
    let make_up = |client: &StubClient, _: Window, out: &mut Vec<Observation>| {
        let observation = |id: &str, when| Observation {
            id: format!("{id}-{}", client.id),
            client: client.client_ref(),
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
    let page = pull(&numbered(12), &[0_u16], window, None, make_up);
    assert_eq!((page.items.len(), page.read, page.next.len()), (30, 30, 1));
    let only = id_of("Client 12");
    let page = pull(&numbered(12), &[0_u16], window, page.next.first().copied(), make_up);
    let ids: Vec<&str> = page.items.iter().map(|item| item.id.as_str()).filter(|id| id.ends_with(&only)).collect();
    assert_eq!(ids, ["in", "holds", "held"].map(|id| format!("{id}-{only}")));
    assert!(pull(&numbered(12), &[1_u16], window, None, make_up).items.is_empty(), "another kind");
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

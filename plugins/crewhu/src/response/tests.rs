//! Which rows count, which do not and why, as the guide's dialect has it.

use scoresheet_sdk::{
    Cursor, Failure, HttpError, ObservationPage,
    testing::{self, ScriptedHost, pull_kinds, response},
};

use super::*;
use crate::CrewHu;

const SETTINGS: &str = r#"{"company_id": "msp-1"}"#;
const NOW: Instant = 1_793_491_200_000; // 2026-11-01T00:00:00Z
const DAY: i64 = 86_400_000;
const OCTOBER: Window = Window { start: NOW - 31 * DAY, end: NOW };
const SCORES: &str = "api/v1/csat/scores";

fn pull(rows: &str) -> ObservationPage<Cursor> {
    let host = ScriptedHost::at(NOW).json(SCORES, &[], &format!("[{rows}]"));
    testing::pull::<CrewHu>(&host, SETTINGS, OCTOBER, None).expect("a page")
}

fn client(id: Option<&str>, name: Option<&str>) -> ClientRef {
    ClientRef { id: id.map(str::to_owned), name: name.map(str::to_owned) }
}

/// A row that counts, with some fields written differently (or left out, by an empty value).
fn row(changes: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("id", r#""r-9""#),
        ("client_id", r#""c-17""#),
        ("client_name", r#""Acme, Inc.""#),
        ("score", "4"),
        ("type", r#""overall""#),
        ("responded_at", r#""2026-10-02T14:03:11Z""#),
        ("status", r#""completed""#),
    ];
    for (name, value) in changes {
        match fields.iter_mut().find(|(field, _)| field == name) {
            Some(field) => field.1 = value,
            None => fields.push((name, value)),
        }
    }
    let fields: Vec<String> = fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!(r#""{name}": {value}"#))
        .collect();
    format!("{{{}}}", fields.join(", "))
}

/// "ok" or the reason; "-" where the row is passed over.
fn fate(row: &str) -> String {
    let page = pull(row);
    match (page.items.as_slice(), page.rejected.as_slice()) {
        ([_], []) => "ok".to_owned(),
        ([], [rejection]) => rejection.reason.clone(),
        ([], []) => "-".to_owned(),
        _ => panic!("one row, one fate: {page:?}"),
    }
}

#[test]
fn a_response_that_counts() {
    let page = pull(&row(&[("comment", r#"{"text": "thanks"}"#)]));
    let expected = Observation {
        id: "r-9".to_owned(),
        client: client(Some("c-17"), Some("Acme, Inc.")),
        when: When::At(1_790_949_791_000),
        kind: 0,
        value: 4.0,
    };
    assert_eq!(page.items, [expected]);
    assert!(page.rejected.is_empty());
    assert_eq!((page.read, page.total), (1, None));
}

#[test]
fn each_field_decides_as_the_guide_says() {
    let long = format!("\"{}\"", "x".repeat(257));
    let long_name = format!("\"{}\"", "x".repeat(1_001));
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("id", "")], "no-id"),
        (&[("id", "null")], "no-id"),
        (&[("id", r#""""#)], "no-id"),
        (&[("id", "1.5")], "no-id"),
        (&[("id", "true")], "no-id"),
        (&[("id", "{}")], "no-id"),
        (&[("id", r#"" r-9""#)], "no-id"),
        (&[("id", r#""r\n9""#)], "no-id"),
        (&[("id", &long)], "no-id"),
        (&[("id", "17")], "ok"),
        (&[("id", "-17")], "ok"),
        (&[("client_id", ""), ("client_name", "")], "no-client"),
        (&[("client_id", "null"), ("client_name", "null")], "no-client"),
        (&[("client_id", "{}"), ("client_name", "5")], "no-client"),
        (&[("client_id", "[]"), ("client_name", r#"" ""#)], "no-client"),
        (&[("client_id", "[]"), ("client_name", r#""\u0000""#)], "no-client"),
        (&[("client_id", &long), ("client_name", &long_name)], "no-client"),
        (&[("client_id", "{}")], "ok"),
        (&[("client_name", "{}")], "ok"),
        (&[("client_id", "17"), ("client_name", "")], "ok"),
        (&[("responded_at", "")], "no-time"),
        (&[("responded_at", "null")], "no-time"),
        (&[("responded_at", "1790949791")], "no-time"),
        (&[("responded_at", r#""2026-10-02""#)], "no-time"),
        (&[("responded_at", r#""soon""#)], "no-time"),
        (&[("responded_at", "{}")], "no-time"),
        (&[("responded_at", r#""2026-10-02T14:03:11""#)], "ok"),
        (&[("responded_at", r#""2026-10-02 14:03:11""#)], "ok"),
        (&[("responded_at", r#""2026-10-31T23:59:59.999Z""#)], "ok"),
        (&[("responded_at", r#""2026-11-01T00:00:00Z""#)], "-"),
        (&[("responded_at", r#""2026-11-01T00:05:00Z""#)], "-"),
        (&[("responded_at", r#""2026-11-01T00:05:00.001Z""#)], "future"),
        (&[("responded_at", r#""2026-10-01T00:00:00Z""#)], "ok"),
        (&[("responded_at", r#""2026-10-01T00:00:00+00:01""#)], "-"),
        (&[("type", "")], "ok"),
        (&[("type", "null")], "ok"),
        (&[("type", r#""timeliness""#)], "ok"),
        (&[("type", r#""Overall""#)], "unknown-type"),
        (&[("type", r#""""#)], "unknown-type"),
        (&[("type", "[]")], "unknown-type"),
        (&[("type", "0")], "unknown-type"),
        (&[("status", "")], "ok"),
        (&[("status", "null")], "ok"),
        (&[("status", r#""incomplete""#)], "incomplete"),
        (&[("status", r#""invalid""#)], "invalid-status"),
        (&[("status", r#""pending""#)], "invalid-status"),
        (&[("status", r#""""#)], "invalid-status"),
        (&[("status", "5")], "invalid-status"),
        (&[("status", "{}")], "invalid-status"),
        (&[("score", "")], "score-missing"),
        (&[("score", "null")], "score-missing"),
        (&[("score", r#""""#)], "score-missing"),
        (&[("score", r#"" ""#)], "score-missing"),
        (&[("score", "NaN")], "score-missing"),
        (&[("score", "-Infinity")], "score-missing"),
        (&[("score", "0")], "score-out-of-range"),
        (&[("score", "0.999")], "score-out-of-range"),
        (&[("score", "6")], "score-out-of-range"),
        (&[("score", "-1")], "score-out-of-range"),
        (&[("score", "1e999")], "score-out-of-range"),
        (&[("score", "true")], "score-out-of-range"),
        (&[("score", "{}")], "score-out-of-range"),
        (&[("score", "[4]")], "score-out-of-range"),
        (&[("score", r#""four""#)], "score-out-of-range"),
        (&[("score", r#""NaN""#)], "score-out-of-range"),
        (&[("score", r#""inf""#)], "score-out-of-range"),
        (&[("score", r#""0x4""#)], "score-out-of-range"),
        (&[("score", r#""4e0""#)], "score-out-of-range"),
        (&[("score", r#""+4""#)], "score-out-of-range"),
        (&[("score", r#""4,5""#)], "score-out-of-range"),
        (&[("score", r#""4.""#)], "score-out-of-range"),
        (&[("score", r#"".5""#)], "score-out-of-range"),
        (&[("score", r#""4 5""#)], "score-out-of-range"),
        (&[("score", r#""04""#)], "score-out-of-range"),
        (&[("score", "1")], "ok"),
        (&[("score", "5")], "ok"),
        (&[("score", "4.0e0")], "ok"),
        (&[("score", r#""4""#)], "ok"),
        (&[("score", r#"" 4.50 ""#)], "ok"),
    ];
    for (changes, expected) in table {
        assert_eq!(fate(&row(changes)), *expected, "{changes:?}");
    }
}

#[test]
fn the_first_reason_that_fits_is_given() {
    // Each fault stands before all that follow it, so that a row with this and every later fault tells this one.
    let faults: [(&str, &str, &str); 9] = [
        ("id", "{}", "no-id"),
        ("client_id", "{}", "no-client"),
        ("responded_at", "5", "no-time"),
        ("responded_at", r#""2999-01-01T00:00:00Z""#, "future"),
        ("type", r#""mood""#, "unknown-type"),
        ("status", r#""incomplete""#, "incomplete"),
        ("status", r#""invalid""#, "invalid-status"),
        ("score", "null", "score-missing"),
        ("score", "9", "score-out-of-range"),
    ];
    for first in 0..faults.len() {
        for second in first + 1..faults.len() {
            let mut changes = vec![("client_name", "")];
            // The earlier fault is written last, where both are of one field.
            for (name, value, _) in [faults[second], faults[first]] {
                changes.push((name, value));
            }
            assert_eq!(fate(&row(&changes)), faults[first].2, "{changes:?}");
        }
        let mut changes = vec![("client_name", "")];
        changes.extend(faults[first..].iter().rev().map(|(name, value, _)| (*name, *value)));
        assert_eq!(fate(&row(&changes)), faults[first].2, "{changes:?}");
    }
    // The last reason is the Open API's alone.
    assert_eq!(faults.map(|fault| fault.2), REJECTIONS.map(Reason::id)[..9]);
}

#[test]
fn a_row_that_is_no_object_has_no_id() {
    for odd in ["null", "5", "\"x\"", "[]", "[{\"id\": \"r\"}]", "true", "{}"] {
        // Beside one that is an answer: a page of nothing but such rows is none.
        let page = pull(&format!("{odd}, {}", row(&[])));
        let reasons: Vec<&str> = page.rejected.iter().map(|rejection| rejection.reason.as_str()).collect();
        assert_eq!((page.items.len(), reasons.as_slice()), (1, &["no-id"][..]), "{odd}");
    }
}

#[test]
fn a_rejection_says_what_can_be_read() {
    let rejected = |changes: &[(&str, &str)]| pull(&row(changes)).rejected.remove(0);
    let at = Some(1_790_949_791_000);
    let acme = Some(client(Some("c-17"), Some("Acme, Inc.")));
    let id = Some("r-9".to_owned());
    let rejection = |id, client, at, reason: Reason, field: &str| Rejection {
        id,
        client,
        at,
        reason: reason.id().to_owned(),
        field: Some(field.to_owned()),
        value: None,
    };
    assert_eq!(rejected(&[("id", "")]), rejection(None, acme.clone(), at, Reason::NoId, "id"));
    assert_eq!(
        rejected(&[("client_id", ""), ("client_name", "")]),
        rejection(id.clone(), None, at, Reason::NoClient, "client_id")
    );
    assert_eq!(
        rejected(&[("responded_at", "")]),
        rejection(id.clone(), acme.clone(), None, Reason::NoTime, "responded_at")
    );
    assert_eq!(rejected(&[("score", "")]), rejection(id, acme, at, Reason::ScoreMissing, "score"));
}

#[test]
fn a_rejection_names_the_field_and_the_value() {
    for (name, value, expected) in [
        ("responded_at", r#""2026-13-02T14:03:11Z""#, Some("2026-13-02T14:03:11Z")),
        ("responded_at", r#""2999-01-01T00:00:00Z""#, Some("2999-01-01T00:00:00Z")),
        ("responded_at", "1790949791", Some("1790949791")),
        ("responded_at", r#""when Jo called""#, None),
        ("type", r#""mood""#, Some("mood")),
        ("type", r#""ask jo@example.com""#, None),
        ("type", "7", Some("7")),
        ("status", r#""incomplete""#, Some("incomplete")),
        ("status", r#""pending""#, Some("pending")),
        ("score", "9", Some("9")),
        ("score", r#""4,5""#, Some("4,5")),
        ("score", r#""four""#, None),
        ("score", "null", None),
        ("score", "{}", None),
        ("score", r#""1234567890123456789012345678901234567890123""#, Some("123456789012345678901234567890123456789…")),
        ("id", r#"" r-9""#, None),
    ] {
        let rejection = pull(&row(&[(name, value)])).rejected.remove(0);
        assert_eq!((rejection.field.as_deref(), rejection.value.as_deref()), (Some(name), expected), "{name}: {value}");
    }
}

#[test]
fn only_requested_kinds_are_returned() {
    let rows = [
        row(&[("id", "1")]),
        row(&[("id", "2"), ("type", r#""timeliness""#)]),
        row(&[("id", "3"), ("type", r#""timeliness""#), ("score", "9")]),
        row(&[("id", "4"), ("score", "9")]),
        // Nobody knows what it would be.
        row(&[("id", "5"), ("type", r#""mood""#)]),
        // The later row of an id is of another kind: the earlier one no longer stands.
        row(&[("id", "6")]),
        row(&[("id", "6"), ("type", r#""timeliness""#)]),
    ];
    let host = ScriptedHost::at(NOW).json(SCORES, &[], &format!("[{}]", rows.join(",")));
    let pulled = |kinds: &[Kind]| {
        let kinds: Vec<u16> = kinds.iter().map(|kind| kind.index()).collect();
        let page = pull_kinds::<CrewHu>(&host, SETTINGS, &kinds, OCTOBER, None).expect("a page");
        assert_eq!(page.read, 7);
        let items: Vec<String> = page.items.into_iter().map(|item| item.id).collect();
        let rejected: Vec<String> = page.rejected.into_iter().filter_map(|item| item.id).collect();
        (items.join(","), rejected.join(","))
    };
    let expected = |items: &str, rejected: &str| (items.to_owned(), rejected.to_owned());
    assert_eq!(pulled(&[Kind::Overall, Kind::OverallBare]), expected("1", "4,5"));
    assert_eq!(pulled(&[Kind::Timeliness]), expected("2,6", "3,5"));
    assert_eq!(pulled(&[Kind::Resolution]), expected("", "5"));
}

#[test]
fn names_stay_as_they_were_sent() {
    let page = pull(&row(&[("client_id", ""), ("client_name", r#"" Acme\u0000\tGmbH ""#)]));
    assert_eq!(page.items[0].client, client(None, Some(" Acme\0\tGmbH ")));
    let page = pull(&row(&[("client_id", "17"), ("id", "5"), ("type", "\"communication\"")]));
    assert_eq!((&page.items[0].client, page.items[0].id.as_str()), (&client(Some("17"), Some("Acme, Inc.")), "5"));
    assert_eq!(page.items[0].kind, 2);
    let page = pull(&row(&[("client_name", "")]));
    assert_eq!(page.items[0].client, client(Some("c-17"), None));
}

#[test]
fn the_later_row_of_an_id_stands() {
    let outside = row(&[("responded_at", r#""2026-09-02T14:03:11Z""#)]);
    let (valid, changed, invalid) = (row(&[]), row(&[("score", "2")]), row(&[("score", "9")]));
    let nameless = row(&[("id", "")]);
    let other = row(&[("id", r#""r-1""#), ("score", "1")]);
    for (rows, values, reasons) in [
        ([&valid, &changed, &changed], vec![2.0], vec![]),
        ([&valid, &changed, &invalid], vec![], vec!["score-out-of-range"]),
        ([&invalid, &valid, &changed], vec![2.0], vec![]),
        ([&invalid, &invalid, &valid], vec![4.0], vec![]),
        ([&valid, &valid, &outside], vec![], vec![]),
        ([&nameless, &valid, &nameless], vec![4.0], vec!["no-id", "no-id"]),
        ([&valid, &changed, &other], vec![2.0, 1.0], vec![]),
        ([&other, &valid, &changed], vec![1.0, 2.0], vec![]),
    ] {
        let page = pull(&rows.map(String::as_str).join(","));
        let got: Vec<f64> = page.items.iter().map(|item| item.value).collect();
        assert_eq!(got, values, "{rows:?}");
        let got: Vec<&str> = page.rejected.iter().map(|rejection| rejection.reason.as_str()).collect();
        assert_eq!(got, reasons, "{rows:?}");
    }
}

#[test]
fn asks_for_the_window_page_by_page() {
    let envelope = |page: u64, pages: u64| {
        format!(
            r#"{{"data": [], "pagination": {{"page": {page}, "per_page": 2, "total_pages": {pages}, "total": 5}}}}"#
        )
    };
    let host = ScriptedHost::at(NOW)
        .json(SCORES, &[("page", "1")], &envelope(1, 3))
        .json(SCORES, &[("page", "2")], &envelope(2, 3))
        .json(SCORES, &[("page", "3")], &envelope(3, 4))
        .json(SCORES, &[("page", "4")], &envelope(4, 4));
    let settings = r#"{"company_id": "msp 1&x=y", "page_size": 2}"#;
    let window = Window { start: OCTOBER.start + 250, end: OCTOBER.end };
    let mut waiting = vec![None];
    let mut pages = 0;
    while let Some(cursor) = waiting.pop() {
        let page = testing::pull::<CrewHu>(&host, settings, window, cursor.as_deref()).expect("a page");
        assert_eq!(page.total, Some(5));
        waiting.extend(page.next.into_iter().map(Some));
        pages += 1;
    }
    assert_eq!(pages, 4);
    assert_eq!(
        host.request_lines()[0],
        "GET api/v1/csat/scores?company_id=msp 1&x=y&from=2026-10-01T00:00:00.250Z&to=2026-11-01T00:00:00Z&page=1&per_page=2"
    );
}

#[test]
fn another_page_than_asked_for_is_no_answer() {
    let host = ScriptedHost::at(NOW).json(SCORES, &[], r#"{"data": [], "pagination": {"page": 1, "total_pages": 3}}"#);
    let first = testing::pull::<CrewHu>(&host, SETTINGS, OCTOBER, None).expect("a page");
    let second = testing::pull::<CrewHu>(&host, SETTINGS, OCTOBER, first.next.first().map(Vec::as_slice));
    let expected = "GET api/v1/csat/scores: asked for page 2, got page 1".to_owned();
    assert_eq!(second, Err(Failure::InvalidResponse(expected)));
}

#[test]
fn failures_are_handed_on() {
    let pulled = |host: &ScriptedHost, cursor| testing::pull::<CrewHu>(host, SETTINGS, OCTOBER, cursor);
    let host = ScriptedHost::at(NOW).on(SCORES, &[], Err(HttpError::Cancelled));
    assert_eq!(pulled(&host, None), Err(Failure::Cancelled));
    let host = ScriptedHost::at(NOW).on(SCORES, &[], Ok(response(403, "")));
    assert_eq!(pulled(&host, None), Err(Failure::Forbidden("GET api/v1/csat/scores answered 403".to_owned())));
    assert!(matches!(pulled(&host, Some(b"x")), Err(Failure::Other(_))));
    assert_eq!(host.requests().len(), 1, "a wrong cursor costs no request");
    assert!(matches!(testing::pull::<CrewHu>(&host, "{}", OCTOBER, None), Err(Failure::Settings(_))));
}

/// What is said of a page with these rows; none where it is taken.
fn said(rows: &[String]) -> Option<String> {
    let host = ScriptedHost::at(NOW).json(SCORES, &[], &format!("[{}]", rows.join(",")));
    match testing::pull::<CrewHu>(&host, SETTINGS, OCTOBER, None) {
        Ok(_) => None,
        Err(Failure::InvalidResponse(message)) => Some(message),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_renamed_field_is_loud() {
    let rows = |count: usize, changes: &dyn Fn(usize) -> Vec<(&'static str, &'static str)>| -> Vec<String> {
        (0..count).map(|index| row(&changes(index))).collect()
    };
    for (lacking, named) in [
        (vec![("id", "")], "id"),
        (vec![("client_id", ""), ("client_name", "")], "client_id and no client_name"),
        (vec![("responded_at", "")], "responded_at"),
        (vec![("score", ""), ("rating", "4")], "score"),
    ] {
        let message = said(&rows(10, &|_| lacking.clone())).expect("a renamed field");
        assert_eq!(
            message,
            format!(
                "GET {SCORES}, page 1: none of the 10 answers has a {named}: was a field renamed? what is stored stands"
            )
        );
        assert_eq!(said(&rows(9, &|_| lacking.clone())), None, "nine may be chance");
        let one_has_it = |index: usize| if index == 7 { Vec::new() } else { lacking.clone() };
        assert_eq!(said(&rows(10, &one_has_it)), None, "one of them has {named}");
    }
    // Answers that were only begun have no score yet, and null is a value.
    assert_eq!(said(&rows(20, &|_| vec![("score", ""), ("status", r#""incomplete""#)])), None);
    assert_eq!(said(&rows(20, &|_| vec![("score", "null")])), None);
    let message = said(&["[[[]]]".to_owned()]).expect("no answers");
    assert!(message.ends_with("none of the 1 rows is an object"), "{message}");
}

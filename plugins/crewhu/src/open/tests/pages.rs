//! The envelopes, and where the pages end.

use super::*;

/// So many surveys, whose ids begin with the page's number.
fn rows(step: u64, count: usize) -> String {
    let row = |n: usize| survey(&serde_json::json!({"_id": format!("s-{step}-{n}")}));
    format!("[{}]", (0..count).map(row).collect::<Vec<_>>().join(","))
}

/// Pulls until there are no more cursors; gives how many surveys came, and which steps were asked for.
fn walk(host: &ScriptedHost, settings: &str) -> (usize, Vec<String>) {
    let (mut found, mut cursors) = (0, std::collections::VecDeque::from([None]));
    while let Some(cursor) = cursors.pop_front() {
        let page = pull_with(host, settings, cursor.as_deref()).expect("a page");
        found += page.items.len();
        cursors.extend(page.next.into_iter().map(Some));
    }
    let lines = host.request_lines();
    (found, lines.iter().map(|line| line.replace("GET api/v1/survey?", "")).collect())
}

/// A server of pages with so many rows; `wrap` makes the answer of a step's rows. Further pages are empty.
fn server(counts: &[usize], wrap: impl Fn(u64, String) -> String) -> ScriptedHost {
    let mut host = host();
    for (step, count) in (1..).zip(counts) {
        host = host.json(SURVEY, &[("step", &step.to_string())], &wrap(step, rows(step, *count)));
    }
    host.json(SURVEY, &[], &wrap(0, "[]".to_owned()))
}

#[test]
fn a_short_page_is_the_last_one() {
    let bare = |_, rows: String| rows;
    assert_eq!(
        walk(&server(&[3, 3, 2], bare), SETTINGS),
        (8, vec!["step=1&limit=3".into(), "step=2&limit=3".into(), "step=3&limit=3".into()])
    );
    assert_eq!(walk(&server(&[2], bare), SETTINGS), (2, vec!["step=1&limit=3".to_owned()]));
    assert_eq!(walk(&server(&[], bare), SETTINGS), (0, vec!["step=1&limit=3".to_owned()]));
    // A full page may be followed by an empty one.
    assert_eq!(walk(&server(&[3], bare), SETTINGS).1.len(), 2);
}

#[test]
fn every_envelope_is_read() {
    type Wrap = fn(u64, String) -> String;
    let wraps: [(&str, Wrap); 6] = [
        ("items", |_, rows| format!(r#"{{"items": {rows}}}"#)),
        ("data", |_, rows| format!(r#"{{"data": {rows}, "total": 7}}"#)),
        ("surveys", |_, rows| format!(r#"{{"status": "ok", "surveys": {rows}}}"#)),
        ("hasMore", |step, rows| format!(r#"{{"hasMore": {}, "items": {rows}}}"#, step < 3)),
        ("both", |step, rows| format!(r#"{{"items": {rows}, "hasMore": {}, "total": 7}}"#, step < 3)),
        ("odd", |_, rows| format!(r#"{{"items": {rows}, "hasMore": null, "total": "many", "data": {{}}}}"#)),
    ];
    for (name, wrap) in wraps {
        let (found, asked) = walk(&server(&[3, 3, 1], wrap), SETTINGS);
        assert_eq!((found, asked.len()), (7, 3), "{name}");
    }
}

#[test]
fn has_more_is_believed() {
    let stop = |step, rows: String| format!(r#"{{"items": {rows}, "hasMore": {}}}"#, step < 2);
    assert_eq!(walk(&server(&[3, 3, 3], stop), SETTINGS).0, 6, "a full page that says it is the last");
    let more = |step, rows: String| format!(r#"{{"items": {rows}, "hasMore": {}}}"#, step < 3);
    assert_eq!(walk(&server(&[2, 2, 1], more), SETTINGS).0, 5, "short pages that say there are more");
    let always = |_, rows: String| format!(r#"{{"items": {rows}, "hasMore": true}}"#);
    let (found, asked) = walk(&server(&[3, 3], always), SETTINGS);
    assert_eq!((found, asked.len()), (6, 3), "an empty page ends it all the same");
}

#[test]
fn a_total_hands_out_the_pages_at_once() {
    let total = |_, rows: String| format!(r#"{{"items": {rows}, "total": 8}}"#);
    let host = server(&[3, 3, 2], total);
    let first = pull(&host, None);
    assert_eq!((first.read, first.total, first.next.len()), (3, Some(8), 2));
    assert_eq!(walk(&server(&[3, 3, 2], total), SETTINGS).0, 8);
    // A total of the page alone, or one that is too low, hides nothing.
    let own = |_, rows: String| format!(r#"{{"items": {rows}, "total": 3}}"#);
    assert_eq!(walk(&server(&[3, 3, 2], own), SETTINGS).0, 8);
}

#[test]
fn a_server_that_caps_its_pages_loses_nothing() {
    let many = r#"{"api": "open", "page_size": 1000}"#;
    // The total shows it, and so does a length that servers like to cap at.
    let total = |_, rows: String| format!(r#"{{"items": {rows}, "total": 17}}"#);
    assert_eq!(walk(&server(&[7, 7, 3], total), many).0, 17);
    let (found, asked) = walk(&server(&[100, 100, 31], |_, rows| rows), many);
    assert_eq!((found, asked.len()), (231, 3));
    let (found, asked) = walk(&server(&[99], |_, rows| rows), many);
    assert_eq!((found, asked.len()), (99, 1), "no such length");
    // One that gives more than was asked for does not page.
    let (found, asked) = walk(&server(&[50], |_, rows| rows), SETTINGS);
    assert_eq!((found, asked.len()), (50, 1));
}

#[test]
fn a_server_that_goes_round_in_a_circle_is_found_out() {
    let host = host().json(SURVEY, &[], &rows(1, 3));
    let first = pull(&host, None);
    let failure = pull_with(&host, SETTINGS, Some(&first.next[0])).expect_err("the same page");
    let expected = "GET api/v1/survey, page 2: is the same as the one before it: the server goes round in a circle";
    assert_eq!(failure, Failure::InvalidResponse(expected.to_owned()));
}

#[test]
fn what_is_no_page_is_told() {
    for (body, expected) in [
        (
            r#"{"results": [], "next": 2}"#,
            "is an object without a list `items`, `data` or `surveys`; it holds `results`, `next`",
        ),
        (r#"{"data": {"id": 1}}"#, "is an object without a list `items`, `data` or `surveys`; it holds `data`"),
        ("<html>", "is not a page of JSON but begins '<html>' (application/json)"),
        (r#"{"items": [{"_id""#, "is JSON that breaks off at byte 17"),
    ] {
        let failure = pull_with(&host().json(SURVEY, &[], body), SETTINGS, None).expect_err("no page");
        assert_eq!(failure, Failure::InvalidResponse(format!("GET api/v1/survey: the answer {expected}")));
    }
}

#[test]
fn refuses_cursors_of_others() {
    let host = server(&[3, 3, 3], |_, rows| rows);
    let own = pull(&host, None).next.remove(0);
    assert!(pull_with(&host, SETTINGS, Some(&own)).is_ok());
    for cursor in ["", "[2,2]", "[[2,2],-1]", "[[1,1],7]", "[[2,2],\"7\"]", "[[2,2],7]x", "{}"] {
        let failure = pull_with(&host, SETTINGS, Some(cursor.as_bytes())).expect_err("no cursor of ours");
        let expected = format!("the cursor '{cursor}' was not issued by this provider");
        assert_eq!(failure, Failure::Other(expected));
    }
}

#[test]
fn windows_that_hold_nothing_are_read_all_the_same() {
    let host = server(&[3, 3, 1], |_, rows| rows);
    let early = Window { start: 0, end: DAY_MS };
    let page = testing::pull::<CrewHu>(&host, SETTINGS, early, None).expect("a page");
    assert_eq!((page.items.len(), page.next.len()), (0, 1));
}

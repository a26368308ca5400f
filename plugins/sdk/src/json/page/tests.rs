//! What is a page, what is not, and what is said of it.

use super::*;
use crate::{Pair, fetch::get, testing};

/// Keeps the `id` of each row; `None` for a row that is no object.
#[derive(Debug, Default, PartialEq)]
struct Ids(Vec<Option<String>>);

impl Rows for Ids {
    fn fields(&self) -> &'static [&'static str] {
        &["id"]
    }

    fn take(&mut self, row: Option<&mut [Scalar<'_>]>) {
        self.0.push(row.map(|row| row[0].clone().into_id().unwrap_or_default().into_owned()));
    }
}

fn read_bytes(body: &[u8]) -> Result<(Vec<Option<String>>, Pagination), String> {
    let mut response = testing::response(200, "");
    response.body = body.to_vec();
    match read_page(&get("p", &[]), &response, Ids::default) {
        Ok(page) => Ok((page.rows.0, page.pagination)),
        Err(Failure::InvalidResponse(message)) => Err(message),
        Err(other) => panic!("expected an invalid response, got {other:?}"),
    }
}

fn ids(body: &str) -> Vec<Option<String>> {
    read_bytes(body.as_bytes()).expect("a page").0
}

fn error(body: &str) -> String {
    read_bytes(body.as_bytes()).expect_err("no page")
}

fn some(ids: &[&str]) -> Vec<Option<String>> {
    ids.iter().map(|id| Some((*id).to_owned())).collect()
}

#[test]
fn reads_rows_in_an_envelope_or_alone() {
    assert_eq!(ids(r#"{"data": [{"id": "a"}, {"id": 5}], "pagination": {"page": 1}}"#), some(&["a", "5"]));
    assert_eq!(ids(r#"{"meta": {"x": [1]}, "data": []}"#), some(&[]));
    assert_eq!(ids(r#"[{"id": "a"}, {}, {"id": "b"}, {"x": 1}]"#), some(&["a", "", "b", ""]), "no row inherits");
    assert_eq!(ids(" [{\"id\": \"a\"}]\n"), some(&["a"]));
    assert_eq!(ids("\u{feff}[]"), some(&[]));
}

#[test]
fn a_row_never_fails_its_page() {
    let body = r#"[null, 5, -5, 0.5, "x", true, [{"id": "no"}], {"id": {"id": 1}}, {"id": "\ud83d"}, {"id": NaN},
        {"id": 1e999}, {"id": "first", "id": "later", "other": "\ud83d"}]"#;
    let mut expected: Vec<Option<String>> = vec![None; 7];
    expected.extend(some(&["", "\u{fffd}", "", "", "later"]));
    assert_eq!(ids(body), expected);
}

#[test]
fn reads_what_the_source_says_of_its_pages() {
    let pagination = |json: &str| {
        let body = format!(r#"{{"pagination": {json}, "data": []}}"#);
        read_bytes(body.as_bytes()).map(|(_, pagination)| pagination)
    };
    let full = Pagination { page: Some(2), per_page: Some(1_000), total_pages: Some(3), total: Some(2_481) };
    assert_eq!(pagination(r#"{"page": 2, "per_page": "1000", "total_pages": 3.0, "total": 2481, "x": {}}"#), Ok(full));
    for nothing in ["null", "[]", "5", "{}", r#"{"page": null}"#] {
        assert_eq!(pagination(nothing), Ok(Pagination::default()), "{nothing}");
    }
    for wrong in ["-1", "1.5", "\"many\"", "[]", "true", "1e30"] {
        assert_eq!(
            pagination(&format!(r#"{{"total_pages": {wrong}}}"#)),
            Err("GET p: the answer is a page whose `pagination.total_pages` is not a whole number".to_owned()),
            "{wrong}"
        );
    }
}

#[test]
fn counts_pages() {
    let pages = |total_pages, total, per_page| Pagination { page: None, per_page, total_pages, total }.pages();
    assert_eq!(pages(Some(3), None, None), 3);
    assert_eq!(pages(Some(3), Some(9_999), Some(1)), 3);
    assert_eq!(pages(None, None, None), 1);
    assert_eq!(pages(Some(0), None, None), 1);
    assert_eq!(pages(Some(0), Some(0), Some(1_000)), 1);
    assert_eq!(pages(None, Some(2_481), Some(1_000)), 3);
    assert_eq!(pages(None, Some(2_481), Some(0)), 1);
}

#[test]
fn says_what_came_instead_of_a_page() {
    for (body, expected) in [
        ("", "is empty, not a page of JSON (application/json)"),
        ("null", "is not a page of JSON but begins 'null' (application/json)"),
        ("<!doctype html>\n<p>", "is not a page of JSON but begins '<!doctype html> <p>' (application/json)"),
        ("{}", "is an object without `data`: {}"),
        (r#"{"items": [], "next": 2}"#, "is an object without `data`; it holds `items`, `next`"),
        (r#"{"data": null}"#, "is an object whose `data` is not a list"),
        (r#"{"data": {"id": 1}}"#, "is an object whose `data` is not a list"),
        (r#"{"data": [], "data": []}"#, "is an object that holds `data` twice"),
    ] {
        assert_eq!(error(body), format!("GET p: the answer {expected}"), "{body}");
    }
    let mut response = testing::response(200, "oops");
    response.headers = vec![Pair { name: "Content-Type".to_owned(), value: "text/html\u{1b}".to_owned() }];
    let failure = |response: &Response| read_page(&get("p", &[]), response, Ids::default).expect_err("no page");
    let expected = |kind: &str| {
        Failure::InvalidResponse(format!("GET p: the answer is not a page of JSON but begins 'oops' ({kind})"))
    };
    assert_eq!(failure(&response), expected("text/html"));
    response.headers.clear();
    assert_eq!(failure(&response), expected("without a content type"));
}

#[test]
fn says_where_json_breaks() {
    for (body, expected) in [
        ("[{\"id\": \"a\"},\n {\"id\"", "is JSON that breaks off at byte 20"),
        ("[1,\n\n é]", "is broken JSON at byte 7: expected value"),
        ("[] []", "is broken JSON at byte 4: trailing characters"),
        // The second reading fails too, and tells the place in what came.
        ("[NaN, NaN, {", "is JSON that breaks off at byte 12"),
    ] {
        assert_eq!(error(body), format!("GET p: the answer {expected}"), "{body}");
    }
    assert_eq!(read_bytes(b"[\"a\xff\"]"), Err("GET p: the answer is not UTF-8 at byte 3".to_owned()));
}

#[test]
fn every_cut_is_noticed() {
    let whole = r#"{"data": [{"id": "a", "n": [1, {"b": null}]}], "pagination": {"page": 1, "total_pages": 2}}"#;
    read_bytes(whole.as_bytes()).expect("the whole page");
    for end in 0..whole.len() {
        let message = error(&whole[..end]);
        assert!(end == 0 || message.contains(&format!("breaks off at byte {end}")), "{end}: {message}");
    }
}

#[test]
fn depth_costs_nothing() {
    let deep = "[".repeat(100_000);
    assert!(error(&deep).contains("breaks off at byte 100000"));
    let closed = format!(r#"[{{"id": {deep}{}, "x": {deep}{}}}]"#, "]".repeat(100_000), "]".repeat(100_000));
    assert_eq!(ids(&closed), some(&[""]));
}

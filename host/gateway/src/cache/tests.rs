//! Keys, conditions, and what a 304 changes.

use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::base_url::BaseUrl;
use crate::path::RelativePath;

fn request(base: &str, path: &str, query: &[(&str, &str)], headers: &[(&'static str, &'static str)]) -> Prepared {
    let query: Vec<_> = query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let path = RelativePath::parse(path).expect("a path");
    let url = BaseUrl::parse(base, true).expect("a base URL").join(&path, &query).expect("joins");
    let headers = headers.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect();
    Prepared { method: Method::Get, path, url, headers, body: None }
}

fn envelope(headers: &[(&str, &str)]) -> Envelope {
    Envelope {
        requested: UNIX_EPOCH,
        received: UNIX_EPOCH,
        headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        body: b"kept".to_vec(),
    }
}

#[test]
fn a_key_depends_on_everything_that_an_answer_may() {
    let key = |connection: &str, request: &Prepared, credential| CacheKey::of(connection, request, credential);
    let usual = request("https://a.example", "x", &[("q", "1")], &[("accept", "a"), ("x-b", "b")]);
    let keys = [
        key("one", &usual, None),
        key("two", &usual, None),
        key("one", &usual, Some([1; 32])),
        key("one", &usual, Some([2; 32])),
        key("one", &request("https://b.example", "x", &[("q", "1")], &[("accept", "a"), ("x-b", "b")]), None),
        key("one", &request("https://a.example", "y", &[("q", "1")], &[("accept", "a"), ("x-b", "b")]), None),
        key("one", &request("https://a.example", "x", &[("q", "2")], &[("accept", "a"), ("x-b", "b")]), None),
        key("one", &request("https://a.example", "x", &[("q", "1")], &[("accept", "b"), ("x-b", "b")]), None),
        key("one", &request("https://a.example", "x", &[("q", "1")], &[("accept", "a")]), None),
    ];
    for (index, one) in keys.iter().enumerate() {
        assert!(!keys[..index].contains(one), "{index}");
    }
    let again = request("https://a.example", "x", &[("q", "1")], &[("x-b", "b"), ("accept", "a")]);
    assert_eq!(key("one", &again, None), keys[0], "the order of the headers is nothing");
    assert_eq!((keys[0].to_string().len(), keys[0].as_bytes().len()), (64, 32));
}

#[test]
fn a_caller_with_conditions_of_its_own_is_left_alone() {
    assert!(is_for(&request("https://a.example", "x", &[], &[("accept", "a")])));
    for name in ["if-none-match", "if-modified-since", "if-match", "range", "if-range", "cache-control", "pragma"] {
        assert!(!is_for(&request("https://a.example", "x", &[], &[(name, "a")])), "{name}");
    }
    let post = Prepared { method: Method::Post, ..request("https://a.example", "x", &[], &[]) };
    assert!(!is_for(&post));
}

#[test]
fn what_is_damaged_or_too_large_by_now_is_nothing() {
    let kept = envelope(&[("cache-control", "max-age=60")]);
    let bytes = kept.to_bytes().expect("can be kept");
    let now = UNIX_EPOCH + Duration::from_secs(7);
    let Found::Fresh(answer) = judge(&bytes, now, 4) else { panic!("fresh") };
    assert_eq!((answer.body.as_slice(), answer.header("age")), (b"kept".as_slice(), Some("7")));
    assert!(matches!(judge(&bytes, now, 3), Found::Nothing));
    assert!(matches!(judge(&bytes[1..], now, 4), Found::Nothing));
    assert!(matches!(judge(&bytes, now + Duration::from_secs(60), 4), Found::Nothing), "stale, and no validator");
}

#[test]
fn a_304_renews_what_it_speaks_of() {
    let kept =
        || envelope(&[("etag", "W/\"1\""), ("content-type", "a"), ("age", "50"), ("date", "then"), ("link", "l")]);
    let not_modified =
        |headers: &[(&str, &str)]| Response { status: 304, headers: envelope(headers).headers, body: Vec::new() };
    let fresh = freshen(
        kept(),
        &not_modified(&[("etag", "\"1\""), ("date", "now"), ("content-type", "b"), ("content-length", "0")]),
    )
    .expect("of the same");
    assert_eq!((fresh.status, fresh.body.as_slice()), (200, b"kept".as_slice()));
    assert_eq!((fresh.header("date"), fresh.header("content-type")), (Some("now"), Some("a")));
    assert_eq!((fresh.header("age"), fresh.header("link"), fresh.header("content-length")), (None, Some("l"), None));
    assert!(freshen(kept(), &not_modified(&[("etag", "\"2\"")])).is_none(), "it speaks of another");
    assert!(freshen(kept(), &not_modified(&[])).is_some());
}

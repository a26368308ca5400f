//! Whether an answer may be kept, and until when it is fresh (RFC 9111, sections 3 and 4.2), for a private cache.

use std::time::{Duration, SystemTime};

use super::Envelope;

type Headers = [(String, String)];

/// What `Cache-Control` says of an answer, as far as a private cache cares.
#[derive(Debug, Default, PartialEq, Eq)]
struct Directives {
    no_store: bool,
    no_cache: bool,
    max_age: Option<Duration>,
}

/// What a number of seconds beyond all reason counts as (section 1.2.2).
const LONGEST: u64 = 2_147_483_648;

fn values<'a>(headers: &'a Headers, name: &'a str) -> impl Iterator<Item = &'a str> {
    headers.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
}

fn first<'a>(headers: &'a Headers, name: &'a str) -> Option<&'a str> {
    values(headers, name).next()
}

fn directives(headers: &Headers) -> Directives {
    let mut found = Directives::default();
    for directive in values(headers, "cache-control").flat_map(split_list) {
        let (name, argument) = match directive.split_once('=') {
            Some((name, argument)) => (name.trim(), Some(argument.trim().trim_matches('"'))),
            None => (directive.trim(), None),
        };
        match name.to_ascii_lowercase().as_str() {
            "no-store" => found.no_store = true,
            // With names of headers it means those alone; without them is the safe reading.
            "no-cache" => found.no_cache = true,
            "max-age" => {
                // Of two the shorter; one that cannot be read is none.
                let seconds = argument.and_then(seconds).unwrap_or_default();
                found.max_age = Some(found.max_age.map_or(seconds, |known| known.min(seconds)));
            }
            _ => {}
        }
    }
    found
}

/// The elements of a list, whose quoted parts may hold commas.
fn split_list(text: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    text.split(move |c| {
        let escapes = is_quoted && !is_escaped && c == '\\';
        if c == '"' && !is_escaped {
            is_quoted = !is_quoted;
        }
        is_escaped = escapes;
        c == ',' && !is_quoted
    })
}

fn seconds(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| Duration::from_secs(text.parse().map_or(LONGEST, |seconds: u64| seconds.min(LONGEST))))
}

fn date(headers: &Headers, name: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(first(headers, name)?.trim()).ok()
}

/// The validator, where it is one: a quoted text, perhaps a weak one.
pub(super) fn etag(headers: &Headers) -> Option<&str> {
    let tag = first(headers, "etag")?.trim();
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    inner.bytes().all(|b| b.is_ascii_graphic() && b != b'"').then_some(tag)
}

/// The date of the last change, where it can be read.
pub(super) fn last_modified(headers: &Headers) -> Option<&str> {
    date(headers, "last-modified")?;
    first(headers, "last-modified").map(str::trim)
}

pub(super) fn has_validator(headers: &Headers) -> bool {
    etag(headers).is_some() || last_modified(headers).is_some()
}

/// How long an answer is fresh from its making. No guess from the date of the last change.
fn lifetime(headers: &Headers) -> Duration {
    if let Some(max_age) = directives(headers).max_age {
        return max_age;
    }
    // An Expires that is no date, such as 0, means the past.
    let until = date(headers, "expires").zip(date(headers, "date"));
    until.and_then(|(expires, date)| expires.duration_since(date).ok()).unwrap_or_default()
}

/// Whether an answer may be kept, and keeping it can be of use.
pub(super) fn may_be_kept(headers: &Headers) -> bool {
    let is_alike_for_all = values(headers, "vary")
        .flat_map(|value| value.split(','))
        .all(|name| name.trim().is_empty() || name.trim().eq_ignore_ascii_case("accept-encoding"));
    !directives(headers).no_store && is_alike_for_all && (has_validator(headers) || !lifetime(headers).is_zero())
}

/// How old a kept answer is, if it is still fresh (section 4.2.3).
pub(super) fn age_if_fresh(kept: &Envelope, now: SystemTime) -> Option<Duration> {
    // A clock that went back tells nothing.
    let resident = now.duration_since(kept.received).ok()?;
    let delay = kept.received.duration_since(kept.requested).ok()?;
    let apparent = date(&kept.headers, "date").and_then(|date| kept.received.duration_since(date).ok());
    let told = first(&kept.headers, "age").and_then(|age| seconds(age.trim())).unwrap_or_default();
    let age = apparent.unwrap_or_default().max(told.saturating_add(delay)).saturating_add(resident);
    let is_fresh = !directives(&kept.headers).no_cache && lifetime(&kept.headers) > age;
    is_fresh.then_some(age)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn headers(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Sun, 06 Nov 1994 08:49:37 GMT.
    fn noon() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(784_111_777)
    }

    #[test]
    fn lifetimes_are_told_and_never_guessed() {
        let noon = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let later = ("expires", "Sun, 06 Nov 1994 08:50:37 GMT");
        for (list, expected) in [
            (vec![("cache-control", "max-age=60")], 60),
            (vec![("cache-control", "private, MAX-AGE=\"60\"")], 60),
            (vec![("cache-control", "max-age=60"), ("cache-control", "max-age=30")], 30),
            (vec![("cache-control", "x=\"a, max-age=9\", max-age=60")], 60),
            (vec![("cache-control", "x=\"\\\", max-age=9\"")], 0),
            (vec![("cache-control", "max-age=99999999999999999999999")], LONGEST),
            (vec![("cache-control", "max-age=-1"), noon, later], 0),
            (vec![("cache-control", "max-age")], 0),
            (vec![("cache-control", "s-maxage=60")], 0),
            (vec![noon, later], 60),
            (vec![later], 0),
            (vec![noon, ("expires", "0")], 0),
            (vec![noon, ("expires", "Sun, 06 Nov 1994 08:00:00 GMT")], 0),
            (vec![("cache-control", "max-age=5"), noon, later], 5),
            (vec![noon, ("last-modified", "Sun, 06 Nov 1983 08:49:37 GMT")], 0),
        ] {
            assert_eq!(lifetime(&headers(&list)), Duration::from_secs(expected), "{list:?}");
        }
    }

    #[test]
    fn what_is_kept_can_be_of_use_and_is_alike_for_all() {
        for (list, expected) in [
            (vec![("etag", "\"1\"")], true),
            (vec![("etag", "W/\"1\"")], true),
            (vec![("etag", "1")], false),
            (vec![("etag", "\"a b\"")], false),
            (vec![("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")], true),
            (vec![("last-modified", "yesterday")], false),
            (vec![("cache-control", "max-age=1")], true),
            (vec![("cache-control", "max-age=0")], false),
            (vec![("cache-control", "no-cache"), ("etag", "\"1\"")], true),
            (vec![("cache-control", "max-age=60, no-store")], false),
            (vec![("cache-control", "No-Store"), ("etag", "\"1\"")], false),
            (vec![("etag", "\"1\""), ("vary", "Accept-Encoding, ")], true),
            (vec![("etag", "\"1\""), ("vary", "accept-encoding, accept")], false),
            (vec![("etag", "\"1\""), ("vary", "*")], false),
            (vec![], false),
        ] {
            assert_eq!(may_be_kept(&headers(&list)), expected, "{list:?}");
        }
    }

    #[test]
    fn ages_are_the_longest_that_can_be_told() {
        let after = |seconds: i64| match u64::try_from(seconds) {
            Ok(seconds) => noon() + Duration::from_secs(seconds),
            Err(_) => noon() - Duration::from_secs(seconds.unsigned_abs()),
        };
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let for_a_minute = ("cache-control", "max-age=60");
        for (list, requested, received, now, expected) in [
            (vec![for_a_minute], 0, 0, 59, Some(59)),
            (vec![for_a_minute], 0, 0, 60, None),
            (vec![for_a_minute, date], 0, 10, 20, Some(20)),
            (vec![for_a_minute, ("age", "30")], 0, 5, 10, Some(40)),
            (vec![for_a_minute, ("age", "60")], 0, 0, 0, None),
            (vec![for_a_minute, ("age", "-5")], 0, 0, 0, Some(0)),
            // The server's clock is behind, or ahead.
            (vec![for_a_minute, date], 3_600, 3_600, 3_600, None),
            (vec![for_a_minute, date], -3_600, -3_600, -3_590, Some(10)),
            // Ours went back.
            (vec![for_a_minute], 10, 10, 9, None),
            (vec![for_a_minute], 10, 9, 20, None),
            (vec![("cache-control", "max-age=60, no-cache")], 0, 0, 1, None),
            (vec![("cache-control", "no-cache=\"set-cookie\", max-age=60")], 0, 0, 1, None),
        ] {
            let kept = Envelope {
                requested: after(requested),
                received: after(received),
                headers: headers(&list),
                body: Vec::new(),
            };
            assert_eq!(age_if_fresh(&kept, after(now)), expected.map(Duration::from_secs), "{list:?} at {now}");
        }
    }
}

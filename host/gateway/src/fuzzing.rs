//! Ways in for a fuzzer to what reads untrusted text and bytes. Each panics where something that must hold does not.
//! No part of the interface: nothing but a fuzzer calls them.

use std::time::{Duration, UNIX_EPOCH};

use crate::base_url::BaseUrl;
use crate::path::RelativePath;
use crate::retry;

/// A path and a query below a base URL: what is accepted stays there, and is sent as it was given.
pub fn path(base: &str, given: &str, query: &[(String, String)]) {
    let Ok(base) = BaseUrl::parse(base, true) else { return };
    let shown = base.to_string();
    assert_eq!(BaseUrl::parse(&shown, true).as_ref(), Ok(&base), "a base URL is read as it is shown");
    let Ok(path) = RelativePath::parse(given) else { return };
    let Ok(url) = base.join(&path, query) else { return };
    assert_eq!(url.origin().ascii_serialization(), base.origin());
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    assert!(url.as_str().starts_with(&shown), "it begins with the base URL");
    let rest = url.as_str()[shown.len()..].split('?').next().unwrap_or_default();
    assert!(rest.is_empty() || rest.starts_with('/'), "it lies below the base URL");
    assert_eq!(rest.trim_start_matches('/'), given, "it is sent as it was given");
    assert!(url.query_pairs().into_owned().eq(query.iter().cloned()), "the query comes back");
}

/// A `Retry-After` at some time: whatever is read is a wait from that time on.
pub fn retry_after(value: &str, unix_seconds: u32) {
    let wall = UNIX_EPOCH + Duration::from_secs(unix_seconds.into());
    let wait = retry::retry_after(value, wall);
    let is_number = !value.trim().is_empty() && value.trim().bytes().all(|b| b.is_ascii_digit());
    assert!(!is_number || wait.is_some(), "a number is a wait");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_must_hold_does(
            rest in "[a-z0-9:@%./_~-]{0,20}",
            path in "[a-z0-9%./;:@_~-]{0,20}",
            simple in "[a-z]{1,4}(/[a-z.]{2,4}){0,3}",
            query in prop::collection::vec((any::<String>(), any::<String>()), 0..3),
            value in any::<String>(),
            seconds in any::<u32>(),
        ) {
            super::path(&format!("https://{rest}"), &path, &query);
            super::path("https://api.example/v1", &simple, &query);
            super::retry_after(&value, seconds);
        }
    }
}

//! Any `Retry-After`: what is waited is what it says, or nothing, and never beyond the deadline.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use scoresheet_gateway::BaseUrl;

use crate::loopback::{DEADLINE_SECONDS, Loopback, WALL_SECONDS};

/// Answers 429 with this `Retry-After`, and then 200.
pub(crate) fn retry_after(data: &[u8]) {
    let value = data.strip_suffix(b"\n").unwrap_or(data);
    // What no header can carry would end this one.
    if value.iter().any(|byte| matches!(byte, 0..=8 | 10..=31 | 127)) || value.len() > 4_000 {
        return;
    }
    let answer = [b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nretry-after: ", value, b"\r\n\r\n"].concat();
    let exchange = Loopback::with(|loopback| {
        let base = BaseUrl::parse(&format!("http://{}", loopback.address()), false).expect("a base URL");
        loopback.get(base, "x", &[], [answer])
    });
    let response = exchange.result.expect("an answer, whatever it says");
    let text = String::from_utf8_lossy(value);
    let text = text.trim();
    // A wait of nothing is none.
    let waited = match (exchange.waits.as_slice(), exchange.heads.len()) {
        ([], 2) => &[Duration::ZERO][..],
        (waits, _) => waits,
    };
    match waited {
        [] => {
            assert_eq!((response.status, exchange.heads.len()), (429, 1), "{text:?}");
            let beyond = seconds(text).is_some_and(|seconds| seconds >= DEADLINE_SECONDS) || says_a_date(text);
            assert!(beyond, "{text:?} was not waited for");
        }
        [wait] => {
            assert_eq!((response.status, exchange.heads.len()), (200, 2), "{text:?}");
            assert!(*wait < Duration::from_secs(DEADLINE_SECONDS), "{text:?}: {wait:?}");
            match seconds(text) {
                Some(seconds) => assert_eq!(*wait, Duration::from_secs(seconds), "{text:?}"),
                None if wait.is_zero() => {}
                None => assert!(is_the_date(text, *wait), "{text:?} asked for {wait:?}"),
            }
        }
        more => panic!("{text:?}: waited {more:?}"),
    }
}

/// Digits alone are seconds; more of them than can be counted are for ever.
fn seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn says_a_date(text: &str) -> bool {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    text.matches(':').count() == 2 && months.iter().any(|month| text.contains(month))
}

/// Whether the moment after the wait is the one that the text names, in one of HTTP's three forms. What stands between
/// its parts is not looked at: the library that reads it takes whatever byte is there.
fn is_the_date(text: &str, wait: Duration) -> bool {
    let start = DateTime::<Utc>::from_timestamp(i64::try_from(WALL_SECONDS).expect("small"), 0).expect("a time");
    let then = start + TimeDelta::from_std(wait).expect("less than the deadline");
    ["%d %b %Y %H:%M:%S GMT", "%d-%b-%y %H:%M:%S GMT", "%b %e %H:%M:%S %Y", "%b %d %H:%M:%S %Y"].iter().any(|form| {
        let date = then.format(form).to_string();
        let end = &text.as_bytes()[text.len().saturating_sub(date.len())..];
        let same = |(one, other): (&u8, u8)| *one == other || !other.is_ascii_alphanumeric();
        end.len() == date.len() && end.iter().zip(date.bytes()).all(same)
    })
}

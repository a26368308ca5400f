//! When a try is made again, and after what wait. Waiting is left to `flight`.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::jitter::Jitter;
use crate::limits::ConnectionLimits;

/// The waits of one connection: full jitter, doubling from a base to a cap.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    base: Duration,
    cap: Duration,
    jitter: Arc<dyn Jitter>,
}

impl Backoff {
    pub(crate) fn new(limits: &ConnectionLimits, jitter: Arc<dyn Jitter>) -> Self {
        Self { base: limits.backoff_base, cap: limits.backoff_cap, jitter }
    }

    /// The wait after the try of that number, the first being 1. What the server asked for
    /// is the least that is waited, however long.
    pub(crate) fn wait(&self, attempt: u32, asked: Option<Duration>) -> Duration {
        let factor = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let ceiling = self.base.saturating_mul(factor).min(self.cap);
        self.jitter.up_to(ceiling).max(asked.unwrap_or_default())
    }
}

/// Whether a status says that the same request may succeed later.
pub(crate) const fn is_retryable(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

/// Reads a `Retry-After`: seconds or a date (RFC 9110, section 10.2.3). A date in the past
/// asks for no wait; a number beyond measure asks for the longest one; anything else,
/// negative numbers included, asks for nothing.
pub(crate) fn retry_after(value: &str, wall: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(wall).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use proptest::prelude::*;

    use super::*;
    use crate::jitter::{FixedJitter, RandomJitter};

    const SECOND: Duration = Duration::from_secs(1);

    fn backoff(jitter: impl Jitter + 'static) -> Backoff {
        Backoff::new(&ConnectionLimits::default(), Arc::new(jitter))
    }

    #[test]
    fn waits_double_up_to_the_cap() {
        let backoff = backoff(FixedJitter(100));
        let waits: Vec<f64> = (1..=8).map(|attempt| backoff.wait(attempt, None).as_secs_f64()).collect();
        assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]);
        assert_eq!(backoff.wait(u32::MAX, None), 20 * SECOND);
    }

    #[test]
    fn what_the_server_asks_for_is_the_least() {
        assert_eq!(backoff(FixedJitter(100)).wait(1, Some(Duration::ZERO)), SECOND / 2);
        assert_eq!(backoff(FixedJitter(0)).wait(1, Some(7 * SECOND)), 7 * SECOND);
        assert_eq!(backoff(FixedJitter(100)).wait(1, Some(90 * SECOND)), 90 * SECOND);
        let random = backoff(RandomJitter::seeded(3));
        assert!((0..100).all(|_| random.wait(2, None) <= SECOND));
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        // Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
        let wall = UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (value, expected) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 5 ", Some(5)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
            ("Sun Nov  6 08:50:07 1994", Some(30)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("-5", None),
            ("+5", None),
            ("1.5", None),
            ("1e3", None),
            ("5s", None),
            ("5, 7", None),
            ("0x10", None),
            ("\u{661}\u{662}", None),
            ("5\u{0}", None),
            ("Sun, 06 Nov 1994 25:61:61 GMT", None),
            ("Sun, 32 Nov 1994 08:50:07 GMT", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(value, wall), expected.map(Duration::from_secs), "{value:?}");
        }
        assert_eq!(retry_after("99999999999999999999999", wall), Some(Duration::MAX));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_value_makes_it_panic(value in any::<String>(), digits in "[0-9]{1,40}", seconds in 0_u64..10_000_000_000) {
            let wall = UNIX_EPOCH + Duration::from_secs(seconds);
            let _ = retry_after(&value, wall);
            prop_assert!(retry_after(&digits, wall).is_some());
        }
    }
}

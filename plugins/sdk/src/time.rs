//! Times as sources write them, to and from milliseconds since 1970.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::Instant;

/// The years 1 to 9999: what RFC 3339 can write, and the host stores.
const READABLE: std::ops::RangeInclusive<Instant> = -62_135_596_800_000..=253_402_300_799_999;

/// Reads RFC 3339 (`2026-10-02T14:03:11Z`, any offset, any fraction) and, taken as UTC, the same without an offset,
/// with a `T` or a space between date and time. Fractions below a millisecond are cut off. `None` for anything else,
/// and for years outside 1 to 9999.
#[must_use]
pub fn parse(text: &str) -> Option<Instant> {
    let time =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z"))).ok()?;
    let millis = time.timestamp_millis();
    READABLE.contains(&millis).then_some(millis)
}

/// RFC 3339 in UTC, ending in `Z`, with milliseconds only where there are any. Years are held to 1 to 9999.
#[must_use]
pub fn format(instant: Instant) -> String {
    let held = instant.clamp(*READABLE.start(), *READABLE.end());
    DateTime::<Utc>::from_timestamp_millis(held).unwrap_or_default().to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::properties;

    #[test]
    fn reads_times_with_and_without_offset() {
        let noon = 1_790_949_791_000;
        for (text, expected) in [
            ("2026-10-02T14:03:11Z", noon),
            ("2026-10-02t14:03:11z", noon),
            ("2026-10-02 14:03:11Z", noon),
            ("2026-10-02T16:03:11+02:00", noon),
            ("2026-10-02T04:03:11.000-10:00", noon),
            ("2026-10-02T14:03:11", noon),
            ("2026-10-02 14:03:11", noon),
            ("2026-10-02T14:03:11.25", noon + 250),
            ("2026-10-02T14:03:11.999999Z", noon + 999),
            ("2026-10-02 14:03:11.123456789012Z", noon + 123),
            ("1969-12-31T23:59:59.9995Z", -1),
            ("0001-01-01T00:00:00Z", *READABLE.start()),
            ("9999-12-31T23:59:59.999Z", *READABLE.end()),
            // A leap second counts into the next minute.
            ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "2026-10-02",
            "14:03:11",
            "1790949791",
            "2026-13-02T14:03:11Z",
            "2026-02-29T14:03:11Z",
            "2026-10-02T24:00:00Z",
            "2026-10-02T14:03Z",
            "02/10/2026 14:03:11",
            "2026-10-02T14:03:11Z ",
            " 2026-10-02T14:03:11",
            " 2026-10-02T14:03:11Z",
            "2026- 10-02T14:03:11Z",
            "2026-10-02  14:03:11",
            "2026-10-02T14:03:11 UTC",
            "2026-10-02T14:03:11+02:00Z",
            "2026-10-02T14:03:11ZZ",
            "+2026-10-02T14:03:11Z",
            "0000-12-31T23:59:59Z",
            "0001-01-01T00:00:00+14:00",
            "+10000-01-01T00:00:00Z",
            "tomorrow",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn writes_whole_seconds_without_a_fraction() {
        assert_eq!(format(0), "1970-01-01T00:00:00Z");
        assert_eq!(format(1_790_949_791_000), "2026-10-02T14:03:11Z");
        assert_eq!(format(1_790_949_791_050), "2026-10-02T14:03:11.050Z");
        assert_eq!(format(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(format(i64::MAX), "9999-12-31T23:59:59.999Z");
        assert_eq!(format(i64::MIN), "0001-01-01T00:00:00Z");
    }

    proptest! {
        #![proptest_config(properties(2))]

        #[test]
        fn reads_what_it_writes(instant in READABLE) {
            let text = format(instant);
            prop_assert_eq!(parse(&text), Some(instant));
            prop_assert_eq!(parse(text.trim_end_matches('Z')), Some(instant));
        }

        #[test]
        fn never_panics(text in "[0-9TZtz:. +-]{0,30}") {
            let _ = parse(&text);
        }
    }
}

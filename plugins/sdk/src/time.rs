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
    if let Some(instant) = whole_second(text) {
        return Some(instant);
    }
    let time =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z"))).ok()?;
    let millis = time.timestamp_millis();
    READABLE.contains(&millis).then_some(millis)
}

/// `2026-10-02T14:03:11Z`, which is what most sources write; `None` is for chrono to read, or to refuse.
fn whole_second(text: &str) -> Option<Instant> {
    let form: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', i1, i2, b':', s1, s2, b'Z'] = *form else {
        return None;
    };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2, h1, h2, i1, i2, s1, s2];
    if !digits.iter().fold(true, |all, digit| all & digit.is_ascii_digit()) {
        return None;
    }
    let two = |tens: u8, ones: u8| i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
    let (year, month, day) = (two(y1, y2) * 100 + two(y3, y4), two(m1, m2), two(d1, d2));
    let (hour, minute, second) = (two(h1, h2), two(i1, i2), two(s1, s2));
    // 29 February and leap seconds are chrono's.
    let days = *DAYS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    if !(year >= 1 && (1..=days).contains(&day) && hour < 24 && minute < 60 && second < 60) {
        return None;
    }
    // Years that begin in March have their leap day at the end, and the months before it the lengths of a pattern.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - MARCH_OF_YEAR_0;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000)
}

/// How many days a month has in every year.
const DAYS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// The days from 1 March of the year 0 to 1970.
const MARCH_OF_YEAR_0: i64 = 719_468;

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
        fn whole_seconds_are_what_chrono_says(
            year in 0_u32..10_000, month in 0_u32..14, day in 0_u32..33, hour in 0_u32..26, minute in 0_u32..62, second in 0_u32..62
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
            let by_chrono = DateTime::parse_from_rfc3339(&text).ok().map(|time| time.timestamp_millis());
            prop_assert_eq!(parse(&text), by_chrono.filter(|millis| READABLE.contains(millis)));
            let is_by_chrono = (month, day) == (2, 29) || second == 60 || by_chrono.is_none_or(|at| at < *READABLE.start());
            prop_assert_eq!(whole_second(&text), if is_by_chrono { None } else { by_chrono });
        }

        #[test]
        fn never_panics(text in "[0-9TZtz:. +-]{0,30}") {
            let _ = parse(&text);
        }
    }
}

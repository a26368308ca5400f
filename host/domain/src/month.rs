//! Calendar months in UTC.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::time::{Instant, Window};

/// A calendar month in UTC: every instant lies in exactly one, whatever a country's clocks do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Months since year 0.
    since: i32,
}

impl Month {
    /// The month that an instant lies in.
    #[must_use]
    pub fn of(at: Instant) -> Self {
        let date = DateTime::<Utc>::from_timestamp_millis(at.millis()).unwrap_or_default();
        Self { since: date.year() * 12 + date.month0() as i32 }
    }

    /// The month so many months later; negative: earlier.
    #[must_use]
    pub const fn plus(self, months: i32) -> Self {
        Self { since: self.since.saturating_add(months) }
    }

    /// Its first instant.
    #[must_use]
    pub fn begins(self) -> Instant {
        let (year, month0) = (self.since.div_euclid(12), self.since.rem_euclid(12));
        let first =
            NaiveDate::from_ymd_opt(year, month0.unsigned_abs() + 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
        first.map_or(if year < 1 { Instant::MIN } else { Instant::MAX }, |time| {
            Instant::from_millis(time.and_utc().timestamp_millis())
        })
    }

    /// All of it, half-open.
    #[must_use]
    pub fn window(self) -> Window {
        Window { start: self.begins(), end: self.plus(1).begins() }
    }

    /// The last so many months before an instant, the oldest first; the last one holds the instant just before it.
    #[must_use]
    pub fn last(count: u32, before: Instant) -> Vec<Self> {
        let last = Self::of(before.plus_millis(-1));
        (0..i32::try_from(count).unwrap_or(i32::MAX)).rev().map(|back| last.plus(-back)).collect()
    }
}

impl fmt::Display for Month {
    /// `2026-11`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.since.div_euclid(12), self.since.rem_euclid(12) + 1)
    }
}

impl serde::Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl schemars::JsonSchema for Month {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Month".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "description": "A calendar month, in UTC"})
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).expect("a time")
    }

    #[test]
    fn the_last_months_end_with_the_one_before_the_instant() {
        let told = |count, before| Month::last(count, at(before)).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(told(3, "2026-01-01"), ["2025-10", "2025-11", "2025-12"]);
        assert_eq!(told(2, "2026-01-01T00:00:01Z"), ["2025-12", "2026-01"]);
        assert_eq!(told(0, "2026-01-01"), Vec::<String>::new());
        let window = Month::of(at("2024-02-10")).window();
        assert_eq!((window.start, window.end), (at("2024-02-01"), at("2024-03-01")));
    }

    #[test]
    fn a_change_of_clocks_puts_every_answer_into_one_month() {
        // Clocks in Berlin go back at 01:00 UTC on 2026-10-25, those in São Paulo went forward at a month's end once.
        for text in ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-31T23:59:59.999-12:00"] {
            let at = at(text);
            let holding: Vec<Month> =
                Month::last(14, at.plus_days(60)).into_iter().filter(|it| it.window().contains(at)).collect();
            assert_eq!(holding, [Month::of(at)], "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_instant_lies_in_exactly_its_month(millis in Instant::MIN.millis()..Instant::MAX.millis()) {
            let at = Instant::from_millis(millis);
            let month = Month::of(at);
            prop_assert!(month.window().contains(at));
            prop_assert!(!month.plus(1).window().contains(at) && !month.plus(-1).window().contains(at));
            prop_assert_eq!(month.to_string(), at.month());
            let date = DateTime::<Utc>::from_timestamp_millis(millis).expect("a date");
            prop_assert_eq!(month.to_string(), date.format("%Y-%m").to_string());
            prop_assert_eq!(month.window().end, month.plus(1).window().start);
        }
    }
}

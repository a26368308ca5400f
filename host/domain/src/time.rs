//! Instants, half-open windows and sets of them. All in UTC, all in milliseconds.

use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// The text is no moment this program understands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a time: give RFC 3339 (2026-11-01T00:00:00Z) or a date (2026-11-01, midnight UTC)")]
pub struct InvalidTime(pub String);

impl Instant {
    /// The earliest instant that prints as RFC 3339 with a four-digit year.
    pub const MIN: Self = Self(-62_135_596_800_000);
    /// The latest instant that prints as RFC 3339 with a four-digit year; stands for "still holds".
    pub const MAX: Self = Self(253_402_300_799_999);

    /// From milliseconds since the epoch, clamped to the years 1 to 9999.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        if millis < Self::MIN.0 {
            Self::MIN
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This instant moved by so many days (negative: earlier).
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        Self::from_millis(self.0.saturating_add(days.saturating_mul(DAY_MS)))
    }

    /// This instant moved by so many milliseconds.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// The whole second that this instant lies in.
    #[must_use]
    pub const fn floor_second(self) -> Self {
        Self(self.0 - self.0.rem_euclid(1000))
    }

    /// The midnight, in UTC, at which the day of this instant began.
    #[must_use]
    pub const fn floor_day(self) -> Self {
        Self::from_millis(self.0 - self.0.rem_euclid(DAY_MS))
    }

    /// The calendar month that this instant lies in, in UTC: `2026-11`.
    #[must_use]
    pub fn month(self) -> String {
        crate::month::Month::of(self).to_string()
    }

    /// RFC 3339 or a plain date (midnight UTC).
    ///
    /// # Errors
    /// [`InvalidTime`] when the text is neither, or lies outside the years 1 to 9999.
    pub fn parse(text: &str) -> Result<Self, InvalidTime> {
        let invalid = || InvalidTime(text.to_owned());
        let millis = if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            time.timestamp_millis()
        } else {
            NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .ok()
                .and_then(|day| day.and_hms_opt(0, 0, 0))
                .ok_or_else(invalid)?
                .and_utc()
                .timestamp_millis()
        };
        if (Self::MIN.0..=Self::MAX.0).contains(&millis) { Ok(Self(millis)) } else { Err(invalid()) }
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(time: DateTime<Utc>) -> Self {
        Self::from_millis(time.timestamp_millis())
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC, with milliseconds only where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::<Utc>::from_timestamp_millis(self.0) {
            Some(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => write!(f, "{} ms", self.0),
        }
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Instant {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "date-time", "description": "RFC 3339, in UTC"})
    }
}

/// Half-open: `start <= t < end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Window {
    /// The first instant inside.
    pub start: Instant,
    /// The first instant after.
    pub end: Instant,
}

impl Window {
    /// The `days` before `end`.
    #[must_use]
    pub const fn before(end: Instant, days: i64) -> Self {
        Self { start: end.plus_days(-days), end }
    }

    /// Whether nothing lies inside.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Whether the instant lies inside.
    #[must_use]
    pub fn contains(self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }

    /// Its length in days.
    #[must_use]
    pub fn days(self) -> f64 {
        (self.end.millis() - self.start.millis()) as f64 / DAY_MS as f64
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {})", self.start, self.end)
    }
}

/// A set of instants, kept as disjoint windows in order, neighbours merged.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Intervals(Vec<Window>);

impl Intervals {
    /// The set that these windows make together; they may overlap and stand in any order.
    #[must_use]
    pub fn new(windows: impl IntoIterator<Item = Window>) -> Self {
        let mut windows: Vec<Window> = windows.into_iter().filter(|w| !w.is_empty()).collect();
        windows.sort();
        let mut merged: Vec<Window> = Vec::with_capacity(windows.len());
        for window in windows {
            match merged.last_mut() {
                Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
                _ => merged.push(window),
            }
        }
        Self(merged)
    }

    /// The disjoint windows, in order.
    #[must_use]
    pub fn windows(&self) -> &[Window] {
        &self.0
    }

    /// Adds a window.
    pub fn insert(&mut self, window: Window) {
        let mut windows = std::mem::take(&mut self.0);
        windows.push(window);
        *self = Self::new(windows);
    }

    /// The parts of `window` that are not in the set, in order.
    #[must_use]
    pub fn gaps(&self, window: Window) -> Vec<Window> {
        let mut gaps = Vec::new();
        let mut from = window.start;
        for covered in &self.0 {
            if covered.end <= from {
                continue;
            }
            if covered.start >= window.end {
                break;
            }
            if covered.start > from {
                gaps.push(Window { start: from, end: covered.start });
            }
            from = from.max(covered.end);
        }
        if from < window.end {
            gaps.push(Window { start: from, end: window.end });
        }
        gaps
    }

    /// The instants that are in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let overlap = |a: &Window, b: &Window| Window { start: a.start.max(b.start), end: a.end.min(b.end) };
        Self::new(self.0.iter().flat_map(|a| other.0.iter().map(move |b| overlap(a, b))))
    }

    /// Whether any part of `window` is in the set.
    #[must_use]
    pub fn touches(&self, window: Window) -> bool {
        self.0.iter().any(|w| w.start < window.end && window.start < w.end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).expect("a time")
    }

    fn window(start: i64, end: i64) -> Window {
        Window { start: Instant::from_millis(start), end: Instant::from_millis(end) }
    }

    #[test]
    fn reads_offsets_and_dates_and_prints_utc() {
        assert_eq!(at("2026-11-01T02:00:00+02:00").to_string(), "2026-11-01T00:00:00Z");
        assert_eq!(at("2026-11-01").to_string(), "2026-11-01T00:00:00Z");
        assert_eq!(at("2026-11-01T00:00:00.250Z").to_string(), "2026-11-01T00:00:00.250Z");
        assert_eq!(
            (at("2026-10-31T23:59:59.999Z").month(), at("2026-11-01").month()),
            ("2026-10".into(), "2026-11".into())
        );
        for wrong in ["", "yesterday", "2026-13-01", "2026-11-01 00:00", "1764547200"] {
            assert!(Instant::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn merges_neighbours_and_finds_gaps() {
        let covered = Intervals::new([window(20, 30), window(0, 10), window(10, 15)]);
        assert_eq!(covered.windows(), [window(0, 15), window(20, 30)]);
        assert_eq!(covered.gaps(window(-5, 40)), [window(-5, 0), window(15, 20), window(30, 40)]);
        assert_eq!(covered.gaps(window(2, 14)), []);
    }

    proptest! {
        #[test]
        fn an_instant_is_in_the_set_or_in_a_gap(
            windows in prop::collection::vec((0_i64..60, 0_i64..60), 0..8), t in 0_i64..60
        ) {
            let windows: Vec<Window> = windows.into_iter().map(|(a, b)| window(a, b)).collect();
            let set = Intervals::new(windows.iter().copied());
            let t = Instant::from_millis(t);
            let inside = windows.iter().any(|w| w.contains(t));
            let gap = set.gaps(window(0, 60)).iter().any(|w| w.contains(t));
            prop_assert_eq!(inside, !gap);
            prop_assert!(set.windows().windows(2).all(|pair| pair[0].end < pair[1].start));
        }
    }
}

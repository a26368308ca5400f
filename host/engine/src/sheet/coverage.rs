//! How completely a window was pulled.

use std::collections::BTreeMap;

use scoresheet_domain::{Intervals, Window};

/// A daily schedule and two hours of grace: later than that a sync is overdue.
const OVERDUE_HOURS: i64 = 26;

/// How completely a window was pulled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Synced {
    /// Nothing of it.
    Never,
    /// All of it, except the hours since the last sync that a daily schedule leaves.
    Whole,
    /// These parts are missing.
    Partly(Vec<Window>),
}

/// What was pulled of all of these kinds. Without any kind, nothing has to be pulled: `None`.
pub(super) fn of_kinds(
    coverage: &BTreeMap<String, Intervals>,
    mut kinds: impl Iterator<Item = impl AsRef<str>>,
) -> Option<Intervals> {
    let of = |kind: &str| coverage.get(kind).cloned().unwrap_or_default();
    let first = of(kinds.next()?.as_ref());
    Some(kinds.fold(first, |covered, kind| covered.intersection(&of(kind.as_ref()))))
}

pub(super) fn synced(covered: Option<&Intervals>, window: Window) -> Synced {
    let Some(covered) = covered else { return Synced::Whole };
    if !covered.touches(window) {
        return Synced::Never;
    }
    let grace = window.end.plus_millis(-OVERDUE_HOURS * 3_600_000);
    let missing: Vec<Window> =
        covered.gaps(window).into_iter().filter(|gap| gap.end < window.end || gap.start < grace).collect();
    if missing.is_empty() { Synced::Whole } else { Synced::Partly(missing) }
}

#[cfg(test)]
mod tests {
    use scoresheet_domain::{Instant, time::DAY_MS};

    use super::*;

    fn days(from: i64, until: i64) -> Window {
        Window { start: Instant::from_millis(from * DAY_MS), end: Instant::from_millis(until * DAY_MS) }
    }

    #[test]
    fn a_day_old_sync_is_whole_and_an_older_one_is_not() {
        let window = days(70, 100);
        let synced = |covered: &[Window]| synced(Some(&Intervals::new(covered.iter().copied())), window);
        assert_eq!(synced(&[]), Synced::Never);
        assert_eq!(synced(&[days(0, 70)]), Synced::Never);
        assert_eq!(synced(&[days(0, 100)]), Synced::Whole);
        assert_eq!(synced(&[days(0, 99)]), Synced::Whole);
        assert_eq!(synced(&[days(0, 98)]), Synced::Partly(vec![days(98, 100)]));
        assert_eq!(synced(&[days(80, 100)]), Synced::Partly(vec![days(70, 80)]));
    }

    #[test]
    fn every_kind_of_a_metric_has_to_be_covered() {
        let coverage = BTreeMap::from([
            ("ticket".to_owned(), Intervals::new([days(0, 100)])),
            ("hours".to_owned(), Intervals::new([days(80, 120)])),
        ]);
        let covered = |kinds: &[&str]| of_kinds(&coverage, kinds.iter());
        assert_eq!(covered(&["ticket", "hours"]), Some(Intervals::new([days(80, 100)])));
        assert_eq!(covered(&["ticket", "other"]), Some(Intervals::default()));
        assert_eq!(covered(&[]), None);
        assert_eq!(super::synced(None, days(0, 1)), Synced::Whole, "a metric without kinds needs no pull");
    }
}

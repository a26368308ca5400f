//! What a sync asks a provider for. Pure.

use scoresheet_domain::{Instant, Intervals, Window};

use crate::definition::SyncPolicy;

/// What should be known: from the earliest of the metrics' windows and the backfill, up to now; but nothing of what
/// was pruned.
pub(crate) fn wanted(policy: SyncPolicy, metrics: Window, pruned_until: Option<Instant>, now: Instant) -> Window {
    let start = metrics.start.min(now.plus_days(-i64::from(policy.backfill_days)));
    Window { start: pruned_until.map_or(start, |until| start.max(until)), end: now }
}

/// The windows to pull: what is wanted and not covered yet, and again the last
/// `overlap_days` before the end of what is covered, for late edits.
pub(crate) fn windows(policy: SyncPolicy, wanted: Window, covered: &Intervals) -> Vec<Window> {
    let mut windows = covered.gaps(wanted);
    // Late edits reach back from the last sync, not from now: what was edited since may be that old.
    let last_covered = covered.windows().iter().filter(|w| w.start < wanted.end).map(|w| w.end.min(wanted.end)).max();
    if let Some(last) = last_covered {
        let start = last.plus_days(-i64::from(policy.overlap_days)).max(wanted.start);
        windows.push(Window { start, end: wanted.end });
    }
    Intervals::new(windows).windows().to_vec()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use scoresheet_domain::time::DAY_MS;

    use super::*;

    fn days(from: i64, until: i64) -> Window {
        Window { start: Instant::from_millis(from * DAY_MS), end: Instant::from_millis(until * DAY_MS) }
    }

    #[test]
    fn a_first_sync_asks_for_everything_once() {
        let policy = SyncPolicy::default();
        let wanted = wanted(policy, days(970, 1000), None, Instant::from_millis(1000 * DAY_MS));
        assert_eq!(wanted, days(600, 1000));
        assert_eq!(windows(policy, wanted, &Intervals::default()), [days(600, 1000)]);
    }

    #[test]
    fn a_long_lookback_reaches_beyond_the_backfill() {
        let now = Instant::from_millis(1000 * DAY_MS);
        assert_eq!(wanted(SyncPolicy::default(), days(100, 900), None, now), days(100, 1000));
    }

    #[test]
    fn what_was_pruned_is_not_asked_for() {
        let (policy, at) = (SyncPolicy::default(), |day| Instant::from_millis(day * DAY_MS));
        let of = |pruned| wanted(policy, days(970, 1000), Some(at(pruned)), at(1000));
        assert_eq!((of(800), of(100)), (days(800, 1000), days(600, 1000)));
        assert_eq!(windows(policy, of(800), &Intervals::new([days(800, 999)])), [days(992, 1000)]);
        assert_eq!(windows(policy, of(998), &Intervals::new([days(998, 999)])), [days(998, 1000)]);
        // A clock that went back: nothing is wanted, and nothing is asked for.
        assert_eq!(windows(policy, of(1001), &Intervals::new([days(1001, 1002)])), []);
        assert_eq!(windows(policy, of(1001), &Intervals::default()), []);
    }

    #[test]
    fn the_next_day_asks_for_the_day_and_the_overlap() {
        let policy = SyncPolicy::default();
        let covered = Intervals::new([days(600, 1000)]);
        assert_eq!(windows(policy, days(601, 1001), &covered), [days(993, 1001)]);
        // The same instant again: only the overlap.
        assert_eq!(windows(policy, days(600, 1000), &covered), [days(993, 1000)]);
    }

    #[test]
    fn late_edits_are_found_after_a_long_pause_too() {
        let covered = Intervals::new([days(600, 1000)]);
        assert_eq!(windows(SyncPolicy::default(), days(650, 1050), &covered), [days(993, 1050)]);
    }

    #[test]
    fn a_clock_that_went_back_does_no_harm() {
        let covered = Intervals::new([days(600, 1000)]);
        assert_eq!(windows(SyncPolicy::default(), days(590, 990), &covered), [days(590, 600), days(983, 990)]);
    }

    proptest! {
        #[test]
        fn after_the_pulls_everything_wanted_is_covered(
            old in prop::collection::vec((0_i64..100, 0_i64..100), 0..5), start in 0_i64..90, length in 1_i64..60, overlap in 0_u32..20
        ) {
            let policy = SyncPolicy { overlap_days: overlap, ..SyncPolicy::default() };
            let mut covered = Intervals::new(old.into_iter().map(|(a, b)| days(a, b)));
            let wanted = days(start, start + length);
            let pulled = windows(policy, wanted, &covered);
            for window in &pulled {
                prop_assert!(window.start >= wanted.start && window.end <= wanted.end && !window.is_empty());
                covered.insert(*window);
            }
            prop_assert_eq!(covered.gaps(wanted), vec![]);
        }
    }
}

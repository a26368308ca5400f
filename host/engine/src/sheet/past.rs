//! The windows that a trend looks at besides the sheet's own.

use scoresheet_domain::{
    Figure, Instant, Intervals, Month, Score, Window,
    trend::{self, MonthScore, Trend, TrendPolicy},
};

/// Longer lookbacks that are counted for a metric without data, in days.
pub(super) const LONGER_DAYS: [i64; 3] = [60, 90, 365];

/// The past of one metric's window.
pub(super) struct Past {
    policy: TrendPolicy,
    /// As long as the sheet's window, and ends where that begins.
    before: Window,
    /// Calendar months, as far as they lie before the sheet's end, the oldest first.
    months: Vec<PastMonth>,
}

struct PastMonth {
    month: Month,
    complete: bool,
    window: Window,
}

impl Past {
    /// The past of a window of so many days; none if the sheet shows no trends.
    pub(super) fn new(policy: TrendPolicy, as_of: Instant, days: u32) -> Option<Self> {
        let month = |month: Month| {
            let window = month.window();
            PastMonth { month, complete: window.end <= as_of, window: Window { end: window.end.min(as_of), ..window } }
        };
        let own = Window::before(as_of, i64::from(days));
        (policy.months > 0).then(|| Self {
            policy,
            before: Window::before(own.start, i64::from(days)),
            months: Month::last(policy.months, as_of).into_iter().map(month).collect(),
        })
    }

    /// The window before, then the months.
    pub(super) fn windows(&self) -> impl Iterator<Item = Window> {
        std::iter::once(self.before).chain(self.months.iter().map(|month| month.window))
    }

    /// The earliest instant of interest. With trends, longer lookbacks are counted for metrics without data.
    pub(super) fn start(&self) -> Instant {
        let as_of = self.months.last().map_or(self.before.end, |month| month.window.end);
        let longest = Window::before(as_of, LONGER_DAYS[LONGER_DAYS.len() - 1]).start;
        self.windows().map(|window| window.start).min().unwrap_or(longest).min(longest)
    }

    /// Of [`Past::windows`], those of which anything was pulled; the others are gaps.
    pub(super) fn known(&self, covered: Option<&Intervals>) -> Vec<bool> {
        self.windows().map(|window| covered.is_none_or(|covered| covered.touches(window))).collect()
    }

    /// A client's trend. `figures` are those of the known windows, in order.
    pub(super) fn trend(
        &self,
        known: &[bool],
        now: Option<&Score>,
        mut figures: impl Iterator<Item = Option<Figure>>,
    ) -> Trend {
        let mut figures = known.iter().map(|known| if *known { figures.next().flatten() } else { None });
        let before = figures.next().flatten();
        let months: Vec<MonthScore> = self
            .months
            .iter()
            .zip(figures)
            .map(|(month, figure)| MonthScore { month: month.month, complete: month.complete, figure })
            .collect();
        trend::trend(self.policy, now, before, &months)
    }
}

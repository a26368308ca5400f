//! The windows that a trend looks at beside the sheet's own.

use scoresheet_domain::{
    Figure, Instant, Month, Period, Score, Window,
    digest::Hasher,
    trend::{self, MonthScore, Trend, TrendPolicy},
};

use super::load::Stored;

/// What there is to ask of the past.
pub(super) struct Past {
    policy: TrendPolicy,
    /// As long as the sheet's window, and ends where that begins.
    before: Window,
    /// The oldest first.
    months: Vec<PastMonth>,
}

/// A calendar month, as far as it lies before the sheet's end.
struct PastMonth {
    month: Month,
    complete: bool,
    window: Window,
}

impl Past {
    /// The past of a sheet's window; none where the sheet shows no trends.
    pub(super) fn of(policy: TrendPolicy, as_of: Instant, days: u32) -> Option<Self> {
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

    /// What of it was ever pulled: the rest is a gap.
    pub(super) fn known<'a>(&'a self, stored: &Stored, hasher: &mut Hasher) -> KnownPast<'a> {
        let known: Vec<bool> = self.windows().map(|window| stored.knows(window)).collect();
        for known in &known {
            hasher.number(i64::from(*known));
        }
        KnownPast { past: self, known }
    }
}

/// The past, as far as it is known.
pub(super) struct KnownPast<'a> {
    past: &'a Past,
    /// Of each of [`Past::windows`], whether anything of it was ever pulled.
    known: Vec<bool>,
}

impl KnownPast<'_> {
    /// What a provider is asked. The direction looks at the interval of the window before, and nothing does at a month's.
    pub(super) fn periods(&self) -> Vec<Period> {
        let windows = self.past.windows().enumerate().zip(&self.known);
        windows.filter(|(_, known)| **known).map(|((at, window), _)| Period { window, interval: at == 0 }).collect()
    }

    /// One client's trend of a metric, from the figures of [`KnownPast::periods`].
    pub(super) fn trend(&self, now: Option<&Score>, figures: &[Option<Figure>]) -> Trend {
        let mut figures = figures.iter().copied();
        let mut figures = self.known.iter().map(|known| if *known { figures.next().flatten() } else { None });
        let before = figures.next().flatten();
        let months: Vec<MonthScore> = self
            .past
            .months
            .iter()
            .zip(figures)
            .map(|(month, figure)| MonthScore { month: month.month, complete: month.complete, figure })
            .collect();
        trend::trend(self.past.policy, now, before, &months)
    }
}

//! Where a metric is heading: months, a rolling mean, and whether this window differs from the one before.
//!
//! Scoring a month is the provider's business; here its figures are set side by side.
//!
//! **The test.** Two windows are compared by a two-sided z-test of the difference of their figures at 5 %. The standard
//! error of each is taken from the provider's own 95 % interval (its width over 2 × 1.96), so the test knows of a figure
//! what its provider knows, and the two are independent since no observation is in both. Where a provider gives no
//! interval, a change of the score by a whole point decides. Either needs [`TrendPolicy::min_samples`] in both windows.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    month::Month,
    outcome::{Figure, Score},
};

/// The two-sided 5 % point of the standard normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;
/// Without an interval, so large a change of the score counts.
const WHOLE_POINT: f64 = 1.0;

/// How trends are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TrendPolicy {
    /// How many calendar months (UTC) are shown, the last being the one in which `as_of` falls. None: no trends.
    pub months: u32,
    /// So many observations both windows need before a direction is told.
    pub min_samples: u32,
}

impl Default for TrendPolicy {
    fn default() -> Self {
        Self { months: 12, min_samples: 5 }
    }
}

/// Where a metric is heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Better than in the window before, by more than chance explains.
    Improving,
    /// No different from the window before, as far as can be told.
    Steady,
    /// Worse than in the window before, by more than chance explains.
    Declining,
    /// One of the two windows holds too little to tell.
    Unclear,
}

impl Direction {
    /// The word that the JSON contract uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Improving => "improving",
            Self::Steady => "steady",
            Self::Declining => "declining",
            Self::Unclear => "unclear",
        }
    }
}

/// One calendar month of a metric.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TrendMonth {
    /// `YYYY-MM`, in UTC.
    pub month: Month,
    /// Whether the month is over at `as_of`; the last one may not be.
    pub complete: bool,
    /// The month's figure, in the metric's unit; null where there is none: a gap, never a zero.
    pub value: Option<f64>,
    /// The month's score, 1 to 5.
    pub score: Option<f64>,
    /// How many observations count.
    pub samples: u32,
    /// The mean over this month and the two before; null where this month has no figure.
    pub rolling: Option<f64>,
}

/// A metric over time.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Trend {
    /// This window against the one before.
    pub direction: Direction,
    /// The figure of the window before, which is as long as this one and ends where it begins.
    pub previous: Option<f64>,
    /// This window's figure less the one before's.
    pub change: Option<f64>,
    /// What the direction rests on, in words.
    pub basis: String,
    /// The months, the oldest first.
    pub months: Vec<TrendMonth>,
}

/// A month's window and what its provider made of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonthScore {
    /// The month.
    pub month: Month,
    /// Whether it is over.
    pub complete: bool,
    /// What was scored; none where there is too little, or the month was never synced.
    pub figure: Option<Figure>,
}

/// Puts a trend together from the months, the oldest first, this window and the one before.
#[must_use]
pub fn trend(policy: TrendPolicy, now: Option<&Score>, before: Option<Figure>, months: &[MonthScore]) -> Trend {
    let now = now.map(Figure::from);
    let (direction, basis) = direction(policy, now, before);
    let previous = before.map(|before| before.value);
    Trend {
        direction,
        previous,
        change: now.zip(previous).map(|(now, previous)| now.value - previous),
        basis,
        months: (0..months.len()).map(|at| month(months, at)).collect(),
    }
}

fn month(months: &[MonthScore], at: usize) -> TrendMonth {
    let month = &months[at];
    let figure = month.figure;
    let last_three = months[at.saturating_sub(2)..=at].iter().filter_map(|month| month.figure);
    TrendMonth {
        month: month.month,
        complete: month.complete,
        value: figure.map(|figure| figure.value),
        score: figure.map(|figure| figure.score),
        samples: figure.map_or(0, |figure| figure.samples),
        rolling: figure.and_then(|_| rolling(last_three)),
    }
}

/// The mean of the figures, each by its weight.
fn rolling(figures: impl Iterator<Item = Figure>) -> Option<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for figure in figures {
        sum += figure.weight * figure.value;
        weights += figure.weight;
    }
    (weights > 0.0).then(|| sum / weights)
}

fn direction(policy: TrendPolicy, now: Option<Figure>, before: Option<Figure>) -> (Direction, String) {
    let enough = |figure: Option<Figure>| figure.is_some_and(|figure| figure.samples >= policy.min_samples);
    let (Some(now), Some(before), true, true) = (now, before, enough(now), enough(before)) else {
        let count = |figure: Option<Figure>| figure.map_or(0, |figure| figure.samples);
        let basis = format!(
            "too little to tell: {} now and {} in the window before, of {} each",
            count(now),
            count(before),
            policy.min_samples
        );
        return (Direction::Unclear, basis);
    };
    let change = now.value - before.value;
    let points = now.score - before.score;
    // A figure of which less is better (days overdue, tickets) moves against its score.
    let better = if change * points < 0.0 { -change } else { change };
    let told = |differs: bool| match better.total_cmp(&0.0) {
        _ if !differs => Direction::Steady,
        std::cmp::Ordering::Less => Direction::Declining,
        std::cmp::Ordering::Equal => Direction::Steady,
        std::cmp::Ordering::Greater => Direction::Improving,
    };
    match (now.interval, before.interval) {
        (Some(ours), Some(theirs)) => {
            let error = |low: f64, high: f64| (high - low) / (2.0 * Z_95);
            let spread = error(ours.low, ours.high).hypot(error(theirs.low, theirs.high));
            let differs = change.abs() > Z_95 * spread;
            let verb = if differs { "more than" } else { "within" };
            let basis = format!(
                "{:.2} after {:.2}: a change of {change:+.2}, {verb} the {:.2} that chance explains (z-test, 5 %)",
                now.value,
                before.value,
                Z_95 * spread
            );
            (told(differs), basis)
        }
        _ => {
            let basis =
                format!("a score of {} after {}; a change counts from a whole point on", now.score, before.score);
            (told(points.abs() >= WHOLE_POINT), basis)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::outcome::Interval;

    fn score(value: f64, samples: u32, half: Option<f64>) -> Figure {
        Figure::from(&Score {
            score: value.round_ties_even().clamp(1.0, 5.0),
            value,
            samples,
            effective_samples: f64::from(samples),
            interval: half.map(|half| Interval { low: value - half, high: value + half }),
            explanation: Vec::new(),
        })
    }

    fn told(now: Option<Figure>, before: Option<Figure>) -> (Direction, String) {
        direction(TrendPolicy::default(), now, before)
    }

    #[test]
    fn a_direction_needs_enough_in_both_windows_and_more_than_chance() {
        let (direction, basis) = told(Some(score(4.5, 30, Some(0.2))), Some(score(4.0, 30, Some(0.2))));
        assert_eq!(direction, Direction::Improving);
        assert_eq!(basis, "4.50 after 4.00: a change of +0.50, more than the 0.28 that chance explains (z-test, 5 %)");
        assert_eq!(told(Some(score(4.0, 30, Some(0.2))), Some(score(4.5, 30, Some(0.2)))).0, Direction::Declining);
        assert_eq!(told(Some(score(4.5, 30, Some(0.4))), Some(score(4.0, 30, Some(0.4)))).0, Direction::Steady);
        let (direction, basis) = told(Some(score(5.0, 4, Some(0.1))), Some(score(1.0, 30, Some(0.1))));
        assert_eq!(direction, Direction::Unclear);
        assert_eq!(basis, "too little to tell: 4 now and 30 in the window before, of 5 each");
        assert_eq!(told(None, Some(score(1.0, 30, Some(0.1)))).0, Direction::Unclear);
    }

    #[test]
    fn without_an_interval_a_whole_point_of_the_score_decides() {
        assert_eq!(told(Some(score(4.0, 9, None)), Some(score(3.0, 9, None))).0, Direction::Improving);
        assert_eq!(told(Some(score(4.4, 9, None)), Some(score(3.6, 9, None))).0, Direction::Steady);
        let tickets = |value, points| Figure { value, score: points, ..score(3.0, 9, None) };
        // More tickets, a lower score.
        assert_eq!(told(Some(tickets(80.0, 2.0)), Some(tickets(40.0, 4.0))).0, Direction::Declining);
    }

    #[test]
    fn months_without_a_figure_are_gaps_and_the_rolling_mean_weighs_by_responses() {
        let first = Month::of(crate::Instant::from_millis(0));
        let month = |at, figure| MonthScore { month: first.plus(at), complete: true, figure };
        let months = [
            month(0, Some(score(2.0, 1, Some(1.0)))),
            month(1, None),
            month(2, Some(score(5.0, 2, Some(1.0)))),
            month(3, Some(score(4.0, 4, Some(1.0)))),
        ];
        let trend = trend(TrendPolicy::default(), None, None, &months);
        let told: Vec<_> = trend.months.iter().map(|it| (it.month.to_string(), it.value, it.rolling)).collect();
        assert_eq!(
            told,
            [
                ("1970-01".to_owned(), Some(2.0), Some(2.0)),
                ("1970-02".to_owned(), None, None),
                ("1970-03".to_owned(), Some(5.0), Some(4.0)),
                ("1970-04".to_owned(), Some(4.0), Some(26.0 / 6.0)),
            ]
        );
        assert_eq!((trend.previous, trend.change), (None, None));
    }

    proptest! {
        #[test]
        fn the_other_way_round_is_the_other_direction(
            ours in 1.0_f64..=5.0, theirs in 1.0_f64..=5.0, half in 0.01_f64..1.0, samples in 1_u32..40
        ) {
            let (a, b) = (score(ours, samples, Some(half)), score(theirs, samples, Some(half)));
            let turned = match told(Some(a), Some(b)).0 {
                Direction::Improving => Direction::Declining,
                Direction::Declining => Direction::Improving,
                same => same,
            };
            prop_assert_eq!(told(Some(b), Some(a)).0, turned);
        }
    }
}

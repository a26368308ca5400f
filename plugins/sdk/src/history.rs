//! Figures of the past: of many windows, and without words.
//!
//! A provider need not bother: [`Provider::figures`](crate::Provider::figures) asks its `score` about each period. Where
//! words, intervals or the cutting cost too much, it overrides that, and looks at the columns of [`Past`] itself.

use std::ops::Range;

use crate::{Failure, Figure, Outcome, Pair, Past, Period, Sample, Score, Subject, Window};

impl Past {
    /// Some of its samples.
    ///
    /// # Panics
    /// Where there are fewer.
    pub fn samples(&self, which: Range<usize>) -> impl Iterator<Item = Sample> + Clone {
        let times = self.at[which.clone()].iter().zip(&self.until[which.clone()]);
        let figures = self.value[which.clone()].iter().zip(&self.kind[which]);
        times.zip(figures).map(|((at, until), (value, kind))| Sample {
            at: *at,
            until: *until,
            value: *value,
            kind: *kind,
        })
    }

    /// Which of its samples lie in a window by their beginning: all that are in it where there are only events.
    #[must_use]
    pub fn began_in(&self, window: Window) -> Range<usize> {
        let before = |end| self.at.partition_point(|at| *at < end);
        let from = before(window.start);
        from..before(window.end).max(from)
    }

    /// The same of each period in turn. Months that follow each other are found without searching for their beginnings.
    pub fn began_in_each<'a>(&'a self, periods: &'a [Period]) -> impl Iterator<Item = Range<usize>> + 'a {
        let mut last = (i64::MIN, 0);
        periods.iter().map(move |Period { window, .. }| {
            let from = if last.0 == window.start { last.1 } else { self.began_in(*window).start };
            let own = self.at[from..].iter().take_while(|at| **at < window.end).count();
            last = (window.end.max(window.start), from + own);
            from..from + own
        })
    }

    /// The events inside a window and the states that overlap it, by time: what `score` is given for it.
    #[must_use]
    pub fn samples_in(&self, window: Window) -> Vec<Sample> {
        let own = self.began_in(window);
        let lasting = self.samples(0..own.start).filter(|sample| sample.until > window.start);
        lasting.chain(self.samples(own.clone())).collect()
    }

    /// A subject of these columns in the roster and these samples, which it puts in order of time: for tests.
    #[must_use]
    pub fn of(attributes: Vec<Pair>, mut samples: Vec<Sample>) -> Self {
        samples.sort_by_key(|sample| sample.at);
        Self {
            attributes,
            at: samples.iter().map(|sample| sample.at).collect(),
            until: samples.iter().map(|sample| sample.until).collect(),
            value: samples.iter().map(|sample| sample.value).collect(),
            kind: samples.iter().map(|sample| sample.kind).collect(),
        }
    }
}

/// What `score` measures in each period.
///
/// # Errors
/// The first [`Failure`] of `score`.
pub fn by_scoring(
    periods: &[Period],
    subjects: &[Past],
    score: impl Fn(Window, &[Subject]) -> Result<Vec<Outcome>, Failure>,
) -> Result<Vec<Option<Figure>>, Failure> {
    let mut figures = vec![None; subjects.len() * periods.len()];
    for (at, Period { window, .. }) in periods.iter().enumerate() {
        let own = |past: &Past| Subject { attributes: past.attributes.clone(), samples: past.samples_in(*window) };
        let own: Vec<Subject> = subjects.iter().map(own).collect();
        let of_this_period = figures.iter_mut().skip(at).step_by(periods.len());
        for (figure, outcome) in of_this_period.zip(score(*window, &own)?) {
            if let Outcome::Measured(score) = outcome {
                *figure = Some(Figure::from(&score));
            }
        }
    }
    Ok(figures)
}

impl From<&Score> for Figure {
    /// A mean, which has an interval, weighs by its effective samples; a rate, which has none, weighs 1.
    fn from(score: &Score) -> Self {
        let Score { score, value, samples, effective_samples, interval, .. } = *score;
        Self { score, value, samples, weight: if interval.is_some() { effective_samples } else { 1.0 }, interval }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Interval, Shortfall};

    fn past(samples: &[(i64, i64)]) -> Past {
        let sample = |&(at, until): &(i64, i64)| Sample { at, until, value: 3.0, kind: 7 };
        Past::of(Vec::new(), samples.iter().map(sample).collect())
    }

    fn period(start: i64, end: i64) -> Period {
        Period { window: Window { start, end }, interval: false }
    }

    #[test]
    fn a_window_has_its_events_and_the_states_that_overlap_it() {
        let past = past(&[(1, 9), (2, 2), (2, 4), (4, 4), (5, i64::MAX), (8, 8)]);
        let told = |start, end| -> Vec<i64> {
            past.samples_in(period(start, end).window).iter().map(|sample| sample.at).collect()
        };
        assert_eq!(told(4, 8), [1, 4, 5]);
        assert_eq!(told(0, 9), [1, 2, 2, 4, 5, 8]);
        assert_eq!(told(9, 10), [5]);
        assert_eq!(told(0, 1), [] as [i64; 0]);
        assert_eq!(told(5, 4), [1], "a window that ends before it begins has no events");
        assert_eq!(past.began_in(period(4, 8).window), 3..5);
        let periods =
            [(2, 8), (1, 2), (2, 4), (4, 8), (8, 9), (20, 4), (20, 30), (0, 2)].map(|(from, to)| period(from, to));
        let each: Vec<Range<usize>> = past.began_in_each(&periods).collect();
        assert_eq!(each, periods.map(|period| past.began_in(period.window)));
        assert_eq!(each, [1..5, 0..1, 1..3, 3..5, 5..6, 6..6, 6..6, 0..1]);
        assert_eq!(past.samples(4..5).collect::<Vec<_>>(), [Sample { at: 5, until: i64::MAX, value: 3.0, kind: 7 }]);
    }

    #[test]
    fn each_period_is_scored_from_its_own_samples() {
        let subjects = [past(&[(1, 1), (5, 5), (6, 6)]), past(&[(2, 2)])];
        let score = |window: Window, subjects: &[Subject]| {
            let outcome = |subject: &Subject| match subject.samples.len() {
                0 => Outcome::NoData(Shortfall { have: 0, need: 1, detail: String::new() }),
                have => Outcome::Measured(Score {
                    score: 3.0,
                    value: window.start as f64,
                    samples: have as u32,
                    effective_samples: 0.5,
                    interval: (have > 1).then_some(Interval { low: 2.0, high: 4.0 }),
                    explanation: vec!["words".to_owned()],
                }),
            };
            Ok(subjects.iter().map(outcome).collect())
        };
        let figures = by_scoring(&[period(0, 4), period(4, 8)], &subjects, score).expect("figures");
        let rate = Figure { score: 3.0, value: 0.0, samples: 1, weight: 1.0, interval: None };
        let interval = Some(Interval { low: 2.0, high: 4.0 });
        let mean = Figure { score: 3.0, value: 4.0, samples: 2, weight: 0.5, interval };
        assert_eq!(figures, [Some(rate), Some(mean), Some(rate), None]);
        let refused = by_scoring(&[period(0, 4)], &subjects, |_, _| Err(Failure::Other("no".to_owned())));
        assert_eq!(refused, Err(Failure::Other("no".to_owned())));
    }
}

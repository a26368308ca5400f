//! The mean of a client's responses, the score made from it, and what a person may be told of both.

mod answers;
mod interval;
mod mean;
mod words;

use scoresheet_sdk::{
    Case, Outcome, Score, Shortfall,
    numbers::{clamp_to_scale, round_half_even},
};

use self::{answers::Answers, interval::Intervals, mean::Mean};
use crate::{Kind, settings::MetricSettings};

/// Scores the cases of one call. Keeps buffers, and intervals that were computed before.
pub(crate) struct Scorer<'a> {
    settings: &'a MetricSettings,
    answers: Answers,
    intervals: Intervals,
}

impl<'a> Scorer<'a> {
    pub(crate) fn new(settings: &'a MetricSettings) -> Self {
        Self { settings, answers: Answers::default(), intervals: Intervals::default() }
    }

    /// The outcome of one case.
    pub(crate) fn score(&mut self, case: &Case<'_, Kind>) -> Outcome {
        let mean = self.mean(case);
        let (settings, answers) = (self.settings, &self.answers);
        // More than four billion responses cannot be reached either way.
        let (have, need) = (answers.count(), u32::try_from(settings.min_responses).unwrap_or(u32::MAX));
        let Some(mean) = mean else {
            let detail = case.explain(|| words::shortfall(have, need, answers.suspected));
            return Outcome::NoData(Shortfall { have, need, detail });
        };
        let score = clamp_to_scale(round_half_even(mean.value));
        let interval = self.intervals.of(&mean);
        Outcome::Measured(Score {
            score,
            value: mean.value,
            samples: have,
            effective_samples: mean.effective_samples,
            interval,
            explanation: case.explain(|| words::explanation(settings, answers, &mean, score, interval)),
        })
    }

    /// The mean of the responses that count, if there are enough. It is exact but for one rounding of the sum and one of
    /// the division, so the order of the responses never matters. Ages count from the window's end.
    fn mean(&mut self, case: &Case<'_, Kind>) -> Option<Mean> {
        let (settings, answers) = (self.settings, &mut self.answers);
        answers.fill(settings, case.samples());
        (u64::from(answers.count()) >= settings.min_responses).then(|| match settings.half_life_days {
            None => Mean::plain(&answers.ratings),
            Some(half_life_days) => Mean::weighted(&answers.ratings, &answers.ages(case.window().end), half_life_days),
        })
    }
}

#[cfg(test)]
mod tests;

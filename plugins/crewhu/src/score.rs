//! The mean of a client's responses, the score made from it, and what a person may be told of both.

mod answers;
mod interval;
mod mean;
mod words;

use scoresheet_sdk::{
    Figure, Outcome, Past, Period, Sample, Score, Shortfall, Subject, Window,
    numbers::{clamp_to_scale, round_half_even},
};

use self::{answers::Answers, interval::Intervals, mean::Mean};
use crate::settings::MetricSettings;

/// What one call keeps from client to client: room, and intervals that were found before.
#[derive(Default)]
pub(crate) struct Scorer {
    answers: Answers,
    intervals: Intervals,
}

impl Scorer {
    /// One client's outcome.
    pub(crate) fn score(&mut self, settings: &MetricSettings, window: Window, subject: &Subject) -> Outcome {
        let mean = self.mean(settings, window, subject.samples.iter().copied());
        let answers = &self.answers;
        let (have, need) = (answers.count(), settings.min_responses);
        let Some(mean) = mean else {
            return Outcome::NoData(Shortfall { have, need, detail: words::shortfall(have, need, answers.suspected) });
        };
        let score = clamp_to_scale(round_half_even(mean.value));
        let interval = self.intervals.of(&mean);
        Outcome::Measured(Score {
            score,
            value: mean.value,
            samples: have,
            effective_samples: mean.effective_samples,
            interval,
            explanation: words::explanation(settings, answers, &mean, score, interval),
        })
    }

    /// Figures of the past, client by client: what [`Scorer::score`] has as its score, without its words.
    pub(crate) fn figures(
        &mut self,
        settings: &MetricSettings,
        periods: &[Period],
        subjects: &[Past],
    ) -> Vec<Option<Figure>> {
        let mut figures = Vec::with_capacity(subjects.len() * periods.len());
        for subject in subjects {
            // A response is an event, so it lies in a window where it began.
            for (&Period { window, interval }, own) in periods.iter().zip(subject.began_in_each(periods)) {
                let mean = self.mean(settings, window, subject.samples(own));
                figures.push(mean.map(|mean| Figure {
                    score: clamp_to_scale(round_half_even(mean.value)),
                    value: mean.value,
                    samples: self.answers.count(),
                    weight: mean.effective_samples,
                    interval: if interval { self.intervals.of(&mean) } else { None },
                }));
            }
        }
        figures
    }

    /// The mean of what counts of these samples, where that is enough. It is exact but for one rounding of the sum and
    /// one of the division, so the order of the responses never matters. Ages count from the window's end.
    fn mean(
        &mut self,
        settings: &MetricSettings,
        window: Window,
        samples: impl Iterator<Item = Sample> + Clone,
    ) -> Option<Mean> {
        let answers = &mut self.answers;
        answers.fill(settings, samples);
        (answers.count() >= settings.min_responses).then(|| match settings.half_life_days {
            None => Mean::plain(&answers.ratings),
            Some(half_life_days) => Mean::weighted(&answers.ratings, &answers.ages(window.end), half_life_days),
        })
    }
}

#[cfg(test)]
mod tests;

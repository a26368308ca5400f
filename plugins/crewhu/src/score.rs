//! The mean of a client's responses, the score made from it, and what a person may be told of both.

mod answers;
mod interval;
mod mean;
mod words;

use scoresheet_sdk::{
    Outcome, Score, Shortfall, Subject, Window,
    numbers::{clamp_to_scale, round_half_even},
};

pub(crate) use self::interval::Intervals;
use self::{answers::Answers, mean::Mean};
use crate::settings::MetricSettings;

/// One client's outcome. The mean is exact but for one rounding of the sum and one of the division, so the order of
/// the responses never matters. Ages count from the window's end.
pub(crate) fn score(
    settings: &MetricSettings,
    window: Window,
    subject: &Subject,
    intervals: &mut Intervals,
) -> Outcome {
    let answers = Answers::of(settings, subject);
    let have = u32::try_from(answers.ratings.len()).unwrap_or(u32::MAX);
    let need = settings.min_responses;
    if have < need {
        return Outcome::NoData(Shortfall { have, need, detail: words::shortfall(have, need, answers.suspected) });
    }

    let mean = match settings.half_life_days {
        None => Mean::plain(&answers.ratings),
        Some(half_life_days) => Mean::weighted(&answers.ratings, &answers.ages(window.end), half_life_days),
    };
    let score = clamp_to_scale(round_half_even(mean.value));
    let interval = intervals.of(&mean);
    Outcome::Measured(Score {
        score,
        value: mean.value,
        samples: have,
        effective_samples: mean.effective_samples,
        interval,
        explanation: words::explanation(settings, &answers, &mean, score, interval),
    })
}

#[cfg(test)]
mod tests;

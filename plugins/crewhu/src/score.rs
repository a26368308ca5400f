//! The mean of a client's responses, and the score made from it.

use scoresheet_sdk::{
    Outcome, Score, Shortfall, Subject,
    numbers::{clamp_to_scale, fsum, round_half_even},
};

use crate::settings::MetricSettings;

/// One client's outcome. The mean is exact but for one rounding of the sum and one of the division, so the order of
/// the responses never matters.
pub(crate) fn score(settings: &MetricSettings, subject: &Subject) -> Outcome {
    let counts = |kind: u16| settings.counts.get(usize::from(kind)).copied().unwrap_or(false);
    let ratings: Vec<f64> =
        subject.samples.iter().filter(|sample| counts(sample.kind)).map(|sample| sample.value).collect();
    let have = u32::try_from(ratings.len()).unwrap_or(u32::MAX);
    let need = settings.min_responses;
    if have < need {
        return Outcome::NoData(Shortfall { have, need, detail: shortfall(have, need) });
    }

    let mean = fsum(ratings) / f64::from(have);
    let score = clamp_to_scale(round_half_even(mean));
    let responses = if have == 1 { "response" } else { "responses" };
    Outcome::Measured(Score {
        score,
        value: mean,
        samples: have,
        effective_samples: f64::from(have),
        interval: None,
        explanation: vec![format!("{have} {responses}, mean {mean:.2}, rounded to {score}")],
    })
}

fn shortfall(have: u32, need: u32) -> String {
    match (have, need) {
        (0, 1) => "no responses in the window".to_owned(),
        _ => format!("{have} of the {need} responses needed"),
    }
}

#[cfg(test)]
mod tests;

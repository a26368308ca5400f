//! The outcomes that a component computes.

use scoresheet_domain::{Interval, MetricOutcome, Score, Shortfall};

use super::{At, Broken, Checked, Shown, figure};
use crate::{bindings::accellis::scoresheet::types as wit, text};

const MAX_LINES: usize = 20;
const MAX_LINE: usize = 500;

/// The outcomes of cases that had so many samples each. Explanations that nobody asked for are dropped.
pub(crate) fn outcomes(given: Vec<wit::Outcome>, samples: &[usize], explain: bool) -> Checked<Vec<MetricOutcome>> {
    if given.len() != samples.len() {
        let right = format!("one for each of {} cases is needed, in their order", samples.len());
        return Err(Broken::new("the list of outcomes", format!("{} long", given.len()), right));
    }
    given
        .into_iter()
        .zip(samples)
        .enumerate()
        .map(|(index, (given, &samples))| outcome(At { list: "outcomes", index }, given, samples, explain))
        .collect()
}

fn outcome(at: At<'_>, given: wit::Outcome, samples: usize, explain: bool) -> Checked<MetricOutcome> {
    Ok(match given {
        wit::Outcome::Measured(given) => MetricOutcome::Measured(score(at, given, samples, explain)?),
        wit::Outcome::NoData(given) => MetricOutcome::NoData(Shortfall {
            have: given.have,
            need: given.need,
            detail: text::into_line(given.detail, MAX_LINE),
        }),
        wit::Outcome::NotApplicable(why) => MetricOutcome::NotApplicable(text::into_line(why, MAX_LINE)),
    })
}

fn score(at: At<'_>, given: wit::Score, samples: usize, explain: bool) -> Checked<Score> {
    Ok(Score {
        score: on_scale(at, given.score)?,
        value: figure(given.value, || at.field("value"))?,
        samples: at_most_had(at, given.samples, samples)?,
        effective_samples: weight(at, "effective-samples", given.effective_samples)?,
        interval: given.interval.map(|given| interval(at, given)).transpose()?,
        explanation: given
            .explanation
            .into_iter()
            .map(|line| text::into_line(line, MAX_LINE))
            .filter(|line| !line.is_empty())
            .take(if explain { MAX_LINES } else { 0 })
            .collect(),
    })
}

fn on_scale(at: At<'_>, score: f64) -> Checked<f64> {
    if (1.0..=5.0).contains(&score) {
        Ok(score)
    } else {
        Err(Broken::new(at.field("score"), Shown(score), "a score lies within 1 and 5"))
    }
}

/// As many samples as the case had, or fewer.
fn at_most_had(at: At<'_>, samples: u32, had: usize) -> Checked<u32> {
    if samples as usize <= had {
        Ok(samples)
    } else {
        Err(Broken::new(at.field("samples"), samples, format!("the case had {had} samples")))
    }
}

fn weight(at: At<'_>, field: &str, given: f64) -> Checked<f64> {
    let weight = figure(given, || at.field(field))?;
    if weight >= 0.0 { Ok(weight) } else { Err(Broken::new(at.field(field), weight, "it must not be negative")) }
}

fn interval(at: At<'_>, given: wit::Interval) -> Checked<Interval> {
    let low = figure(given.low, || at.field("interval.low"))?;
    let high = figure(given.high, || at.field("interval.high"))?;
    if low > high {
        return Err(Broken::new(at.field("interval"), format!("from {low} to {high}"), "low comes first"));
    }
    Ok(Interval { low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> wit::Score {
        wit::Score {
            score: 4.0,
            value: 4.333,
            samples: 12,
            effective_samples: 12.0,
            interval: Some(wit::Interval { low: 3.8, high: 4.8 }),
            explanation: vec!["12 responses,\tmean 4.33".into(), "\u{0}".into()],
        }
    }

    #[test]
    fn right_outcomes_pass_in_their_order() {
        let shortfall = wit::Shortfall { have: 2, need: 3, detail: "2 of the 3\nneeded".into() };
        let list = vec![
            wit::Outcome::NoData(shortfall),
            wit::Outcome::Measured(given()),
            wit::Outcome::NotApplicable("no\u{7} seats".into()),
        ];
        let checked = outcomes(list, &[2, 12, 0], true).expect("right");
        assert_eq!(
            checked[0],
            MetricOutcome::NoData(Shortfall { have: 2, need: 3, detail: "2 of the 3 needed".into() })
        );
        let MetricOutcome::Measured(score) = &checked[1] else { panic!("measured") };
        assert_eq!(score.explanation, ["12 responses, mean 4.33"]);
        assert_eq!(score.interval, Some(Interval { low: 3.8, high: 4.8 }));
        assert_eq!(checked[2], MetricOutcome::NotApplicable("no seats".into()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        type Change = fn(&mut wit::Score);
        let cases: [(Change, &str); 16] = [
            (|s| s.score = 0.0, "outcomes[0].score is 0: a score lies within 1 and 5"),
            (|s| s.score = 5.000_1, "outcomes[0].score is 5.0001"),
            (|s| s.score = f64::NAN, "outcomes[0].score is NaN"),
            (|s| s.score = f64::INFINITY, "outcomes[0].score is inf"),
            (|s| s.score = 1e308, "outcomes[0].score is 1e308: a score lies within 1 and 5"),
            (|s| s.score = -4.0, "outcomes[0].score is -4: a score lies within 1 and 5"),
            (|s| s.value = 1e308, "outcomes[0].value is 1e308: it must lie within ±1e15"),
            (|s| s.value = -1.1e15, "outcomes[0].value is -1.1e15: it must lie within ±1e15"),
            (|s| s.effective_samples = 1e16, "outcomes[0].effective-samples is 1e16: it must lie"),
            (|s| s.value = f64::NAN, "outcomes[0].value is NaN: it must be a finite number"),
            (|s| s.samples = 13, "outcomes[0].samples is 13: the case had 12 samples"),
            (|s| s.effective_samples = -1.0, "outcomes[0].effective-samples is -1: it must not be negative"),
            (|s| s.effective_samples = f64::NEG_INFINITY, "outcomes[0].effective-samples is -inf"),
            (|s| s.interval = Some(wit::Interval { low: 2.0, high: 1.0 }), "outcomes[0].interval is from 2 to 1"),
            (|s| s.interval = Some(wit::Interval { low: f64::NAN, high: 1.0 }), "outcomes[0].interval.low is NaN"),
            (|s| s.interval = Some(wit::Interval { low: 1.0, high: f64::NAN }), "outcomes[0].interval.high is NaN"),
        ];
        for (change, expected) in cases {
            let mut wrong = given();
            change(&mut wrong);
            let message = outcomes(vec![wit::Outcome::Measured(wrong)], &[12], true).expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}\nshould say\n{expected}");
        }
        for more in [Vec::new(), vec![wit::Outcome::Measured(given()), wit::Outcome::Measured(given())]] {
            assert!(outcomes(more, &[12], true).is_err(), "an outcome of nobody");
        }
        let count = outcomes(Vec::new(), &[1], true).expect_err("one is missing").to_string();
        assert_eq!(count, "the list of outcomes is 0 long: one for each of 1 cases is needed, in their order");
    }

    #[test]
    fn an_explanation_is_cut_not_refused() {
        let mut long = given();
        long.explanation = vec!["x".repeat(600); 30];
        let checked = outcomes(vec![wit::Outcome::Measured(long)], &[12], true).expect("cut");
        let MetricOutcome::Measured(score) = &checked[0] else { panic!("measured") };
        assert_eq!(score.explanation.len(), 20);
        assert!(score.explanation.iter().all(|line| line.chars().count() == 500));
        let unasked = outcomes(vec![wit::Outcome::Measured(given())], &[12], false).expect("dropped");
        assert_eq!(unasked[0].score().expect("measured").explanation, Vec::<String>::new());
    }
}

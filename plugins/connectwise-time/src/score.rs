//! Project Engagement: how much project work is done for a client, in hours per 30 days.

use scoresheet_sdk::{
    Case, Failure, Outcome, Score,
    numbers::{fsum, per_30_days},
    stub,
};

use crate::{Kind, settings::MetricSettings};

/// One client's outcome. No hours at all are an answer: 1.
pub(crate) fn score(settings: &MetricSettings, case: &Case<'_, Kind>) -> Result<Outcome, Failure> {
    let hours = fsum(case.samples().map(|sample| sample.value));
    let empty = || Failure::Other("the window is empty".to_owned());
    let value = per_30_days(hours, case.window()).ok_or_else(empty)?;

    let [some, plenty, most] = settings.hours_steps;
    let score = match value {
        hours if hours >= most => 5.0,
        hours if hours >= plenty => 4.0,
        hours if hours >= some => 3.0,
        hours if hours > 0.0 => 2.0,
        _ => 1.0,
    };
    let samples = u32::try_from(case.samples().count()).unwrap_or(u32::MAX);
    let explanation = stub::explanation(case, || {
        let noun = if samples == 1 { "time entry" } else { "time entries" };
        format!("{hours:.2} project hours in {samples} {noun}, {value:.2} in 30 days: {score}")
    });
    let effective_samples = f64::from(samples);
    Ok(Outcome::Measured(Score { score, value, samples, effective_samples, interval: None, explanation }))
}

#[cfg(test)]
mod tests {
    use scoresheet_sdk::{Sample, Window, numbers::DAY_MS, testing};

    use super::*;
    use crate::{METRIC, Time};

    fn scored(settings: &str, days: i64, hours: &[f64]) -> Result<Score, Failure> {
        let entry = |hours: &f64| Sample { at: 1, until: 1, value: *hours, kind: Kind::ProjectHours };
        let samples: Vec<_> = hours.iter().map(entry).collect();
        let case = testing::case(Window { start: 0, end: days * DAY_MS }, &samples);
        match testing::score_one::<Time>(METRIC, settings, Vec::new(), case)? {
            Outcome::Measured(score) => Ok(score),
            other => panic!("expected a score, got {other:?}"),
        }
    }

    #[test]
    fn more_hours_score_higher() {
        for (days, hours, value, score) in [
            (30, vec![], 0.0, 1.0),
            (30, vec![0.0], 0.0, 1.0),
            (30, vec![0.25], 0.25, 2.0),
            (30, vec![9.75], 9.75, 2.0),
            (30, vec![10.0], 10.0, 3.0),
            (30, vec![19.75], 19.75, 3.0),
            (30, vec![12.5, 7.5], 20.0, 4.0),
            (30, vec![39.75], 39.75, 4.0),
            (30, vec![40.0], 40.0, 5.0),
            (60, vec![40.0], 20.0, 4.0),
            (90, vec![120.0], 40.0, 5.0),
            // Ten times 0.1 is exactly 1 here.
            (30, vec![0.1; 100], 10.0, 3.0),
        ] {
            let got = scored("{}", days, &hours).expect("a score");
            assert_eq!((got.value, got.score), (value, score), "{hours:?} in {days} days");
            assert_eq!((got.samples as usize, got.effective_samples as usize), (hours.len(), hours.len()));
        }
        assert_eq!(scored(r#"{"hours_steps": [1, 2, 3]}"#, 30, &[2.5]).expect("a score").score, 4.0);
    }

    #[test]
    fn explains_itself_and_says_that_it_is_a_stub() {
        let lines = |hours: &[f64]| scored("{}", 60, hours).expect("a score").explanation;
        let note = "stub: these figures are made up";
        assert_eq!(lines(&[7.5]), ["7.50 project hours in 1 time entry, 3.75 in 30 days: 2", note]);
        assert_eq!(lines(&[]), ["0.00 project hours in 0 time entries, 0.00 in 30 days: 1", note]);
    }

    #[test]
    fn refuses_what_cannot_be_scored() {
        assert!(matches!(scored("{}", 0, &[1.0]), Err(Failure::Other(_))));
        assert!(matches!(scored(r#"{"x": 1}"#, 30, &[1.0]), Err(Failure::Settings(_))));
        assert!(matches!(testing::score::<Time>("gut-instinct", "{}", &[], &[]), Err(Failure::Other(_))));
    }
}

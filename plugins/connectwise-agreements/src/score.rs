//! Agreement Coverage: whether an agreement is in force at the end of the window, and for how many days more.

use scoresheet_sdk::{Instant, Outcome, Score, Subject, Window, numbers::DAY_MS};

use crate::settings::MetricSettings;

/// The most days of cover that are told: the longest lookback there is. An agreement without an end counts as this
/// long, because a score's value has to be a number.
const MOST_DAYS: f64 = 3_650.0;

/// How an end that never comes is written.
const OPEN_END: Instant = Instant::MAX;

/// One client's outcome. No agreement is an answer: 1. Of several in force, the one that runs longest counts.
pub(crate) fn score(settings: &MetricSettings, window: Window, subject: &Subject) -> Outcome {
    let in_force: Vec<Instant> = subject
        .samples
        .iter()
        .filter(|sample| sample.at <= window.end && window.end < sample.until)
        .map(|sample| sample.until)
        .collect();
    let samples = u32::try_from(in_force.len()).unwrap_or(u32::MAX);
    let (score, value, explanation) = match in_force.into_iter().max() {
        None => (1.0, 0.0, "no agreement in force at the end of the window: 1".to_owned()),
        Some(OPEN_END) => {
            (5.0, MOST_DAYS, format!("an agreement without an end is in force, counted as {MOST_DAYS} days: 5"))
        }
        Some(until) => {
            let left = until.saturating_sub(window.end) as f64 / DAY_MS as f64;
            let renewal = settings.renewal_days;
            let (score, word) = if left > renewal { (5.0, "more than") } else { (3.0, "not more than") };
            (
                score,
                left.min(MOST_DAYS),
                format!("an agreement is in force for {left:.1} more days, {word} {renewal}: {score}"),
            )
        }
    };
    Outcome::Measured(Score {
        score,
        value,
        samples,
        effective_samples: f64::from(samples),
        interval: None,
        explanation: vec![explanation],
    })
}

#[cfg(test)]
mod tests {
    use scoresheet_sdk::{Failure, Provider, Sample};

    use super::*;
    use crate::{Agreements, METRIC};

    const WINDOW: Window = Window { start: 0, end: 30 * DAY_MS };

    fn scored(settings: &str, held: &[(Instant, Instant)]) -> Score {
        let samples = held.iter().map(|(at, until)| Sample { at: *at, until: *until, value: 1.0, kind: 0 }).collect();
        let subject = Subject { attributes: Vec::new(), samples };
        match Agreements::score(METRIC, settings, WINDOW, &[subject]).expect("outcomes").remove(0) {
            Outcome::Measured(score) => score,
            other => panic!("expected a score, got {other:?}"),
        }
    }

    fn after(days: i64) -> Instant {
        WINDOW.end + days * DAY_MS
    }

    #[test]
    fn what_holds_at_the_end_of_the_window_counts() {
        for (held, value, score, samples) in [
            (vec![], 0.0, 1.0, 0),
            (vec![(-5, after(-1))], 0.0, 1.0, 0),
            // Half-open: what ends with the window no longer holds.
            (vec![(-5, after(0))], 0.0, 1.0, 0),
            (vec![(-5, after(1))], 1.0, 3.0, 1),
            (vec![(-5, after(90))], 90.0, 3.0, 1),
            (vec![(-5, after(91))], 91.0, 5.0, 1),
            (vec![(-5, after(90) + DAY_MS / 2)], 90.5, 5.0, 1),
            (vec![(-5, after(5_000))], 3_650.0, 5.0, 1),
            (vec![(-5, OPEN_END)], 3_650.0, 5.0, 1),
            (vec![(-5, after(10)), (5, after(200)), (-9, after(-2))], 200.0, 5.0, 2),
            (vec![(-5, after(-1)), (after(-1), after(20))], 20.0, 3.0, 1),
        ] {
            let got = scored("{}", &held);
            assert_eq!((got.value, got.score, got.samples), (value, score, samples), "{held:?}");
            assert_eq!(got.effective_samples, f64::from(samples));
        }
        assert_eq!(scored(r#"{"renewal_days": 0}"#, &[(0, after(1))]).score, 5.0);
    }

    #[test]
    fn explains_itself_and_says_that_it_is_a_stub() {
        let note = "stub: these figures are made up";
        let lines = |until| scored("{}", &[(0, until)]).explanation;
        assert_eq!(lines(after(20)), ["an agreement is in force for 20.0 more days, not more than 90: 3", note]);
        assert_eq!(lines(after(200)), ["an agreement is in force for 200.0 more days, more than 90: 5", note]);
        assert_eq!(lines(OPEN_END), ["an agreement without an end is in force, counted as 3650 days: 5", note]);
        assert_eq!(lines(1), ["no agreement in force at the end of the window: 1", note]);
    }

    #[test]
    fn refuses_what_it_does_not_measure() {
        assert!(matches!(Agreements::score("x", "{}", WINDOW, &[]), Err(Failure::Other(_))));
        assert!(matches!(Agreements::score(METRIC, "[]", WINDOW, &[]), Err(Failure::Settings(_))));
    }
}

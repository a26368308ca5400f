//! Agreement Coverage: whether an agreement is in force at the end of the window, and for how many days more.

use scoresheet_sdk::{Case, Failure, Instant, Outcome, Score, numbers::DAY_MS, stub};

use crate::{Kind, settings::MetricSettings};

/// The most days of cover that are reported: the longest lookback there is. An agreement without an end counts as this
/// long, because a score's value has to be a number.
const MAX_DAYS: f64 = 3_650.0;

/// How an end that never comes is written.
const OPEN_END: Instant = Instant::MAX;

/// One client's outcome. No agreement is an answer: 1. Of several in force, the one that runs longest counts.
pub(crate) fn score(settings: &MetricSettings, case: &Case<'_, Kind>) -> Result<Outcome, Failure> {
    let end = case.window().end;
    let in_force = case.samples().filter(|sample| sample.at <= end && end < sample.until);
    let samples = u32::try_from(in_force.clone().count()).unwrap_or(u32::MAX);
    let until = in_force.map(|sample| sample.until).max();
    let left = until.map(|until| until.saturating_sub(end) as f64 / DAY_MS as f64);
    let is_long = left.is_some_and(|left| left > f64::from(settings.renewal_days));
    let score = match left {
        None => 1.0,
        Some(_) if is_long => 5.0,
        Some(_) => 3.0,
    };
    let explanation = stub::explanation(case, || match (until, left) {
        (Some(OPEN_END), _) => {
            format!("an agreement without an end is in force, counted as {MAX_DAYS} days: {score}")
        }
        (_, Some(left)) => {
            let word = if is_long { "more than" } else { "not more than" };
            format!("an agreement is in force for {left:.1} more days, {word} {}: {score}", settings.renewal_days)
        }
        (_, None) => format!("no agreement in force at the end of the window: {score}"),
    });
    Ok(Outcome::Measured(Score {
        score,
        value: left.unwrap_or(0.0).min(MAX_DAYS),
        samples,
        effective_samples: f64::from(samples),
        interval: None,
        explanation,
    }))
}

#[cfg(test)]
mod tests {
    use scoresheet_sdk::{Sample, Window, testing};

    use super::*;
    use crate::{Agreements, METRIC};

    const WINDOW: Window = Window { start: 0, end: 30 * DAY_MS };

    fn scored(settings: &str, held: &[(Instant, Instant)]) -> Score {
        let sample =
            |(at, until): &(Instant, Instant)| Sample { at: *at, until: *until, value: 1.0, kind: Kind::Agreement };
        let case = testing::case(WINDOW, &held.iter().map(sample).collect::<Vec<_>>());
        match testing::score_one::<Agreements>(METRIC, settings, Vec::new(), case).expect("an outcome") {
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
        assert!(matches!(testing::score::<Agreements>("x", "{}", &[], &[]), Err(Failure::Other(_))));
        assert!(matches!(testing::score::<Agreements>(METRIC, "[]", &[], &[]), Err(Failure::Settings(_))));
    }
}

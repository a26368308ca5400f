//! What a component makes of its subjects' past.

use scoresheet_domain::{Failure, Figure};
use scoresheet_engine::Figures;

use super::{At, Broken, Checked, failure, figure, score};
use crate::{
    bindings::{accellis::scoresheet::types, optional::exports::accellis::scoresheet::history as wit},
    state::GaveUp,
};

/// What a component answers about each metric.
pub(crate) type Given = Vec<Result<Vec<Option<wit::Figure>>, types::Failure>>;

/// The answers about so many metrics, of subjects that had so many samples each, and of so many periods.
pub(crate) fn figures(
    given: Given,
    asks: usize,
    samples: &[usize],
    periods: usize,
    gave_up: Option<&GaveUp>,
) -> Checked<Vec<Result<Figures, Failure>>> {
    if given.len() != asks {
        let right = format!("one for each of {asks} metrics is needed, in their order");
        return Err(Broken::new("the list of figures", format!("{} long", given.len()), right));
    }
    let answer = |given| match given {
        Ok(given) => of_subjects(given, samples, periods).map(Ok),
        Err(failed) => Ok(Err(failure(failed, gave_up))),
    };
    given.into_iter().map(answer).collect()
}

fn of_subjects(given: Vec<Option<wit::Figure>>, samples: &[usize], periods: usize) -> Checked<Figures> {
    if given.len() != samples.len() * periods {
        let right = format!("one for each of {periods} periods of each of {} subjects is needed", samples.len());
        return Err(Broken::new("a metric's list of figures", format!("{} long", given.len()), right));
    }
    let checked = |(index, given): (usize, Option<wit::Figure>)| {
        given.map(|given| one(At { list: "figures", index }, given, samples[index / periods])).transpose()
    };
    given.into_iter().enumerate().map(checked).collect()
}

/// A period has some of the subject's samples, so it is held to no more than all of them.
fn one(at: At<'_>, given: wit::Figure, samples: usize) -> Checked<Figure> {
    Ok(Figure {
        score: score::on_scale(at, given.score)?,
        value: figure(given.value, || at.field("value"))?,
        samples: score::at_most_had(at, given.samples, samples)?,
        weight: score::weight(at, "weight", given.weight)?,
        interval: given.interval.map(|given| score::interval(at, given)).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::accellis::scoresheet::types::Interval;

    fn given() -> wit::Figure {
        wit::Figure {
            score: 4.0,
            value: 4.333,
            samples: 3,
            weight: 2.5,
            interval: Some(Interval { low: 3.8, high: 4.8 }),
        }
    }

    #[test]
    fn right_figures_pass_in_their_order() {
        let rate = wit::Figure { value: 40.0, weight: 1.0, interval: None, ..given() };
        let checked = of_subjects(vec![Some(given()), None, None, Some(rate)], &[3, 9], 2).expect("right figures");
        let of = |given: wit::Figure| Figure {
            score: 4.0,
            value: given.value,
            samples: 3,
            weight: given.weight,
            interval: given.interval.map(|it| scoresheet_domain::Interval { low: it.low, high: it.high }),
        };
        assert_eq!(checked, [Some(of(given())), None, None, Some(of(rate))]);
        assert_eq!(of_subjects(Vec::new(), &[], 2), Ok(Vec::new()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        type Change = fn(&mut wit::Figure);
        let cases: [(Change, &str); 8] = [
            (|it| it.score = 0.0, "figures[1].score is 0: a score lies within 1 and 5"),
            (|it| it.score = f64::NAN, "figures[1].score is NaN"),
            (|it| it.value = 1e308, "figures[1].value is 1e308: it must lie within ±1e15"),
            (|it| it.samples = 4, "figures[1].samples is 4: the subject had 3 samples"),
            (|it| it.weight = -0.5, "figures[1].weight is -0.5: it must not be negative"),
            (|it| it.weight = f64::INFINITY, "figures[1].weight is inf: it must be a finite number"),
            (|it| it.interval = Some(Interval { low: 2.0, high: 1.0 }), "figures[1].interval is from 2 to 1"),
            (|it| it.interval = Some(Interval { low: f64::NAN, high: 1.0 }), "figures[1].interval.low is NaN"),
        ];
        for (change, expected) in cases {
            let mut wrong = given();
            change(&mut wrong);
            let message = of_subjects(vec![None, Some(wrong)], &[9, 3], 1).expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}\nshould say\n{expected}");
        }
        for wrong in [vec![None; 5], vec![None; 7]] {
            let long = wrong.len();
            let message = of_subjects(wrong, &[0, 0], 3).expect_err("not six").to_string();
            let expected = "one for each of 3 periods of each of 2 subjects is needed";
            assert_eq!(message, format!("a metric's list of figures is {long} long: {expected}"));
        }
        let message = figures(vec![Ok(Vec::new())], 2, &[], 1, None).expect_err("one is missing").to_string();
        assert_eq!(message, "the list of figures is 1 long: one for each of 2 metrics is needed, in their order");
    }

    #[test]
    fn a_metric_that_fails_leaves_the_others_theirs() {
        let failed = types::Failure::Other("no\nseats".to_owned());
        let answers = figures(vec![Err(failed), Ok(vec![None])], 2, &[0], 1, None).expect("right answers");
        assert_eq!(answers, [Err(Failure::Other("no seats".to_owned())), Ok(vec![None])]);
    }
}

//! The mean, its rounding, and what may be told of it.

mod bursts;
mod differential;
mod properties;

use scoresheet_sdk::{CaseColumns, Failure, Sample, Subject, Window, numbers::DAY_MS, testing};

use super::*;
use crate::CrewHu;

const METRIC: &str = "support-engagement-satisfaction";
const WINDOW: Window = Window { start: 0, end: 1_000 };

/// A case with these ratings, by index of kind: also of kinds that the provider does not have.
fn rated(ratings: &[(u16, f64)]) -> CaseColumns {
    let sample = |&(kind, value): &(u16, f64)| Sample { at: 1, until: 1, value, kind };
    testing::case(WINDOW, &ratings.iter().map(sample).collect::<Vec<_>>())
}

fn score(settings: &str, cases: &[CaseColumns]) -> Result<Vec<Outcome>, Failure> {
    testing::score::<CrewHu>(METRIC, settings, &[Subject { attributes: Vec::new() }], cases)
}

fn score_one(settings: &str, case: CaseColumns) -> Outcome {
    score(settings, &[case]).expect("an outcome").remove(0)
}

fn outcome(settings: &str, ratings: &[(u16, f64)]) -> Outcome {
    score_one(settings, rated(ratings))
}

fn overall(ratings: &[f64]) -> Vec<(u16, f64)> {
    ratings.iter().map(|rating| (0, *rating)).collect()
}

fn measured(settings: &str, ratings: &[f64]) -> Score {
    match outcome(settings, &overall(ratings)) {
        Outcome::Measured(score) => score,
        other => panic!("expected a score, got {other:?}"),
    }
}

#[test]
fn the_mean_is_rounded_to_even() {
    for (ratings, value, score, explanation) in [
        (vec![4.0], 4.0, 4.0, "1 response, mean 4.00, rounded to 4"),
        (vec![2.0, 3.0], 2.5, 2.0, "2 responses, mean 2.50, rounded to 2"),
        (vec![3.0, 4.0], 3.5, 4.0, "2 responses, mean 3.50, rounded to 4"),
        (vec![4.0, 5.0], 4.5, 4.0, "2 responses, mean 4.50, rounded to 4"),
        (vec![1.0, 2.0], 1.5, 2.0, "2 responses, mean 1.50, rounded to 2"),
        (vec![5.0, 4.0, 4.0], 4.333_333_333_333_333, 4.0, "3 responses, mean 4.33, rounded to 4"),
        (vec![4.1, 4.2, 4.3], 4.2, 4.0, "3 responses, mean 4.20, rounded to 4"),
    ] {
        let found = measured("{}", &ratings);
        assert_eq!((found.score, found.value), (score, value), "{ratings:?}");
        assert_eq!((found.samples as usize, found.effective_samples), (ratings.len(), ratings.len() as f64));
        assert_eq!(found.explanation[0], explanation);
    }
}

#[test]
fn too_few_responses_give_no_score() {
    let shortfall = |have, need, detail: &str| Outcome::NoData(Shortfall { have, need, detail: detail.to_owned() });
    let three = r#"{"min_responses": 3}"#;
    assert_eq!(outcome("{}", &[]), shortfall(0, 1, "no responses in the window"));
    assert_eq!(outcome(three, &[]), shortfall(0, 3, "0 of the 3 responses needed"));
    assert_eq!(outcome(three, &overall(&[5.0, 5.0])), shortfall(2, 3, "2 of the 3 responses needed"));
    assert!(matches!(outcome(three, &overall(&[5.0; 3])), Outcome::Measured(_)));
}

#[test]
fn only_the_chosen_types_count() {
    let ratings = [(0, 5.0), (1, 4.0), (2, 1.0), (3, 2.0), (9, 5.0)];
    let score = |settings: &str| match outcome(settings, &ratings) {
        Outcome::Measured(score) => (score.samples, score.value),
        other => panic!("expected a score, got {other:?}"),
    };
    assert_eq!(score("{}"), (4, 3.0));
    assert_eq!(score(r#"{"types": ["resolution"]}"#), (1, 4.0));
    assert_eq!(score(r#"{"types": ["timeliness", "communication"]}"#), (2, 1.5));
}

#[test]
fn each_case_has_its_own_outcome() {
    let outcomes = score("{}", &[rated(&[]), rated(&[(0, 5.0)]), rated(&[(0, 1.0)])]).expect("outcomes");
    let scores: Vec<Option<f64>> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Outcome::Measured(score) => Some(score.score),
            _ => None,
        })
        .collect();
    assert_eq!(scores, [None, Some(5.0), Some(1.0)]);
}

#[test]
fn refuses_what_it_does_not_measure() {
    let failure = testing::score::<CrewHu>("gut-instinct", "{}", &[], &[]).expect_err("no such metric");
    assert_eq!(failure, Failure::Other("unknown metric 'gut-instinct'".to_owned()));
    assert!(matches!(score(r#"{"types": ["mood"]}"#, &[]), Err(Failure::Settings(_))));
}

#[test]
fn the_explanation_can_be_shown_to_a_client() {
    let ratings = [5.0, 5.0, 5.0, 5.0, 4.0, 4.0, 5.0, 5.0, 5.0, 3.0, 4.0, 2.0];
    assert_eq!(
        measured("{}", &ratings).explanation,
        [
            "12 responses, mean 4.33, rounded to 4",
            "10 positive, 1 neutral, 1 negative: +75 as CrewHu counts it",
            "between 3.6 and 4.7 with 95 % confidence",
        ]
    );
    let lines = |settings: &str, ratings: &[f64]| measured(settings, ratings).explanation;
    for (ratings, expected) in [
        (&[5.0, 1.0][..], "1 positive, 0 neutral, 1 negative: 0 as CrewHu counts it"),
        (&[1.0, 1.5, 3.0], "0 positive, 1 neutral, 2 negative: -67 as CrewHu counts it"),
        (&[3.0], "0 positive, 1 neutral, 0 negative: 0 as CrewHu counts it"),
        (&[3.5], "1 positive, 0 neutral, 0 negative: +100 as CrewHu counts it"),
    ] {
        assert_eq!(lines("{}", ratings)[1], expected);
    }
    assert_eq!(lines(r#"{"types": ["overall"]}"#, &[5.0])[3], "only responses about overall satisfaction count");
    assert_eq!(
        lines(r#"{"types": ["timeliness", "overall", "resolution"]}"#, &[5.0])[3],
        "only responses about overall, resolution and timeliness satisfaction count"
    );
    assert_eq!(
        lines(r#"{"half_life_days": 30}"#, &[5.0])[3],
        "newer responses weigh more: half the weight for every 30 days of age, together as good as 1.0 of one age"
    );
    assert!(lines(r#"{"half_life_days": 1}"#, &[5.0])[3].contains("every 1 day of"));
}

#[test]
fn ages_count_from_the_windows_end() {
    let window = Window { start: 0, end: 90 * DAY_MS };
    let sample = |days_before: i64, value: f64| {
        let at = window.end - days_before * DAY_MS;
        Sample { at, until: at, value, kind: Kind::Overall }
    };
    let case = testing::case(window, &[sample(60, 2.0), sample(30, 5.0)]);
    let found = score_one(r#"{"half_life_days": 30}"#, case);
    let Outcome::Measured(found) = found else { panic!("expected a score, got {found:?}") };
    // Half and a quarter: 3/4 of weight, of which the five has two thirds.
    assert_eq!((found.value, found.score, found.samples), (4.0, 4.0, 2));
    assert_eq!(found.effective_samples, 0.75 * 0.75 / 0.3125);
    assert_eq!(found.explanation[0], "2 responses, mean 4.00, rounded to 4");
}

#[test]
fn the_half_life_never_counts_for_the_minimum() {
    let settings = r#"{"half_life_days": 0.001, "min_responses": 2}"#;
    assert!(matches!(outcome(settings, &overall(&[5.0, 1.0])), Outcome::Measured(_)));
}

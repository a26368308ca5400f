//! The mean, its rounding, and what must hold for any responses.

use std::collections::BTreeMap;

use proptest::{prelude::*, sample::subsequence, test_runner::RngSeed};
use scoresheet_sdk::{Failure, Provider, Sample, Window, testing::ScriptedHost};

use super::*;
use crate::{CrewHu, response::KINDS};

const METRIC: &str = "support-engagement-satisfaction";
const WINDOW: Window = Window { start: 0, end: 1_000 };

fn subject(ratings: &[(u16, f64)]) -> Subject {
    let sample = |&(kind, value): &(u16, f64)| Sample { at: 1, until: 1, value, kind };
    Subject { attributes: Vec::new(), samples: ratings.iter().map(sample).collect() }
}

fn outcome(settings: &str, ratings: &[(u16, f64)]) -> Outcome {
    CrewHu::score(METRIC, settings, WINDOW, &[subject(ratings)]).expect("an outcome").remove(0)
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
        let expected = Score {
            score,
            value,
            samples: ratings.len() as u32,
            effective_samples: ratings.len() as f64,
            interval: None,
            explanation: vec![explanation.to_owned()],
        };
        assert_eq!(measured("{}", &ratings), expected, "{ratings:?}");
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
fn each_subject_has_its_own_outcome() {
    let subjects = [subject(&[]), subject(&[(0, 5.0)]), subject(&[(0, 1.0)])];
    let outcomes = CrewHu::score(METRIC, "{}", WINDOW, &subjects).expect("outcomes");
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
    let failure = CrewHu::score("gut-instinct", "{}", WINDOW, &[]).expect_err("no such metric");
    let expected = "there is no metric 'gut-instinct'; there is 'support-engagement-satisfaction'";
    assert_eq!(failure, Failure::Other(expected.to_owned()));
    let failure = CrewHu::score(METRIC, r#"{"types": []}"#, WINDOW, &[]).expect_err("wrong settings");
    let Failure::Settings(problems) = failure else { panic!("expected settings, got {failure:?}") };
    assert_eq!(problems[0].pointer, "/types");
}

/// The same cases at every run.
fn properties(seed: u64) -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..ProptestConfig::default() }
}

fn ratings() -> impl Strategy<Value = Vec<(u16, f64)>> {
    let rating =
        prop_oneof![(1_u8..=5).prop_map(f64::from), (4_u8..=20).prop_map(|n| f64::from(n) / 4.0), 1.0..=5.0_f64];
    prop::collection::vec((0_u16..4, rating), 0..40)
}

/// The ratings as they come back from a source that has cut them into pages at these places, with the row before each
/// cut repeated after it, as happens where a page drifts while it is read.
fn pulled(ratings: &[(u16, f64)], cuts: &[usize]) -> Vec<(u16, f64)> {
    let rows: Vec<String> = ratings
        .iter()
        .enumerate()
        .map(|(index, (kind, rating))| {
            let kind = KINDS[usize::from(*kind)];
            let at = "1970-01-01T00:00:00.5Z";
            format!(r#"{{"id": {index}, "client_id": 1, "score": {rating}, "type": "{kind}", "responded_at": "{at}"}}"#)
        })
        .collect();
    let mut edges: Vec<usize> = cuts.iter().map(|cut| *cut.min(&rows.len())).collect();
    edges.extend([0, rows.len()]);
    edges.sort_unstable();
    let pages = edges.len() - 1;
    let mut host = ScriptedHost::at(WINDOW.end);
    for (number, edge) in (1..).zip(edges.windows(2)) {
        let data = rows[edge[0].saturating_sub(1)..edge[1]].join(",");
        let body = format!(r#"{{"data": [{data}], "pagination": {{"page": {number}, "total_pages": {pages}}}}}"#);
        host = host.json("api/v1/csat/scores", &[("page", &number.to_string())], &body);
    }

    let mut found = BTreeMap::new();
    let mut cursors = vec![None];
    while let Some(cursor) = cursors.pop() {
        let page = CrewHu::pull(&host, r#"{"company_id": "m"}"#, WINDOW, None, cursor.as_deref()).expect("a page");
        assert!(page.rejected.is_empty());
        found.extend(page.items.into_iter().map(|item| (item.id, (item.kind, item.value))));
        cursors.extend(page.next.into_iter().map(Some));
    }
    found.into_values().collect()
}

proptest! {
    #![proptest_config(properties(3))]

    #[test]
    fn order_never_matters(ratings in ratings(), seed in any::<u64>()) {
        let mut shuffled = ratings.clone();
        // Any fixed permutation that depends on the seed will do.
        shuffled.sort_by_key(|(kind, value)| value.to_bits().wrapping_mul(seed | 1).rotate_left(17) ^ u64::from(*kind));
        prop_assert_eq!(outcome("{}", &shuffled), outcome("{}", &ratings));
    }

    #[test]
    fn the_cut_into_pages_never_matters(ratings in ratings(), cuts in prop::collection::vec(0_usize..40, 0..4)) {
        prop_assert_eq!(outcome("{}", &pulled(&ratings, &cuts)), outcome("{}", &ratings));
    }

    #[test]
    fn a_score_is_on_the_scale_or_absent(
        ratings in ratings(),
        min_responses in 1_u32..6,
        types in subsequence(KINDS.to_vec(), 1..=4),
    ) {
        let settings = format!(r#"{{"min_responses": {min_responses}, "types": {types:?}}}"#);
        match outcome(&settings, &ratings) {
            Outcome::Measured(score) => {
                prop_assert!((1.0..=5.0).contains(&score.score) && score.score.fract() == 0.0);
                prop_assert!((1.0..=5.0).contains(&score.value));
                prop_assert!((score.score - score.value).abs() <= 0.5);
                prop_assert!(score.samples >= min_responses);
            }
            Outcome::NoData(shortfall) => {
                prop_assert!(shortfall.have < min_responses && shortfall.need == min_responses);
            }
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn a_five_never_lowers_the_mean(mut ratings in ratings()) {
        ratings.push((0, 3.0));
        let before = outcome("{}", &ratings);
        ratings.push((1, 5.0));
        match (before, outcome("{}", &ratings)) {
            (Outcome::Measured(before), Outcome::Measured(after)) => {
                prop_assert!(after.value >= before.value, "{before:?} {after:?}");
                prop_assert!(after.score >= before.score, "{before:?} {after:?}");
            }
            other => prop_assert!(false, "{other:?}"),
        }
    }
}

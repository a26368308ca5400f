//! What must hold for any responses.

use std::collections::BTreeMap;

use proptest::{prelude::*, sample::subsequence, test_runner::RngSeed};
use scoresheet_sdk::{Interval, testing::ScriptedHost};

use super::*;
use crate::kind::TYPES;

/// The same cases at every run.
fn properties(seed: u64) -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..ProptestConfig::default() }
}

/// A sample at any time of the window, which is 400 days long here.
fn samples() -> impl Strategy<Value = Vec<Sample<u16>>> {
    let sample = (0..LONG.end, 0_u16..5, rating()).prop_map(|(at, kind, value)| Sample { at, until: at, value, kind });
    // Times close to each other make bursts.
    let close =
        (0..120_000_i64, 3_u16..5, rating()).prop_map(|(at, kind, value)| Sample { at, until: at, value, kind });
    prop::collection::vec(prop_oneof![4 => sample, 1 => close], 0..30)
}

const LONG: Window = Window { start: 0, end: 400 * DAY_MS };

fn outcome_of(settings: &str, samples: &[Sample<u16>]) -> Outcome {
    score_one(settings, testing::case(LONG, samples))
}

/// With and without half-lives, from minutes to a lifetime.
fn metric_settings() -> impl Strategy<Value = String> {
    let half_life = prop_oneof![Just(None), (0.01..1e4_f64).prop_map(Some)];
    (half_life, any::<bool>()).prop_map(|(half_life, drop)| match half_life {
        None => format!(r#"{{"drop_suspected_bots": {drop}}}"#),
        Some(days) => format!(r#"{{"drop_suspected_bots": {drop}, "half_life_days": {days}}}"#),
    })
}

fn rating() -> impl Strategy<Value = f64> {
    prop_oneof![(1_u8..=5).prop_map(f64::from), (4_u8..=20).prop_map(|n| f64::from(n) / 4.0), 1.0..=5.0_f64]
}

fn ratings() -> impl Strategy<Value = Vec<(u16, f64)>> {
    prop::collection::vec((0_u16..4, rating()), 0..40)
}

/// The ratings as they come back from a source that has cut them into pages at these places, with the row before each
/// cut repeated after it, as happens where a page drifts while it is read.
fn pulled(ratings: &[(u16, f64)], cuts: &[usize]) -> Vec<(u16, f64)> {
    let rows: Vec<String> = ratings
        .iter()
        .enumerate()
        .map(|(index, (kind, rating))| {
            let kind = TYPES[usize::from(*kind)].0;
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
        let page = testing::pull::<CrewHu>(&host, r#"{"company_id": "m"}"#, WINDOW, cursor.as_deref()).expect("a page");
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
        types in subsequence(TYPES.map(|(name, _)| name).to_vec(), 1..=4),
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

    #[test]
    fn outcomes_depend_on_their_own_case_and_subject(
        clients in prop::collection::vec(samples(), 0..4),
        settings in metric_settings(),
        min_responses in 1..4,
        end in 1..LONG.end,
    ) {
        let settings = settings.replacen('{', &format!(r#"{{"min_responses": {min_responses}, "#), 1);
        let subjects = vec![Subject { attributes: Vec::new() }; clients.len()];
        let windows = [Window { end, ..LONG }, Window { start: end, ..LONG }, LONG];
        let cases: Vec<CaseColumns> = (0..)
            .zip(&clients)
            .flat_map(|(subject, samples)| {
                windows.map(|window| {
                    let is_inside = |sample: &&Sample<u16>| (window.start..window.end).contains(&sample.at);
                    let inside: Vec<Sample<u16>> = samples.iter().filter(is_inside).copied().collect();
                    CaseColumns { subject, ..testing::case(window, &inside) }
                })
            })
            .collect();
        // The comparison is the helper's.
        let outcomes = testing::score::<CrewHu>(METRIC, &settings, &subjects, &cases).expect("outcomes");
        prop_assert_eq!(outcomes.len(), clients.len() * 3);
    }

    #[test]
    fn order_never_matters_to_anything_that_is_told(samples in samples(), settings in metric_settings(), turn in 0_usize..30) {
        let mut turned = samples.clone();
        turned.rotate_left(turn.min(samples.len()));
        prop_assert_eq!(outcome_of(&settings, &turned), outcome_of(&settings, &samples));
        turned.reverse();
        prop_assert_eq!(outcome_of(&settings, &turned), outcome_of(&settings, &samples));
    }

    #[test]
    fn what_is_told_fits_together(samples in samples(), settings in metric_settings()) {
        if let Outcome::Measured(score) = outcome_of(&settings, &samples) {
            prop_assert!((1.0..=5.0).contains(&score.value) && (1.0..=5.0).contains(&score.score));
            prop_assert!((score.score - score.value).abs() <= 0.5);
            prop_assert!(score.effective_samples >= 1.0 && score.effective_samples <= f64::from(score.samples));
            let Interval { low, high } = score.interval.expect("an interval");
            prop_assert!(1.0 <= low && low <= score.value && score.value <= high && high <= 5.0, "{score:?}");
            prop_assert!(score.explanation.iter().all(|line| line.len() < 200));
        }
    }

    #[test]
    fn a_five_never_lowers_a_weighted_mean(samples in samples(), half_life in 0.01..1e4_f64, at in 0..LONG.end) {
        let settings = format!(r#"{{"half_life_days": {half_life}}}"#);
        let mut more = samples.clone();
        more.push(Sample { at, until: at, value: 5.0, kind: 1 });
        if let (Outcome::Measured(before), Outcome::Measured(after)) =
            (outcome_of(&settings, &samples), outcome_of(&settings, &more))
        {
            prop_assert!(after.value >= before.value, "{before:?} {after:?}");
        }
    }

    #[test]
    fn weights_scaled_together_change_nothing(samples in samples(), half_life in 0.5..100.0_f64, half_lives in 1_i64..40) {
        // So many half-lives later each weight is that power of two smaller.
        let half_life_ms = (half_life * DAY_MS as f64) as i64;
        let days = half_life_ms as f64 / DAY_MS as f64;
        let settings = format!(r#"{{"half_life_days": {days}}}"#);
        let later = Window { end: LONG.end + half_lives * half_life_ms, ..LONG };
        let found = score_one(&settings, testing::case(later, &samples));
        match (found, outcome_of(&settings, &samples)) {
            (Outcome::Measured(later), Outcome::Measured(now)) => {
                // An age is divided by the half-life, and the quotient is rounded; all else is exact.
                prop_assert!((later.value - now.value).abs() < 1e-12, "{later:?} {now:?}");
                prop_assert!((later.effective_samples - now.effective_samples).abs() < 1e-10, "{later:?} {now:?}");
                prop_assert_eq!(later.samples, now.samples);
            }
            (later, now) => prop_assert_eq!(later, now),
        }
    }

    #[test]
    fn an_endless_half_life_is_none(samples in samples()) {
        if let (Outcome::Measured(weighted), Outcome::Measured(plain)) =
            (outcome_of(r#"{"half_life_days": 1e13}"#, &samples), outcome_of("{}", &samples))
        {
            prop_assert!((weighted.value - plain.value).abs() < 1e-9);
            prop_assert!((weighted.effective_samples - plain.effective_samples).abs() < 1e-6);
        }
    }

    #[test]
    fn what_is_left_out_is_counted(samples in samples()) {
        let told = |settings: &str| match outcome_of(settings, &samples) {
            Outcome::Measured(score) => {
                let line = score.explanation.iter().find_map(|line| line.split_once(" not counted"));
                (score.samples, line.map_or(0, |(count, _)| count.parse().expect("a count")))
            }
            Outcome::NoData(short) => {
                let count = short.detail.split_once("; ").and_then(|(_, more)| more.split_once(' '));
                (short.have, count.map_or(0, |(count, _)| count.parse::<u32>().expect("a count")))
            }
            other => panic!("{other:?}"),
        };
        let all = samples.len() as u32;
        prop_assert_eq!(told(r#"{"drop_suspected_bots": false}"#), (all, 0));
        let (kept, left_out) = told("{}");
        prop_assert_eq!(kept + left_out, all);
    }
}

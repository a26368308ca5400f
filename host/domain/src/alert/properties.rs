//! Over any sheets: told once, resolved once, and not by absence.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{testing::*, *};
use crate::{
    outcome::Interval,
    problem::{Problem, ProblemKind},
    sheet::{MetricCell, OutcomeKind, Scoresheet},
    trend::Direction,
};

const CLIENTS: [&str; 3] = ["a", "b", "c"];

fn rules() -> Vec<Rule> {
    vec![
        rule("low", Condition::Floor(Floor { of: FloorOf::Metrics, at: 2.0, clears_above: 3.0 })),
        rule("lowest", Condition::Floor(Floor { of: FloorOf::Metrics, at: 1.0, clears_above: 1.0 })),
        rule("overall", Condition::Floor(Floor { of: FloorOf::Engagement, at: 3.0, clears_above: 3.0 })),
        rule("drop", Condition::Drop(Drop { by: 1.0 })),
        rule("decline", Condition::Decline(Decline)),
        rule("stale", Condition::Stale(Stale)),
        rule("connection", Condition::Connection(Connection)),
        rule("mapping", Condition::Mapping(Mapping)),
    ]
}

fn any_cell(id: &'static str, manual: bool) -> impl Strategy<Value = MetricCell> {
    let direction =
        prop::sample::select(vec![Direction::Improving, Direction::Steady, Direction::Declining, Direction::Unclear]);
    let score = prop::option::weighted(0.7, (1_u8..=5).prop_map(f64::from));
    (score, prop::option::of((direction, -3.0_f64..3.0)), prop::bool::weighted(0.2), any::<bool>()).prop_map(
        move |(score, heading, stale, bounded)| MetricCell {
            provider: (!manual).then(provider),
            outcome: match score {
                Some(_) if manual => OutcomeKind::Manual,
                Some(_) => OutcomeKind::Measured,
                None => OutcomeKind::NoData,
            },
            stale,
            interval: bounded.then_some(Interval { low: 1.0, high: 5.0 }),
            trend: heading.map(|(direction, change)| trend(direction, 3.0, change)),
            ..cell(id, score)
        },
    )
}

fn any_problem() -> impl Strategy<Value = Problem> {
    let kinds = vec![ProblemKind::Unauthorized, ProblemKind::Stale, ProblemKind::Unmapped, ProblemKind::Ambiguous];
    (prop::sample::select(kinds), prop::option::of(prop::sample::select(CLIENTS.to_vec())))
        .prop_map(|(kind, client)| problem(kind, client))
}

fn any_sheet() -> impl Strategy<Value = Scoresheet> {
    let row = |id: &'static str| {
        prop::option::weighted(
            0.9,
            (any_cell("csat", false), any_cell("gut", true)).prop_map(move |(a, b)| row(id, vec![a, b])),
        )
    };
    let rows = (row(CLIENTS[0]), row(CLIENTS[1]), row(CLIENTS[2]));
    (rows, prop::collection::vec(any_problem(), 0..3))
        .prop_map(|((a, b, c), problems)| sheet([a, b, c].into_iter().flatten().collect(), problems))
}

fn keys(open: &[Alert]) -> BTreeSet<String> {
    open.iter().map(|alert| alert.key.clone()).collect()
}

proptest! {
    #[test]
    fn each_occurrence_is_fired_once_and_resolved_once(sheets in prop::collection::vec(any_sheet(), 1..8)) {
        let rules = rules();
        let (mut open, mut next) = (Vec::new(), 0);
        for sheet in &sheets {
            let before = keys(&open);
            let told = step(&open, &evaluate(&rules, sheet));
            let fired: BTreeSet<String> = told.fire.iter().map(|finding| finding.key.clone()).collect();
            prop_assert_eq!(fired.len(), told.fire.len(), "each key once");
            prop_assert!(fired.is_disjoint(&before), "what is open is not fired again");
            let ids: BTreeSet<AlertId> = told.resolve.iter().map(|(id, _)| *id).collect();
            prop_assert_eq!(ids.len(), told.resolve.len());
            prop_assert!(ids.iter().all(|id| open.iter().any(|alert| alert.id == *id)), "only what is open is resolved");
            apply(&mut open, &told, &mut next);
            prop_assert_eq!(keys(&open).len(), open.len());
            // The same sheet again has no news.
            prop_assert_eq!(step(&open, &evaluate(&rules, sheet)), Step::default());
        }
    }

    #[test]
    fn the_order_of_clients_and_problems_is_irrelevant(first in any_sheet(), second in any_sheet()) {
        let rules = rules();
        let turned = |sheet: &Scoresheet| {
            let mut sheet = sheet.clone();
            sheet.clients.reverse();
            sheet.problems.sort();
            sheet
        };
        let sorted = |sheet: &Scoresheet| Scoresheet {
            problems: turned(sheet).problems,
            ..sheet.clone()
        };
        let (first, second) = (sorted(&first), sorted(&second));
        let fired = step(&[], &evaluate(&rules, &first));
        prop_assert_eq!(&fired, &step(&[], &evaluate(&rules, &turned(&first))));
        let mut open = Vec::new();
        apply(&mut open, &fired, &mut 0);
        prop_assert_eq!(step(&open, &evaluate(&rules, &second)), step(&open, &evaluate(&rules, &turned(&second))));
    }

    #[test]
    fn without_figures_nothing_about_figures_is_told(first in any_sheet(), second in any_sheet()) {
        let rules = rules();
        let of_figures = |kind| matches!(kind, AlertKind::Floor | AlertKind::Drop | AlertKind::Decline);
        let mut open = Vec::new();
        apply(&mut open, &step(&[], &evaluate(&rules, &first)), &mut 0);
        let gone = |mut sheet: Scoresheet| {
            for row in &mut sheet.clients {
                row.engagement.score = None;
                for cell in &mut row.metrics {
                    (cell.score, cell.value, cell.trend, cell.outcome) = (None, None, None, OutcomeKind::NoData);
                }
            }
            sheet
        };
        // Everybody of the first sheet is on the second one too.
        let second = gone(Scoresheet { clients: first.clients.clone(), ..second });
        let told = step(&open, &evaluate(&rules, &second));
        prop_assert!(told.fire.iter().all(|finding| !of_figures(finding.kind)));
        let resolved = open.iter().filter(|alert| told.resolve.iter().any(|(id, _)| *id == alert.id));
        prop_assert!(resolved.into_iter().all(|alert| !of_figures(alert.kind)));
    }
}

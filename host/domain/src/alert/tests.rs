//! Each kind of rule: when it fires, when it is over, and when nothing can be told.

use super::{testing::*, *};
use crate::{
    outcome::Interval,
    problem::ProblemKind,
    sheet::{Entered, MetricCell, OutcomeKind, Scoresheet},
    trend::Direction,
};

const LOW: Condition = Condition::Floor(Floor { of: FloorOf::Metrics, at: 3.0, clears_above: 3.0 });
const LOW_OVERALL: Condition = Condition::Floor(Floor { of: FloorOf::Engagement, at: 3.0, clears_above: 3.5 });

/// What is fired on the first sheet, and what is resolved on each of the others, all against what was fired first.
fn told(condition: Condition, first: &Scoresheet, then: &[Scoresheet]) -> (Vec<String>, Vec<Vec<String>>) {
    let rules = [rule("it", condition)];
    let fired = step(&[], &evaluate(&rules, first));
    let mut open = Vec::new();
    apply(&mut open, &fired, &mut 0);
    let resolved = then.iter().map(|sheet| {
        let step = step(&open, &evaluate(&rules, sheet));
        assert_eq!(step.fire, [], "nothing else");
        step.resolve.into_iter().map(|(_, words)| words).collect()
    });
    (fired.fire.into_iter().map(|finding| finding.message).collect(), resolved.collect())
}

fn of(cell: MetricCell) -> Scoresheet {
    sheet(vec![row("acme", vec![cell])], Vec::new())
}

fn stale(cell: MetricCell) -> MetricCell {
    MetricCell { stale: true, ..cell }
}

fn nothing(count: usize) -> Vec<Vec<String>> {
    vec![Vec::new(); count]
}

#[test]
fn a_score_at_or_under_its_floor() {
    let low = MetricCell { explanation: vec!["9 responses".into()], ..cell("csat", Some(3.0)) };
    let (fired, resolved) = told(LOW, &of(low), &[of(cell("csat", Some(2.0))), of(cell("csat", Some(4.0)))]);
    assert_eq!(fired, ["acme, Inc.: CSAT is 3, at or under the floor of 3 (9 responses)"]);
    assert_eq!(resolved, [vec![], vec!["acme, Inc.: CSAT is 4, above the floor of 3".to_owned()]]);
    assert_eq!(told(LOW, &of(cell("csat", Some(3.1))), &[]).0, Vec::<String>::new());
}

#[test]
fn absence_and_stale_figures_resolve_nothing() {
    let untold = [
        of(cell("csat", None)),
        of(stale(cell("csat", Some(5.0)))),
        of(MetricCell { outcome: OutcomeKind::Failed, ..cell("csat", None) }),
        sheet(Vec::new(), Vec::new()),
    ];
    let low = cell("csat", Some(1.0));
    assert_eq!(told(LOW, &of(low.clone()), &untold).1, nothing(4));
    assert_eq!(told(LOW_OVERALL, &of(low.clone()), &untold).1, nothing(4));
    let with = |direction| {
        let cell = MetricCell { interval: Some(Interval { low: 1.0, high: 5.0 }), ..cell("csat", Some(2.0)) };
        MetricCell { trend: Some(trend(direction, 4.0, -2.0)), ..cell }
    };
    let better = MetricCell { trend: Some(trend(Direction::Improving, 2.0, 2.0)), ..cell("csat", Some(4.0)) };
    let untold = [of(cell("csat", None)), of(with(Direction::Unclear)), of(stale(better))];
    for condition in [Condition::Drop(Drop { by: 1.0 }), Condition::Decline(Decline)] {
        let (fired, resolved) = told(condition, &of(with(Direction::Declining)), &untold);
        assert_eq!((fired.len(), resolved), (1, nothing(3)), "{condition:?}");
    }
    // Nor does it fire anything; what the sheet shows does, and says what it is.
    assert_eq!(told(LOW, &of(cell("csat", None)), &[]).0, Vec::<String>::new());
    assert_eq!(
        told(LOW, &of(stale(low)), &[]).0,
        ["acme, Inc.: CSAT is 1, at or under the floor of 3 (the figures are stale)"]
    );
}

#[test]
fn a_persons_score_counts_whatever_the_figures_are() {
    let over = MetricCell { outcome: OutcomeKind::Overridden, ..stale(cell("csat", Some(5.0))) };
    assert_eq!(told(LOW, &of(cell("csat", Some(1.0))), &[of(over)]).1[0].len(), 1);
}

#[test]
fn an_engagement_score_is_resolved_above_another_figure() {
    let scored = |score| of(cell("csat", Some(score)));
    let (fired, resolved) = told(LOW_OVERALL, &scored(2.466_66), &[scored(3.2), scored(3.5), scored(3.6)]);
    assert_eq!(fired, ["acme, Inc.: the engagement score is 2.47, at or under the floor of 3"]);
    assert_eq!(resolved.iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 1]);
    assert_eq!(resolved[2], ["acme, Inc.: the engagement score is 3.6, above the floor of 3"]);
}

#[test]
fn a_drop_is_a_figure_that_is_worse_by_so_much() {
    let mean = |value: f64, previous: f64, direction| MetricCell {
        interval: Some(Interval { low: 1.0, high: 5.0 }),
        trend: Some(trend(direction, previous, value - previous)),
        ..cell("csat", Some(value))
    };
    let rate = |value: f64, previous: f64, direction| MetricCell {
        interval: None,
        trend: Some(trend(direction, previous, value - previous)),
        ..cell("tickets", Some(value))
    };
    let by = Condition::Drop(Drop { by: 0.5 });
    let fires = |cell| told(by, &of(cell), &[]).0;
    assert_eq!(
        fires(mean(3.7, 4.2, Direction::Steady)),
        ["acme, Inc.: CSAT is 3.7 after 4.2 in the window before, worse by 0.5"]
    );
    assert_eq!(fires(mean(3.8, 4.2, Direction::Declining)), Vec::<String>::new());
    assert_eq!(fires(mean(4.9, 4.2, Direction::Improving)), Vec::<String>::new());
    assert_eq!(fires(mean(1.0, 4.2, Direction::Unclear)), Vec::<String>::new(), "too little to tell");
    // More tickets are worse; fewer are not, and a change that moves no score is none.
    assert_eq!(
        fires(rate(80.0, 40.0, Direction::Declining)),
        ["acme, Inc.: TICKETS is 80 after 40 in the window before, worse by 40"]
    );
    assert_eq!(fires(rate(40.0, 80.0, Direction::Improving)), Vec::<String>::new());
    assert_eq!(fires(rate(40.0, 80.0, Direction::Steady)), Vec::<String>::new());
    let (_, resolved) = told(by, &of(mean(1.0, 4.0, Direction::Declining)), &[of(mean(1.1, 1.0, Direction::Steady))]);
    assert_eq!(resolved[0], ["acme, Inc.: CSAT is 1.1 after 1 in the window before, which is no drop of 0.5 or more"]);
}

#[test]
fn a_trend_that_declines() {
    let heading = |direction| of(MetricCell { trend: Some(trend(direction, 4.0, 0.0)), ..cell("csat", Some(4.0)) });
    let (fired, resolved) = told(
        Condition::Decline(Decline),
        &heading(Direction::Declining),
        &[heading(Direction::Unclear), heading(Direction::Steady)],
    );
    assert_eq!(fired, ["acme, Inc.: CSAT is declining: a basis"]);
    assert_eq!(resolved, [vec![], vec!["acme, Inc.: CSAT is steady: a basis".to_owned()]]);
}

#[test]
fn stale_figures_are_told_once_a_provider() {
    let clients = |stale_ones: usize| {
        let client = |n| {
            row(
                &format!("c{n}"),
                vec![
                    MetricCell { stale: n < stale_ones, ..cell("csat", Some(4.0)) },
                    MetricCell { stale: n < stale_ones, ..cell("nps", None) },
                ],
            )
        };
        sheet((0..3).map(client).collect(), Vec::new())
    };
    let (fired, resolved) = told(Condition::Stale(Stale), &clients(3), &[clients(1), clients(0)]);
    assert_eq!(fired, ["crewhu: figures of 3 clients are stale: its last sync failed or is overdue"]);
    assert_eq!(resolved, [vec![], vec!["crewhu: the figures are fresh".to_owned()]]);
    let never = sheet(vec![row("acme", vec![cell("csat", None)])], vec![problem(ProblemKind::Stale, None)]);
    assert_eq!(
        told(Condition::Stale(Stale), &never, &[]).0,
        ["it is stale; set the clock right, then run 'scoresheet sync'"]
    );
}

#[test]
fn a_score_that_was_entered_goes_stale_by_itself() {
    let at = Instant::parse("2026-05-04").expect("a time");
    let entered = Some(Entered { author: "anna".into(), at, note: None });
    let manual = MetricCell { provider: None, outcome: OutcomeKind::Manual, entered, ..cell("gut", Some(4.0)) };
    let (fired, resolved) = told(Condition::Stale(Stale), &of(stale(manual.clone())), &[of(manual)]);
    assert_eq!(fired, ["acme, Inc.: GUT: the score that was entered is of 2026-05-04 and is stale: enter it anew"]);
    assert_eq!(resolved[0], ["acme, Inc.: GUT: a score was entered"]);
}

#[test]
fn a_connection_is_told_once_whatever_fails_next() {
    let failing = |kind| sheet(vec![row("acme", vec![cell("csat", None)])], vec![problem(kind, None)]);
    let well = of(cell("csat", None));
    let (fired, resolved) = told(
        Condition::Connection(Connection),
        &failing(ProblemKind::Unauthorized),
        &[failing(ProblemKind::Unavailable), well.clone()],
    );
    assert_eq!(fired, ["it is unauthorized; set the clock right, then run 'scoresheet sync'"]);
    assert_eq!(resolved, [vec![], vec!["crewhu: the last sync went well".to_owned()]]);
    for kind in [ProblemKind::Stale, ProblemKind::Unmapped, ProblemKind::Ambiguous, ProblemKind::Store] {
        assert_eq!(told(Condition::Connection(Connection), &failing(kind), &[]).0, Vec::<String>::new(), "{kind:?}");
    }
}

#[test]
fn a_mapping_that_broke() {
    let unmapped = MetricCell { outcome: OutcomeKind::Unmapped, ..cell("csat", None) };
    let known = of(cell("csat", None));
    let broken = sheet(vec![row("acme", vec![unmapped])], vec![problem(ProblemKind::Unmapped, Some("acme"))]);
    // Where the provider gives nothing, its clients are not known: that mends no mapping.
    let down = sheet(known.clients.clone(), vec![problem(ProblemKind::Unavailable, None)]);
    let other = sheet(known.clients.clone(), vec![problem(ProblemKind::Ambiguous, Some("acme"))]);
    let (fired, resolved) = told(Condition::Mapping(Mapping), &broken, &[down, other, known]);
    assert_eq!(fired, ["it is unmapped; set the clock right, then run 'scoresheet sync'"]);
    assert_eq!(resolved, [vec![], vec![], vec!["acme, Inc.: it is known at crewhu".to_owned()]]);

    let lost =
        |count| sheet(vec![row("acme", vec![cell("csat", None)])], vec![problem(ProblemKind::Unmapped, None); count]);
    let (fired, resolved) = told(Condition::Mapping(Mapping), &lost(2), &[lost(1), lost(0)]);
    assert_eq!(
        fired,
        ["crewhu: 2 clients with observations serve no client of the roster; run 'scoresheet mapping list'"]
    );
    assert_eq!(resolved.iter().map(Vec::len).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn a_rule_is_about_what_its_filter_leaves() {
    let mut legal = row("acme", vec![cell("csat", Some(1.0)), cell("nps", Some(1.0))]);
    legal.kind = Some("legal".into());
    let sheet = sheet(vec![legal, row("beta", vec![cell("csat", Some(1.0)), cell("nps", Some(1.0))])], Vec::new());
    let keys = |filter: Filter| -> Vec<String> {
        let rules = [Rule { filter, ..rule("it", LOW) }];
        evaluate(&rules, &sheet).findings().iter().map(|it| it.key.replace('\u{1f}', "/")).collect()
    };
    assert_eq!(keys(Filter::default()), ["it/acme/csat/", "it/acme/nps/", "it/beta/csat/", "it/beta/nps/"]);
    let types = vec!["legal".to_owned()];
    assert_eq!(keys(Filter { types, ..Filter::default() }), ["it/acme/csat/", "it/acme/nps/"]);
    let metrics = vec![cell("nps", None).id];
    let clients = vec![row("beta", Vec::new()).id];
    assert_eq!(keys(Filter { metrics, clients, ..Filter::default() }), ["it/beta/nps/"]);
    let providers = vec![ProviderName::new("other").expect("a name")];
    assert_eq!(keys(Filter { providers, ..Filter::default() }), Vec::<String>::new());
}

#[test]
fn what_nobody_looks_at_any_more_is_resolved() {
    let first = of(cell("csat", Some(1.0)));
    let fired = step(&[], &evaluate(&[rule("it", LOW)], &first));
    let mut open = Vec::new();
    apply(&mut open, &fired, &mut 0);
    let resolved = |rules: &[Rule], sheet: &Scoresheet| step(&open, &evaluate(rules, sheet)).resolve;
    assert_eq!(resolved(&[], &first)[0].1, "the rule 'it' is not configured any more");
    let other = [rule("it", Condition::Decline(Decline))];
    assert_eq!(resolved(&other, &first)[0].1, "the rule 'it' is not configured any more");
    let elsewhere = sheet(vec![row("beta", vec![cell("csat", Some(4.0))])], Vec::new());
    assert_eq!(resolved(&[rule("it", LOW)], &elsewhere)[0].1, "client 'acme' is not on the sheet any more");
    let without = of(cell("nps", Some(1.0)));
    let rules =
        [Rule { filter: Filter { metrics: vec![cell("csat", None).id], ..Filter::default() }, ..rule("it", LOW) }];
    assert_eq!(resolved(&rules, &without)[0].1, "acme, Inc.: the sheet has no metric 'csat' any more");
    let rules = [Rule { filter: Filter { types: vec!["legal".into()], ..Filter::default() }, ..rule("it", LOW) }];
    assert_eq!(resolved(&rules, &first)[0].1, "the rule 'it' is not about this any more");
}

#[test]
fn a_clients_name_makes_no_lines() {
    let mut named = row("acme", vec![cell("csat", Some(1.0))]);
    named.name = "Acme\r\nBcc: everybody\u{0}".into();
    let (fired, _) = told(LOW, &sheet(vec![named], Vec::new()), &[]);
    assert_eq!(fired, ["Acme Bcc: everybody : CSAT is 1, at or under the floor of 3"]);
}

//! Trends of a provider that only scores, and of one that fails at its past.

use scoresheet_domain::{Failure, ProblemKind, sheet::OutcomeKind};

use crate::fake::*;

#[tokio::test]
async fn a_provider_that_only_scores_has_trends() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    let sheet = sheet(&engine, 1_000).await;
    // Acme's answers are of the days 954, 964, 974, 984 and 994: the 12th and 22nd of August 1972, and so on.
    let trend = cell(&sheet, "acme").trend.as_ref().expect("a trend");
    let months: Vec<(String, u32)> =
        trend.months.iter().map(|month| (month.month.to_string(), month.samples)).collect();
    assert_eq!(months[10..], [("1972-08".to_owned(), 2), ("1972-09".to_owned(), 3)]);
    assert!(months[..10].iter().all(|(_, samples)| *samples == 0), "what was never pulled is a gap: {months:?}");
    // Of the window before, which reaches from day 940 to 970, 60 days were asked for.
    assert_eq!((trend.previous, trend.change), (Some(4.0), Some(0.0)));
}

#[tokio::test]
async fn a_past_that_fails_is_told_and_leaves_the_score() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    world.change(|source| source.past_fails = Some(Failure::Component("it ran out of memory".to_owned())));
    let sheet = sheet(&engine, 1_000).await;
    for id in ["acme", "beta"] {
        let cell = cell(&sheet, id);
        assert_eq!((cell.outcome, cell.score, &cell.trend), (OutcomeKind::Measured, Some(4.0), &None), "{id}");
    }
    let [problem] = sheet.problems.as_slice() else { panic!("one problem: {:?}", sheet.problems) };
    assert_eq!(problem.kind, ProblemKind::Component);
    assert_eq!(
        problem.message,
        "fake: Satisfaction could be scored, but not for the months before: the component failed: it ran out of memory"
    );
}

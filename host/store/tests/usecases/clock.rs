//! A clock that goes back between two syncs: nothing is lost, nothing counts twice, and it is asked anew.

use scoresheet_domain::{Failure, ProblemKind, Remedy};
use scoresheet_engine::definition::RetentionPolicy;

use crate::fake::*;

#[tokio::test]
async fn what_is_covered_stays_covered() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    let report = sync(&engine, 990).await;
    assert_eq!((report.problem, report.withdrawn), (None, 0));
    let coverage =
        world.store().await.provider_data(&scope()).await.expect("data").coverage.remove("answer").expect("coverage");
    assert_eq!(coverage.windows().len(), 1);
    assert_eq!((coverage.windows()[0].start, coverage.windows()[0].end), (day(930), day(1_000)));
    let sheet = sheet(&engine, 1_000).await;
    assert_eq!((cell(&sheet, "acme").samples, cell(&sheet, "acme").stale), (3, false));
}

#[tokio::test]
async fn an_interrupted_pull_of_the_future_is_not_gone_on_with() {
    let world = World::new();
    let engine = world.imported().await;
    world.change(|source| source.fails = Some((3, Failure::Unavailable("it is down".into()))));
    sync(&engine, 1_000).await;
    world.change(|source| source.fails = None);
    let open = world.store().await.open_pulls(&scope()).await.expect("pulls");
    assert_eq!((open.len(), open[0].digests.len()), (1, 3));
    let report = sync(&engine, 999).await;
    assert_eq!(report.problem, None);
    // Its cursors are of a time that has not come: it is given up and asked anew.
    assert_eq!((report.pages, report.observations), (9, 9));
    assert_eq!(world.store().await.open_pulls(&scope()).await.expect("pulls"), []);
    assert!(actions(&world).await.contains(&"pull-abandoned".to_owned()));
}

#[tokio::test]
async fn a_clock_behind_what_was_pruned_is_told() {
    let world = World::new();
    let policy = RetentionPolicy { observations_days: Some(30), ..RetentionPolicy::default() };
    let engine = world.imported().await.retaining(policy).expect("a policy");
    sync(&engine, 1_000).await;
    let problem = sync(&engine, 960).await.problem.expect("a problem");
    assert_eq!(problem.kind, ProblemKind::Stale);
    assert!(problem.message.contains("the clock says") && problem.remedy == Remedy::SetClock);
    assert_eq!(sync(&engine, 1_000).await.problem, None);
    assert_eq!(cell(&sheet(&engine, 1_000).await, "acme").samples, 3);
}

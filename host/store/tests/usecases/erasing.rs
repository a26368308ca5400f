//! Erasing a client, as the use cases know it: who it is at each source, and that it does not come back.

use scoresheet_domain::mapping::Verdict;
use scoresheet_engine::{EngineError, definition::RosterSource};

use crate::fake::*;

#[tokio::test]
async fn a_client_is_found_by_its_name_and_does_not_come_back() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    let report = engine.erase_client("acme", day(1_000)).await.expect("erased");
    assert_eq!(report.sources.iter().map(|found| found.source.as_str()).collect::<Vec<_>>(), ["c"]);
    assert!(report.shared.is_empty() && !report.in_roster_file);
    let erased = report.erased;
    assert!(erased.roster && erased.wiped);
    assert_eq!((erased.source_clients, erased.observations), (1, 5));

    // The source lists it still.
    let again = sync(&engine, 1_001).await;
    assert_eq!((again.problem.clone(), again.clients, again.observations), (None, 2, 1), "{again:?}");
    assert_eq!(again.skipped, 2, "the client and its one answer within the overlap");
    let sheet = sheet(&engine, 1_001).await;
    assert_eq!(sheet.clients.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["beta"]);
    assert_eq!(sheet.problems, [], "nothing tells of it");
    assert!(matches!(engine.erase_client("acme", day(1_001)).await, Err(EngineError::UnknownClient { .. })));
    assert_eq!(actions(&world).await.iter().filter(|action| *action == "client-erased").count(), 1);
}

#[tokio::test]
async fn a_source_client_that_serves_others_too_stays() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    engine.decide("acme", "fake", "d", Verdict::Same, day(1_000)).await.expect("decided");
    engine.decide("beta", "fake", "d", Verdict::Same, day(1_000)).await.expect("decided");
    let report = engine.erase_client("acme", day(1_000)).await.expect("erased");
    assert_eq!(report.shared.iter().map(|found| found.source.as_str()).collect::<Vec<_>>(), ["d"]);
    assert_eq!(world.store().await.provider_data(&scope()).await.expect("data").decisions.len(), 1, "beta's own");
    assert_eq!(cell(&sheet(&engine, 1_000).await, "beta").samples, 3);
}

#[tokio::test]
async fn a_roster_file_and_a_client_that_left_it() {
    let world = World::new();
    let both = vec![client("acme", "Acme"), client("beta", "Beta")];
    let engine = world.engine(RosterSource::Given(both)).await;
    sync(&engine, 1_000).await;
    engine.decide("acme", "fake", "c", Verdict::Same, day(1_000)).await.expect("decided");
    engine.decide("beta", "fake", "d", Verdict::Same, day(1_000)).await.expect("decided");
    let report = engine.erase_client("beta", day(1_000)).await.expect("erased");
    assert!(report.in_roster_file && !report.erased.roster);

    // Acme's line was taken out first: a decision still says who it was.
    let engine = world.engine(RosterSource::Given(Vec::new())).await;
    let report = engine.erase_client("acme", day(1_000)).await.expect("erased");
    assert!(!report.in_roster_file);
    assert_eq!((report.erased.decisions, report.erased.observations), (1, 5));
    assert!(matches!(engine.erase_client("nobody", day(1_000)).await, Err(EngineError::UnknownClient { .. })));
}

#[tokio::test]
async fn a_roster_taken_from_the_source_itself() {
    let world = World::new();
    let engine = world.engine(RosterSource::StoredOr(Some(provider()))).await;
    sync(&engine, 1_000).await;
    let report = engine.erase_client("c", day(1_000)).await.expect("erased");
    assert_eq!((report.erased.source_clients, report.erased.observations), (1, 5));
    sync(&engine, 1_001).await;
    let roster = engine.roster().await.expect("a roster").clients;
    assert_eq!(roster.iter().map(|client| client.id.as_str()).collect::<Vec<_>>(), ["d"]);
    assert_eq!(world.store().await.scopes().await.expect("scopes"), [scope()]);
}

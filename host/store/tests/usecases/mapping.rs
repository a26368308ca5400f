//! A mapping that breaks is a problem that says what it was; one that does not break is none.

use scoresheet_domain::{Problem, ProblemKind, mapping::Verdict, sheet::OutcomeKind};
use scoresheet_engine::Engine;

use crate::fake::*;

/// What a sheet says of unmapped and ambiguous clients: message, and the command.
async fn told(engine: &Engine, now: i64) -> Vec<(String, String)> {
    let about = |problem: &Problem| {
        problem.client.is_some() && matches!(problem.kind, ProblemKind::Unmapped | ProblemKind::Ambiguous)
    };
    let problems = sheet(engine, now).await.problems;
    problems.into_iter().filter(about).map(|problem| (problem.message, problem.remedy.to_string())).collect()
}

fn one(message: &str, remedy: &str) -> Vec<(String, String)> {
    vec![(message.to_owned(), remedy.to_owned())]
}

#[tokio::test]
async fn a_name_that_changes_at_the_source() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    assert_eq!(told(&engine, 1_000).await, []);

    world.change(|source| source.clients = vec![("c", "Zenith"), ("d", "Beta")]);
    sync(&engine, 1_001).await;
    let was = "Acme: no client of fake is known to be this one; it was tied to Zenith (fake:c) by the same name, but \
               what both had in common has changed";
    assert_eq!(told(&engine, 1_001).await, one(was, "scoresheet mapping set acme fake:c"));
    assert_eq!(cell(&sheet(&engine, 1_001).await, "acme").outcome, OutcomeKind::Unmapped);

    // It is still known after another sync, and in another process.
    sync(&engine, 1_002).await;
    let again = world.engine(scoresheet_engine::definition::RosterSource::StoredOr(None)).await;
    assert_eq!(told(&again, 1_002).await, one(was, "scoresheet mapping set acme fake:c"));

    // A person's word mends it, and the other way round ends it.
    engine.decide("acme", "fake", "c", Verdict::Different, day(1_002)).await.expect("decided");
    let refused = told(&engine, 1_002).await;
    assert_eq!(
        refused,
        one("Acme: no client of fake is known to be this one", "scoresheet mapping set acme fake:SOURCE")
    );
    engine.decide("acme", "fake", "c", Verdict::Same, day(1_002)).await.expect("decided");
    assert_eq!(told(&engine, 1_002).await, []);
}

#[tokio::test]
async fn a_name_that_changes_in_the_roster() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    engine.import_roster(&[client("acme", "Acme"), client("beta", "Quixotic")], day(1_000)).await.expect("imported");
    assert_eq!(
        told(&engine, 1_000).await,
        one(
            "Quixotic: no client of fake is known to be this one; it was tied to Beta (fake:d) by the same name, but \
             what both had in common has changed",
            "scoresheet mapping set beta fake:d"
        )
    );
    engine.import_roster(&[client("acme", "Acme"), client("beta", "Beta")], day(1_000)).await.expect("imported");
    assert_eq!(told(&engine, 1_000).await, []);
}

#[tokio::test]
async fn a_source_client_that_goes() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    engine.decide("beta", "fake", "d", Verdict::Same, day(1_000)).await.expect("decided");
    world.change(|source| source.clients = vec![("e", "Beta"), ("f", "Zenith")]);
    sync(&engine, 1_001).await;
    let told = told(&engine, 1_001).await;
    assert_eq!(
        told[0],
        (
            "Acme: no client of fake is known to be this one; it was tied to c (fake:c) by the same name, but fake no \
             longer has it"
                .to_owned(),
            "scoresheet mapping set acme fake:SOURCE".to_owned()
        )
    );
    assert_eq!(
        told[1],
        (
            "Beta: a person tied it to fake:d, which fake no longer has; it is tied to Beta (fake:e) (the same name) now"
                .to_owned(),
            "scoresheet mapping clear beta fake, if that is right; or scoresheet mapping set beta fake:SOURCE".to_owned()
        )
    );
    assert_eq!(told.len(), 2);
}

#[tokio::test]
async fn what_was_never_tied_was_nothing_and_may_be_something() {
    let world = World::new();
    world.change(|source| source.clients = vec![("c", "Acme"), ("d", "Wintermorr Dredging")]);
    let engine = world.imported().await;
    engine
        .import_roster(&[client("acme", "Acme"), client("beta", "Wintermoor Dredging")], day(1))
        .await
        .expect("imported");
    sync(&engine, 1_000).await;
    assert_eq!(
        told(&engine, 1_000).await,
        one(
            "Wintermoor Dredging: no client of fake is known to be this one; perhaps Wintermorr Dredging (fake:d)",
            "scoresheet mapping set beta fake:d"
        )
    );
    let overview = engine.mapping().await.expect("a mapping");
    let near = &overview.providers[&provider()].mapping.suggestions;
    assert_eq!((near.len(), near[0].client.as_str(), near[0].source.as_str()), (1, "beta", "d"));
    assert!(near[0].score > 80 && near[0].evidence.contains("spelled like"), "{near:?}");
}

#[tokio::test]
async fn an_erased_client_was_nothing() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    let store = world.store().await;
    assert_eq!(store.provider_data(&scope()).await.expect("data").former.len(), 2);
    engine.erase_client("acme", day(1_000)).await.expect("erased");
    let left = store.provider_data(&scope()).await.expect("data").former;
    assert_eq!(left.iter().map(|tie| tie.client.as_str()).collect::<Vec<_>>(), ["beta"]);
}

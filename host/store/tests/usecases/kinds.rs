//! What contract 0.2 lets a source say: kinds, totals, clients named by records, attributes, rejected values.

use std::{collections::BTreeMap, sync::Arc};

use scoresheet_domain::{ProblemKind, ProviderName, sheet::OutcomeKind};
use scoresheet_engine::{GenerateRequest, Provider, RejectedValue, SheetInputs, SyncRequest, definition::RosterSource};
use tokio_util::sync::CancellationToken;

use crate::fake::{World, cell, client, day, provider, scope, sheet, sync, sync_as};

fn imported() -> RosterSource {
    RosterSource::Given(vec![client("acme", "Acme"), client("beta", "Beta")])
}

#[tokio::test]
async fn only_kinds_in_use_are_pulled_and_a_new_one_from_the_start() {
    let world = World::new();
    let engine = world.engine_with(imported(), vec!["answer", "other", "unused"], vec![0]).await;
    sync(&engine, 1_000).await;
    let engine = world.engine_with(imported(), vec!["answer", "other", "unused"], vec![0, 1]).await;
    let missing = sheet(&engine, 1_000).await;
    assert_eq!(cell(&missing, "acme").outcome, OutcomeKind::NoData, "one kind of two is not covered");
    sync(&engine, 1_001).await;
    let asked: Vec<_> = {
        let source = world.source.lock().expect("the source");
        source.kinds.iter().cloned().zip(source.asked.iter().map(|it| (it.start, it.end))).collect()
    };
    let expected = [
        (vec![0], (day(940), day(1_000))),
        // A year's backfill of the new kind, and the overlap of the known one.
        (vec![1], (day(941), day(1_001))),
        (vec![0], (day(993), day(1_001))),
    ];
    assert_eq!(asked, expected);
    let data = world.store().await.provider_data(&scope()).await.expect("data");
    assert_eq!(data.coverage.keys().collect::<Vec<_>>(), ["answer", "other"]);
    assert_eq!(cell(&sheet(&engine, 1_001).await, "acme").outcome, OutcomeKind::Measured);
    // From now on both are pulled together.
    sync(&engine, 1_002).await;
    assert_eq!(world.source.lock().expect("the source").kinds.last(), Some(&vec![0, 1]));
}

#[tokio::test]
async fn a_list_that_was_cut_is_a_problem_and_covers_nothing() {
    let world = World::new();
    world.change(|source| source.total = Some(11));
    let engine = world.imported().await;
    let report = sync(&engine, 1_000).await;
    let problem = report.problem.expect("a problem");
    assert_eq!(problem.kind, ProblemKind::InvalidResponse);
    assert!(problem.message.contains("returned 2 clients, but says that it has 11"), "{}", problem.message);

    world.change(|source| source.total = None);
    sync(&engine, 1_000).await;
    let before = cell(&sheet(&engine, 1_000).await, "acme").clone();
    // Ten observations are there, and the source says eleven: the list of clients is whole.
    world.change(|source| {
        source.total = Some(11);
        source.clients.extend([("e", "E"), ("f", "F"), ("g", "G"), ("h", "H"), ("i", "I")]);
        source.clients.extend([("j", "J"), ("k", "K"), ("l", "L"), ("m", "M")]);
    });
    let report = sync_as(&engine, SyncRequest { full: true, ..SyncRequest::all(day(1_010)) }).await;
    let problem = report.problem.expect("a problem");
    assert!(problem.message.contains("returned 10 observations, but says that it has 11"), "{}", problem.message);
    let data = world.store().await.provider_data(&scope()).await.expect("data");
    assert_eq!(data.coverage["answer"].windows().last().expect("a window").end, day(1_000));
    let after = cell(&sheet(&engine, 1_000).await, "acme").clone();
    assert_eq!((after.value, after.samples), (before.value, before.samples));
}

#[tokio::test]
async fn clients_of_a_source_without_a_list_are_those_its_records_name() {
    let world = World::new();
    world.change(|source| source.unlisted = true);
    let engine = world.imported().await;
    let report = sync(&engine, 1_000).await;
    assert_eq!((report.clients, report.problem), (2, None));
    assert_eq!(cell(&sheet(&engine, 1_000).await, "acme").outcome, OutcomeKind::Measured);
    // Renamed at the source: known by its id, mapped by its new name.
    world.change(|source| source.clients[0].1 = "Acme Renamed");
    let engine = world.imported().await;
    sync(&engine, 1_001).await;
    let told: Vec<String> = sheet(&engine, 1_001).await.problems.into_iter().map(|problem| problem.message).collect();
    assert!(told.contains(&"Acme Renamed (fake:c) has 3 observations but serves no client".to_owned()), "{told:?}");
}

#[tokio::test]
async fn attributes_of_the_source_reach_the_metric_and_the_roster_wins() {
    let world = World::new();
    world.change(|source| source.size = Some("90"));
    let with_size =
        scoresheet_domain::Client { attributes: vec![("size".into(), "7".into())], ..client("acme", "Acme") };
    let engine = world.engine(RosterSource::Given(vec![with_size, client("beta", "Beta")])).await;
    sync(&engine, 1_000).await;
    sheet(&engine, 1_000).await;
    let seen = world.source.lock().expect("the source").seen.clone();
    assert!(seen.contains(&vec![("size".to_owned(), "7".to_owned())]), "{seen:?}");
    assert!(seen.contains(&vec![("size".to_owned(), "90".to_owned())]), "{seen:?}");
}

#[tokio::test]
async fn a_sync_reports_why_records_were_rejected() {
    let world = World::new();
    world.change(|source| source.rejected = Some("done"));
    let engine = world.imported().await;
    let report = sync(&engine, 1_000).await;
    let expected = RejectedValue {
        reason: "incomplete".into(),
        field: Some("status".into()),
        value: Some("done".into()),
        count: 1,
    };
    assert_eq!((report.rejected, report.rejections), (1, vec![expected]));
}

#[tokio::test]
async fn saved_inputs_give_the_same_sheet_without_the_store() {
    let world = World::new();
    let engine = world.imported().await;
    sync(&engine, 1_000).await;
    let cancel = CancellationToken::new();
    let (made, inputs) =
        engine.generate_with_inputs(&GenerateRequest::all(day(1_000)), &cancel).await.expect("a sheet");
    assert_eq!(inputs.since(), day(635), "trends look back a year");
    let saved = serde_json::to_string(&*inputs).expect("JSON");
    let read: SheetInputs = serde_json::from_str(&saved).expect("inputs");
    assert_eq!(read, *inputs);
    let component = Arc::clone(&engine.provider("fake").expect("it is there").1.provider);
    let components: BTreeMap<ProviderName, Arc<dyn Provider>> = BTreeMap::from([(provider(), component)]);
    let elsewhere = World::new().imported().await;
    let again = elsewhere.recompute(read, &components, &cancel).await.expect("a sheet");
    assert_eq!(again, made);
    let none = elsewhere.recompute((*inputs).clone(), &BTreeMap::new(), &cancel).await.expect_err("no component");
    assert_eq!(none.to_string(), "there is no provider 'fake'; configured: none");
}

#[tokio::test]
async fn one_client_is_looked_up_at_the_source_without_a_sync() {
    let world = World::new();
    world.change(|source| source.rejected = Some("done"));
    let engine = world.imported().await;
    let cancel = CancellationToken::new();
    for asked in ["acme", "Acme", "ACME"] {
        let check = engine.check_client(asked, None, day(1_000), &cancel).await.expect("a check").remove(0);
        let sources: Vec<_> = check.sources.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
        assert_eq!(sources, [("c", "Acme")]);
        let kind = &check.kinds[0];
        assert_eq!(
            (kind.kind.as_str(), kind.count, kind.first, kind.last),
            ("answer", 3, Some(day(974)), Some(day(994)))
        );
        assert_eq!(check.rejected.len(), 1);
    }
    let unknown = engine.check_client("acmee", None, day(1_000), &cancel).await.expect_err("unknown").to_string();
    assert_eq!(unknown, "there is no client 'acmee'; did you mean 'acme'?");
    assert!(world.store().await.provider_data(&scope()).await.expect("data").coverage.is_empty(), "nothing is stored");
}

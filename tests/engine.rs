//! The engine as an embedder uses it: what never changes a sheet, and what an interruption leaves behind.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::common::{Embedded, Setup, as_of, as_of_chrono, serve, world};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config as ProptestConfig, TestRunner},
};
use scoresheet::{
    CancellationToken, EngineError, OutcomeKind, ProblemKind, Remedy, StoreError, SyncEvent, SyncOptions,
};
use scoresheet_simulator::{Row, SimClient, World};
use scoresheet_test_support::Fault;

const SCORES: &str = "/api/v1/csat/scores";

/// The n-th answer of a client: `days` before the sheet's end.
fn answer(id: &str, client: &str, days: i64, score: f64) -> Row {
    Row::rating(id, client, as_of_chrono() - chrono::Duration::days(days), score)
}

fn client(id: &str, name: &str) -> SimClient {
    SimClient { id: id.to_owned(), name: name.to_owned(), active: true }
}

fn cell(sheet: &scoresheet::Scoresheet, id: &str) -> scoresheet::sheet::MetricCell {
    sheet.clients.iter().find(|row| row.id.as_str() == id).expect("a row").metrics[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn page_size_order_and_requests_in_flight_never_change_a_sheet() {
    let mut runner = TestRunner::new_with_rng(
        ProptestConfig::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let ways = (1_u64..1000, 1_u32..60, 1_usize..12, 0_u64..8);
    for _ in 0..12 {
        let (seed, page_size, in_flight, slow_page) = ways.new_tree(&mut runner).expect("a case").current();
        let world = Arc::new(world(seed, 10, 0.4));
        let server = serve(Arc::clone(&world)).await;
        let plain = Setup { in_flight: 1, ..Setup::new(&server) }.open().await;
        plain.sync().await;
        let expected = serde_json::to_string(&plain.sheet().await).expect("JSON");

        // A page that answers late arrives after its successors.
        server.set_faults([Fault::Slow { millis: 40 }.on(SCORES).page(u32::try_from(slow_page).expect("small"))]);
        let other =
            Setup { in_flight, settings: format!(", page_size = {page_size}"), ..Setup::new(&server) }.open().await;
        let report = other.sync().await;
        assert_eq!(report.problems().count(), 0, "{report:?}");
        let sheet = serde_json::to_string(&other.sheet().await).expect("JSON");
        assert_eq!(expected, sheet, "seed {seed}, pages of {page_size}, {in_flight} in flight, page {slow_page} slow");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_sync_keeps_its_pages_and_the_next_goes_on() {
    let server = serve(world(21, 80, 0.2)).await;
    let setup = Setup { settings: ", page_size = 20".to_owned(), in_flight: 2, ..Setup::new(&server) };
    let reference = setup.clone().open().await;
    reference.sync().await;
    let expected = reference.sheet().await;

    let interrupted = setup.open().await;
    let cancel = CancellationToken::new();
    let committed = AtomicU64::new(0);
    let report = interrupted
        .engine
        .sync(
            &SyncOptions::default(),
            &|event| {
                if matches!(event, SyncEvent::Page { .. }) && committed.fetch_add(1, Ordering::SeqCst) == 4 {
                    cancel.cancel();
                }
            },
            &cancel,
        )
        .await
        .expect("a report");
    assert!(report.interrupted());
    let pages_kept = committed.load(Ordering::SeqCst);
    // Two are fetched at once and eight more may wait; what has come is committed together.
    assert!((5..=14).contains(&pages_kept), "{pages_kept} pages");
    // Nothing is published by halves: the window is not covered, so there is no score.
    let halfway = interrupted.sheet().await;
    assert!(halfway.clients.iter().all(|row| row.metrics[0].outcome == OutcomeKind::NoData));

    let asked = server.requests().len();
    let again = interrupted.sync().await;
    assert_eq!(again.problems().count(), 0);
    let pages: Vec<u64> = server.requests()[asked..]
        .iter()
        .filter(|request| request.path == SCORES)
        .map(|request| request.parameter("page").expect("a page").parse().expect("a number"))
        .collect();
    // The overlap, which every sync asks for, begins with its first page; those before it come in any order.
    let overlap = pages.iter().position(|page| *page == 1).expect("the overlap");
    let mut resumed = pages[..overlap].to_vec();
    resumed.sort_unstable();
    assert_eq!(resumed[0], pages_kept + 1, "it goes on after the pages it has: {pages:?}");
    assert!(resumed.windows(2).all(|pair| pair[0] + 1 == pair[1]), "each page once: {pages:?}");
    assert_eq!(interrupted.sheet().await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_sync_asks_for_what_is_new_and_finds_late_edits() {
    let mut rows: Vec<Row> = (0..300).map(|n| answer(&format!("r-{n}"), "c-1", 10 + n, 4.0)).collect();
    let server = serve(World::from_parts(vec![client("c-1", "Acme")], rows.clone())).await;
    let first = Setup { now: as_of().plus_days(-1), ..Setup::new(&server) }.open().await;
    let report = first.sync().await;
    assert_eq!(report.providers[0].observations, 300);

    // One answer is new, one of five days ago came late, and one within the overlap went.
    rows.push(answer("new", "c-1", 0, 1.0).answered_at(as_of_chrono() - chrono::Duration::hours(1)));
    rows.push(answer("late", "c-1", 5, 1.0));
    server.set_world(World::from_parts(vec![client("c-1", "Acme")], rows));
    let second = Setup { folder: Some(Arc::clone(&first.folder)), ..Setup::new(&server) }.open().await;
    let report = second.sync().await;
    assert_eq!(report.providers[0].observations, 2, "only what the window and its overlap hold");
    let cell = cell(&second.sheet().await, "c-1");
    // Days 10 to 30 before the end: a window holds its first instant.
    assert_eq!(cell.samples, 21 + 2);
    assert!(!cell.stale);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_source_no_longer_has_goes_unless_it_is_most_of_it() {
    let clients = || vec![client("c-1", "Acme")];
    let rows = |count: i64| (0..count).map(|n| answer(&format!("r-{n}"), "c-1", 1 + n % 5, 4.0)).collect::<Vec<_>>();
    let server = serve(World::from_parts(clients(), rows(10))).await;
    let engine = Setup::new(&server).open().await;
    engine.sync().await;
    assert_eq!(cell(&engine.sheet().await, "c-1").samples, 10);

    server.set_world(World::from_parts(clients(), rows(5)));
    let report = engine.sync().await;
    assert_eq!((report.problems().count(), report.providers[0].withdrawn), (0, 5), "half is not more than half");
    assert_eq!(cell(&engine.sheet().await, "c-1").samples, 5);

    server.set_world(World::from_parts(clients(), rows(2)));
    let report = engine.sync().await;
    let problem = report.problems().next().expect("a problem");
    assert_eq!(problem.kind, ProblemKind::Stale);
    assert!(matches!(problem.remedy, Remedy::ConfirmFullSync { .. }), "{problem:?}");
    let kept = cell(&engine.sheet().await, "c-1");
    assert_eq!((kept.samples, kept.stale), (5, true), "the old data stands, and says so");

    let report = engine.sync_with(&SyncOptions { full: true, ..SyncOptions::default() }).await;
    assert_eq!((report.problems().count(), report.providers[0].withdrawn), (0, 3), "a person decided");
    let decided = cell(&engine.sheet().await, "c-1");
    assert_eq!((decided.samples, decided.stale), (2, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_comes_back_invalid_is_withdrawn_and_counted() {
    let clients = || vec![client("c-1", "Acme")];
    let server =
        serve(World::from_parts(clients(), vec![answer("r-1", "c-1", 2, 5.0), answer("r-2", "c-1", 3, 3.0)])).await;
    let engine = Setup::new(&server).open().await;
    engine.sync().await;
    assert_eq!(cell(&engine.sheet().await, "c-1").value, Some(4.0));

    let invalid = answer("r-1", "c-1", 2, 5.0).with("status", "invalid");
    server.set_world(World::from_parts(clients(), vec![invalid, answer("r-2", "c-1", 3, 3.0)]));
    engine.sync().await;
    let cell = cell(&engine.sheet().await, "c-1");
    assert_eq!(cell.value, Some(3.0));
    assert_eq!(cell.rejected.into_iter().collect::<Vec<_>>(), [("invalid-status".to_owned(), 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_suddenly_has_no_clients_is_not_believed() {
    let server = serve(world(22, 6, 0.0)).await;
    let engine = Setup::new(&server).open().await;
    engine.sync().await;
    let known = engine.sheet().await.clients.len();
    server.set_faults([Fault::EmptySuccess.on("/api/v1/clients")]);
    let report = engine.sync().await;
    assert_eq!(report.problems().next().expect("a problem").kind, ProblemKind::Stale);
    assert_eq!(engine.sheet().await.clients.len(), known);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sync_of_a_provider_at_a_time_and_who_it_is() {
    let server = serve(world(24, 6, 0.0)).await;
    server.set_faults([Fault::Slow { millis: 300 }.on("/api/v1/clients")]);
    let first = Setup::new(&server).open().await;
    let second = Setup { folder: Some(Arc::clone(&first.folder)), ..Setup::new(&server) }.open().await;
    let none = CancellationToken::new();
    let all = SyncOptions::default();
    let (told, held) = tokio::join!(first.engine.sync(&all, &|_| (), &none), async {
        // The first holds the lock as soon as its request has reached the server.
        while server.requests().is_empty() && server.max_in_flight() == 0 {
            tokio::task::yield_now().await;
        }
        let held = second.engine.sync(&all, &|_| (), &none).await;
        // Reading never waits.
        second.sheet().await;
        held
    });
    told.expect("the first sync");
    match held.expect_err("the second has to wait") {
        EngineError::Store(StoreError::Locked { provider, actor, .. }) => {
            assert_eq!((provider.as_str(), actor.starts_with("unknown@")), ("crewhu", true), "{actor}");
        }
        other => panic!("{other}"),
    }
    second.sync().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_settings_start_anew_and_the_old_ones_still_stand() {
    let server = serve(world(25, 6, 0.1)).await;
    let first = Setup::new(&server).open().await;
    first.sync().await;
    let sheet = first.sheet().await;
    let with = |settings: &str| Setup {
        settings: settings.to_owned(),
        folder: Some(Arc::clone(&first.folder)),
        ..Setup::new(&server)
    };
    // A setting that only tunes requests leaves the stored data valid.
    assert_eq!(with(", page_size = 50").open().await.sheet().await, sheet);
    let other = with(", type_tags = { resolution = [\"Resolution\"] }");
    let Embedded { engine, .. } = other.clone().open().await;
    assert_eq!(engine.roster().await.expect("a roster").clients.len(), 0, "nothing is known under these settings");
    other.open().await.sync().await;
    assert_eq!(first.sheet().await, sheet);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_in_the_future_is_refused() {
    let server = serve(world(26, 3, 0.0)).await;
    let engine = Setup { now: as_of().plus_days(-3), ..Setup::new(&server) }.open().await;
    let options = scoresheet::SheetOptions { as_of: Some(as_of()), ..scoresheet::SheetOptions::default() };
    let error = engine.engine.generate(&options, &CancellationToken::new()).await.expect_err("the future");
    assert!(matches!(error, EngineError::Future { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_sheet_says_what_it_does_not_know() {
    let server = serve(world(27, 6, 0.0)).await;
    let old = Setup { now: as_of().plus_days(-10), ..Setup::new(&server) }.open().await;
    old.sync().await;
    let now = Setup { folder: Some(Arc::clone(&old.folder)), ..Setup::new(&server) }.open().await;
    let sheet = now.sheet().await;
    assert!(sheet.clients.iter().all(|row| row.metrics[0].stale));
    let problem = &sheet.problems[0];
    assert_eq!(problem.kind, ProblemKind::Stale);
    assert!(matches!(problem.remedy, Remedy::Sync { .. }), "{problem:?}");
}

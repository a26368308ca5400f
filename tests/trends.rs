//! Trends, benchmarks, groups and the review list, from simulated sources to the sheet.

use std::{collections::BTreeMap, sync::Arc};

use crate::common::{AS_OF, Embedded, Place, Setup, as_of, as_of_chrono, chrono_of, serve, world};
use scoresheet::{
    CancellationToken, Month, OutcomeKind, ReplayOutcome, Scoresheet, SheetOptions, sheet::MetricCell, trend::Direction,
};
use scoresheet_simulator::{ResponseType, Row, SimClient, World};

const ALL_TYPES: [ResponseType; 4] =
    [ResponseType::Overall, ResponseType::Resolution, ResponseType::Communication, ResponseType::Timeliness];

fn client(id: &str) -> SimClient {
    SimClient { id: id.to_owned(), name: format!("{id} Ltd"), active: true }
}

/// An answer so many days before the sheet's end.
fn answer(client: &str, number: usize, days: i64, score: f64) -> Row {
    Row::rating(&format!("{client}-{number}"), client, as_of_chrono() - chrono::Duration::days(days), score)
}

fn cell<'s>(sheet: &'s Scoresheet, id: &str) -> &'s MetricCell {
    &sheet.clients.iter().find(|row| row.id.as_str() == id).expect("a row").metrics[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_month_is_the_mean_of_its_own_answers() {
    let world = Arc::new(world(61, 8, 0.3));
    let server = serve(Arc::clone(&world)).await;
    let place = Setup::new(&server).open().await;
    place.sync().await;
    let sheet = place.sheet().await;
    let mut figures = 0;
    for row in &sheet.clients {
        let trend = row.metrics[0].trend.as_ref().expect("a trend");
        assert_eq!(trend.months.len(), 12);
        assert_eq!(
            trend.months.last().map(|month| (month.month.to_string(), month.complete)),
            Some(("2026-10".into(), true))
        );
        let mut last: Vec<(f64, f64)> = Vec::new();
        for month in &trend.months {
            let window = month.month.window();
            let expected = world.expected(row.id.as_str(), chrono_of(window.start), chrono_of(window.end), &ALL_TYPES);
            assert_eq!(month.value, expected.mean(), "{} in {}", row.id, month.month);
            assert_eq!(month.samples as usize, expected.ratings.len());
            last.push((expected.ratings.iter().sum(), expected.ratings.len() as f64));
            let three = &last[last.len().saturating_sub(3)..];
            let pooled = three.iter().map(|it| it.0).sum::<f64>() / three.iter().map(|it| it.1).sum::<f64>();
            match month.rolling {
                Some(rolling) => assert!((rolling - pooled).abs() < 1e-12, "{rolling} {pooled}"),
                None => assert!(expected.ratings.is_empty()),
            }
            figures += usize::from(month.value.is_some());
        }
    }
    assert!(figures > 20, "only {figures} months have a figure");
}

/// 20 answers a window: good ones before, `now` in the last 30 days.
fn turning(id: &str, now: f64, before: f64) -> Vec<Row> {
    let ours = (0..20).map(|n| answer(id, n, 1 + n as i64, now));
    let theirs = (0..20).map(|n| answer(id, 100 + n, 32 + n as i64, before));
    ours.chain(theirs).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_turns_is_told_and_stands_on_the_review_list() {
    let rows =
        [turning("down", 2.0, 5.0), turning("up", 5.0, 2.0), turning("same", 4.0, 4.0), vec![answer("few", 1, 3, 1.0)]];
    let clients = ["down", "up", "same", "few"].map(client);
    let server = serve(World::from_parts(clients.into(), rows.concat())).await;
    let place = Setup::new(&server).open().await;
    place.sync().await;
    let sheet = place.sheet().await;
    let told = |id| cell(&sheet, id).trend.as_ref().expect("a trend").direction;
    assert_eq!(
        ["down", "up", "same", "few"].map(told),
        [Direction::Declining, Direction::Improving, Direction::Steady, Direction::Unclear]
    );
    let trend = cell(&sheet, "down").trend.as_ref().expect("a trend");
    assert_eq!((trend.previous, trend.change), (Some(5.0), Some(-3.0)));
    let first = &sheet.review.call_first[0];
    assert_eq!(first.client.as_str(), "down");
    assert!(
        first.reasons[0].contains("at risk") && first.reasons.iter().any(|it| it.contains("declining")),
        "{first:?}"
    );
    let well: Vec<&str> = sheet.review.doing_well.iter().map(|entry| entry.client.as_str()).collect();
    assert_eq!(well, ["up", "same"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_data_is_told_what_a_longer_lookback_has() {
    let rows = vec![answer("old", 1, 45, 4.0), answer("old", 2, 80, 4.0), answer("old", 3, 300, 4.0)];
    let server = serve(World::from_parts(vec![client("old"), client("never")], rows)).await;
    let place = Setup::new(&server).open().await;
    place.sync().await;
    let sheet = place.sheet().await;
    assert_eq!(cell(&sheet, "old").outcome, OutcomeKind::NoData);
    let last = |id| cell(&sheet, id).explanation.last().expect("a line").clone();
    assert_eq!(last("old"), "a longer lookback would have data: 1 in 60 days, 2 in 90 days, 3 in 365 days");
    assert!(last("never").contains("'scoresheet check crewhu'"), "{}", last("never"));
}

const TYPED: &str = r#"
[sheet]
targets = { legal = 4.5 }
[[groups]]
id = "service"
weight = 3.0
[clients]
file = "clients.csv"
"#;

/// Six legal clients with one answer each, 1 to 5 and 5; one dental client.
async fn typed() -> (scoresheet_test_support::FaultySimulator, Embedded) {
    let ids = ["l1", "l2", "l3", "l4", "l5", "l6", "d1"];
    let scores = [1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 2.0];
    let rows = ids.iter().zip(scores).map(|(id, score)| answer(id, 1, 2, score)).collect();
    let server = serve(World::from_parts(ids.map(client).into(), rows)).await;
    let setup = Setup {
        head: TYPED.to_owned(),
        folder: Some(Arc::new(tempfile::tempdir().expect("a folder"))),
        ..Setup::new(&server)
    };
    let mut roster = "id,name,type\n".to_owned();
    for id in ids {
        roster.push_str(&format!("{id},{id} Ltd,{}\n", if id.starts_with('l') { "legal" } else { "dental" }));
    }
    std::fs::write(setup.folder.as_ref().expect("a folder").path().join("clients.csv"), roster).expect("a roster");
    (server, setup.open().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_compared_with_its_type_and_one_alone_gives_the_same_row() {
    let (_server, place) = typed().await;
    place.sync().await;
    let sheet = place.sheet().await;
    let row = sheet.clients.iter().find(|row| row.id.as_str() == "l1").expect("a row");
    let benchmark = row.metrics[0].benchmark.as_ref().expect("six are enough");
    assert_eq!(
        (benchmark.clients, benchmark.lower_quartile, benchmark.median, benchmark.upper_quartile),
        (6, 2.25, 3.5, 4.75)
    );
    assert_eq!((row.target, row.benchmark.as_ref().map(|it| it.median)), (Some(4.5), Some(3.5)));
    let dental = sheet.clients.iter().find(|row| row.id.as_str() == "d1").expect("a row");
    assert_eq!((&dental.benchmark, &dental.metrics[0].benchmark, dental.target), (&None, &None, None));

    for id in ["l1", "d1"] {
        let options = SheetOptions { client: Some(id.into()), as_of: Some(as_of()), ..SheetOptions::default() };
        let alone = place.engine.generate(&options, &CancellationToken::new()).await.expect("a sheet");
        let same: BTreeMap<_, _> = sheet.clients.iter().map(|row| (row.id.as_str(), row)).collect();
        assert_eq!(alone.clients.iter().collect::<Vec<_>>(), [same[id]]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_sheet_is_made_again_byte_for_byte() {
    let server = serve(world(62, 6, 0.3)).await;
    let setup = Setup::new(&server);
    let place = setup.clone().open().await;
    place.sync().await;
    let options = SheetOptions { as_of: Some(as_of()), ..SheetOptions::default() };
    let cancel = CancellationToken::new();
    let (sheet, kept) = place.engine.generate_and_keep(&options, &cancel).await.expect("a sheet");
    kept.expect("it is kept");

    // What the source says afterwards, and another configuration, change nothing of it.
    let other = Setup {
        head: "[sheet]\nname = \"Another\"\nlookback_days = 90".to_owned(),
        folder: Some(Arc::clone(&place.folder)),
        ..setup
    };
    drop(place);
    let other = other.open().await;
    other.sync_with(&scoresheet::SyncOptions { full: true, ..Default::default() }).await;
    let replayed = other.engine.replay(&sheet.id[..20], &cancel).await.expect("a replay");
    match replayed.outcome {
        ReplayOutcome::Same(again) => assert_eq!(*again, sheet),
        different => panic!("{different:?}"),
    }
    assert_eq!(other.engine.kept_sheets(10).await.expect("a list").len(), 1);
    let unknown = other.engine.replay("sha256:00000", &cancel).await.expect_err("no such sheet");
    assert!(unknown.to_string().contains("scoresheet replay"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_tells_trend_review_and_replay() {
    let server = serve(world(63, 5, 0.0)).await;
    let place = Place::reaching(&server);
    let sheet = place.run(&["run", "--json"]).await.expect(0).json();
    let id = server.world().clients()[0].id.clone();
    let trend = place.run(&["trend", &id]).await.expect(0).stdout;
    assert!(trend.contains("Support Engagement Satisfaction") && trend.contains("MONTH"), "{trend}");
    let json = place.run(&["trend", &id, "support-engagement-satisfaction", "--json"]).await.expect(0).json();
    assert_eq!(json["metrics"][0]["trend"]["months"].as_array().map(Vec::len), Some(12));
    let unknown = place.run(&["trend", &id, "nothing"]).await.expect(2).stderr;
    assert!(unknown.contains("it has: support-engagement-satisfaction"), "{unknown}");
    assert!(place.run(&["review"]).await.expect(0).stdout.contains("Call first"));

    let kept = place.run(&["replay", "--json"]).await.expect(0).json();
    assert_eq!(kept[0]["id"], sheet["id"]);
    let again = place.run(&["replay", kept[0]["id"].as_str().expect("an id")]).await.expect(0).stdout;
    assert!(again.contains("the same, byte for byte"), "{again}");
    place.run(&["clients", "erase", &id, "--yes"]).await.expect(0);
    let gone = place.run(&["replay", kept[0]["id"].as_str().expect("an id")]).await.expect(1).stdout;
    assert!(gone.contains("a client was erased"), "{gone}");
    place.run(&["replay", "nonsense"]).await.expect(2);
    let month = Month::of(scoresheet::Instant::parse("2026-10-31").expect("a day"));
    assert_eq!(month.to_string(), "2026-10");
}

/// The example of a whole MSP's sheet, with two clients of which one is no law firm.
#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_a_whole_sheet_works() {
    let clients = vec![
        SimClient { id: "c1".to_owned(), name: "Acme, Inc.".to_owned(), active: true },
        SimClient { id: "c2".to_owned(), name: "Beta LLC".to_owned(), active: true },
    ];
    let rows = (0..4).map(|n| answer("c1", n, 2, 4.0)).collect();
    let server = serve(World::from_parts(clients, rows)).await;
    let place = Place::reaching(&server);
    let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../scoresheet/examples/msp-sheet.toml");
    place.write("scoresheet.toml", &std::fs::read_to_string(example).expect("the example"));
    place.write("clients.csv", "id,name,type\nacme,\"Acme, Inc.\",legal\nbeta,Beta LLC,retail\n");
    place.run(&["run", "--as-of", AS_OF]).await.expect(0);
    for metric in ["procurement", "tech-stack", "credit-requests", "invoices-ar"] {
        place.run(&["manual", "set", "acme", metric, "5", "--at", "2026-10-20"]).await.expect(0);
    }
    let sheet = place.run(&["generate", "--as-of", AS_OF, "--json"]).await.expect(0).json();
    let [acme, beta] = [0, 1].map(|at| sheet["clients"][at].clone());
    let outcomes: Vec<&str> =
        acme["metrics"].as_array().expect("metrics").iter().filter_map(|it| it["outcome"].as_str()).collect();
    assert_eq!(outcomes.len(), 13);
    assert_eq!(outcomes.iter().filter(|it| **it == "manual").count(), 4);
    assert_eq!(outcomes.iter().filter(|it| **it == "measured").count(), 3, "{outcomes:?}");
    // 4 + 5 + 5 + 5 by hand and 1 + 1 + 2 computed, of 37 in all.
    assert_eq!(acme["engagement"]["coverage"], 23.0 / 37.0);
    assert!(acme["engagement"]["score"].as_f64().expect("a score") > 3.0);
    let lifecycle =
        beta["metrics"].as_array().expect("metrics").iter().find(|it| it["id"] == "lifecycle").expect("it").clone();
    assert_eq!(lifecycle["outcome"], "not-applicable");
    assert!(lifecycle["explanation"][0].as_str().expect("why").contains("legal or medical"), "{lifecycle}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_scores_are_compared_with_the_source() {
    let rows = vec![answer("a", 1, 3, 4.0), answer("b", 1, 3, 2.0)];
    let clients = vec![client("a"), client("b")];
    let server = serve(World::from_parts(clients.clone(), rows)).await;
    let place = Setup::new(&server).open().await;
    place.sync().await;
    let cancel = CancellationToken::new();
    let audits = place.engine.audit_scores(5, &cancel).await.expect("audits");
    assert_eq!(
        audits.iter().map(|it| (it.client.as_str(), it.same)).collect::<BTreeMap<_, _>>(),
        [("a", Some(true)), ("b", Some(true))].into()
    );
    let sample = place.engine.audit_scores(1, &cancel).await.expect("audits");
    assert_eq!(sample.len(), 1);

    // The same store, and a source that says something else now.
    let other = serve(World::from_parts(clients, vec![answer("a", 1, 3, 4.0), answer("b", 1, 3, 5.0)])).await;
    let again = Setup { folder: Some(Arc::clone(&place.folder)), ..Setup::new(&other) }.open().await;
    let audits = again.engine.audit_scores(5, &cancel).await.expect("audits");
    let wrong: Vec<_> = audits.iter().filter(|it| it.same == Some(false)).collect();
    assert_eq!(wrong.len(), 1);
    assert_eq!((wrong[0].client.as_str(), wrong[0].stored, wrong[0].source), ("b", Some(2.0), Some(5.0)));
    assert!(wrong[0].detail.contains("--full"), "{}", wrong[0].detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_what_there_is_of_the_data() {
    let rows = vec![answer("a", 1, 3, 4.0), answer("a", 2, 5, 9.0), answer("b", 1, 50, 4.0)];
    let server = serve(World::from_parts(vec![client("a"), client("b"), client("c")], rows)).await;
    let place = Setup::new(&server).open().await;
    place.sync().await;
    let health = place.engine.health().await.expect("health");
    let data = health[0].data.as_ref().expect("figures");
    assert_eq!((data.days, data.observations), (30, 1));
    assert_eq!(data.rejected, [("score-out-of-range".to_owned(), 1)].into());
    assert_eq!((data.clients_with_data, data.clients_without_data, data.clients_unmapped), (1, 2, 0));
    assert_eq!((data.days_without_new, data.hours_since_sync), (Some(3), Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sheet_is_printed_for_the_meeting_the_wiki_and_the_workbook() {
    let server = serve(world(64, 4, 0.0)).await;
    let place = Place::reaching(&server);
    place.run(&["run", "--as-of", AS_OF, "--format", "html", "-o", "sheet.html"]).await.expect(0);
    let id = server.world().clients()[0].id.clone();
    let html = std::fs::read_to_string(place.path("sheet.html")).expect("a file");
    assert!(
        html.to_lowercase().starts_with("<!doctype html>") && html.contains("<svg") && html.contains(&id),
        "{html}"
    );
    let markdown = place.run(&["generate", "--as-of", AS_OF, "--format", "md"]).await.expect(0).stdout;
    assert!(markdown.starts_with("# Client engagement") && markdown.contains("## Call first"), "{markdown}");
    place.run(&["generate", "--as-of", AS_OF, "--format", "xlsx", "-o", "sheet.xlsx"]).await.expect(0);
    assert!(std::fs::read(place.path("sheet.xlsx")).expect("a file").starts_with(b"PK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_windows_that_syncs_are_split_into_change_nothing() {
    let world = Arc::new(world(65, 8, 0.3));
    let server = serve(Arc::clone(&world)).await;
    let whole = Setup::new(&server).open().await;
    whole.sync().await;
    let expected = whole.sheet().await;

    let folder = Arc::new(tempfile::tempdir().expect("a folder"));
    for days in [75, 40, 39, 10, 0] {
        let now = as_of().plus_days(-days);
        let part = Setup { now, folder: Some(Arc::clone(&folder)), ..Setup::new(&server) }.open().await;
        let report = part.sync().await;
        assert_eq!(report.problems().count(), 0, "{report:?}");
    }
    let split = Setup { folder: Some(folder), ..Setup::new(&server) }.open().await.sheet().await;
    assert_eq!(split, expected);
}

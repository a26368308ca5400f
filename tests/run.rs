//! `scoresheet run` as a person runs it, against a CrewHu that answers over real HTTP.

use std::collections::BTreeMap;

use crate::common::{AS_OF, CANARY, NOW, Place, Ran, as_of_chrono, serve, world};
use scoresheet_simulator::{ResponseType, World};
use scoresheet_test_support::{EchoedPage, Fault, FaultRule, Times};
use serde_json::Value;

const SCORES: &str = "/api/v1/csat/scores";

const ALL_TYPES: [ResponseType; 4] =
    [ResponseType::Overall, ResponseType::Resolution, ResponseType::Communication, ResponseType::Timeliness];

/// Runs against the world with these faults, and gives what came of it.
async fn run_with(world: World, faults: Vec<FaultRule>) -> (Ran, std::sync::Arc<World>, Vec<u16>) {
    let server = serve(world).await;
    server.set_faults(faults);
    let place = Place::reaching(&server);
    let ran = place.run(&["run", "--as-of", AS_OF, "--format", "json"]).await;
    let statuses = server.requests().iter().filter_map(|request| request.status).collect();
    (ran, server.world(), statuses)
}

/// Compares every client's row with what those meant who made the answers.
fn check_against_the_truth(sheet: &Value, world: &World) {
    let until = as_of_chrono();
    let from = until - chrono::Duration::days(30);
    let rows = sheet["clients"].as_array().expect("clients");
    let active: Vec<_> = world.clients().iter().filter(|client| client.active).collect();
    assert_eq!(rows.len(), active.len());
    let mut scored = 0;
    for client in active {
        let row = rows.iter().find(|row| row["id"] == client.id).expect("a row for every active client");
        let cell = &row["metrics"][0];
        let truth = world.expected(&client.id, from, until, &ALL_TYPES);
        let rejected: BTreeMap<String, u64> = serde_json::from_value(cell["rejected"].clone()).expect("counts");
        let meant: BTreeMap<String, u64> =
            truth.rejected.iter().map(|(reason, count)| ((*reason).to_owned(), *count)).collect();
        assert_eq!(rejected, meant, "rejections of {}", client.id);
        assert_eq!(cell["score"].as_f64(), truth.guide_score(), "the score of {}", client.id);
        assert_eq!(cell["value"].as_f64(), truth.mean(), "the mean of {}", client.id);
        assert_eq!(cell["samples"].as_u64(), Some(truth.ratings.len() as u64), "the samples of {}", client.id);
        scored += usize::from(truth.mean().is_some());
        let outcome = if truth.ratings.is_empty() { "no-data" } else { "measured" };
        assert_eq!(cell["outcome"], outcome);
    }
    assert!(scored > rows.len() / 2, "a truth with hardly any score shows nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_score_is_the_guides_arithmetic_and_every_rejection_is_counted() {
    let world = world(11, 40, 0.25);
    assert!(world.responses().len() > 500);
    let (ran, world, _) = run_with(world, vec![]).await;
    check_against_the_truth(&ran.expect(0).json(), &world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_twice_and_then_answers_changes_nothing() {
    let faults = vec![Fault::Status(503).on(SCORES).times(Times::Count(2))];
    let (ran, world, statuses) = run_with(world(12, 40, 0.25), faults).await;
    check_against_the_truth(&ran.expect(0).json(), &world);
    assert_eq!(statuses.iter().filter(|status| **status == 503).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_connection_changes_nothing() {
    let faults = vec![
        Fault::ResetConnection { after_body_bytes: None }.on(SCORES).times(Times::Count(1)),
        Fault::ResetConnection { after_body_bytes: Some(500) }.on(SCORES).times(Times::Count(1)),
    ];
    let (ran, world, _) = run_with(world(13, 40, 0.25), faults).await;
    check_against_the_truth(&ran.expect(0).json(), &world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_with_retry_after_is_waited_for() {
    let faults = vec![Fault::RateLimited { retry_after: "1".to_owned() }.on(SCORES).times(Times::Count(1))];
    let (ran, world, statuses) = run_with(world(14, 40, 0.25), faults).await;
    check_against_the_truth(&ran.expect(0).json(), &world);
    assert!(statuses.contains(&429));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_asks_for_more_patience_is_told_with_the_time_and_the_limit() {
    let server = serve(world(14, 4, 0.0)).await;
    server.set_faults([Fault::RateLimited { retry_after: "900".to_owned() }.on("/api")]);
    let place = Place::reaching(&server);
    let limited = "\nlimits = { requests_per_minute = 120 }\n\n[[metrics]]";
    place.write("scoresheet.toml", &configuration("").replacen("\n\n[[metrics]]", limited, 1));
    let problem = place.run(&["run", "--json"]).await.expect(1).json()["problems"][0].clone();
    assert_eq!(problem["kind"], "rate-limited");
    let message = problem["message"].as_str().expect("a message");
    let until = message.split_once(": it asks to wait 900 s, until ").expect(message).1;
    // The wait counts from the end of the answer, which took real time.
    let waited = scoresheet::Instant::parse(until).expect("a time").millis()
        - scoresheet::Instant::parse(NOW).expect("a time").millis();
    assert!((900_000..960_000).contains(&waited), "{until}");
    let remedy = format!(
        "run 'scoresheet sync' after {until}; where it happens often, lower requests_per_minute (it is 120) in \
         [providers.crewhu] limits"
    );
    assert_eq!(problem["remedy"], remedy);
    let health = place.run(&["health"]).await.expect(1).stdout;
    assert!(health.contains(until) && health.contains(&remedy), "{health}");
    let check = place.run(&["check", "--json"]).await.expect(1).json();
    let told = check[0]["steps"][0]["remedy"].as_str().expect("a remedy").to_owned();
    assert!(told.contains("sync' after 20") && told.contains("requests_per_minute (it is 120)"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_one_page_again_on_the_next_count_once() {
    for rows in [Some(3), None] {
        let server = serve(world(15, 40, 0.25)).await;
        server.set_faults([Fault::RepeatRowsOfPreviousPage { rows }.on(SCORES)]);
        let place = Place::reaching(&server);
        place.write("scoresheet.toml", &configuration(", page_size = 100"));
        let ran = place.run(&["run", "--as-of", AS_OF, "--format", "json"]).await.expect(0);
        check_against_the_truth(&ran.json(), &server.world());
    }
}

fn configuration(settings: &str) -> String {
    format!(
        r#"[providers.crewhu]
base_url = "${{CREWHU_BASE_URL}}"
auth = {{ bearer = "${{CREWHU_API_KEY}}" }}
settings = {{ company_id = "${{CREWHU_COMPANY_ID}}"{settings} }}

[[metrics]]
id = "support-engagement-satisfaction"
name = "Support Engagement Satisfaction"
provider = "crewhu"
"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_used_is_a_typed_problem_and_nothing_of_it_is_kept() {
    let faults: Vec<(&str, Fault, &str)> = vec![
        ("cut short", Fault::TruncatedJson, "invalid-response"),
        ("html", Fault::HtmlWith200, "invalid-response"),
        ("the same page, saying so", Fault::SamePageForever { echo: EchoedPage::First }, "invalid-response"),
        ("the same page, denying it", Fault::SamePageForever { echo: EchoedPage::Asked }, "invalid-response"),
        ("cut off", Fault::CutBody { at_byte: 700 }, "unavailable"),
    ];
    for (name, fault, kind) in faults {
        let (ran, world, _) = run_with(world(16, 12, 0.0), vec![fault.on(SCORES)]).await;
        let ran = ran.expect(1);
        let sheet = ran.json();
        let kinds: Vec<&Value> =
            sheet["problems"].as_array().expect("problems").iter().map(|problem| &problem["kind"]).collect();
        assert_eq!(kinds, [kind], "{name}: {}", sheet["problems"]);
        assert_eq!(
            sheet["clients"].as_array().expect("clients").len(),
            world.clients().iter().filter(|c| c.active).count()
        );
        for row in sheet["clients"].as_array().expect("clients") {
            assert_eq!(row["metrics"][0]["outcome"], "no-data", "{name}");
            assert_eq!(row["metrics"][0]["samples"], 0, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_once_and_the_stored_sheet_still_stands() {
    let server = serve(world(17, 12, 0.1)).await;
    let place = Place::reaching(&server);
    let arguments = ["run", "--as-of", AS_OF, "--format", "json", "-vv"];
    let before = place.run(&arguments).await.expect(0);

    server.set_api_key("another-key");
    let asked = server.requests().len();
    let after = place.run(&arguments).await.expect(1);
    // The clients and the first page are asked for side by side, so the key may be refused at both.
    let mut refused: Vec<(String, Option<u16>)> =
        server.requests()[asked..].iter().map(|request| (request.path.clone(), request.status)).collect();
    // None: the other one's refusal was there first, and nobody waited for this one.
    assert!(refused.iter().all(|(_, status)| matches!(status, Some(401) | None)), "{refused:?}");
    assert!(refused.iter().any(|(_, status)| *status == Some(401)), "{refused:?}");
    let count = refused.len();
    refused.sort();
    refused.dedup_by(|one, other| one.0 == other.0);
    assert_eq!(refused.len(), count, "an unauthorized request is not tried again");
    assert!((1..=2).contains(&count), "{refused:?}");

    let (known, now) = (before.json(), after.json());
    let problem = &now["problems"][0];
    assert_eq!(problem["kind"], "unauthorized");
    assert_eq!(problem["provider"], "crewhu");
    assert!(problem["remedy"].as_str().expect("a remedy").contains("CREWHU_API_KEY"), "{problem}");
    for (was, is) in known["clients"].as_array().expect("rows").iter().zip(now["clients"].as_array().expect("rows")) {
        assert_eq!(was["metrics"][0]["score"], is["metrics"][0]["score"]);
        assert_eq!(is["metrics"][0]["stale"], true);
        assert_eq!(was["metrics"][0]["stale"], false);
    }
    // And as a table it says so too.
    let table = place.run(&["generate", "--as-of", AS_OF]).await.expect(0);
    assert!(table.stdout.contains("CREWHU_API_KEY"), "{}", table.stdout);

    for ran in [before, after, table] {
        assert!(!ran.stdout.contains(CANARY) && !ran.stderr.contains(CANARY), "the key was printed");
    }
    for (path, bytes) in place.files() {
        assert!(!bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()), "the key is in {}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echoed_key_goes_nowhere() {
    let server = serve(world(18, 12, 0.1)).await;
    server.set_faults([Fault::EchoCredential.on(SCORES)]);
    let place = Place::reaching(&server);
    for arguments in
        [&["run", "--as-of", AS_OF, "-vv"][..], &["check", "-vv"], &["generate", "--json"], &["config", "show"]]
    {
        let ran = place.run(arguments).await;
        assert!(!ran.stdout.contains(CANARY) && !ran.stderr.contains(CANARY), "{arguments:?} printed the key: {ran:?}");
    }
    for (path, bytes) in place.files() {
        assert!(!bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()), "the key is in {}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_clients_run_is_its_row_of_the_whole_run() {
    let server = serve(world(19, 12, 0.25)).await;
    let whole = Place::reaching(&server);
    let sheet = whole.run(&["run", "--as-of", AS_OF, "--json"]).await.expect(0).json();
    for row in sheet["clients"].as_array().expect("rows").iter().step_by(5) {
        let alone = Place::reaching(&server);
        let id = row["id"].as_str().expect("an id");
        let one = alone.run(&["run", "--client", id, "--as-of", AS_OF, "--json"]).await.expect(0).json();
        assert_eq!(one["clients"], serde_json::json!([row]));
    }
}

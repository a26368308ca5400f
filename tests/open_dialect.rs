//! CrewHu's Open API from end to end: the component in its sandbox, over real HTTP, into the store and onto the sheet.

use std::{collections::BTreeMap, sync::Arc};

use crate::common::{AS_OF, CANARY, COMPANY, Place, as_of_chrono, serve, world};
use scoresheet_simulator::{Dialect, Envelope, SimulatorOptions, World, data::PERSONAL_DATA_MARK};
use scoresheet_test_support::{Fault, FaultySimulator};
use serde_json::Value;

const SURVEY: &str = "/api/v1/survey";
const RUN: [&str; 5] = ["run", "--as-of", AS_OF, "--format", "json"];

/// A simulator of the Open API, with the canary as its token.
async fn serve_open(world: impl Into<Arc<World>>, envelope: Envelope) -> FaultySimulator {
    let options = SimulatorOptions {
        api_key: CANARY.to_owned(),
        dialect: Dialect::Open,
        envelope,
        ..SimulatorOptions::new(world)
    };
    FaultySimulator::start(options).await.expect("a simulator")
}

/// The configuration of an account on the Open API.
fn configuration(settings: &str, metric: &str) -> String {
    format!(
        r#"[providers.crewhu]
base_url = "${{CREWHU_BASE_URL}}"
auth = {{ header = {{ name = "X_CREWHU_APITOKEN", value = "${{CREWHU_API_KEY}}" }} }}
settings = {{ api = "open"{settings} }}

[[metrics]]
id = "support-engagement-satisfaction"
name = "Support Engagement Satisfaction"
provider = "crewhu"
settings = {{ {metric} }}
"#
    )
}

fn place(server: &FaultySimulator, settings: &str, metric: &str) -> Place {
    let place = Place::reaching(server);
    place.write("scoresheet.toml", &configuration(settings, metric));
    place
}

fn rows(sheet: &Value) -> &Vec<Value> {
    sheet["clients"].as_array().expect("rows")
}

/// How many answers of all clients count.
fn samples(sheet: &Value) -> u64 {
    rows(sheet).iter().map(|row| row["metrics"][0]["samples"].as_u64().expect("a count")).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_score_is_what_people_rated_and_mail_scanners_are_left_out() {
    let server = serve_open(world(71, 24, 0.2), Envelope::BareArray).await;
    let world = server.world();
    let place = place(&server, ", page_size = 100", "");
    let sheet = place.run(&RUN).await.expect(0).json();
    assert_eq!(sheet["problems"], serde_json::json!([]));

    let until = as_of_chrono();
    let (mut scored, mut scanned) = (0, 0);
    for row in rows(&sheet) {
        let (id, cell) = (row["id"].as_str().expect("an id"), &row["metrics"][0]);
        let truth = world.expected_surveys(id, until - chrono::Duration::days(30), until);
        assert_eq!(cell["value"].as_f64(), truth.mean(), "{id}");
        assert_eq!(cell["samples"].as_u64(), Some(truth.ratings.len() as u64), "{id}");
        let rejected: BTreeMap<String, u64> = serde_json::from_value(cell["rejected"].clone()).expect("counts");
        assert!(
            rejected.iter().map(|(reason, count)| (reason.as_str(), *count)).eq(truth.rejected.clone()),
            "{id}: {rejected:?}"
        );
        let explanation = cell["explanation"].to_string();
        let left_out = format!("{} not counted: answered within 45 seconds", truth.scanned);
        assert_eq!(
            explanation.contains(&left_out),
            truth.scanned > 0 && !truth.ratings.is_empty(),
            "{id}: {explanation}"
        );
        if truth.mean().is_some() {
            assert!(explanation.contains("as CrewHu counts it"), "{explanation}");
            let interval = &cell["interval"];
            assert!(interval["low"].as_f64() <= truth.mean() && interval["high"].as_f64() >= truth.mean(), "{cell}");
        }
        scored += usize::from(truth.mean().is_some());
        scanned += truth.scanned;
    }
    assert!(scored > 15 && scanned > 5, "{scored} scores and {scanned} scanned links show little");
    // The names of clients without an id in a survey are those of clients with one: nobody is there twice.
    let listed: Vec<&str> = rows(&sheet).iter().map(|row| row["id"].as_str().expect("an id")).collect();
    assert!(!listed.iter().any(|id| id.starts_with("name:")), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_personal_data_is_kept_and_no_token_either() {
    let server = serve_open(world(72, 12, 0.3), Envelope::Items).await;
    let place = place(&server, "", "");
    let mut printed = String::new();
    for arguments in
        [&["run", "--as-of", AS_OF, "-vv"][..], &["check", "-vv"], &["generate", "--as-of", AS_OF, "--json"]]
    {
        let ran = place.run(arguments).await.expect(0);
        printed.push_str(&ran.stdout);
        printed.push_str(&ran.stderr);
    }
    let files = place.files();
    assert!(files.iter().any(|(path, bytes)| path.ends_with("scoresheet.db") && bytes.len() > 10_000));
    for secret in [PERSONAL_DATA_MARK, CANARY] {
        assert!(!printed.contains(secret), "{secret} was printed");
        for (path, bytes) in &files {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn envelopes_and_page_sizes_never_change_a_sheet() {
    let world = Arc::new(world(73, 12, 0.2));
    let mut sheets: Vec<Value> = Vec::new();
    for (envelope, settings) in
        Envelope::ALL.into_iter().zip(["", ", page_size = 17", ", page_size = 40", ", page_size = 90"])
    {
        let server = serve_open(Arc::clone(&world), envelope).await;
        let sheet = place(&server, settings, "").run(&RUN).await.expect(0).json();
        let until = as_of_chrono();
        let meant = |row: &Value| {
            let id = row["id"].as_str().expect("an id");
            world.expected_surveys(id, until - chrono::Duration::days(30), until).ratings.len() as u64
        };
        let meant: u64 = rows(&sheet).iter().map(meant).sum();
        assert!(meant > 20, "{meant} answers show little");
        assert_eq!(samples(&sheet), meant, "{envelope:?}");
        sheets.push(sheet["clients"].clone());
    }
    assert!(sheets.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_types_and_half_lives_are_settings() {
    let server = serve_open(world(74, 12, 0.0), Envelope::DataAndTotal).await;
    let tags = r#", type_tags = { timeliness = ["Response Time"], resolution = ["Issue Resolution"] }"#;
    let all = place(&server, tags, "").run(&RUN).await.expect(0).json();
    let some = place(&server, tags, r#"types = ["timeliness"]"#).run(&RUN).await.expect(0).json();
    assert!(0 < samples(&some) && samples(&some) < samples(&all) / 2, "{} of {}", samples(&some), samples(&all));
    let with_scanners = place(&server, tags, "drop_suspected_bots = false").run(&RUN).await.expect(0).json();
    assert!(samples(&with_scanners) > samples(&all));

    let weighed = place(&server, tags, "half_life_days = 7").run(&RUN).await.expect(0).json();
    for (plain, weighed) in rows(&all).iter().zip(rows(&weighed)) {
        let (plain, weighed) = (&plain["metrics"][0], &weighed["metrics"][0]);
        assert_eq!(plain["samples"], weighed["samples"]);
        if plain["samples"].as_u64() > Some(1) {
            assert!(weighed["effective_samples"].as_f64() < plain["effective_samples"].as_f64(), "{weighed}");
            assert!(weighed["explanation"].to_string().contains("newer responses weigh more"), "{weighed}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_recognises_either_dialect_and_says_what_to_set() {
    let remedy = |ran: crate::common::Ran| ran.expect(1).json().to_string().replace("\\\"", "\"");
    let open = serve_open(world(75, 4, 0.0), Envelope::BareArray).await;
    let told = remedy(Place::reaching(&open).run(&["check", "--json"]).await);
    assert!(told.contains("this is CrewHu's Open API") && told.contains("set api = \"open\""), "{told}");
    assert!(told.contains("X_CREWHU_APITOKEN"), "{told}");

    let guide = serve(world(75, 4, 0.0)).await;
    let told = remedy(place(&guide, "", "").run(&["check", "--json"]).await);
    assert!(told.contains("set api = \"guide\""), "{told}");

    // And with that set, all is well.
    let right = place(&open, "", "").run(&["check", "--json"]).await.expect(0);
    assert!(right.stdout.contains("surveys, those looked at answered since"), "{}", right.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_field_is_told_and_what_is_stored_stands() {
    let server = serve_open(world(76, 6, 0.0), Envelope::SurveysAndHasMore).await;
    let place = place(&server, "", "");
    let before = place.run(&RUN).await.expect(0).json();
    server.set_faults([Fault::RenamedField { from: "rating".to_owned(), to: "stars".to_owned() }.on(SURVEY)]);
    let after = place.run(&["run", "--as-of", AS_OF, "--json"]).await.expect(1).json();
    assert_eq!(after["problems"][0]["kind"], "invalid-response", "{}", after["problems"]);
    assert!(after["problems"][0]["message"].to_string().contains("was a field renamed?"), "{}", after["problems"]);
    for (was, is) in rows(&before).iter().zip(rows(&after)) {
        assert_eq!(was["metrics"][0]["value"], is["metrics"][0]["value"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guides_company_may_stay_in_the_settings() {
    let server = serve_open(world(77, 4, 0.0), Envelope::Items).await;
    let place = place(&server, &format!(", company_id = \"{COMPANY}\""), "");
    assert!(samples(&place.run(&RUN).await.expect(0).json()) > 0);
}

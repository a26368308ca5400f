//! The `open` dialect: who may ask, what a page looks like, and that it shows the same world.

use scoresheet_simulator::{
    Dialect, Envelope, Permissions, SimulatorOptions, SurveyMeaning, World, WorldOptions, data::PERSONAL_DATA_MARK,
};
use scoresheet_test_support::{Fault, FaultySimulator};
use serde_json::Value;

use crate::support::{HEALTH, KEY, get, http, options, small_world, start, time};

const USER: &str = "/api/v1/user";
const SURVEY: &str = "/api/v1/survey";

async fn open(world: World, envelope: Envelope) -> FaultySimulator {
    start(SimulatorOptions { dialect: Dialect::Open, envelope, ..options(world) }).await
}

async fn ask(server: &FaultySimulator, path: &str, token: Option<&str>) -> (u16, Value) {
    let mut request = http().get(format!("{}{path}", server.base_url()));
    if let Some(token) = token {
        request = request.header("X_CREWHU_APITOKEN", token);
    }
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON"))
}

async fn page(server: &FaultySimulator, query: &str) -> Value {
    let (status, body) = ask(server, &format!("{SURVEY}?{query}"), Some(KEY)).await;
    assert_eq!(status, 200, "{body}");
    body
}

#[tokio::test]
async fn the_token_opens_it_and_nothing_else_does() {
    let server = open(small_world(), Envelope::BareArray).await;
    assert_eq!(ask(&server, USER, Some(KEY)).await.0, 200);
    for wrong in [None, Some("another"), Some("Bearer canary-key-123")] {
        assert_eq!(ask(&server, USER, wrong).await.0, 401, "{wrong:?}");
        assert_eq!(ask(&server, SURVEY, wrong).await.0, 401, "{wrong:?}");
    }
    assert_eq!(get(&http(), &server, SURVEY, &[]).send().await.expect("an answer").status(), 401, "a bearer is none");
    server.set_permissions(Permissions { csat: false, ..Permissions::ALL });
    assert_eq!(ask(&server, SURVEY, Some(KEY)).await.0, 403);
    assert!(server.requests()[0].authorization_ok && !server.requests()[1].authorization_ok);
}

#[tokio::test]
async fn the_other_dialect_is_not_there() {
    let server = open(small_world(), Envelope::BareArray).await;
    assert_eq!(get(&http(), &server, HEALTH, &[]).send().await.expect("an answer").status(), 404);
    let guide = start(options(small_world())).await;
    assert_eq!(ask(&guide, USER, Some(KEY)).await.0, 404);
    let both = start(SimulatorOptions { dialect: Dialect::Both, ..options(small_world()) }).await;
    assert_eq!(ask(&both, USER, Some(KEY)).await.0, 200);
    assert_eq!(get(&http(), &both, HEALTH, &[]).send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn pages_come_in_every_envelope() {
    for envelope in Envelope::ALL {
        let server = open(small_world(), envelope).await;
        let mut found = Vec::new();
        for step in 1..=3 {
            let page = page(&server, &format!("step={step}&limit=3")).await;
            let (rows, more) = match envelope {
                Envelope::BareArray => (&page, None),
                Envelope::Items => (&page["items"], None),
                Envelope::DataAndTotal => (&page["data"], page["total"].as_u64().map(|total| total > step * 3)),
                Envelope::SurveysAndHasMore => (&page["surveys"], page["hasMore"].as_bool()),
            };
            assert!(more.is_none_or(|more| more == (step < 3)), "{envelope:?} {step}");
            found.extend(
                rows.as_array().expect("rows").iter().map(|row| row["_id"].as_str().expect("an id").to_owned()),
            );
        }
        assert_eq!(found, ["r-1", "r-2", "r-3", "r-4", "r-5", "r-6", "r-7"], "{envelope:?}");
    }
}

#[tokio::test]
async fn faults_strike_here_too() {
    let server = open(small_world(), Envelope::SurveysAndHasMore).await;
    server.set_faults([Fault::RenamedField { from: "rating".into(), to: "stars".into() }.on(SURVEY).page(2)]);
    assert_eq!(page(&server, "step=1&limit=3").await["surveys"][0]["rating"], "-5");
    assert_eq!(page(&server, "step=2&limit=3").await["surveys"][0]["stars"], "5");
    server.set_faults([Fault::EmptySuccess]);
    assert_eq!(page(&server, "step=1").await, serde_json::json!({"surveys": [], "hasMore": false}));
    server.set_faults([Fault::Unauthorized]);
    assert_eq!(ask(&server, USER, Some(KEY)).await.0, 401);
}

#[test]
fn the_same_world_is_shown() {
    let until = time("2026-11-01T00:00:00Z");
    let world = World::generate(WorldOptions { dirty_share: 0.2, clients: 12, ..WorldOptions::new(until) });
    let surveys = world.surveys();
    assert_eq!(surveys, world.surveys());
    let scanned = surveys.iter().filter(|survey| survey.meaning() == SurveyMeaning::Scanned).count();
    assert!(scanned > 20 && scanned.is_multiple_of(3), "{scanned}");
    assert_eq!(surveys.len() - scanned, world.responses().len());
    assert!(surveys.iter().all(|survey| survey.json().contains(PERSONAL_DATA_MARK)));
    let mut reasons: Vec<&str> = surveys
        .iter()
        .filter_map(|survey| match survey.meaning() {
            SurveyMeaning::Rejected(reason) => Some(reason),
            _ => None,
        })
        .collect();
    reasons.sort_unstable();
    reasons.dedup();
    assert_eq!(
        reasons,
        ["future", "inactive", "incomplete", "no-client", "no-id", "no-time", "score-missing", "score-out-of-range"]
    );

    // What people rated is told as the guide's dialect has it, rounded to three steps.
    let (from, all) = (until - chrono::TimeDelta::days(90), scoresheet_simulator::ResponseType::ALL);
    for client in world.clients() {
        let (guide, open) =
            (world.expected(&client.id, from, until, &all), world.expected_surveys(&client.id, from, until));
        assert_eq!(guide.ratings.len(), open.ratings.len(), "{}", client.id);
        assert!(guide.ratings.iter().zip(&open.ratings).all(|(five, three)| (five - three).abs() <= 1.25));
    }
}

//! The load that retries add in an outage, counted at the server.

use std::time::Duration;

use scoresheet_gateway::Clock;
use scoresheet_test_support::{End, ScriptedResponse, ScriptedServer};

use crate::support::{Rig, count, get};

#[tokio::test]
async fn outage_adds_one_bucket_of_retries_to_1000_requests() {
    let rig = Rig::new();
    let server = ScriptedServer::start([ScriptedResponse::status(503)]).await;
    // Several connections to one origin share one budget.
    let connections = [rig.connect(&server.base_url), rig.connect(&format!("{}/a", server.base_url))];
    let cancel = tokio_util::sync::CancellationToken::new();
    for number in 0..1_000 {
        let deadline = rig.clock.now() + Duration::from_secs(3_600);
        let answer = connections[number % 2].send(get("x"), deadline, &cancel).await.expect("an answer");
        assert_eq!(answer.status, 503);
    }
    assert_eq!(server.count(), 1_010);
}

#[tokio::test]
async fn broken_connections_add_one_bucket_of_retries() {
    let rig = Rig::new();
    let server = ScriptedServer::start([ScriptedResponse::raw("", End::Reset)]).await;
    for _ in 0..1_000 {
        rig.send(&server.base_url, get("x")).await.expect_err("an outage");
    }
    assert_eq!(server.count(), 1_010);
}

#[tokio::test]
async fn flaky_server_gets_retries_for_a_tenth_of_its_responses() {
    let mut rig = Rig::new();
    rig.limits.max_attempts = count(2);
    // One failure, then a success, in turn: each request would need two attempts.
    let answers =
        (0..2_000).map(|number| if number % 2 == 0 { ScriptedResponse::status(503) } else { ScriptedResponse::ok("") });
    let server = ScriptedServer::start(answers).await;
    let mut failed = 0;
    for _ in 0..1_000 {
        failed += usize::from(rig.send(&server.base_url, get("x")).await.expect("an answer").status == 503);
    }
    let retries = server.count() - 1_000;
    assert!(retries <= 10 + 1_000 / 10, "{retries} retries");
    assert!(retries >= 50 && failed > 0, "the budget is used: {retries} retries, {failed} failures");
}

#[tokio::test]
async fn outage_of_one_origin_leaves_other_budgets_alone() {
    let rig = Rig::new();
    let dead = ScriptedServer::start([ScriptedResponse::status(502)]).await;
    let mut living = Vec::new();
    for _ in 0..4 {
        living.push(ScriptedServer::start([ScriptedResponse::status(503), ScriptedResponse::ok("here")]).await);
    }
    for _ in 0..50 {
        assert_eq!(rig.send(&dead.base_url, get("x")).await.expect("an answer").status, 502);
        for server in &living {
            assert_eq!(rig.send(&server.base_url, get("x")).await.expect("an answer").body, b"here");
        }
    }
    let counts: Vec<usize> = living.iter().map(ScriptedServer::count).collect();
    assert_eq!(counts, [51; 4], "each request once, and the one that failed twice");
    assert_eq!(dead.count(), 60);
}

#[tokio::test]
async fn errors_that_need_no_retry_refill_the_budget() {
    for status in [200, 400, 404, 501] {
        let rig = Rig::new();
        let down = || (0..20).map(|_| ScriptedResponse::status(503));
        let server =
            ScriptedServer::start(down().chain((0..10).map(|_| ScriptedResponse::status(status))).chain(down())).await;
        let mut sent = 0;
        // Empties the bucket, then refills it with one retry.
        while server.count() < 30 {
            rig.send(&server.base_url, get("x")).await.expect("an answer");
            sent += 1;
        }
        assert_eq!(sent, 20, "{status}: ten retries");
        for _ in 0..3 {
            rig.send(&server.base_url, get("x")).await.expect("an answer");
        }
        assert_eq!(server.count(), 34, "{status}: one retry for three requests");
    }
}

//! What an outage costs, seen from the server, and that it stays with the origin that has it.

use std::num::NonZeroU32;
use std::time::Duration;

use scoresheet_gateway::{Clock, FakeClock, HttpError};

use crate::support::{Answer, End, Rig, Server, count, get, post, wall};

const NEVER: NonZeroU32 = NonZeroU32::MAX;

fn without_breaker() -> Rig {
    Rig::with_options(FakeClock::at(wall()), |options| options.origins.failures_to_open = NEVER)
}

fn not_asked(result: &Result<scoresheet_gateway::Response, HttpError>) -> bool {
    matches!(result, Err(HttpError::Network(text)) if text.contains("is not asked for"))
}

#[tokio::test]
async fn a_thousand_requests_in_an_outage_are_a_thousand_tries_and_a_bucket() {
    let rig = without_breaker();
    let server = Server::start([Answer::status(503)]).await;
    // Several connections to one origin have one budget.
    let connections = [rig.connect(&server.base), rig.connect(&format!("{}/a", server.base))];
    let cancel = tokio_util::sync::CancellationToken::new();
    for number in 0..1_000 {
        let deadline = rig.clock.now() + Duration::from_secs(3_600);
        let answer = connections[number % 2].send(get("x"), deadline, &cancel).await.expect("an answer");
        assert_eq!(answer.status, 503);
    }
    assert_eq!(server.count(), 1_010);
}

#[tokio::test]
async fn where_half_the_tries_fail_retries_are_a_tenth_of_the_answers() {
    let mut rig = without_breaker();
    rig.limits.max_attempts = count(2);
    // One failure, then a right answer, in turn: each request would be tried twice.
    let answers = (0..2_000).map(|number| if number % 2 == 0 { Answer::status(503) } else { Answer::ok("") });
    let server = Server::start(answers).await;
    let mut failed = 0;
    for _ in 0..1_000 {
        failed += usize::from(rig.send(&server.base, get("x")).await.expect("an answer").status == 503);
    }
    let retries = server.count() - 1_000;
    assert!(retries <= 10 + 1_000 / 10, "{retries} retries");
    assert!(retries >= 50 && failed > 0, "the budget is used: {retries} retries, {failed} failures");
}

#[tokio::test]
async fn an_origin_that_fails_is_let_alone_and_asked_again_later() {
    let mut rig = Rig::new();
    rig.limits.max_attempts = count(1);
    let answers = (0..11).map(|_| Answer::status(500)).chain([Answer::ok("back")]);
    let server = Server::start(answers).await;
    for _ in 0..10 {
        assert_eq!(rig.send(&server.base, get("x")).await.expect("an answer").status, 500);
    }
    let refused = rig.send(&server.base, get("x")).await;
    assert_eq!(
        refused,
        Err(HttpError::Network("127.0.0.1 is not asked for 30 s more: its last 10 requests failed".into()))
    );
    assert!(not_asked(&rig.send(&server.base, post("x", "{}")).await), "whatever the method");
    assert_eq!(server.count(), 10);

    rig.clock.sleep(Duration::from_secs(30)).await;
    assert_eq!(rig.send(&server.base, get("x")).await.expect("the probe").status, 500);
    assert!(rig.send(&server.base, get("x")).await.is_err_and(|error| error.to_string().contains("for 60 s more")));
    rig.clock.sleep(Duration::from_secs(60)).await;
    for _ in 0..3 {
        assert_eq!(rig.send(&server.base, get("x")).await.expect("an answer").body, b"back");
    }
    assert_eq!(server.count(), 14);
}

#[tokio::test]
async fn with_everything_on_an_outage_costs_next_to_nothing() {
    let rig = Rig::new();
    let server = Server::start([Answer::raw("", End::Reset)]).await;
    for _ in 0..1_000 {
        rig.send(&server.base, get("x")).await.expect_err("an outage");
    }
    assert_eq!(server.count(), 10);
}

#[tokio::test]
async fn one_dead_origin_among_five_leaves_the_others_alone() {
    let rig = Rig::new();
    let dead = Server::start([Answer::status(502)]).await;
    let mut living = Vec::new();
    for _ in 0..4 {
        living.push(Server::start([Answer::status(503), Answer::ok("here")]).await);
    }
    for _ in 0..50 {
        let _ = rig.send(&dead.base, get("x")).await;
        for server in &living {
            assert_eq!(rig.send(&server.base, get("x")).await.expect("an answer").body, b"here");
        }
    }
    assert!(not_asked(&rig.send(&dead.base, get("x")).await));
    let counts: Vec<usize> = living.iter().map(Server::count).collect();
    assert_eq!(counts, [51; 4], "each request once, and the one that failed twice");
}

#[tokio::test]
async fn what_is_no_failure_of_the_server_opens_nothing() {
    for answer in [
        Answer::status(400),
        Answer::status(401),
        Answer::status(404),
        Answer::with(429, &[("retry-after", "99999")], ""),
        Answer::status(501),
        Answer::with(200, &[("content-encoding", "x")], ""),
    ] {
        let rig = Rig::new();
        let server = Server::start([answer]).await;
        for _ in 0..30 {
            rig.send(&server.base, get("x")).await.expect("an answer");
        }
        assert_eq!(server.count(), 30);
    }
    // Nor does a caller in a hurry.
    let mut rig = Rig::new();
    rig.limits.max_attempts = count(1);
    let server = Server::start([Answer::raw("", End::Hang)]).await;
    let connection = rig.connect(&server.base);
    for _ in 0..12 {
        let deadline = rig.clock.now() + Duration::from_millis(5);
        let result = connection.send(get("x"), deadline, &tokio_util::sync::CancellationToken::new()).await;
        assert_eq!(result, Err(HttpError::Timeout));
    }
}

#[tokio::test]
async fn a_probe_that_is_cancelled_leaves_its_turn_to_the_next() {
    let mut rig = Rig::new();
    rig.limits.max_attempts = count(1);
    let failures = (0..10).map(|_| Answer::status(500));
    let server = Server::start(failures.chain([Answer::raw("", End::Hang), Answer::ok("back")])).await;
    for _ in 0..10 {
        rig.send(&server.base, get("x")).await.expect("an answer");
        server.arrived().await;
    }
    rig.clock.sleep(Duration::from_secs(30)).await;
    let connection = rig.connect(&server.base);
    let (deadline, cancel) = (rig.clock.now() + Duration::from_secs(3_600), tokio_util::sync::CancellationToken::new());
    let (given_up, ()) = tokio::join!(connection.send(get("x"), deadline, &cancel), async {
        server.arrived().await;
        let second = connection.send(get("x"), deadline, &tokio_util::sync::CancellationToken::new()).await;
        assert!(second.is_err_and(|error| error.to_string().contains("until it is known")), "one probe at a time");
        cancel.cancel();
    });
    assert_eq!(given_up, Err(HttpError::Cancelled));
    assert_eq!(rig.send(&server.base, get("x")).await.expect("the next probe").body, b"back");
}

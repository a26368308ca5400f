//! Keys, companies, permissions, rate limits, parameters, and the log of it all.

use std::time::Duration;

use scoresheet_simulator::{Permissions, SimulatorOptions};
use scoresheet_test_support::FaultySimulator;
use serde_json::Value;

use crate::support::{CLIENTS, HEALTH, KEY, SCORES, get, http, json, options, small_world, start};

/// Status and message of a GET.
async fn refused(server: &FaultySimulator, path: &str, query: &[(&str, &str)]) -> (u16, String) {
    let response = get(&http(), server, path, query).send().await.expect("an answer");
    let status = response.status().as_u16();
    let body: Value = serde_json::from_slice(&response.bytes().await.expect("a body")).expect("an error in JSON");
    (status, body["error"]["message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_wrong_key_gets_401_and_is_not_repeated() {
    let server = start(options(small_world())).await;
    let url = format!("{}{HEALTH}", server.base_url());
    for request in [
        http().get(&url),
        http().get(&url).bearer_auth("wrong-canary"),
        http().get(&url).header("authorization", KEY),
        http().get(&url).basic_auth(KEY, Some("wrong-canary")),
    ] {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 401);
        let headers = format!("{:?}", response.headers());
        let body = response.text().await.expect("a body");
        for secret in [KEY, "wrong-canary"] {
            assert!(!headers.contains(secret) && !body.contains(secret), "{headers} {body}");
        }
    }
    assert_eq!(json(&server, HEALTH, &[]).await["status"], "ok");
    let ok: Vec<bool> = server.requests().iter().map(|request| request.authorization_ok).collect();
    assert_eq!(ok, [false, false, false, false, true]);
    assert!(!format!("{:?} {:?}", server.requests(), options(small_world())).contains(KEY));
}

#[tokio::test]
async fn a_rotated_key_is_the_only_one_that_counts() {
    let server = start(options(small_world())).await;
    server.set_api_key("the-next-key");
    assert_eq!(refused(&server, HEALTH, &[]).await.0, 401);
    let url = format!("{}{HEALTH}", server.base_url());
    assert_eq!(http().get(url).bearer_auth("the-next-key").send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn another_company_gets_403_and_none_400() {
    let server = start(options(small_world())).await;
    let http = http();
    for (query, status) in [("?company_id=other", 403), ("", 400)] {
        for path in [CLIENTS, SCORES] {
            let url = format!("{}{path}{query}", server.base_url());
            assert_eq!(
                http.get(url).bearer_auth(KEY).send().await.expect("an answer").status(),
                status,
                "{path}{query}"
            );
        }
    }
}

#[tokio::test]
async fn each_permission_can_be_missing() {
    let server = start(options(small_world())).await;
    let window = [("from", "2026-10-01T00:00:00Z"), ("to", "2026-11-02T00:00:00Z")];
    for (permissions, path, named) in [
        (Permissions { csat: false, ..Permissions::ALL }, SCORES, "CSAT Data Access"),
        (Permissions { clients: false, ..Permissions::ALL }, CLIENTS, "Client/Company Data"),
        (Permissions { date_ranges: false, ..Permissions::ALL }, SCORES, "Date Range Queries"),
    ] {
        server.set_permissions(permissions);
        let (status, message) = refused(&server, path, &window).await;
        assert_eq!(status, 403);
        assert!(message.contains(named), "{message}");
        let other = if path == SCORES { CLIENTS } else { SCORES };
        json(&server, other, &window).await;
    }
    // The last one is still in force: it is history that it keeps back, and nothing else.
    let recent = [("from", "2026-10-01T00:00:00Z"), ("to", "2026-11-01T00:00:00Z")];
    json(&server, SCORES, &recent).await;
    json(&server, SCORES, &[]).await;
    assert_eq!(refused(&server, SCORES, &window[..1]).await.0, 403);
    server.set_permissions(Permissions::ALL);
    json(&server, SCORES, &window).await;
}

#[tokio::test]
async fn the_rate_limit_counts_and_says_when_to_come_again() {
    let server = start(SimulatorOptions { requests_per_minute: Some(2), ..options(small_world()) }).await;
    json(&server, HEALTH, &[]).await;
    json(&server, CLIENTS, &[]).await;
    let response = get(&http(), &server, SCORES, &[]).send().await.expect("an answer");
    assert_eq!(response.status(), 429);
    let seconds: u64 = response.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=60).contains(&seconds));
}

#[tokio::test]
async fn parameters_that_make_no_sense_get_400() {
    let server = start(options(small_world())).await;
    for (name, value) in
        [("page", "0"), ("page", "x"), ("per_page", "-1"), ("from", "yesterday"), ("to", "2026-13-01T00:00:00Z")]
    {
        let (status, message) = refused(&server, SCORES, &[(name, value)]).await;
        assert!(status == 400 && message.contains(name), "{name}={value}: {status} {message}");
    }
    let backwards = [("from", "2026-10-02T00:00:00Z"), ("to", "2026-10-01T00:00:00Z")];
    assert_eq!(refused(&server, SCORES, &backwards).await.0, 400);
    assert_eq!(refused(&server, "/api/v1/user", &[]).await.0, 404);
    let url = format!("{}{HEALTH}", server.base_url());
    assert_eq!(http().post(url).bearer_auth(KEY).send().await.expect("an answer").status(), 405);
}

#[tokio::test]
async fn the_log_has_every_request_in_order() {
    let server = start(options(small_world())).await;
    json(&server, HEALTH, &[]).await;
    json(&server, SCORES, &[("from", "2026-10-01T00:00:00+00:00"), ("page", "1")]).await;
    refused(&server, "/nowhere", &[]).await;
    let log = server.requests();
    let seen: Vec<_> = log.iter().map(|r| (r.method.as_str(), r.path.as_str(), r.status)).collect();
    assert_eq!(seen, [("GET", HEALTH, Some(200)), ("GET", SCORES, Some(200)), ("GET", "/nowhere", Some(404))]);
    assert_eq!(log[1].parameter("from"), Some("2026-10-01T00:00:00+00:00"));
    assert_eq!(log[1].parameter("company_id"), Some("acc"));
    assert_eq!(log[1].parameter("to"), None);
}

/// Four requests wait side by side for a minute that never passes: the shutdown ends their wait, and lets them be answered.
#[tokio::test]
async fn requests_side_by_side_are_counted_and_a_shutdown_answers_them() {
    let server = start(SimulatorOptions { latency: Duration::from_secs(60), ..options(small_world()) }).await;
    let http = http();
    let requests: Vec<_> = (0..4).map(|_| tokio::spawn(get(&http, &server, HEALTH, &[]).send())).collect();
    while server.requests().len() < 4 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.max_in_flight(), 4);
    assert!(server.requests().iter().all(|request| request.status.is_none()));
    server.shutdown().await;
    for request in requests {
        assert_eq!(request.await.expect("no panic").expect("an answer").status(), 200);
    }
}

#[tokio::test]
async fn a_server_that_was_shut_down_or_dropped_answers_no_more() {
    for graceful in [true, false] {
        let server = start(options(small_world())).await;
        let http = http();
        let request = get(&http, &server, HEALTH, &[]);
        let again = request.try_clone().expect("no body");
        assert_eq!(request.send().await.expect("an answer").status(), 200);
        if graceful {
            server.shutdown().await;
            assert!(again.send().await.is_err());
        } else {
            drop(server);
            // The kernel may take a connection until the serving task has let go of the port, but nobody answers over it.
            assert!(again.send().await.is_err());
        }
    }
}

//! Each fault that answers in the place of the right one, as a client meets it.

use scoresheet_simulator::{Permission, Permissions};
use scoresheet_test_support::{Fault, Times};

use crate::support::{CLIENTS, HEALTH, SCORES, faulty, get, http, json};

/// What a request is answered: the status, and whether it is the API's own shape of an error.
async fn refused(server: &scoresheet_test_support::FaultySimulator, path: &str) -> (u16, String) {
    let response = get(&http(), server, path, &[]).send().await.expect("an answer");
    let status = response.status().as_u16();
    let body: serde_json::Value =
        serde_json::from_slice(&response.bytes().await.expect("a body")).expect("an error is JSON");
    (status, body["error"]["message"].as_str().expect("a message").to_owned())
}

#[tokio::test]
async fn a_key_expires_in_the_middle() {
    let server = faulty([Fault::Unauthorized.on(SCORES).from_nth(2)]).await;
    json(&server, SCORES, &[]).await;
    let response = get(&http(), &server, SCORES, &[]).send().await.expect("an answer");
    assert_eq!(
        (response.status().as_u16(), &response.headers()["www-authenticate"]),
        (401, &"Bearer".parse().expect("text"))
    );
    json(&server, CLIENTS, &[]).await;
}

/// The fault and the permission that is really missing are told in the same words.
#[tokio::test]
async fn each_permission_is_refused_by_name() {
    let server = faulty(Vec::<Fault>::new()).await;
    for (permission, taken, path) in [
        (Permission::Csat, Permissions { csat: false, ..Permissions::ALL }, SCORES),
        (Permission::Clients, Permissions { clients: false, ..Permissions::ALL }, CLIENTS),
    ] {
        server.set_permissions(taken);
        let really = refused(&server, path).await;
        server.set_permissions(Permissions::ALL);
        json(&server, path, &[]).await;
        server.set_faults([Fault::Forbidden(permission)]);
        assert_eq!(refused(&server, path).await, really);
        assert_eq!(really.0, 403);
        server.set_faults(Vec::<Fault>::new());
    }
    server.set_faults([Fault::Forbidden(Permission::DateRanges)]);
    assert_eq!(refused(&server, SCORES).await, (403, "the key lacks the permission \"Date Range Queries\"".to_owned()));
}

#[tokio::test]
async fn a_storm_goes_through_the_failures_of_servers() {
    let server = faulty([Fault::Storm.on(SCORES).times(Times::Count(6))]).await;
    let mut statuses = Vec::new();
    for _ in 0..7 {
        let response = get(&http(), &server, SCORES, &[]).send().await.expect("an answer");
        statuses.push(response.status().as_u16());
    }
    assert_eq!(statuses, [500, 502, 503, 504, 500, 502, 200]);
    json(&server, HEALTH, &[]).await;
}

#[tokio::test]
async fn a_rate_limit_may_not_say_when_to_come_again() {
    let server = faulty([Fault::RateLimited { retry_after: String::new() }]).await;
    let response = get(&http(), &server, SCORES, &[]).send().await.expect("an answer");
    assert_eq!((response.status().as_u16(), response.headers().get("retry-after")), (429, None));
}

#[tokio::test]
async fn slow_once_then_fine() {
    let server = faulty([Fault::Slow { millis: 60 }.times(Times::Count(1))]).await;
    let http = http();
    let mut took = Vec::new();
    for _ in 0..2 {
        let began = std::time::Instant::now();
        assert_eq!(get(&http, &server, SCORES, &[]).send().await.expect("an answer").status(), 200);
        took.push(began.elapsed());
    }
    assert!(took[0].as_millis() >= 60, "{took:?}");
    assert!(took[1] < took[0], "{took:?}");
}

#[tokio::test]
async fn a_text_names_a_fault() {
    let server = faulty(["status=418".parse::<Fault>().expect("a fault")]).await;
    assert_eq!(refused(&server, HEALTH).await.0, 418);
}

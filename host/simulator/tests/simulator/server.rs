//! The server as `demo` uses it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use scoresheet_simulator::{Row, Server, SimClient, SimulatorOptions, World};

fn world() -> World {
    let at: DateTime<Utc> = "2026-10-01T00:00:00Z".parse().expect("a time");
    let client = SimClient { id: "c-1".into(), name: "Acme".into(), active: true };
    World::from_parts(vec![client], vec![Row::rating("r-1", "c-1", at, 4.0)])
}

fn get(server: &Server, path: &str) -> reqwest::RequestBuilder {
    // Another test of this process may have installed it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    http.get(format!("{}{path}", server.base_url()))
}

#[tokio::test]
async fn serves_pages_to_the_right_key_only() {
    let server = Server::start(SimulatorOptions::new(world())).await.expect("a free port");
    let path = "/api/v1/csat/scores?company_id=simulated";
    assert_eq!(get(&server, path).send().await.expect("a response").status(), 401);
    let response = get(&server, path).bearer_auth("simulated-key").send().await.expect("a response");
    assert_eq!(response.status(), 200);
    let page: serde_json::Value =
        serde_json::from_slice(&response.bytes().await.expect("a body")).expect("a page of JSON");
    assert_eq!((&page["data"][0]["id"], &page["pagination"]["total"]), (&"r-1".into(), &1.into()));
}

#[tokio::test]
async fn shutdown_finishes_delayed_requests_and_closes_the_port() {
    let options = SimulatorOptions { latency: Duration::from_secs(60), ..SimulatorOptions::new(world()) };
    let server = Server::start(options).await.expect("a free port");
    let request = get(&server, "/api/v1/health").bearer_auth("simulated-key");
    let again = request.try_clone().expect("no body");
    let in_time = tokio::time::timeout(Duration::from_secs(20), request.send());
    let (response, ()) = tokio::join!(in_time, async {
        // Until the request has been sent; its delay of a minute ends with the shutdown.
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.shutdown().await;
    });
    assert_eq!(response.expect("before its delay is over").expect("a response").status(), 200);
    again.send().await.expect_err("the port is closed");
}

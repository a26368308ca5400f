//! Pages, filters and what the server says about them.

use std::sync::Arc;

use scoresheet_simulator::{Row, SimulatorOptions, World, WorldOptions};
use serde_json::{Value, json};

use crate::support::{CLIENTS, SCORES, client, ids, json, options, small_world, start, time};

#[tokio::test]
async fn a_page_is_what_the_api_documents() {
    let server = start(options(small_world())).await;
    let page = json(&server, SCORES, &[("page", "2"), ("per_page", "3")]).await;
    assert_eq!(page["pagination"], json!({"page": 2, "per_page": 3, "total_pages": 3, "total": 7}));
    assert_eq!(ids(&page), ["r-4", "r-5", "r-6"]);
    assert_eq!(
        page["data"][0],
        json!({"id": "r-4", "client_id": "c-2", "score": 4, "type": "overall",
               "responded_at": "2026-10-01T03:00:00Z", "status": "completed"})
    );
    assert_eq!(
        json(&server, CLIENTS, &[]).await,
        json!({"data": [{"id": "c-1", "name": "Acme, Inc.", "active": true},
                        {"id": "c-2", "name": "Brandt & Sons", "active": true}],
               "pagination": {"page": 1, "per_page": 100, "total_pages": 1, "total": 2}})
    );
    assert_eq!(json(&server, "/api/v1/health", &[]).await, json!({"status": "ok"}));
    server.shutdown().await;
}

#[tokio::test]
async fn paging_covers_each_row_exactly_once() {
    let world = Arc::new(World::generate(WorldOptions {
        dirty_share: 0.25,
        days: 90,
        ..WorldOptions::new(time("2026-11-01T00:00:00Z"))
    }));
    let server = start(SimulatorOptions { max_per_page: 37, ..options(Arc::clone(&world)) }).await;
    let mut rows: Vec<Value> = Vec::new();
    let mut page = 1;
    loop {
        let answer = json(&server, SCORES, &[("page", &page.to_string()), ("per_page", "1000")]).await;
        assert_eq!(answer["pagination"]["per_page"], 37, "the server's cap");
        assert_eq!(answer["pagination"]["total"], world.responses().len());
        rows.extend(answer["data"].as_array().expect("rows").iter().cloned());
        if answer["pagination"]["total_pages"] == page {
            break;
        }
        page += 1;
    }
    let expected: Vec<Value> =
        world.responses().iter().map(|row| serde_json::from_str(row.json()).expect("JSON")).collect();
    assert!(page > 3);
    assert_eq!(rows, expected);
    assert_eq!(ids(&json(&server, SCORES, &[("page", "9999")]).await), [""; 0]);
}

#[tokio::test]
async fn the_window_is_half_open_and_takes_any_offset() {
    let server = start(options(small_world())).await;
    let window = [("from", "2026-10-01T01:00:00Z"), ("to", "2026-10-01T03:00:00Z")];
    assert_eq!(ids(&json(&server, SCORES, &window).await), ["r-2", "r-3"]);
    let elsewhere = [("from", "2026-10-01T03:00:00+02:00"), ("to", "2026-10-01T03:00:00")];
    assert_eq!(ids(&json(&server, SCORES, &elsewhere).await), ["r-2", "r-3"]);
    let one_client =
        [("from", "2026-10-01T02:00:00Z"), ("to", "2026-10-01T04:00:00Z"), ("client_id", "c-1"), ("per_page", "9")];
    assert_eq!(ids(&json(&server, SCORES, &one_client).await), ["r-3"]);
    let nothing = [("from", "2027-01-01T00:00:00Z"), ("to", "2027-01-01T00:00:00Z")];
    assert_eq!(ids(&json(&server, SCORES, &nothing).await), [""; 0]);
}

#[tokio::test]
async fn rows_without_a_usable_time_are_in_every_window() {
    let at = time("2026-10-01T00:00:00Z");
    let rows = vec![
        Row::rating("lost", "c-1", at, 4.0).without("responded_at").untimed(),
        Row::rating("r-1", "c-1", at, 4.0),
        Row::rating("ahead", "c-1", time("2099-01-01T00:00:00Z"), 4.0).rejected(scoresheet_simulator::Reason::Future),
    ];
    let server = start(options(World::from_parts(vec![client("c-1", "Acme")], rows))).await;
    let window = [("from", "2026-10-01T00:00:00Z"), ("to", "2026-10-02T00:00:00Z"), ("per_page", "2")];
    assert_eq!(ids(&json(&server, SCORES, &window).await), ["r-1", "lost"]);
    let other = [("from", "2020-01-01T00:00:00Z"), ("to", "2020-01-02T00:00:00Z"), ("client_id", "c-1")];
    assert_eq!(ids(&json(&server, SCORES, &other).await), ["lost", "ahead"]);
}

#[tokio::test]
async fn a_client_filter_misses_what_carries_a_name_only() {
    let at = time("2026-10-01T00:00:00Z");
    let rows = vec![
        Row::rating("r-1", "c-1", at, 4.0),
        Row::rating("r-2", "c-1", at, 4.0).without("client_id").with("client_name", "Acme"),
        Row::rating("r-3", "c-2", at, 4.0),
    ];
    let server = start(options(World::from_parts(vec![client("c-1", "Acme")], rows))).await;
    assert_eq!(ids(&json(&server, SCORES, &[]).await), ["r-1", "r-2", "r-3"]);
    let filtered = json(&server, SCORES, &[("client_id", "c-1")]).await;
    assert_eq!((ids(&filtered), &filtered["pagination"]["total"]), (vec!["r-1"], &json!(1)));
    assert_eq!(ids(&json(&server, SCORES, &[("client_id", "c-9")]).await), [""; 0]);
}

#[tokio::test]
async fn bare_arrays_are_whole_and_there_is_one() {
    let server = start(SimulatorOptions { bare_arrays: true, max_per_page: 2, ..options(small_world()) }).await;
    assert_eq!(ids(&json(&server, SCORES, &[]).await).len(), 7);
    assert_eq!(json(&server, SCORES, &[("page", "2")]).await, json!([]));
    assert_eq!(ids(&json(&server, CLIENTS, &[]).await), ["c-1", "c-2"]);
}

#[tokio::test]
async fn every_fifth_active_client_says_nothing_of_being_active() {
    let clients = (1..=10)
        .map(|n| scoresheet_simulator::SimClient { active: n <= 5, ..client(&format!("c-{n}"), "A \"quoted\" name") })
        .collect();
    let server = start(options(World::from_parts(clients, vec![]))).await;
    let page = json(&server, CLIENTS, &[]).await;
    let active: Vec<Option<bool>> =
        page["data"].as_array().expect("rows").iter().map(|client| client["active"].as_bool()).collect();
    assert_eq!(active[..5], [Some(true), Some(true), Some(true), Some(true), None]);
    assert_eq!(active[5..], [Some(false); 5]);
    assert_eq!(page["data"][0]["name"], "A \"quoted\" name");
}

#[tokio::test]
async fn the_world_can_change_between_two_pages() {
    let server = start(options(small_world())).await;
    assert_eq!(ids(&json(&server, SCORES, &[("per_page", "3")]).await), ["r-1", "r-2", "r-3"]);
    let mut rows = vec![Row::rating("r-0", "c-1", time("2026-09-30T00:00:00Z"), 5.0)];
    rows.extend(small_world().responses().iter().cloned());
    server.set_world(World::from_parts(small_world().clients().to_vec(), rows));
    let second = json(&server, SCORES, &[("page", "2"), ("per_page", "3")]).await;
    assert_eq!(ids(&second), ["r-3", "r-4", "r-5"], "one row came in front, so r-3 stands on both pages");
    assert_eq!(server.world().responses().len(), 8);
}

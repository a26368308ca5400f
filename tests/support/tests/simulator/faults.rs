//! Each fault of content and time, as a client meets it.

use std::time::{Duration, Instant};

use scoresheet_simulator::SimulatorOptions;
use scoresheet_test_support::{EchoedPage, Fault, FaultySimulator, Times};
use serde_json::{Value, json};

use crate::support::{
    CLIENTS, HEALTH, KEY, PAGE_BYTES, Raw, SCORES, faulty, get, http, ids, json, options, small_world, split, start,
};

async fn answer(server: &FaultySimulator, path: &str) -> reqwest::Response {
    get(&http(), server, path, &[]).send().await.expect("an answer")
}

async fn status(server: &FaultySimulator, path: &str) -> u16 {
    answer(server, path).await.status().as_u16()
}

#[tokio::test]
async fn a_status_strikes_where_and_as_often_as_told() {
    let server = faulty([Fault::Status(503).on(SCORES).times(Times::Count(2))]).await;
    assert_eq!(status(&server, HEALTH).await, 200);
    for expected in [503, 503, 200] {
        assert_eq!(status(&server, SCORES).await, expected);
    }
    server.set_faults([Fault::Status(404)]);
    assert_eq!(status(&server, HEALTH).await, 404);
    server.set_faults([Fault::Status(12)]);
    assert_eq!(status(&server, HEALTH).await, 500, "no status that HTTP can carry");
    server.set_faults(Vec::<Fault>::new());
    assert_eq!(status(&server, HEALTH).await, 200);
    let log: Vec<_> = server.requests().iter().filter_map(|request| request.status).collect();
    assert_eq!(log, [200, 503, 503, 200, 404, 500, 200]);
}

#[tokio::test]
async fn faults_fit_pages_and_the_nth_request() {
    let server = faulty([Fault::Status(500).on(SCORES).page(2), Fault::Status(502).on(CLIENTS).from_nth(2)]).await;
    json(&server, SCORES, &[("page", "1")]).await;
    assert_eq!(get(&http(), &server, SCORES, &[("page", "2")]).send().await.expect("an answer").status(), 500);
    assert_eq!([status(&server, CLIENTS).await, status(&server, CLIENTS).await], [200, 502]);
}

#[tokio::test]
async fn retry_after_says_whatever_it_is_told() {
    for retry_after in ["2", "Wed, 21 Oct 2015 07:28:00 GMT", "-5", "99999999999999999999", "soon"] {
        let server = faulty([Fault::RateLimited { retry_after: retry_after.into() }]).await;
        let response = answer(&server, SCORES).await;
        assert_eq!(
            (response.status().as_u16(), response.headers()["retry-after"].as_bytes()),
            (429, retry_after.as_bytes())
        );
    }
}

#[tokio::test]
async fn json_can_stop_halfway_in_a_whole_answer() {
    let server = faulty([Fault::TruncatedJson]).await;
    let response = answer(&server, SCORES).await;
    let announced = response.content_length();
    let body = response.bytes().await.expect("a whole body");
    assert_eq!(announced, Some(body.len() as u64));
    assert!(serde_json::from_slice::<Value>(&body).expect_err("half a page").is_eof());
}

#[tokio::test]
async fn html_and_wrong_types_come_with_200() {
    let server = faulty([Fault::HtmlWith200]).await;
    let response = answer(&server, SCORES).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"text/html; charset=utf-8".parse().expect("a header"))
    );
    assert!(response.text().await.expect("a body").starts_with("<!doctype html>"));

    server.set_faults([Fault::WrongContentType("text/plain".into())]);
    let response = answer(&server, SCORES).await;
    assert_eq!(response.headers()["content-type"], "text/plain");
    assert_eq!(response.text().await.expect("a body").len(), PAGE_BYTES);
}

#[tokio::test]
async fn the_same_page_comes_for_ever() {
    for (echo, claimed) in [(EchoedPage::First, 1), (EchoedPage::Asked, 5)] {
        let server = faulty([Fault::SamePageForever { echo }]).await;
        let page = json(&server, SCORES, &[("page", "5"), ("per_page", "2")]).await;
        assert_eq!(ids(&page), ["r-1", "r-2"]);
        assert_eq!(page["pagination"], json!({"page": claimed, "per_page": 2, "total_pages": 6, "total": 12}));
    }
}

#[tokio::test]
async fn a_page_repeats_rows_of_the_one_before() {
    let server = faulty([Fault::RepeatRowsOfPreviousPage { rows: Some(1) }]).await;
    assert_eq!(ids(&json(&server, SCORES, &[("per_page", "3")]).await), ["r-1", "r-2", "r-3"]);
    let second = json(&server, SCORES, &[("page", "2"), ("per_page", "3")]).await;
    assert_eq!(ids(&second), ["r-3", "r-4", "r-5", "r-6"]);
    assert_eq!(second["pagination"], json!({"page": 2, "per_page": 3, "total_pages": 3, "total": 7}));
    server.set_faults([Fault::RepeatRowsOfPreviousPage { rows: None }]);
    let third = json(&server, SCORES, &[("page", "3"), ("per_page", "3")]).await;
    assert_eq!(ids(&third), ["r-4", "r-5", "r-6", "r-7"]);
}

#[tokio::test]
async fn a_success_can_be_empty_and_a_total_wrong() {
    let server = faulty([Fault::EmptySuccess.on(SCORES)]).await;
    assert_eq!(
        json(&server, SCORES, &[]).await,
        json!({"data": [], "pagination": {"page": 1, "per_page": 100, "total_pages": 0, "total": 0}})
    );
    assert_eq!(ids(&json(&server, CLIENTS, &[]).await).len(), 2);
    server.set_faults([Fault::WrongTotalPages(40)]);
    let page = json(&server, SCORES, &[]).await;
    assert_eq!((ids(&page).len(), &page["pagination"]["total_pages"]), (7, &json!(40)));
}

#[tokio::test]
async fn a_field_goes_by_another_name() {
    for bare_arrays in [false, true] {
        let server = start(SimulatorOptions { bare_arrays, ..options(small_world()) }).await;
        server.set_faults([Fault::renamed_score()]);
        let page = json(&server, SCORES, &[]).await;
        let row = if bare_arrays { &page[1] } else { &page["data"][1] };
        assert_eq!((&row["rating"], row.get("score")), (&json!(2), None));
    }
}

#[tokio::test]
async fn a_redirect_goes_where_it_is_told() {
    let server = faulty([Fault::RedirectTo("http://127.0.0.1:1/elsewhere".into())]).await;
    let response = answer(&server, SCORES).await;
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], "http://127.0.0.1:1/elsewhere");
}

#[tokio::test]
async fn a_careless_server_echoes_the_credential() {
    let server = faulty([Fault::EchoCredential]).await;
    let response = answer(&server, SCORES).await;
    assert_eq!(response.headers()["x-debug-authorization"], format!("Bearer {KEY}"));
    let body = response.text().await.expect("a body");
    assert!(body.contains(KEY) && body.contains("r-7"));

    server.set_api_key("another");
    let response = answer(&server, SCORES).await;
    assert_eq!(response.status(), 401);
    let body: Value = serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON");
    assert!(body["error"]["message"].as_str().is_some_and(|message| message.contains(KEY)));
}

#[tokio::test]
async fn slow_heads_and_dripping_bodies_take_their_time() {
    let server = faulty([Fault::Slow { millis: 50 }]).await;
    let http = http();
    let began = Instant::now();
    assert_eq!(get(&http, &server, SCORES, &[]).send().await.expect("an answer").status(), 200);
    assert!(began.elapsed() >= Duration::from_millis(50));

    server.set_faults([Fault::Drip { bytes: 100, millis: 5 }]);
    let began = Instant::now();
    let response = get(&http, &server, SCORES, &[]).send().await.expect("an answer");
    assert_eq!(response.content_length(), Some(PAGE_BYTES as u64));
    let body = response.bytes().await.expect("a whole body");
    // A pause before each of nine morsels.
    assert!(began.elapsed() >= Duration::from_millis(45));
    assert_eq!(serde_json::from_slice::<Value>(&body).expect("JSON")["pagination"]["total"], 7);
}

#[tokio::test]
async fn bodies_can_be_too_much() {
    let server = faulty([Fault::GzipBomb { mebibytes: 3 }]).await;
    let unpacked = answer(&server, SCORES).await.bytes().await.expect("good gzip");
    assert_eq!(unpacked.len(), (3 << 20) + 11);
    assert_eq!(serde_json::from_slice::<Value>(&unpacked).expect("JSON"), json!({"data": []}));

    server.set_faults([Fault::HugeBody { mebibytes: 2 }]);
    let response = answer(&server, SCORES).await;
    assert_eq!(response.content_length(), None);
    assert_eq!(response.bytes().await.expect("a body").len(), (2 << 20) + 11);

    server.set_faults([Fault::DeepJson { depth: 100_000 }]);
    let body = answer(&server, SCORES).await.bytes().await.expect("a body");
    assert_eq!(body.len(), 200_009);
    assert!(serde_json::from_slice::<Value>(&body).is_err(), "deeper than serde_json goes");
}

#[tokio::test]
async fn rows_never_end() {
    let server = faulty([Fault::EndlessBody]).await;
    let mut response = answer(&server, SCORES).await;
    assert_eq!(
        (response.content_length(), &response.headers()["transfer-encoding"]),
        (None, &"chunked".parse().expect("text"))
    );
    let mut read = Vec::new();
    while read.len() < 4 << 20 {
        read.extend(response.chunk().await.expect("more").expect("and more"));
    }
    let text = String::from_utf8(read).expect("text");
    let last = text.rfind("},").expect("a row");
    let page: Value = serde_json::from_str(&format!("{}}}]}}", &text[..last])).expect("JSON so far");
    let ids = ids(&page);
    assert!(ids.len() > 10_000);
    assert_eq!(ids.last().copied(), Some(format!("endless-{}", ids.len() - 1).as_str()));
}

/// Ten gibibytes are announced by nothing and made as they are read: nobody holds them.
#[tokio::test]
async fn ten_gibibytes_begin_at_once() {
    let server = faulty([Fault::HugeBody { mebibytes: 10_240 }]).await;
    let mut response = answer(&server, SCORES).await;
    assert_eq!(response.content_length(), None);
    let mut read = 0;
    while read < 64 << 20 {
        read += response.chunk().await.expect("more").expect("and more").len();
    }
}

#[tokio::test]
async fn a_head_can_be_too_much() {
    let server = faulty([Fault::HugeHead { kibibytes: 64 }]).await;
    let head = Raw::connect(&server).await.get(HEALTH).await.expect("an answer");
    let (head, body) = split(&head).expect("a head");
    assert!(head.len() > 64 << 10, "{} bytes", head.len());
    assert_eq!(body, r#"{"status":"ok"}"#);
}

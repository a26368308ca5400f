//! What is tried again, how long is waited in between, and when it is given up.

use std::sync::Arc;

use scoresheet_gateway::{FakeClock, HttpError};
use scoresheet_test_support::{End, ScriptedResponse, ScriptedServer};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::support::{Rig, count, get, post, wall};

#[tokio::test]
async fn fails_twice_then_answers() {
    for status in [429, 500, 502, 503, 504] {
        let rig = Rig::new();
        let server = ScriptedServer::start([
            ScriptedResponse::status(status),
            ScriptedResponse::status(status),
            ScriptedResponse::ok("here"),
        ])
        .await;
        let answer = rig.send(&server.base_url, get("x")).await.expect("an answer");
        assert_eq!((answer.status, answer.body.as_slice()), (200, b"here".as_slice()));
        assert_eq!(server.count(), 3);
        assert_eq!(rig.slept(), [0.5, 1.0]);
    }
}

#[tokio::test]
async fn after_the_last_try_the_answer_is_what_it_is() {
    let mut rig = Rig::new();
    let server = ScriptedServer::start([ScriptedResponse::new(503, &[], "down")]).await;
    let answer = rig.send(&server.base_url, get("x")).await.expect("an answer");
    assert_eq!((answer.status, answer.body.as_slice(), server.count()), (503, b"down".as_slice(), 3));

    rig.limits.max_attempts = count(1);
    let answer = rig.send(&server.base_url, get("x")).await.expect("an answer");
    assert_eq!((answer.status, server.count()), (503, 4));
}

#[tokio::test]
async fn other_statuses_are_asked_for_once() {
    for status in [200, 204, 301, 400, 401, 403, 404, 409, 410, 422, 501, 505] {
        let rig = Rig::new();
        let server = ScriptedServer::start([ScriptedResponse::status(status)]).await;
        let answer = rig.send(&server.base_url, get("x")).await.expect("an answer");
        assert_eq!((answer.status, server.count()), (status, 1));
        assert!(rig.slept().is_empty());
    }
}

#[tokio::test]
async fn retry_after_is_the_least_that_is_waited() {
    for (value, seconds) in [
        ("7", 7.0),
        ("0", 0.5),
        ("Sun, 06 Nov 1994 08:50:07 GMT", 30.0),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0.5),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.5),
        ("-5", 0.5),
        ("-99999999999999999999999999", 0.5),
        ("1.5", 0.5),
        ("soon", 0.5),
        ("300", 300.0),
    ] {
        for status in [429, 503] {
            let rig = Rig::new();
            let server = ScriptedServer::start([
                ScriptedResponse::new(status, &[("Retry-After", value)], ""),
                ScriptedResponse::ok(""),
            ])
            .await;
            let answer = rig.send(&server.base_url, get("x")).await.expect("an answer");
            assert_eq!((answer.status, rig.slept()), (200, vec![seconds]), "{value}");
        }
    }
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    for value in [
        "60",
        "61",
        "86400",
        "18446744073709551615",
        "99999999999999999999999999",
        "Sun, 06 Nov 1994 08:50:37 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        let rig = Rig::new();
        let server = ScriptedServer::start([ScriptedResponse::new(429, &[("retry-after", value)], "")]).await;
        let answer = rig.send_within(&server.base_url, get("x"), 60).await.expect("the answer as it is");
        assert_eq!((answer.status, answer.header("retry-after")), (429, Some(value)));
        assert_eq!(server.count(), 1);
        assert!(rig.slept().is_empty());
    }
}

#[tokio::test]
async fn where_the_rate_leaves_no_room_for_another_try_the_last_answer_stands() {
    let mut rig = Rig::new();
    rig.limits.requests_per_minute = count(1);
    let server = ScriptedServer::start([ScriptedResponse::status(503)]).await;
    let answer = rig.send_within(&server.base_url, get("x"), 30).await.expect("the answer as it is");
    assert_eq!((answer.status, server.count()), (503, 1));
}

#[tokio::test]
async fn a_broken_answer_is_asked_for_again() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    for (what, broken) in [
        ("reset before the head", ScriptedResponse::raw("", End::Reset)),
        ("closed before the head", ScriptedResponse::raw("", End::Close)),
        ("closed within the head", ScriptedResponse::raw("HTTP/1.1 200 OK\r\ncont", End::Close)),
        ("reset within the body", ScriptedResponse::raw(half, End::Reset)),
        ("shorter than announced", ScriptedResponse::raw(half, End::Close)),
        (
            "chunks without an end",
            ScriptedResponse::raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n", End::Close),
        ),
    ] {
        let rig = Rig::new();
        let server = ScriptedServer::start([broken.clone(), broken, ScriptedResponse::ok("whole")]).await;
        let answer = rig.send(&server.base_url, get("x")).await.expect(what);
        assert_eq!((answer.body.as_slice(), server.count()), (b"whole".as_slice(), 3), "{what}");
        assert_eq!(rig.slept(), [0.5, 1.0], "{what}");
    }
}

#[tokio::test]
async fn a_post_is_sent_exactly_once() {
    for answer in [
        ScriptedResponse::new(429, &[("retry-after", "1")], ""),
        ScriptedResponse::status(503),
        ScriptedResponse::raw("", End::Reset),
        ScriptedResponse::raw("", End::Close),
        ScriptedResponse::raw("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", End::Close),
    ] {
        let rig = Rig::new();
        let server = ScriptedServer::start([answer]).await;
        let _ = rig.send(&server.base_url, post("x", "{}")).await;
        assert_eq!(server.count(), 1);
        assert!(rig.slept().is_empty());
    }
}

#[tokio::test]
async fn a_dead_server_is_named_with_the_number_of_tries() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let rig = Rig::new();
    let error = rig.send(&format!("http://{address}"), get("x")).await.expect_err("nobody listens");
    assert_eq!(error, HttpError::Network(format!("{address} refused the connection (tried 3 times)")));
    assert_eq!(rig.slept(), [0.5, 1.0]);
}

#[tokio::test]
async fn cancelling_ends_a_wait_at_once() {
    let rig = Arc::new(Rig::with_clock(FakeClock::frozen(wall())));
    let server = ScriptedServer::start([ScriptedResponse::status(503)]).await;
    let cancel = CancellationToken::new();
    let sending = tokio::spawn({
        let (rig, base, cancel) = (Arc::clone(&rig), server.base_url.clone(), cancel.clone());
        async move {
            let deadline = scoresheet_gateway::Clock::now(&*rig.clock) + std::time::Duration::from_secs(3_600);
            rig.connect(&base).send(get("x"), deadline, &cancel).await
        }
    });
    // The clock is frozen: nothing but the cancellation can end this wait.
    rig.clock.sleep_began().await;
    cancel.cancel();
    assert_eq!(sending.await.expect("no panic"), Err(HttpError::Cancelled));
    assert_eq!(server.count(), 1);
}

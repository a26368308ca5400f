//! Answers that are too much, too slow or not what they say they are.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use scoresheet_gateway::{BaseUrl, ConnectionLimits, ConnectionSpec, Credential, HttpError};
use scoresheet_test_support::{End, ScriptedResponse, ScriptedServer};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::support::{Rig, count, get};

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).expect("writes to memory");
    encoder.finish().expect("writes to memory")
}

#[tokio::test]
async fn a_compressed_answer_is_read() {
    let rig = Rig::new();
    let answer =
        ScriptedResponse::new(200, &[("content-encoding", "gzip"), ("content-type", "application/json")], gzip(b"[1]"));
    let server = ScriptedServer::start([answer]).await;
    let answer = rig.send(&server.base_url, get("x")).await.expect("an answer");
    assert_eq!(answer.body, b"[1]");
    assert_eq!(answer.headers, [("content-type".to_owned(), "application/json".to_owned())]);
    assert!(server.requests()[0].to_ascii_lowercase().contains("accept-encoding: gzip\r\n"));
}

#[tokio::test]
async fn the_cap_is_on_decompressed_bytes() {
    let mut rig = Rig::new();
    rig.limits.max_body_bytes = 64 * 1024;
    let headers = [("content-encoding", "gzip")];
    let bomb = gzip(&vec![0; 32 * 1024 * 1024]);
    assert!(bomb.len() < 64 * 1024, "it fits as it is sent");
    let just_right = gzip(&vec![0; 64 * 1024]);
    let server = ScriptedServer::start([
        ScriptedResponse::new(200, &headers, bomb),
        ScriptedResponse::new(200, &headers, just_right),
    ])
    .await;
    assert_eq!(rig.send(&server.base_url, get("x")).await, Err(HttpError::TooLarge(64 * 1024)));
    assert_eq!(server.count(), 1, "another try would bring as much");
    assert_eq!(rig.send(&server.base_url, get("x")).await.expect("an answer").body.len(), 64 * 1024);
}

#[tokio::test]
async fn a_large_answer_is_left_alone() {
    let mut rig = Rig::new();
    rig.limits.max_body_bytes = 64 * 1024;
    for (head, end) in [
        // Announced: nothing of it needs to come.
        ("HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n", End::Hang),
        // Not announced, and without end.
        ("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", End::Endless),
    ] {
        let server = ScriptedServer::start([ScriptedResponse::raw(head, end)]).await;
        assert_eq!(rig.send(&server.base_url, get("x")).await, Err(HttpError::TooLarge(64 * 1024)));
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn a_short_answer_says_so() {
    let rig = Rig::new();
    let server =
        ScriptedServer::start([ScriptedResponse::raw("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", End::Close)])
            .await;
    let error = rig.send(&server.base_url, get("x")).await.expect_err("never whole");
    assert_eq!(error, HttpError::Network("the answer from 127.0.0.1 was cut short (tried 3 times)".into()));
}

#[tokio::test]
async fn a_longer_answer_than_announced_is_what_was_announced() {
    let rig = Rig::new();
    let server = ScriptedServer::start([ScriptedResponse::raw(
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhalf and more",
        End::Close,
    )])
    .await;
    assert_eq!(rig.send(&server.base_url, get("x")).await.expect("an answer").body, b"half");
}

#[tokio::test]
async fn a_compressed_answer_that_breaks_off_is_asked_for_again() {
    let rig = Rig::new();
    let whole = gzip(b"0123456789 once upon a time");
    let headers = [("content-encoding", "gzip")];
    let broken = ScriptedResponse::new(200, &headers, &whole[..whole.len() / 2]);
    let server = ScriptedServer::start([broken, ScriptedResponse::new(200, &headers, &whole)]).await;
    assert_eq!(rig.send(&server.base_url, get("x")).await.expect("an answer").body, b"0123456789 once upon a time");
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn what_is_not_gzip_or_not_http_stays_so() {
    for (answer, expected) in [
        (ScriptedResponse::new(200, &[("content-encoding", "gzip")], "[1]"), "could not be decompressed"),
        (ScriptedResponse::raw("SSH-2.0-OpenSSH_9.2\r\n", End::Close), "does not speak HTTP"),
        (ScriptedResponse::raw("HTTP/1.1 200 OK\r\nbad header\r\n\r\n", End::Close), "does not speak HTTP"),
    ] {
        let rig = Rig::new();
        let server = ScriptedServer::start([answer]).await;
        let error = rig.send(&server.base_url, get("x")).await.expect_err("unreadable");
        assert!(matches!(&error, HttpError::Network(text) if text.contains(expected)), "{error}");
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn a_slow_answer_is_a_timeout_and_tried_again() {
    for (head_only, bytes) in [(true, ""), (false, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")] {
        let mut rig = Rig::new();
        let short = Duration::from_millis(20);
        if head_only {
            rig.limits.header_timeout = short;
        } else {
            rig.limits.request_timeout = short;
        }
        rig.limits.max_attempts = count(2);
        let server = ScriptedServer::start([ScriptedResponse::raw(bytes, End::Hang)]).await;
        assert_eq!(rig.send(&server.base_url, get("x")).await, Err(HttpError::Timeout));
        assert_eq!(rig.slept(), [0.5]);
    }
}

#[tokio::test]
async fn a_server_that_goes_silent_midway_is_not_waited_for_to_the_end() {
    let mut rig = Rig::new();
    rig.limits.idle_timeout = Duration::from_millis(20);
    rig.limits.request_timeout = Duration::from_secs(3_600);
    rig.limits.max_attempts = count(2);
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    let server = ScriptedServer::start([ScriptedResponse::raw(half, End::Hang), ScriptedResponse::ok("whole")]).await;
    assert_eq!(rig.send(&server.base_url, get("x")).await.expect("the second answer").body, b"whole");
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn the_deadline_ends_a_try() {
    let rig = Rig::new();
    let server = ScriptedServer::start([ScriptedResponse::raw("", End::Hang)]).await;
    let connection = rig.connect(&server.base_url);
    let cancel = CancellationToken::new();
    let began = Instant::now();
    let soon = scoresheet_gateway::Clock::now(&*rig.clock) + Duration::from_millis(20);
    assert_eq!(connection.send(get("x"), soon, &cancel).await, Err(HttpError::Timeout));
    assert!(began.elapsed() < rig.limits.header_timeout, "it was the deadline that ended it");
    assert!(rig.slept().is_empty());
}

#[tokio::test]
async fn nothing_is_sent_after_the_deadline_or_the_cancellation() {
    let rig = Rig::new();
    let server = ScriptedServer::start([ScriptedResponse::ok("")]).await;
    let connection = rig.connect(&server.base_url);
    let cancel = CancellationToken::new();
    let now = scoresheet_gateway::Clock::now(&*rig.clock);
    assert_eq!(connection.send(get("x"), now, &cancel).await, Err(HttpError::Timeout));
    cancel.cancel();
    let later = Instant::now() + Duration::from_secs(60);
    assert_eq!(connection.send(get("x"), later, &cancel).await, Err(HttpError::Cancelled));
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn cancelling_ends_a_try_at_once() {
    let rig = Rig::new();
    let server = ScriptedServer::start([ScriptedResponse::raw("", End::Hang)]).await;
    let connection = rig.connect(&server.base_url);
    let cancel = CancellationToken::new();
    let later = Instant::now() + Duration::from_secs(3_600);
    let (result, ()) = tokio::join!(connection.send(get("x"), later, &cancel), async {
        server.arrived().await;
        cancel.cancel();
    });
    assert_eq!(result, Err(HttpError::Cancelled));
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_is_replaced() {
    let rig = Rig::new();
    // Not announced, as by a server that is restarted.
    let closing = ScriptedResponse::raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", End::Close);
    let server = ScriptedServer::start([closing]).await;
    for _ in 0..4 {
        assert_eq!(rig.send(&server.base_url, get("x")).await.expect("an answer").body, b"ok");
    }
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_named() {
    let rig = Rig::new();
    // A label of more than 63 bytes cannot even be asked for.
    let host = format!("{}.example", "a".repeat(64));
    let spec = ConnectionSpec {
        name: "crewhu".into(),
        base_url: BaseUrl::parse(&format!("http://{host}"), true).expect("a base URL"),
        credential: Arc::new(Credential::None),
        headers: Vec::new(),
        secret_headers: Vec::new(),
        limits: ConnectionLimits { max_attempts: count(1), ..ConnectionLimits::default() },
        allow_private_addresses: false,
        allow_post: true,
    };
    let connection = rig.gateway.connect(spec).expect("a connection");
    let later = Instant::now() + Duration::from_secs(60);
    let error = connection.send(get("x"), later, &CancellationToken::new()).await.expect_err("no such name");
    assert_eq!(error, HttpError::Network(format!("the name {host} could not be resolved")));
}

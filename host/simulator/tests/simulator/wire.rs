//! Faults of the connection, seen from a bare socket.

use std::io::ErrorKind;

use scoresheet_simulator::{Fault, Times};

use crate::support::{HEALTH, PAGE_BYTES, Raw, SCORES, content_length, faulty, get, http, http_builder, split};

const BODY: &str = r#"{"status":"ok"}"#;

#[tokio::test]
async fn a_body_is_cut_at_every_byte() {
    let server = faulty(Vec::<Fault>::new()).await;
    for at_byte in 0..BODY.len() {
        server.set_faults([Fault::CutBody { at_byte: at_byte as u64 }]);
        let (arrived, error) = Raw::connect(&server).await.get_to_the_end(HEALTH).await;
        let text = String::from_utf8(arrived).expect("text");
        let (head, body) = split(&text).expect("a whole head");
        assert_eq!((body, error), (&BODY[..at_byte], None), "closed, not reset");
        assert_eq!(content_length(head), BODY.len(), "the whole length is announced");
    }
    server.set_faults([Fault::CutBody { at_byte: BODY.len() as u64 }]);
    let whole = Raw::connect(&server).await.get(HEALTH).await.expect("a body that is not longer arrives whole");
    assert!(whole.ends_with(BODY));
}

#[tokio::test]
async fn a_connection_is_reset_before_and_within_an_answer() {
    let server = faulty([Fault::ResetConnection { after_body_bytes: None }]).await;
    let (arrived, error) = Raw::connect(&server).await.get_to_the_end(HEALTH).await;
    assert_eq!((arrived.len(), error), (0, Some(ErrorKind::ConnectionReset)));

    server.set_faults([Fault::ResetConnection { after_body_bytes: Some(4) }]);
    let (arrived, error) = Raw::connect(&server).await.get_to_the_end(HEALTH).await;
    assert_eq!(error, Some(ErrorKind::ConnectionReset));
    // A reset may overtake what was sent before it, but nothing more than that was sent.
    let text = String::from_utf8(arrived).expect("text");
    assert!(split(&text).is_none_or(|(_, body)| BODY[..4].starts_with(body)), "{text}");
    let statuses: Vec<_> = server.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [None, Some(200)]);
}

#[tokio::test]
async fn an_http_client_sees_a_cut_as_an_error_and_the_next_try_works() {
    let server = faulty([
        Fault::CutBody { at_byte: 300 }.on(SCORES).times(Times::Count(1)),
        Fault::ResetConnection { after_body_bytes: None }.on(SCORES).from_nth(2).times(Times::Count(1)),
    ])
    .await;
    let http = http();
    let cut = get(&http, &server, SCORES, &[]).send().await.expect("a head");
    assert!(cut.bytes().await.is_err());
    assert!(get(&http, &server, SCORES, &[]).send().await.is_err());
    let whole = get(&http, &server, SCORES, &[]).send().await.expect("an answer");
    assert_eq!(whole.bytes().await.expect("a body").len(), PAGE_BYTES);
}

#[tokio::test]
async fn a_kept_connection_goes_stale() {
    let server = faulty([Fault::StaleKeepAlive.times(Times::Count(1))]).await;
    let mut raw = Raw::connect(&server).await;
    assert!(raw.get(HEALTH).await.expect("the first answer is well").ends_with(BODY));
    assert_eq!(raw.get(HEALTH).await.expect_err("the second is not").kind(), ErrorKind::ConnectionReset);
    let mut fresh = Raw::connect(&server).await;
    for _ in 0..2 {
        assert!(fresh.get(HEALTH).await.expect("another connection is well").ends_with(BODY));
    }
}

#[tokio::test]
async fn a_fault_of_the_connection_resets_http_2_at_once() {
    let server = faulty(Vec::<Fault>::new()).await;
    let http = http_builder().http2_prior_knowledge().build().expect("a client");
    let well = get(&http, &server, SCORES, &[]).send().await.expect("an answer");
    assert_eq!((well.version(), well.bytes().await.expect("a body").len()), (reqwest::Version::HTTP_2, PAGE_BYTES));
    server.set_faults([Fault::CutBody { at_byte: 10 }]);
    assert!(get(&http, &server, SCORES, &[]).send().await.is_err());
    assert_eq!(server.requests()[1].status, None);
}

/// The body is far larger than what the sockets hold, so the answer cannot finish while nobody reads it.
#[tokio::test]
async fn a_client_that_does_not_read_does_not_hold_a_shutdown_up() {
    let server = faulty([Fault::HugeBody { mebibytes: 1024 }]).await;
    let mut raw = Raw::connect(&server).await;
    raw.send(HEALTH).await.expect("the request goes out");
    while server.requests().iter().all(|request| request.status.is_none()) {
        tokio::task::yield_now().await;
    }
    server.shutdown().await;
    let (arrived, _) = raw.read_to_the_end().await;
    assert!(arrived.len() < 1 << 30);
}

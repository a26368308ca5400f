//! Faults of the connection, seen from a bare socket.

use std::io::ErrorKind;

use scoresheet_test_support::{Fault, FaultySimulator, Times};

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
async fn a_connection_is_cut_at_every_byte_of_an_answer() {
    let server = faulty(Vec::<Fault>::new()).await;
    let whole = Raw::connect(&server).await.get(HEALTH).await.expect("an answer");
    // Between two answers a second may pass.
    let date = whole.find("date: ").expect("a date") + 6..whole.find(" GMT").expect("its end");
    let is_same = |arrived: &str| {
        let differs = |(at, (one, other)): (usize, (u8, u8))| one != other && !date.contains(&at);
        !arrived.bytes().zip(whole.bytes()).enumerate().any(differs)
    };
    for at_byte in 0..whole.len() {
        server.set_faults([Fault::CutConnection { at_byte: at_byte as u64 }]);
        let (arrived, error) = Raw::connect(&server).await.get_to_the_end(HEALTH).await;
        assert_eq!((arrived.len(), error), (at_byte, None), "closed, not reset");
        let text = String::from_utf8(arrived).expect("text");
        assert!(is_same(&text), "{text}");
    }
    server.set_faults([Fault::CutConnection { at_byte: whole.len() as u64 }]);
    let again = Raw::connect(&server).await.get(HEALTH).await.expect("an answer that is not longer arrives whole");
    assert_eq!(again.len(), whole.len());
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

/// Whether the port refuses whoever comes.
async fn refuses(server: &FaultySimulator) -> bool {
    let address = server.base_url().trim_start_matches("http://").to_owned();
    match tokio::net::TcpStream::connect(address).await {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
            true
        }
    }
}

#[tokio::test]
async fn a_dead_server_refuses_until_it_is_alive_again() {
    let server = faulty([Fault::Refused.on(SCORES).from_nth(2)]).await;
    let mut kept = Raw::connect(&server).await;
    kept.get(HEALTH).await.expect("the server lives");
    kept.get(SCORES).await.expect("still");
    assert!(!refuses(&server).await);
    let (arrived, _) = Raw::connect(&server).await.get_to_the_end(SCORES).await;
    assert_eq!(arrived, b"", "the request at which it dies has no answer");
    assert!(refuses(&server).await);
    assert!(kept.get(HEALTH).await.is_err(), "what was open is broken");
    assert!(get(&http(), &server, HEALTH, &[]).send().await.expect_err("refused").is_connect());
    for _ in 0..3 {
        server.set_faults(Vec::<Fault>::new());
        assert!(Raw::connect(&server).await.get(HEALTH).await.expect("alive, at the same port").ends_with(BODY));
        server.set_faults([Fault::Refused]);
        assert!(refuses(&server).await, "at once, before any request");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_server_can_be_dead_from_the_start() {
    let server = faulty([Fault::Refused]).await;
    assert!(refuses(&server).await);
    assert_eq!(server.requests(), []);
    drop(server);
}

#[tokio::test]
async fn another_protocol_answers() {
    let server = faulty([Fault::NotHttp]).await;
    let (arrived, error) = Raw::connect(&server).await.get_to_the_end(HEALTH).await;
    assert_eq!((String::from_utf8(arrived).expect("text").as_str(), error), ("SSH-2.0-OpenSSH_9.2\r\n", None));
    assert!(get(&http(), &server, HEALTH, &[]).send().await.is_err());
    assert_eq!(server.requests()[0].status, None);
}

/// A reader who takes what is there, whenever something is, sees the head in as many pieces as there are pauses.
#[tokio::test]
async fn a_head_comes_byte_by_byte_and_the_body_at_once() {
    let server = faulty([Fault::SlowHead { bytes: 7, millis: 3 }]).await;
    let began = std::time::Instant::now();
    let answer = Raw::connect(&server).await.get(HEALTH).await.expect("an answer");
    let (head, body) = split(&answer).expect("a head");
    assert_eq!(body, BODY);
    let pauses = (head.len() + 4).div_ceil(7) as u128;
    assert!(pauses > 10 && began.elapsed().as_millis() >= 3 * pauses, "{:?}", began.elapsed());
    let response = get(&http(), &server, SCORES, &[]).send().await.expect("an answer");
    assert_eq!(response.bytes().await.expect("a body").len(), PAGE_BYTES);
}

#[tokio::test]
async fn a_length_that_is_too_short_leaves_bytes_before_the_next_answer() {
    let server = faulty([Fault::WrongLength { off_by: -5 }]).await;
    let mut raw = Raw::connect(&server).await;
    let answer = raw.get(HEALTH).await.expect("an answer");
    let (head, _) = split(&answer).expect("a head");
    assert_eq!(content_length(head), BODY.len() - 5);
    server.set_faults(Vec::<Fault>::new());
    raw.send(HEALTH).await.expect("the request goes out");
    server.shutdown().await;
    let (rest, _) = raw.read_to_the_end().await;
    let all = format!("{answer}{}", String::from_utf8(rest).expect("text"));
    let (_, after_head) = split(&all).expect("a head");
    assert!(after_head.starts_with(BODY), "the whole body arrives: {after_head}");
}

#[tokio::test]
async fn a_length_that_is_too_long_leaves_the_reader_waiting() {
    let server = faulty([Fault::WrongLength { off_by: 5 }]).await;
    let mut response = get(&http(), &server, HEALTH, &[]).send().await.expect("a head");
    assert_eq!(response.content_length(), Some(BODY.len() as u64 + 5));
    let mut body = Vec::new();
    while body.len() < BODY.len() {
        body.extend(response.chunk().await.expect("the body").expect("all of it"));
    }
    assert_eq!(body, BODY.as_bytes());
    // Nothing ends the wait but the end of the connection, and that is no end of the body.
    let (rest, ()) = tokio::join!(response.chunk(), server.shutdown());
    assert!(rest.is_err());
}

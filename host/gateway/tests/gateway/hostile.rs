//! Servers that are slow on purpose, end in the middle, or take back what they agreed to.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::{ServerConnection, StreamOwned};
use scoresheet_gateway::{FakeClock, HttpError, TrustAnchors};
use scoresheet_test_support::{End, ScriptedResponse, ScriptedServer};

use crate::support::{Rig, count, get, wall};
use crate::tls::{identity, server_config};

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).expect("writes to memory");
    encoder.finish().expect("writes to memory")
}

/// The same body in the forms in which an answer can come, each of which tells its own end.
fn whole_answers() -> [Vec<u8>; 4] {
    let body = b"{\"items\":[1,22,333]}";
    let packed = gzip(body);
    let head = |rest: &str| format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{rest}\r\n\r\n");
    [
        [head(&format!("content-length: {}", body.len())).as_bytes(), body].concat(),
        [head(&format!("content-encoding: gzip\r\ncontent-length: {}", packed.len())).as_bytes(), &packed].concat(),
        [
            head("transfer-encoding: chunked").as_bytes(),
            b"a\r\n",
            &body[..10],
            b"\r\na\r\n",
            &body[10..],
            b"\r\n0\r\n\r\n",
        ]
        .concat(),
        [
            head("transfer-encoding: chunked\r\ncontent-encoding: gzip").as_bytes(),
            format!("{:x}\r\n", packed.len()).as_bytes(),
            &packed,
            b"\r\n0\r\n\r\n",
        ]
        .concat(),
    ]
}

#[tokio::test]
async fn an_answer_cut_at_any_byte_is_an_error_or_asked_for_again_and_never_a_wrong_one() {
    for whole in whole_answers() {
        for end in [End::Close, End::Reset] {
            for at in 0..whole.len() {
                let mut rig = Rig::new();
                let what = format!("{end:?} at {at} of {:?}", String::from_utf8_lossy(&whole));
                let cut = ScriptedResponse::raw(&whole[..at], end);
                let server = ScriptedServer::start([cut, ScriptedResponse::raw(whole.clone(), End::Close)]).await;
                let answer = rig.send(&server.base_url, get("x")).await.expect(&what);
                assert_eq!(answer.body, b"{\"items\":[1,22,333]}", "{what}");
                assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{what}");
                let tries = server.count();
                assert!(tries == 2 || (tries == 1 && is_complete(&whole, at)), "{tries} tries, {what}");

                rig.limits.max_attempts = count(1);
                let server = ScriptedServer::start([ScriptedResponse::raw(&whole[..at], end)]).await;
                match rig.send(&server.base_url, get("x")).await {
                    Err(HttpError::Network(text)) => assert!(text.contains("127.0.0.1"), "{text}, {what}"),
                    Ok(answer) if is_complete(&whole, at) => {
                        assert_eq!(answer.body, b"{\"items\":[1,22,333]}", "{what}")
                    }
                    other => panic!("{other:?}, {what}"),
                }
            }
            let rig = Rig::new();
            let server = ScriptedServer::start([ScriptedResponse::raw(whole.clone(), End::Close)]).await;
            assert_eq!(rig.send(&server.base_url, get("x")).await.expect("whole").body, b"{\"items\":[1,22,333]}");
            assert_eq!(server.count(), 1);
        }
    }
}

/// Whether what is missing says nothing: the last line of the chunks, or less.
fn is_complete(whole: &[u8], at: usize) -> bool {
    whole.ends_with(b"0\r\n\r\n") && at + 5 >= whole.len()
}

#[tokio::test]
async fn lengths_that_contradict_each_other_are_no_answer() {
    for head in [
        "content-length: 4\r\ncontent-length: 5",
        "content-length: 4, 5",
        "content-length: -4",
        "content-length: +4",
        "content-length: 0x4",
        "content-length: four",
        "content-length: 99999999999999999999999999",
    ] {
        let mut rig = Rig::new();
        rig.limits.max_attempts = count(1);
        let server = ScriptedServer::start([ScriptedResponse::raw(
            format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\nfourfive"),
            End::Close,
        )])
        .await;
        let error = rig.send(&server.base_url, get("x")).await.expect_err(head);
        assert!(matches!(error, HttpError::Network(_)), "{head}: {error}");
    }
    for chunks in
        ["zz\r\nfour\r\n0\r\n\r\n", "4\r\nfour five\r\n0\r\n\r\n", "ffffffffffffffffff\r\nfour", "4\r\nfour0\r\n\r\n"]
    {
        let mut rig = Rig::new();
        rig.limits.max_attempts = count(1);
        let answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
        let server = ScriptedServer::start([ScriptedResponse::raw(answer, End::Close)]).await;
        rig.send(&server.base_url, get("x")).await.expect_err(chunks);
    }
}

#[tokio::test]
async fn chunks_without_end_are_left_at_the_cap() {
    let mut rig = Rig::new();
    rig.limits.max_body_bytes = 64 * 1024;
    let mut answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    // One chunk that is announced as 10 GB, and goes on for ever.
    answer.extend_from_slice(b"2540be400\r\n");
    let server = ScriptedServer::start([ScriptedResponse::raw(answer, End::Endless)]).await;
    assert_eq!(rig.send(&server.base_url, get("x")).await, Err(HttpError::TooLarge(64 * 1024)));
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_head_without_end_is_left() {
    let mut rig = Rig::new();
    rig.limits.max_attempts = count(1);
    let mut answer = b"HTTP/1.1 200 OK\r\nx-padding: ".to_vec();
    answer.extend(std::iter::repeat_n(b'a', 64 * 1024));
    let server = ScriptedServer::start([ScriptedResponse::raw(answer, End::Endless)]).await;
    let error = rig.send(&server.base_url, get("x")).await.expect_err("a head without end");
    assert!(matches!(error, HttpError::Network(_)), "{error:?}");
    let many: String = (0..10_000).map(|number| format!("x-{number}: a\r\n")).collect();
    let server =
        ScriptedServer::start([ScriptedResponse::raw(format!("HTTP/1.1 200 OK\r\n{many}\r\n"), End::Close)]).await;
    let error = rig.send(&server.base_url, get("x")).await.expect_err("too many headers");
    assert!(matches!(error, HttpError::Network(_)), "{error:?}");
}

#[tokio::test]
async fn drops_that_never_cease_do_not_hold_a_request_up() {
    // Something always comes, so nothing but a limit on the whole can end these.
    for (first, is_head) in [
        (&b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"[..], false),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", false),
        (b"HTTP/1.1 200 OK\r\nx-slow: ", true),
        (b"HTTP/1.1 200 ", true),
    ] {
        let mut rig = Rig::new();
        rig.limits.max_attempts = count(1);
        let short = Duration::from_millis(100);
        if is_head {
            rig.limits.header_timeout = short;
        } else {
            rig.limits.request_timeout = short;
        }
        let server = ScriptedServer::start([ScriptedResponse::raw(first, End::Drip)]).await;
        assert_eq!(rig.send(&server.base_url, get("x")).await, Err(HttpError::Timeout));
    }
}

/// An HTTP/2 frame: its kind, flags, stream and payload.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// `:status: 200` of HPACK's own table.
const STATUS_200: &[u8] = &[0x88];

/// Speaks HTTP/2 over TLS: plays one list of frames per connection, after the settings and the first request.
fn serve_frames(scripts: Vec<Vec<Vec<u8>>>) -> (String, TrustAnchors, JoinHandle<usize>) {
    let identity = identity("127.0.0.1", 4000);
    let trust = TrustAnchors::Only(vec![identity.certificate.clone()]);
    let config = server_config(identity, b"h2");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("https://{}", listener.local_addr().expect("an address"));
    let serving = std::thread::spawn(move || {
        let mut requests = 0;
        for script in scripts {
            let (socket, _) = listener.accept().expect("a client");
            let session = ServerConnection::new(Arc::clone(&config)).expect("a session");
            let mut stream = StreamOwned::new(session, socket);
            stream.write_all(&frame(SETTINGS, 0, 0, &[])).expect("settings");
            stream.flush().expect("settings");
            // Until a frame of headers has come, which begins after the preface of 24 bytes.
            let mut seen = Vec::new();
            while !holds_headers(&seen) {
                let mut buffer = [0; 4_096];
                let count = stream.read(&mut buffer).expect("a request");
                assert!(count > 0, "the client hung up before it asked");
                seen.extend_from_slice(&buffer[..count]);
            }
            requests += 1;
            for frame in script {
                stream.write_all(&frame).expect("frames");
            }
            stream.flush().expect("frames");
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
        requests
    });
    (base, trust, serving)
}

fn holds_headers(seen: &[u8]) -> bool {
    let mut rest = seen.get(24..).unwrap_or_default();
    while let [a, b, c, kind, after @ ..] = rest {
        if *kind == HEADERS {
            return true;
        }
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        rest = after.get(5 + length..).unwrap_or_default();
    }
    false
}

fn go_away(last: u32, code: u32) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat())
}

fn http_2_answer(body: &[u8]) -> Vec<Vec<u8>> {
    vec![frame(HEADERS, END_HEADERS, 1, STATUS_200), frame(DATA, END_STREAM, 1, body)]
}

#[tokio::test]
async fn what_http_2_takes_back_is_asked_for_again() {
    let half = || vec![frame(HEADERS, END_HEADERS, 1, STATUS_200), frame(DATA, 0, 1, b"ha")];
    for (what, first) in [
        ("the server is shutting down and took nothing", vec![go_away(0, 0)]),
        ("the server has enough (ENHANCE_YOUR_CALM)", vec![go_away(0, 11)]),
        ("the stream is refused", vec![frame(RST_STREAM, 0, 1, &7_u32.to_be_bytes())]),
        ("the stream is cancelled midway", [half(), vec![frame(RST_STREAM, 0, 1, &8_u32.to_be_bytes())]].concat()),
        ("the server goes away midway", [half(), vec![go_away(0, 2)]].concat()),
        ("the connection ends midway", half()),
    ] {
        let (base, trust, serving) = serve_frames(vec![first, http_2_answer(b"whole")]);
        let rig = Rig::with_options(FakeClock::at(wall()), move |options| options.trust = trust);
        let answer = rig.send(&base, get("x")).await.expect(what);
        assert_eq!((answer.status, answer.body.as_slice()), (200, b"whole".as_slice()), "{what}");
        assert_eq!(serving.join().expect("no panic"), 2, "{what}");
    }
}

#[tokio::test]
async fn an_answer_that_comes_with_the_farewell_counts() {
    let (base, trust, serving) = serve_frames(vec![[vec![go_away(1, 0)], http_2_answer(b"last")].concat()]);
    let rig = Rig::with_options(FakeClock::at(wall()), move |options| options.trust = trust);
    assert_eq!(rig.send(&base, get("x")).await.expect("an answer").body, b"last");
    assert_eq!(serving.join().expect("no panic"), 1);
}

#[tokio::test]
async fn http_2_frames_that_are_none_are_an_error_in_words() {
    for (what, frames) in [
        ("data before headers", vec![frame(DATA, END_STREAM, 1, b"x")]),
        ("headers that are no HPACK", vec![frame(HEADERS, END_HEADERS, 1, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff])]),
        ("a frame beyond the largest size", vec![frame(DATA, 0, 1, &vec![0; 20_000])]),
        ("settings of an odd length", vec![frame(SETTINGS, 0, 0, &[0; 5])]),
    ] {
        let (base, trust, serving) = serve_frames(vec![frames]);
        let mut rig = Rig::with_options(FakeClock::at(wall()), move |options| options.trust = trust);
        rig.limits.max_attempts = count(1);
        let error = rig.send(&base, get("x")).await.expect_err(what);
        assert!(matches!(&error, HttpError::Network(text) if text.contains("127.0.0.1")), "{what}: {error:?}");
        serving.join().expect("no panic");
    }
}

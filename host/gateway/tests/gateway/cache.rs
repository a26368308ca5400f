//! The cache seen from the server: what it is asked again, and what nobody else is given.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use scoresheet_gateway::{CacheKey, Clock, Credential, FakeClock, Request, Response, ResponseCache};
use tokio_util::sync::CancellationToken;

use crate::journal::Notes;
use crate::support::{Answer, Rig, Server, get, pairs, post, wall};

#[derive(Debug, Default)]
struct Memory(Mutex<HashMap<CacheKey, Vec<u8>>>);

#[async_trait]
impl ResponseCache for Memory {
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        self.0.lock().expect("not poisoned").get(key).cloned()
    }

    async fn put(&self, key: &CacheKey, envelope: Vec<u8>) {
        self.0.lock().expect("not poisoned").insert(*key, envelope);
    }
}

impl Memory {
    fn len(&self) -> usize {
        self.0.lock().expect("not poisoned").len()
    }
}

fn rig() -> (Arc<Memory>, Arc<Notes>, Rig) {
    let (memory, notes) = (Arc::new(Memory::default()), Arc::new(Notes::default()));
    let (cache, journal) = (Arc::clone(&memory), Arc::clone(&notes));
    let rig = Rig::with_options(FakeClock::at(wall()), move |options| {
        options.cache = Some(cache);
        options.journal = Some(journal);
    });
    (memory, notes, rig)
}

async fn ask(rig: &Rig, server: &Server) -> Response {
    rig.send(&server.base, get("x")).await.expect("an answer")
}

#[tokio::test]
async fn a_fresh_answer_is_not_asked_for_again() {
    let (_, notes, rig) = rig();
    let first = Answer::with(200, &[("cache-control", "max-age=60"), ("content-type", "a/b")], "first");
    let server = Server::start([first, Answer::ok("second")]).await;
    assert_eq!(ask(&rig, &server).await.body, b"first");
    rig.clock.sleep(Duration::from_secs(59)).await;
    let kept = ask(&rig, &server).await;
    assert_eq!((kept.status, kept.body.as_slice(), kept.header("age")), (200, b"first".as_slice(), Some("59")));
    assert_eq!(kept.header("content-type"), Some("a/b"));
    assert_eq!(server.count(), 1);
    let taken = notes.taken();
    let told: Vec<_> = taken.iter().map(|n| (n.attempt, n.from_cache, n.status, n.bytes_received)).collect();
    assert_eq!(told, [(1, false, Some(200), 5), (0, true, Some(200), 5)]);

    rig.clock.sleep(Duration::from_secs(1)).await;
    assert_eq!(ask(&rig, &server).await.body, b"second");
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_stale_answer_is_asked_for_by_its_validator() {
    let (_, _, rig) = rig();
    let modified = "Sun, 06 Nov 1994 08:00:00 GMT";
    let server = Server::start([
        Answer::with(200, &[("etag", "\"1\""), ("last-modified", modified), ("content-type", "a/b")], "kept"),
        Answer::with(
            304,
            &[("etag", "\"1\""), ("cache-control", "max-age=10"), ("date", "Sun, 06 Nov 1994 08:49:37 GMT")],
            "",
        ),
        Answer::with(200, &[("etag", "\"2\"")], "new"),
        Answer::status(304),
    ])
    .await;
    assert_eq!(ask(&rig, &server).await.body, b"kept");
    let renewed = ask(&rig, &server).await;
    assert_eq!((renewed.status, renewed.body.as_slice()), (200, b"kept".as_slice()));
    assert_eq!((renewed.header("content-type"), renewed.header("cache-control")), (Some("a/b"), Some("max-age=10")));
    let sent = server.requests()[1].to_ascii_lowercase();
    assert!(sent.contains("if-none-match: \"1\"\r\n"), "{sent}");
    assert!(sent.contains(&format!("if-modified-since: {}\r\n", modified.to_ascii_lowercase())), "{sent}");
    // What the 304 said holds from now on.
    assert_eq!((ask(&rig, &server).await.body, server.count()), (b"kept".to_vec(), 2));
    rig.clock.sleep(Duration::from_secs(10)).await;
    assert_eq!((ask(&rig, &server).await.body, server.count()), (b"new".to_vec(), 3));
    assert_eq!((ask(&rig, &server).await.body, server.count()), (b"new".to_vec(), 4));
    assert!(server.requests()[3].contains("if-none-match: \"2\"\r\n"));
}

#[tokio::test]
async fn a_304_that_speaks_of_another_answer_is_asked_about_without_conditions() {
    let (_, _, rig) = rig();
    let server = Server::start([
        Answer::with(200, &[("etag", "\"1\"")], "first"),
        Answer::with(304, &[("etag", "\"2\"")], ""),
        Answer::with(200, &[("etag", "\"2\"")], "second"),
    ])
    .await;
    assert_eq!(ask(&rig, &server).await.body, b"first");
    assert_eq!(ask(&rig, &server).await.body, b"second");
    assert!(!server.requests()[2].contains("if-none-match"));
}

#[tokio::test]
async fn what_may_not_be_kept_is_not() {
    for (status, headers) in [
        (200, &[("cache-control", "no-store, max-age=60"), ("etag", "\"1\"")][..]),
        (200, &[("cache-control", "max-age=60"), ("vary", "accept")]),
        (200, &[("cache-control", "max-age=60"), ("vary", "*")]),
        (200, &[]),
        (404, &[("cache-control", "max-age=60")]),
        (301, &[("cache-control", "max-age=60"), ("location", "/")]),
        (206, &[("cache-control", "max-age=60"), ("content-range", "bytes 0-1/2")]),
    ] {
        let (memory, _, rig) = rig();
        let server = Server::start([Answer::with(status, headers, "x")]).await;
        for _ in 0..2 {
            assert_eq!(ask(&rig, &server).await.status, status);
        }
        assert_eq!((memory.len(), server.count()), (0, 2), "{status} {headers:?}");
    }
    let (memory, _, rig) = rig();
    let server = Server::start([Answer::with(200, &[("cache-control", "max-age=60")], "x")]).await;
    rig.send(&server.base, post("x", "{}")).await.expect("an answer");
    assert_eq!(memory.len(), 0, "a POST");
}

#[tokio::test]
async fn a_caller_with_conditions_of_its_own_is_asked_and_answered_itself() {
    let (memory, _, rig) = rig();
    let kept = Answer::with(200, &[("cache-control", "max-age=60"), ("etag", "\"1\"")], "kept");
    let asked = Answer::with(200, &[("cache-control", "max-age=60")], "asked");
    let server = Server::start([kept, Answer::status(304), asked]).await;
    ask(&rig, &server).await;
    for (header, status) in
        [(("if-none-match", "\"1\""), 304), (("cache-control", "no-cache"), 200), (("range", "bytes=0-1"), 200)]
    {
        let request = Request { headers: pairs(&[header]), ..get("x") };
        let answer = rig.send(&server.base, request).await.expect("an answer");
        assert_eq!(answer.status, status, "{header:?}");
    }
    assert_eq!((server.count(), memory.len()), (4, 1));
    assert_eq!(ask(&rig, &server).await.body, b"kept");
}

#[tokio::test]
async fn another_credential_is_given_nothing_of_the_first() {
    let (memory, _, mut rig) = rig();
    let server = Server::start([
        Answer::with(200, &[("cache-control", "max-age=60")], "for canary-secret-1 only"),
        Answer::ok("for the second"),
    ])
    .await;
    rig.credential = Arc::new(Credential::Bearer("canary-secret-1".into()));
    assert_eq!(ask(&rig, &server).await.body, b"for [redacted] only");
    rig.credential = Arc::new(Credential::Bearer("canary-secret-2".into()));
    assert_eq!(ask(&rig, &server).await.body, b"for the second");
    rig.credential = Arc::new(Credential::Bearer("canary-secret-1".into()));
    assert_eq!(ask(&rig, &server).await.body, b"for [redacted] only");
    assert_eq!(server.count(), 2);
    for (key, bytes) in memory.0.lock().expect("not poisoned").iter() {
        assert!(!String::from_utf8_lossy(bytes).contains("canary") && !key.to_string().contains("canary"));
    }
}

#[tokio::test]
async fn what_is_damaged_is_asked_for_again() {
    let (memory, _, rig) = rig();
    let server = Server::start([Answer::with(200, &[("cache-control", "max-age=60")], "right")]).await;
    ask(&rig, &server).await;
    let whole = memory.0.lock().expect("not poisoned").values().next().expect("kept").clone();
    for (round, at) in (0..whole.len()).step_by(7).enumerate() {
        for bytes in memory.0.lock().expect("not poisoned").values_mut() {
            bytes[at] ^= 1;
        }
        assert_eq!(ask(&rig, &server).await.body, b"right");
        assert_eq!(server.count(), round + 2, "byte {at}");
    }
}

/// Neither answers nor takes anything.
#[derive(Debug)]
struct Stuck;

#[async_trait]
impl ResponseCache for Stuck {
    async fn get(&self, _: &CacheKey) -> Option<Vec<u8>> {
        std::future::pending().await
    }

    async fn put(&self, _: &CacheKey, _: Vec<u8>) {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_cache_that_hangs_outlives_neither_deadline_nor_cancellation() {
    let rig = Rig::with_options(FakeClock::at(wall()), |options| options.cache = Some(Arc::new(Stuck)));
    let server = Server::start([Answer::with(200, &[("cache-control", "max-age=60")], "x")]).await;
    let connection = rig.connect(&server.base);
    let cancel = CancellationToken::new();
    let soon = rig.clock.now() + Duration::from_millis(20);
    // It ends: with the answer, or without one, as the deadline falls.
    let _ = connection.send(get("x"), soon, &cancel).await;
    let later = rig.clock.now() + Duration::from_secs(3_600);
    let (result, ()) = tokio::join!(connection.send(get("x"), later, &cancel), async { cancel.cancel() });
    assert_eq!(result, Err(scoresheet_gateway::HttpError::Cancelled));
}

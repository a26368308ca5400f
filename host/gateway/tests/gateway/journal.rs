//! What is noted of each try, and that no secret and no query is among it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use scoresheet_gateway::{Clock, Credential, Exchange, FakeClock, HttpError, Journal, Method, Request};
use scoresheet_test_support::{End, ScriptedResponse, ScriptedServer};
use tokio_util::sync::CancellationToken;

use crate::support::{Rig, count, get, pairs, post, wall};

#[derive(Debug, Default)]
pub(crate) struct Notes(Mutex<Vec<Exchange>>);

impl Notes {
    pub(crate) fn taken(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.0.lock().expect("not poisoned"))
    }
}

impl Journal for Notes {
    fn note(&self, exchange: Exchange) {
        self.0.lock().expect("not poisoned").push(exchange);
    }
}

fn rig() -> (Arc<Notes>, Rig) {
    let notes = Arc::new(Notes::default());
    let journal = Arc::clone(&notes);
    let rig = Rig::with_options(FakeClock::at(wall()), move |options| options.journal = Some(journal));
    (notes, rig)
}

#[tokio::test]
async fn each_try_is_noted() {
    let (notes, mut rig) = rig();
    rig.credential = Arc::new(Credential::Bearer("canary-secret".into()));
    let server =
        ScriptedServer::start([ScriptedResponse::new(503, &[], "down"), ScriptedResponse::ok("here it is")]).await;
    let request = Request { query: pairs(&[("key", "canary-query")]), ..get("api/v1/x") };
    rig.send(&server.base_url, request).await.expect("an answer");
    let first = Exchange {
        connection: "crewhu".into(),
        method: Method::Get,
        path: "api/v1/x".into(),
        status: Some(503),
        fault: None,
        attempt: 1,
        at: wall(),
        duration: Duration::ZERO,
        bytes_sent: 0,
        bytes_received: 4,
    };
    let second = Exchange {
        status: Some(200),
        attempt: 2,
        at: wall() + Duration::from_millis(500),
        bytes_received: 10,
        ..first.clone()
    };
    let taken = notes.taken();
    assert!(!format!("{taken:?}").contains("canary"), "{taken:?}");
    assert_eq!(taken, [first, second]);

    rig.send(&server.base_url, post("x", "12345")).await.expect("an answer");
    let taken = notes.taken();
    assert_eq!((taken.len(), taken[0].method, taken[0].bytes_sent), (1, Method::Post, 5));
}

#[tokio::test]
async fn each_fault_has_its_word() {
    for (answer, status, fault, received) in [
        (ScriptedResponse::raw("", End::Reset), None, "network", 0),
        (
            ScriptedResponse::raw("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", End::Close),
            Some(200),
            "network",
            4,
        ),
        (ScriptedResponse::raw("garbage\r\n\r\n", End::Close), None, "network", 0),
        (
            ScriptedResponse::raw("HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n", End::Hang),
            Some(200),
            "too-large",
            0,
        ),
        (
            ScriptedResponse::raw("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", End::Hang),
            Some(200),
            "timeout",
            4,
        ),
    ] {
        let (notes, mut rig) = rig();
        rig.limits.max_attempts = count(1);
        if fault == "timeout" {
            rig.limits.request_timeout = Duration::from_millis(500);
        }
        let server = ScriptedServer::start([answer]).await;
        rig.send(&server.base_url, get("x")).await.expect_err(fault);
        let [note]: [Exchange; 1] = notes.taken().try_into().expect("one");
        assert_eq!((note.status, note.fault, note.bytes_received, note.attempt), (status, Some(fault), received, 1));
    }
    // Refused by the policy: that is no try.
    let (notes, rig) = rig();
    rig.send("http://127.0.0.1:1", get("../x")).await.expect_err("refused");
    assert_eq!(notes.taken(), []);
}

#[tokio::test]
async fn a_try_that_is_given_up_is_noted_too() {
    let (notes, rig) = rig();
    let server = ScriptedServer::start([ScriptedResponse::raw("", End::Hang)]).await;
    let connection = rig.connect(&server.base_url);
    let (deadline, cancel) = (rig.clock.now() + Duration::from_secs(3_600), CancellationToken::new());
    let (result, ()) = tokio::join!(connection.send(get("x"), deadline, &cancel), async {
        server.arrived().await;
        cancel.cancel();
    });
    assert_eq!(result, Err(HttpError::Cancelled));
    let [note]: [Exchange; 1] = notes.taken().try_into().expect("one");
    assert_eq!((note.status, note.fault, note.attempt), (None, Some("cancelled"), 1));
}

//! The number in flight and the rate, seen from the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get as on_get;
use futures_util::future::join_all;
use scoresheet_gateway::{Clock, FakeClock, HttpError};
use scoresheet_test_support::{ScriptedResponse, ScriptedServer};
use tokio::sync::Barrier;
use tokio_util::sync::CancellationToken;

use crate::support::{Rig, count, get, wall};

#[tokio::test]
async fn eight_requests_are_in_flight_and_never_more() {
    let (now, most, together) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(8)));
    let handler = {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        move || async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Eight must be here at once before any of them goes on; a ninth would have time to come.
            together.wait().await;
            for _ in 0..200 {
                tokio::task::yield_now().await;
            }
            now.fetch_sub(1, Ordering::SeqCst);
            "done"
        }
    };
    let app = Router::new().route("/x", on_get(handler));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await.expect("serves") });

    let rig = Rig::new();
    let connection = rig.connect(&base);
    let deadline = rig.clock.now() + Duration::from_secs(60);
    let cancel = CancellationToken::new();
    let answers = join_all((0..24).map(|_| connection.send(get("x"), deadline, &cancel))).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.body == b"done")), "{answers:?}");
    assert_eq!(most.load(Ordering::SeqCst), 8);
}

#[tokio::test]
async fn every_try_counts_towards_the_rate() {
    let mut rig = Rig::new();
    rig.limits.requests_per_minute = count(2);
    let server =
        ScriptedServer::start([ScriptedResponse::status(503), ScriptedResponse::ok(""), ScriptedResponse::ok("")])
            .await;
    let connection = rig.connect(&server.base_url);
    let deadline = rig.clock.now() + Duration::from_secs(60);
    let cancel = CancellationToken::new();
    connection.send(get("x"), deadline, &cancel).await.expect("an answer after two tries");
    connection.send(get("x"), deadline, &cancel).await.expect("an answer after a wait for the rate");
    // Half a second of backoff, and what is then left of the thirty seconds a request takes at this rate.
    assert_eq!(rig.slept(), [0.5, 29.5]);
    let refused = connection.clone().send(get("x"), rig.clock.now() + Duration::from_secs(1), &cancel).await;
    assert!(
        matches!(&refused, Err(HttpError::BudgetExceeded(text)) if text.contains("2 requests a minute")),
        "{refused:?}"
    );
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn a_request_that_waits_for_another_try_holds_nobody_up() {
    let mut rig = Rig::with_clock(FakeClock::frozen(wall()));
    rig.limits.max_in_flight = count(1);
    let server = ScriptedServer::start([ScriptedResponse::status(503), ScriptedResponse::ok("next")]).await;
    let connection = rig.connect(&server.base_url);
    let deadline = rig.clock.now() + Duration::from_secs(60);
    let cancel = CancellationToken::new();
    let (first, second) = tokio::join!(connection.send(get("x"), deadline, &cancel), async {
        // The clock is frozen: the first request waits until it is cancelled.
        rig.clock.sleep_began().await;
        let second = connection.send(get("x"), deadline, &CancellationToken::new()).await;
        cancel.cancel();
        second
    });
    assert_eq!(first, Err(HttpError::Cancelled));
    assert_eq!(second.expect("an answer").body, b"next");
}

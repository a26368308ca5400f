//! Calls: what they are given, how they are cancelled and counted, and that after one that failed the next works as if
//! nothing had been. What a component may try is in `hostile`.

use std::sync::{Arc, Mutex};

use crate::common::{Guest, image, run, runtime, window};
use scoresheet_domain::{Failure, Instant, MetricId, MetricOutcome, ObservationPage, Subject};
use scoresheet_engine::Provider;
use scoresheet_runtime::{ComponentProvider, Limits};

fn limits() -> Limits {
    Limits { compute_secs: 1, deadline_secs: 20, ..Limits::default() }
}

/// Does what `pull` says when it is asked for a page, and is well-behaved without one.
async fn provider(change: impl FnOnce(&mut Guest)) -> ComponentProvider {
    provider_with(limits(), change).await
}

async fn provider_with(limits: Limits, change: impl FnOnce(&mut Guest)) -> ComponentProvider {
    let mut guest = Guest::new();
    change(&mut guest);
    let page = image::page(&mut guest.image, 5, 4.0);
    // Parameter 7 says whether a page is asked for.
    guest.pull = format!("(if (local.get 7) (then {})) i32.const {page}", guest.pull);
    let runtime = runtime();
    runtime.load(guest.build()).await.expect("it loads").instance(None, limits)
}

async fn first_page(provider: &ComponentProvider) -> Result<ObservationPage, Failure> {
    provider.pull(&run(), "{}", window(), None, None).await
}

/// Calls the page that misbehaves, then the one that does not.
async fn misbehaviour(provider: &ComponentProvider) -> Failure {
    let page = scoresheet_domain::Cursor(vec![1]);
    let failure = provider.pull(&run(), "{}", window(), None, Some(&page)).await.expect_err("it misbehaves");
    assert_eq!(first_page(provider).await.expect("the next call works").items.len(), 1);
    failure
}

async fn message(limits: Limits, change: impl FnOnce(&mut Guest)) -> String {
    match misbehaviour(&provider_with(limits, change).await).await {
        Failure::Component(message) => message,
        other => panic!("it is the component's fault: {other}"),
    }
}

#[tokio::test]
async fn a_well_behaved_guest_is_understood() {
    let page = first_page(&provider(|_| {}).await).await.expect("a page");
    assert_eq!((page.items[0].id.as_str(), page.items[0].value), ("t1", 4.0));
    assert_eq!(page.items[0].when.start(), Instant::from_millis(5));
}

#[tokio::test]
async fn an_endless_loop_ends_with_its_computing_time() {
    let said = message(limits(), |guest| guest.pull = "(loop $forever (br $forever))".into()).await;
    assert_eq!(said, "it computed for longer than 1 s and was stopped");
}

async fn score(body: impl FnOnce(&mut Guest) -> String) -> Result<Vec<MetricOutcome>, Failure> {
    let mut guest = Guest::new();
    guest.score = body(&mut guest);
    let provider = runtime().load(guest.build()).await.expect("it loads").instance(None, limits());
    let metric = MetricId::new("volume").expect("an id");
    provider.score(&run(), &metric, "{}", window(), vec![Subject::default()]).await
}

#[tokio::test]
async fn a_score_comes_as_it_was_given() {
    let measured =
        |score: f64| move |guest: &mut Guest| format!("(i32.const {})", image::measured(&mut guest.image, score));
    let outcomes = score(measured(4.0)).await.expect("a score");
    let MetricOutcome::Measured(right) = &outcomes[0] else { panic!("measured") };
    assert_eq!((right.score, right.explanation.as_slice()), (4.0, ["by hand".to_owned()].as_slice()));
}

#[tokio::test]
async fn scoring_is_pure() {
    for (body, import) in [
        ("(call $log (i32.const 1) (i32.const 4096) (i32.const 1)) unreachable", "run.log"),
        ("(drop (call $now)) unreachable", "run.now"),
        (&format!("{SEND} unreachable"), "http.send"),
    ] {
        let failure = score(|_| body.to_owned()).await.expect_err("it is not there");
        let expected = format!(
            "it called {import}: describe, score and figures are pure, and http and run are not there for them"
        );
        assert_eq!(failure, Failure::Component(expected));
    }
}

/// `GET /`; the answer lies at address 0.
const SEND: &str = "(call $send (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
    (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))";

#[tokio::test]
async fn without_a_connection_requests_are_denied() {
    let said = message(limits(), |guest| {
        // Leaves by another trap unless the answer is `err(denied)`.
        guest.pull = format!(
            "{SEND} (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const 1)) (then (return (i32.const -16))))
             (if (i32.ne (i32.load8_u (i32.const 8)) (i32.const 0)) (then (return (i32.const -16)))) unreachable"
        );
    })
    .await;
    assert!(said.starts_with("it panicked"), "{said}");
}

#[tokio::test]
async fn a_failure_that_nobody_caused_is_the_components() {
    let failure = misbehaviour(
        &provider(|guest| {
            let cancelled = image::cancelled(&mut guest.image);
            guest.pull = format!("(return (i32.const {cancelled}))");
        })
        .await,
    )
    .await;
    assert_eq!(failure, Failure::Component("it says it was cancelled, and nobody cancelled it".into()));
}

#[tokio::test]
async fn a_call_is_cancelled_while_it_computes() {
    let provider = provider_with(Limits { compute_secs: 60, deadline_secs: 60, ..limits() }, |guest| {
        guest.pull = "(loop $forever (br $forever))".into();
    })
    .await;
    let run = run();
    let page = scoresheet_domain::Cursor(vec![1]);
    let (called, ()) = tokio::join!(provider.pull(&run, "{}", window(), None, Some(&page)), async {
        // Runs when the guest lets others run for the first time.
        tokio::task::yield_now().await;
        run.cancel.cancel();
    });
    assert_eq!(called, Err(Failure::Cancelled));
    assert_eq!(provider.pull(&run, "{}", window(), None, None).await, Err(Failure::Cancelled), "nothing begins after");
    assert!(first_page(&provider).await.is_ok(), "another run does");
}

#[tokio::test]
async fn a_dropped_call_leaves_nothing_behind() {
    let provider = provider_with(Limits { compute_secs: 60, deadline_secs: 60, ..limits() }, |guest| {
        guest.pull = "(loop $forever (br $forever))".into();
    })
    .await;
    let (run, page) = (run(), scoresheet_domain::Cursor(vec![1]));
    for _ in 0..3 {
        tokio::select! {
            biased;
            _ = provider.pull(&run, "{}", window(), None, Some(&page)) => panic!("it never ends"),
            () = tokio::task::yield_now() => {}
        }
    }
    assert!(first_page(&provider).await.is_ok());
}

#[tokio::test]
async fn the_clock_is_the_runs() {
    let now = run().now.millis();
    let provider = provider(|guest| {
        guest.check = format!("(if (i64.ne (call $now) (i64.const {now})) (then unreachable)) i32.const 64");
    })
    .await;
    assert_eq!(provider.check(&run(), "{}").await, Ok(Vec::new()));
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn log_lines_are_tidied_and_bounded() {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let provider = provider(|guest| {
        let line = guest.image.place(b"\x1b[31mred\x1b[0m\nINFO forged: line");
        guest.check = format!(
            "(local $n i32) (loop $more
               (call $log (i32.const 2) (i32.const {line}) (i32.const 30))
               (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1000))))
             i32.const 64"
        );
    })
    .await;
    assert_eq!(provider.check(&run(), "{}").await, Ok(Vec::new()));
    let text = String::from_utf8(captured.0.lock().expect("not poisoned").clone()).expect("UTF-8");
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("scoresheet::component")).collect();
    assert_eq!(lines.len(), 100);
    assert!(lines.iter().all(|line| line.ends_with("red INFO forged: line provider=\"by-hand\"")), "{}", lines[0]);
    assert!(text.contains("the component logs too much") && text.contains("dropped=900"), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_calls_than_slots_wait_for_each_other() {
    let provider = provider(|_| {}).await;
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { first_page(&provider).await.map(|page| page.items.len()) })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.expect("no panic"), Ok(1));
    }
}

#[tokio::test]
async fn memory_need_not_be_pooled() {
    let options = scoresheet_runtime::RuntimeOptions { pooling: false, ..crate::common::options() };
    let runtime = scoresheet_runtime::Runtime::new(options).expect("a runtime");
    let component = runtime.load(Guest::new().build()).await.expect("it loads");
    let page = component.instance(None, limits()).pull(&run(), "{}", window(), None, None).await;
    assert_eq!(page, Err(Failure::Component("it panicked without a word (an unreachable instruction)".into())));
}

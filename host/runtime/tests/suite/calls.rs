//! Calls: what they are given, how they are cancelled and counted, and that after one that failed the next works as if
//! nothing had been. What a component may try is in `hostile`.

use std::sync::{Arc, Mutex};

use crate::common::{Guest, configure, configured, image, run, score_request, window};
use scoresheet_domain::{Case, Failure, Instant, MetricOutcome, ObservationPage, Sample, Subject, Window};
use scoresheet_engine::{Provider, ScoreRequest};
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
    // Parameter 6 says whether a page is asked for.
    guest.pull = format!("(if (local.get 6) (then {})) i32.const {page}", guest.pull);
    configured(guest.build()).await.instance(None, limits)
}

async fn first_page(provider: &ComponentProvider) -> Result<ObservationPage, Failure> {
    provider.pull(&run(), &[0], window(), None).await
}

/// Calls the page that misbehaves, then the one that does not.
async fn misbehaviour(provider: &ComponentProvider) -> Failure {
    let page = scoresheet_domain::Cursor(vec![1]);
    let failure = provider.pull(&run(), &[0], window(), Some(&page)).await.expect_err("it misbehaves");
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
    assert_eq!((page.read, page.total), (1, Some(1)));
}

#[tokio::test]
async fn an_endless_loop_ends_with_its_computing_time() {
    let said = message(limits(), |guest| guest.pull = "(loop $forever (br $forever))".into()).await;
    assert_eq!(said, "it computed for longer than 1 s and was stopped");
}

async fn score(body: impl FnOnce(&mut Guest) -> String) -> Result<Vec<MetricOutcome>, Failure> {
    let mut guest = Guest::new();
    guest.score = body(&mut guest);
    let provider = configured(guest.build()).await.instance(None, limits());
    provider.score(&run(), score_request(1)).await
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
async fn explanations_are_dropped_unless_asked_for() {
    let mut guest = Guest::new();
    let measured = image::measured(&mut guest.image, 4.0);
    // Parameter 4 says whether explanations are asked for; the guest gives them either way.
    guest.score = format!("(i32.store (i32.const 0) (local.get 4)) (i32.const {measured})");
    let provider = configured(guest.build()).await.instance(None, limits());
    for (explain, expected) in [(true, vec!["by hand".to_owned()]), (false, Vec::new())] {
        let request = ScoreRequest { explain, ..score_request(1) };
        let outcomes = provider.score(&run(), request).await.expect("a score");
        assert_eq!(outcomes[0].score().expect("measured").explanation, expected, "explain: {explain}");
    }
}

/// Scores each case by its own data: the score is the digit in the subject's first attribute, the value is the start of
/// the window, and all samples of the case count.
const SCORE_EACH: &str = "(local $case i32) (local $end i32) (local $out i32) (local $outcomes i32)
    (local.set $outcomes (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (i32.mul (local.get 8) (i32.const 72))))
    (local.set $out (local.get $outcomes))
    (local.set $case (local.get 7))
    (local.set $end (i32.add (local.get 7) (i32.mul (local.get 8) (i32.const 56))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $case) (local.get $end)))
      ;; subject, attributes, first pair, value, first character
      (f64.store offset=8 (local.get $out) (f64.convert_i32_s (i32.sub (i32.load8_u (i32.load offset=8 (i32.load
        (i32.add (local.get 5) (i32.mul (i32.load (local.get $case)) (i32.const 8)))))) (i32.const 48))))
      (f64.store offset=16 (local.get $out) (f64.convert_i64_s (i64.load offset=8 (local.get $case))))
      (i32.store offset=24 (local.get $out) (i32.load offset=28 (local.get $case)))
      (local.set $out (i32.add (local.get $out) (i32.const 72)))
      (local.set $case (i32.add (local.get $case) (i32.const 56)))
      (br $next)))
    ;; `ok` and the list
    (i32.store (i32.const 72) (local.get $outcomes)) (i32.store (i32.const 76) (local.get 8)) (i32.const 64)";

/// Cases of five subjects in different windows, in no order of either.
fn mixed_cases(count: u32) -> ScoreRequest {
    let subject = |n: u32| Subject { attributes: vec![("tier".to_owned(), (n + 1).to_string())] };
    let case = |n: u32| {
        let start = Instant::from_millis(i64::from(n * 7 % count) * 10);
        let window = Window { start, end: start.plus_millis(10) };
        let sample = Sample { at: start, until: start, value: 1.0, kind: 0 };
        Case { subject: n * 3 % 5, window, samples: vec![sample; n as usize % 4].into_iter().collect() }
    };
    ScoreRequest { subjects: (0..5).map(subject).collect(), cases: (0..count).map(case).collect(), ..score_request(0) }
}

#[tokio::test]
async fn outcomes_follow_the_cases_over_several_chunks() {
    let mut guest = Guest::new();
    guest.score = SCORE_EACH.to_owned();
    let provider = configured(guest.build()).await.instance(None, limits());
    // One call holds 5,000 cases.
    for (count, calls) in [(20, 1), (12_001, 3)] {
        let request = mixed_cases(count);
        let before = provider.usage().calls;
        let outcomes = provider.score(&run(), request.clone()).await.expect("outcomes");
        assert_eq!(provider.usage().calls - before, calls, "{count} cases");
        let scored: Vec<(f64, f64, usize)> = outcomes
            .iter()
            .map(|outcome| {
                let score = outcome.score().expect("measured");
                (score.score, score.value, score.samples as usize)
            })
            .collect();
        let expected: Vec<(f64, f64, usize)> = request
            .cases
            .iter()
            .map(|case| {
                let start = case.window.start.millis() as f64;
                (f64::from(case.subject) + 1.0, start, case.samples.len())
            })
            .collect();
        assert_eq!(scored, expected, "{count} cases");
    }
}

#[tokio::test]
async fn a_case_scored_alone_equals_the_case_among_others() {
    let mut guest = Guest::new();
    guest.score = SCORE_EACH.to_owned();
    let provider = configured(guest.build()).await.instance(None, limits());
    let together = mixed_cases(20);
    let outcomes = provider.score(&run(), together.clone()).await.expect("outcomes");
    for (case, expected) in together.cases.iter().zip(&outcomes) {
        let alone = ScoreRequest { cases: vec![case.clone()], ..together.clone() };
        assert_eq!(provider.score(&run(), alone).await.expect("an outcome"), std::slice::from_ref(expected));
    }
}

#[tokio::test]
async fn no_cases_are_scored_without_a_call() {
    let provider = configured(Guest::new().build()).await.instance(None, limits());
    assert_eq!(provider.score(&run(), score_request(0)).await, Ok(Vec::new()));
    assert_eq!(provider.usage().calls, 0);
}

/// Pulls a ticket of the kind with this index, of a guest that has two kinds.
async fn pull_kinds(kinds: &[u16], given: u16) -> Result<ObservationPage, Failure> {
    let mut guest = Guest::new();
    let page = image::page_of(&mut guest.image, &[image::Ticket { kind: given, ..image::Ticket::USUAL }]);
    guest.pull = format!("i32.const {page}");
    configured(guest.build()).await.instance(None, limits()).pull(&run(), kinds, window(), None).await
}

#[tokio::test]
async fn a_kind_that_was_not_asked_for_is_refused() {
    assert_eq!(pull_kinds(&[0, 1], 1).await.expect("asked for").items[0].kind, 1);
    for (kinds, expected) in [
        (vec![0], "items[0].kind is 1: only these were asked for: 0"),
        (vec![], "items[0].kind is 1: only these were asked for: "),
    ] {
        let failure = pull_kinds(&kinds, 1).await.expect_err("not asked for");
        assert_eq!(failure, Failure::Component(format!("its answer breaks the contract: {expected}")));
    }
}

#[tokio::test]
async fn kinds_window_and_page_arrive_as_they_were_given() {
    let mut guest = Guest::new();
    let page = image::page(&mut guest.image, 5, 4.0);
    // Settings "{}", kinds 1 and 0, the window and a cursor of one byte, or it leaves by a trap.
    guest.pull = format!(
        "(if (i32.ne (local.get 1) (i32.const 2)) (then unreachable))
         (if (i32.ne (local.get 3) (i32.const 2)) (then unreachable))
         (if (i32.ne (i32.load (local.get 2)) (i32.const 1)) (then unreachable))
         (if (i64.ne (local.get 4) (i64.const {start})) (then unreachable))
         (if (i64.ne (local.get 5) (i64.const {end})) (then unreachable))
         (if (i32.ne (local.get 8) (i32.const 1)) (then unreachable))
         (if (i32.ne (i32.load8_u (local.get 7)) (i32.const 7)) (then unreachable))
         i32.const {page}",
        start = window().start.millis(),
        end = window().end.millis()
    );
    let provider = configured(guest.build()).await.instance(None, limits());
    let cursor = scoresheet_domain::Cursor(vec![7]);
    let page = provider.pull(&run(), &[1, 0], window(), Some(&cursor)).await.expect("a page");
    assert_eq!(page.items.len(), 1);
}

#[tokio::test]
async fn a_rejected_rows_field_and_value_are_kept_for_display() {
    let mut guest = Guest::new();
    let long = "9".repeat(50);
    let rows =
        [image::Rejected { field: "status", value: "maybe\u{7}" }, image::Rejected { field: "\u{7}", value: &long }];
    let page = image::page_with(&mut guest.image, &[], &rows);
    guest.pull = format!("i32.const {page}");
    let provider = configured(guest.build()).await.instance(None, limits());
    let page = provider.pull(&run(), &[0], window(), None).await.expect("a page");
    assert_eq!((page.read, page.total, page.items.len()), (2, Some(2), 0));
    let shown: Vec<_> = page.rejected.iter().map(|row| (row.field.as_deref(), row.value.as_deref())).collect();
    let cut = format!("{}…", "9".repeat(39));
    assert_eq!(shown, [(Some("status"), Some("maybe")), (None, Some(cut.as_str()))]);
}

#[tokio::test]
async fn scoring_is_pure() {
    for (body, import) in [
        ("(call $log (i32.const 1) (i32.const 4096) (i32.const 1)) unreachable", "run.log"),
        ("(drop (call $now)) unreachable", "run.now"),
        (&format!("{SEND} unreachable"), "http.send"),
        ("(call $relative (i32.const 4096) (i32.const 1) (i32.const 0)) unreachable", "http.relative"),
    ] {
        let failure = score(|_| body.to_owned()).await.expect_err("it is not there");
        let expected =
            format!("it called {import}: spec, describe and score are pure, and http and run are not there for them");
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
    let (called, ()) = tokio::join!(provider.pull(&run, &[0], window(), Some(&page)), async {
        // Runs when the guest lets others run for the first time.
        tokio::task::yield_now().await;
        run.cancel.cancel();
    });
    assert_eq!(called, Err(Failure::Cancelled));
    assert_eq!(provider.pull(&run, &[0], window(), None).await, Err(Failure::Cancelled), "nothing begins after");
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
            _ = provider.pull(&run, &[0], window(), Some(&page)) => panic!("it never ends"),
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
    assert_eq!(provider.check(&run()).await, Ok(Vec::new()));
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
    assert_eq!(provider.check(&run()).await, Ok(Vec::new()));
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
    let page = configure(&component).await.instance(None, limits()).pull(&run(), &[0], window(), None).await;
    assert_eq!(page, Err(Failure::Component("it panicked without a word (an unreachable instruction)".into())));
}

//! Figures of the past: of a component that gives them itself, and of one that only scores.

use scoresheet_domain::{Failure, Figure, Instant, Interval, MetricId, Period, Sample, Subject, Window};
use scoresheet_engine::{Ask, Figures, Provider};
use scoresheet_runtime::{ComponentProvider, Limits};

use crate::common::{Guest, image, run, runtime};

/// The samples of ten subjects, of which the second has none.
fn subjects() -> Vec<Subject> {
    let at = Instant::from_millis;
    let sample = |n| Sample { at: at(n), until: at(n), value: 4.0, kind: 0 };
    (0..10)
        .map(|n| Subject {
            attributes: Vec::new(),
            samples: if n == 1 { Vec::new() } else { vec![sample(1), sample(7)] },
        })
        .collect()
}

fn period(start: i64, end: i64) -> Period {
    Period { window: Window { start: Instant::from_millis(start), end: Instant::from_millis(end) }, interval: true }
}

async fn provider(change: impl FnOnce(&mut Guest)) -> ComponentProvider {
    let mut guest = Guest::new();
    change(&mut guest);
    let limits = Limits { compute_secs: 1, deadline_secs: 20, ..Limits::default() };
    runtime().load(guest.build()).await.expect("it loads").instance(None, limits)
}

async fn figures(provider: &ComponentProvider, periods: &[Period], subjects: Vec<Subject>) -> Result<Figures, Failure> {
    let ask = Ask { metric: MetricId::new("volume").expect("an id"), settings: "{}".to_owned() };
    let mut answers = provider.figures(&run(), &[ask], periods, subjects).await;
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

fn given(score: f64, samples: u32, interval: Option<(f64, f64)>) -> Option<image::Figure> {
    Some(image::Figure { score, samples, interval })
}

#[tokio::test]
async fn a_component_gives_the_figures_of_all_periods_at_once() {
    let provider = provider(|guest| {
        let answer =
            image::figures(&mut guest.image, &[given(4.0, 2, Some((3.5, 4.5))), None, None, given(2.0, 0, None)]);
        // Two periods of two subjects, or it leaves.
        guest.figures = Some(format!(
            "(if (i32.ne (i32.add (local.get 1) (i32.mul (local.get 3) (local.get 5))) (i32.const 5)) (then unreachable))
             i32.const {answer}"
        ));
    })
    .await;
    let found = figures(&provider, &[period(0, 5), period(5, 9)], subjects()[..2].to_vec()).await.expect("figures");
    let interval = Some(Interval { low: 3.5, high: 4.5 });
    let first = Figure { score: 4.0, value: 4.0, samples: 2, weight: 2.5, interval };
    let last = Figure { score: 2.0, value: 2.0, samples: 0, weight: 2.5, interval: None };
    assert_eq!(found, [Some(first), None, None, Some(last)]);
}

#[tokio::test]
async fn what_breaks_the_contract_is_the_components_failure() {
    for (answer, says) in [
        (vec![None], "a metric's list of figures is 1 long: one for each of 2 periods of each of 1 subjects is needed"),
        (vec![None, given(5.5, 0, None)], "figures[1].score is 5.5: a score lies within 1 and 5"),
        (vec![given(4.0, 3, None), None], "figures[0].samples is 3: the subject had 2 samples"),
        (vec![given(4.0, 1, Some((4.0, 3.0))), None], "figures[0].interval is from 4 to 3: low comes first"),
    ] {
        let provider = provider(|guest| {
            let answer = image::figures(&mut guest.image, &answer);
            guest.figures = Some(format!("i32.const {answer}"));
        })
        .await;
        let failure = figures(&provider, &[period(0, 5), period(5, 9)], subjects()[..1].to_vec()).await;
        assert_eq!(failure, Err(Failure::Component(format!("its answer breaks the contract: {says}"))));
    }
}

#[tokio::test]
async fn a_component_may_fail_at_a_metric() {
    let provider = provider(|guest| {
        let answer = image::no_figures(&mut guest.image, "no");
        guest.figures = Some(format!("i32.const {answer}"));
    })
    .await;
    assert_eq!(figures(&provider, &[period(0, 5)], subjects()).await, Err(Failure::Unauthorized("no".to_owned())));
}

#[tokio::test]
async fn the_figures_are_pure_and_bounded() {
    for (body, says) in [
        ("(drop (call $now)) unreachable", "it called run.now: describe, score and figures are pure"),
        ("(loop $forever (br $forever)) unreachable", "it computed for longer than 1 s"),
        ("unreachable", "it panicked without a word"),
    ] {
        let provider = provider(|guest| guest.figures = Some(body.to_owned())).await;
        match figures(&provider, &[period(0, 5)], subjects()).await {
            Err(Failure::Component(message)) => assert!(message.starts_with(says), "{message}"),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_component_that_only_scores_is_asked_about_each_period() {
    let provider = provider(|guest| {
        let (one, two) = (image::measured(&mut guest.image, 4.0), image::measured(&mut guest.image, 2.0));
        // It tells the periods by their beginning.
        guest.score =
            format!("(if (result i32) (i64.eqz (local.get 4)) (then (i32.const {one})) (else (i32.const {two})))");
        guest.version = "0.1.0";
    })
    .await;
    let found = figures(&provider, &[period(0, 5), period(5, 9)], subjects()[..1].to_vec()).await.expect("figures");
    let rate = |score| Some(Figure { score, value: score, samples: 0, weight: 1.0, interval: None });
    assert_eq!(found, [rate(4.0), rate(2.0)]);
    // It answers about one subject, so with two it breaks the contract.
    let failure = figures(&provider, &[period(0, 5)], vec![subjects().remove(0); 2]).await.expect_err("two");
    assert!(failure.to_string().contains("the list of outcomes is 1 long"), "{failure}");
    // Those without samples are one question.
    let found = figures(&provider, &[period(100, 105)], subjects()).await.expect("figures");
    assert_eq!(found, vec![rate(2.0); 10]);
}

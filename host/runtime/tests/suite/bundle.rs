//! The bundled components: real ones, compiled from Rust, with all that a standard library imports.

use std::collections::{BTreeMap, BTreeSet};

use scoresheet_bundle::components;
use scoresheet_domain::{
    Case, ClientPage, ClientRef, Failure, Instant, MetricId, MetricOutcome, Observation, ObservationPage, Sample,
    Samples, Subject, Window,
};
use scoresheet_engine::{Provider, ScoreRequest};
use scoresheet_runtime::{Component, ComponentProvider, ConfigureError, Limits, Runtime};
use serde_json::{Value, json};

use crate::common::{options, run};

/// Settings of a stub with twelve clients: more than one page.
fn stub_settings() -> Value {
    let clients = [
        "Acme, Inc.",
        "Birch & Söhne GmbH",
        "Cedar",
        "Dune",
        "Elm",
        "Fir",
        "Gum",
        "Hazel",
        "Ivy",
        "Juniper",
        "Kale",
        "Lime",
    ];
    json!({"clients": clients, "seed": 7})
}

async fn component(name: &str) -> Component {
    let bundled = components().iter().find(|bundled| bundled.name == name).expect("bundled");
    Runtime::new(options()).expect("a runtime").load(bundled.bytes).await.expect("it loads")
}

async fn provider(name: &str, settings: &Value) -> ComponentProvider {
    component(name).await.configure(settings).await.expect("right settings").instance(None, Limits::default())
}

async fn stub() -> ComponentProvider {
    provider("connectwise-tickets", &stub_settings()).await
}

fn year() -> Window {
    Window::before(Instant::parse("2026-11-01").expect("a date"), 365)
}

/// All pages, in the order in which their cursors are given.
async fn pull(provider: &ComponentProvider, window: Window) -> Vec<Observation> {
    let (mut pending, mut items) = (vec![None], Vec::new());
    while !pending.is_empty() {
        let cursor = pending.remove(0);
        let page: ObservationPage = provider.pull(&run(), &[0], window, cursor.as_ref()).await.expect("a page");
        items.extend(page.items);
        pending.extend(page.next.into_iter().map(Some));
    }
    items
}

/// One case per client: the whole year.
fn request(observations: &[Observation]) -> ScoreRequest {
    let mut samples: BTreeMap<&ClientRef, Samples> = BTreeMap::new();
    for item in observations {
        let sample = Sample { at: item.when.start(), until: item.when.until(), value: item.value, kind: item.kind };
        samples.entry(&item.client).or_default().push(sample);
    }
    let cases = (0..).zip(samples.into_values()).map(|(subject, mut samples)| {
        samples.sort();
        Case { subject, window: year(), samples }
    });
    let cases: Vec<Case> = cases.collect();
    ScoreRequest {
        metric: MetricId::new("help-desk-usage").expect("an id"),
        settings: "{}".to_owned(),
        explain: true,
        subjects: vec![Subject::default(); cases.len()],
        cases,
    }
}

/// Scores a request as a whole, and each of its cases alone: the outcomes must be equal.
async fn score_together_and_alone(provider: &ComponentProvider, request: ScoreRequest) -> Vec<MetricOutcome> {
    let together = provider.score(&run(), request.clone()).await.expect("outcomes");
    assert_eq!(together.len(), request.cases.len());
    for (case, expected) in request.cases.iter().zip(&together) {
        let subjects = vec![request.subjects[case.subject as usize].clone()];
        let alone = ScoreRequest { subjects, cases: vec![Case { subject: 0, ..case.clone() }], ..request.clone() };
        let outcome = provider.score(&run(), alone).await.expect("an outcome");
        assert_eq!(outcome, std::slice::from_ref(expected), "{case:?}");
    }
    together
}

#[tokio::test]
async fn each_loads_and_the_second_time_from_the_cache() {
    let folder = tempfile::tempdir().expect("a folder");
    for from_cache in [false, true] {
        let options = scoresheet_runtime::RuntimeOptions { cache_dir: Some(folder.path().join("code")), ..options() };
        let runtime = Runtime::new(options).expect("a runtime");
        for bundled in components() {
            let component = runtime.load(bundled.bytes).await.expect(bundled.name);
            assert_eq!(component.spec().id, bundled.name);
            assert_eq!(component.from_cache(), from_cache, "{}", bundled.name);
            let is_real = bundled.name == "crewhu";
            let settings = if is_real { json!({"company_id": "c"}) } else { stub_settings() };
            let configured = component.configure(&settings).await.expect(bundled.name);
            assert_eq!(configured.description().stub, !is_real);
        }
    }
}

#[tokio::test]
async fn a_stub_goes_the_whole_way() {
    let provider = stub().await;
    let steps = provider.check(&run()).await.expect("steps");
    assert!(!steps.is_empty() && steps.iter().all(|step| step.outcome.is_ok()), "{steps:?}");

    let first: ClientPage = provider.clients(&run(), None).await.expect("a page");
    let names: BTreeSet<&str> = first.items.iter().map(|client| client.name.as_str()).collect();
    assert!(names.contains("Birch & Söhne GmbH"), "{names:?}");
    let second = provider.clients(&run(), first.next.first()).await.expect("a page");
    assert_eq!(first.items.len() + second.items.len(), 12);

    let observations = pull(&provider, year()).await;
    assert!(observations.len() > 100, "{} tickets", observations.len());
    let request = request(&observations);
    let outcomes = provider.score(&run(), request.clone()).await.expect("outcomes");
    assert_eq!(outcomes.len(), request.cases.len());
    for (outcome, case) in outcomes.iter().zip(&request.cases) {
        let MetricOutcome::Measured(score) = outcome else { panic!("measured") };
        assert_eq!(score.samples as usize, case.samples.len());
        assert!((score.value - case.samples.len() as f64 * 30.0 / 365.0).abs() < 1e-9);
    }
}

#[tokio::test]
async fn the_same_input_gives_the_same_output() {
    let (one, other) = (stub().await, stub().await);
    let observations = pull(&one, year()).await;
    assert_eq!(observations, pull(&other, year()).await);
    let request = request(&observations);
    let outcomes = score_together_and_alone(&one, request.clone()).await;
    assert_eq!(outcomes, other.score(&run(), request).await.expect("outcomes"));
}

/// Months of three clients, with responses of all five kinds and as many that look like a mail scanner's.
fn crewhu_request(settings: &Value) -> ScoreRequest {
    let start = year().start;
    let response = |client: i64, n: i64| {
        // Each third is part of a burst within 45 seconds.
        let at = start.plus_millis(n / 3 * 86_400_000 * (client + 3) + n % 3 * 10_000);
        let value = ((n * 7 + client * 3) % 5 + 1) as f64;
        Sample { at, until: at, value, kind: u16::try_from((n * 3 + client) % 5).expect("small") }
    };
    let all: Vec<Samples> = [40, 7, 0]
        .iter()
        .zip(0_i64..)
        .map(|(count, client)| {
            let mut samples: Samples = (0..*count).map(|n| response(client, n)).collect();
            samples.sort();
            samples
        })
        .collect();
    let months = (0..12_i64).map(|month| Window {
        start: start.plus_millis(month * 30 * 86_400_000),
        end: start.plus_millis((month + 1) * 30 * 86_400_000),
    });
    // The clients take turns, so that neighbouring cases are of different subjects.
    let cases = months
        .chain([year()])
        .flat_map(|window| (0..).zip(&all).map(move |(subject, samples)| (subject, window, samples)))
        .map(|(subject, window, samples)| Case { subject, window, samples: samples.within(window) })
        .collect();
    ScoreRequest {
        metric: MetricId::new("support-engagement-satisfaction").expect("an id"),
        settings: settings.to_string(),
        explain: true,
        subjects: vec![Subject::default(); all.len()],
        cases,
    }
}

#[tokio::test]
async fn crewhu_cases_alone_and_together_have_equal_outcomes() {
    let provider = provider("crewhu", &json!({"company_id": "c"})).await;
    for settings in [
        json!({}),
        json!({"half_life_days": 90, "min_responses": 3}),
        json!({"types": ["overall"], "drop_suspected_bots": false}),
    ] {
        let outcomes = score_together_and_alone(&provider, crewhu_request(&settings)).await;
        let measured = outcomes.iter().filter_map(MetricOutcome::score).count();
        assert!(0 < measured && measured < outcomes.len(), "{settings}: {measured} of {}", outcomes.len());
    }
}

#[tokio::test]
async fn crewhu_explains_only_when_asked() {
    let provider = provider("crewhu", &json!({"company_id": "c"})).await;
    let explained = crewhu_request(&json!({}));
    let bare = ScoreRequest { explain: false, ..explained.clone() };
    let explained = provider.score(&run(), explained).await.expect("outcomes");
    let bare = provider.score(&run(), bare).await.expect("outcomes");
    assert_eq!(explained.len(), bare.len());
    for (explained, bare) in explained.into_iter().zip(bare) {
        match (explained, bare) {
            (MetricOutcome::Measured(mut explained), MetricOutcome::Measured(bare)) => {
                assert!(!explained.explanation.is_empty());
                explained.explanation.clear();
                assert_eq!(explained, bare);
            }
            (MetricOutcome::NoData(explained), MetricOutcome::NoData(bare)) => {
                assert_eq!((explained.have, explained.need), (bare.have, bare.need));
            }
            other => panic!("different outcomes: {other:?}"),
        }
    }
}

#[tokio::test]
async fn settings_that_a_bundled_component_refuses_keep_their_pointers() {
    let stub = component("connectwise-tickets").await;
    // The schema's pattern takes a control character for a visible one.
    let error = stub.configure(&json!({"clients": ["Acme", "\u{7}"]})).await.expect_err("an invisible name");
    let ConfigureError::Settings(problems) = error else { panic!("settings: {error}") };
    assert_eq!(problems[0].pointer, "/clients/1");
    let error = stub.configure(&json!({"seed": "x"})).await.expect_err("not a number");
    assert!(matches!(error, ConfigureError::Settings(_)), "{error}");
}

#[tokio::test]
async fn a_metric_that_a_component_does_not_have_is_refused() {
    let metric = MetricId::new("gut-instinct").expect("an id");
    let request = ScoreRequest { metric, ..request(&[]) };
    let failure = stub().await.score(&run(), request).await.expect_err("not its own");
    assert!(matches!(failure, Failure::Other(_)), "{failure}");
}

#[tokio::test]
async fn out_of_memory_is_told_apart_from_a_panic() {
    let padding = "x".repeat(3 << 20);
    let metric_settings = json!({"padding": padding}).to_string();
    // Rust's own allocator asks, and would panic or abort if it were only told "no".
    for memory_mib in [2, 3] {
        let limits = Limits { memory_mib, ..Limits::default() };
        let component = component("connectwise-tickets").await;
        let provider = component.configure(&stub_settings()).await.expect("right settings").instance(None, limits);
        let mut request = request(&pull(&stub().await, year()).await);
        request.settings.clone_from(&metric_settings);
        let failure = provider.score(&run(), request).await.expect_err("too little memory");
        let expected = format!("MiB, and {memory_mib} MiB are allowed");
        let Failure::Component(said) = &failure else { panic!("{failure}") };
        assert!(said.starts_with("it ran out of memory: it asked for ") && said.ends_with(&expected), "{said}");
    }
}

#[tokio::test]
async fn without_a_connection_a_real_source_fails_in_words() {
    let provider = provider("crewhu", &json!({"company_id": "c", "api": "guide"})).await;
    let failure = provider.clients(&run(), None).await.expect_err("no connection");
    assert!(failure.to_string().contains("this provider has no connection"), "{failure}");
}

//! The bundled components: real ones, compiled from Rust, with all that a standard library imports.

use std::collections::{BTreeMap, BTreeSet};

use scoresheet_bundle::components;
use scoresheet_domain::{
    ClientPage, ClientRef, Failure, Instant, MetricId, MetricOutcome, Observation, ObservationPage, Sample, Subject,
    Window,
};
use scoresheet_engine::Provider;
use scoresheet_runtime::{Component, ComponentProvider, Limits, Runtime};

use crate::common::{options, run};

const SETTINGS: &str = r#"{"clients": ["Acme, Inc.", "Birch & Söhne GmbH", "Cedar", "Dune", "Elm", "Fir", "Gum", "Hazel", "Ivy", "Juniper", "Kale", "Lime"], "seed": 7}"#;

async fn component(name: &str) -> Component {
    let bundled = components().iter().find(|bundled| bundled.name == name).expect("bundled");
    Runtime::new(options()).expect("a runtime").load(bundled.bytes).await.expect("it loads")
}

async fn provider(name: &str) -> ComponentProvider {
    component(name).await.instance(None, Limits::default())
}

fn year() -> Window {
    Window::before(Instant::parse("2026-11-01").expect("a date"), 365)
}

/// All pages, in the order in which their cursors are given.
async fn pull(provider: &ComponentProvider, window: Window) -> Vec<Observation> {
    let (mut pending, mut items) = (vec![None], Vec::new());
    while !pending.is_empty() {
        let cursor = pending.remove(0);
        let page: ObservationPage =
            provider.pull(&run(), SETTINGS, window, None, cursor.as_ref()).await.expect("a page");
        items.extend(page.items);
        pending.extend(page.next.into_iter().map(Some));
    }
    items
}

/// What each client's score is made from.
fn subjects(observations: &[Observation]) -> Vec<Subject> {
    let mut subjects: BTreeMap<&ClientRef, Subject> = BTreeMap::new();
    for item in observations {
        let sample = Sample { at: item.when.start(), until: item.when.until(), value: item.value, kind: item.kind };
        subjects.entry(&item.client).or_default().samples.push(sample);
    }
    subjects.into_values().collect()
}

#[tokio::test]
async fn each_loads_and_the_second_time_from_the_cache() {
    let folder = tempfile::tempdir().expect("a folder");
    for from_cache in [false, true] {
        let options = scoresheet_runtime::RuntimeOptions { cache_dir: Some(folder.path().join("code")), ..options() };
        let runtime = Runtime::new(options).expect("a runtime");
        for bundled in components() {
            let component = runtime.load(bundled.bytes).await.expect(bundled.name);
            assert_eq!(component.description().id, bundled.name);
            assert_eq!(component.description().stub, bundled.name != "crewhu");
            assert_eq!(component.from_cache(), from_cache, "{}", bundled.name);
        }
    }
}

#[tokio::test]
async fn a_stub_goes_the_whole_way() {
    let provider = provider("connectwise-tickets").await;
    let steps = provider.check(&run(), SETTINGS).await.expect("steps");
    assert!(!steps.is_empty() && steps.iter().all(|step| step.outcome.is_ok()), "{steps:?}");

    let first: ClientPage = provider.clients(&run(), SETTINGS, None).await.expect("a page");
    let names: BTreeSet<&str> = first.items.iter().map(|client| client.name.as_str()).collect();
    assert!(names.contains("Birch & Söhne GmbH"), "{names:?}");
    let second = provider.clients(&run(), SETTINGS, first.next.first()).await.expect("a page");
    assert_eq!(first.items.len() + second.items.len(), 12);

    let observations = pull(&provider, year()).await;
    assert!(observations.len() > 100, "{} tickets", observations.len());
    let subjects = subjects(&observations);
    let metric = MetricId::new("help-desk-usage").expect("an id");
    let outcomes = provider.score(&run(), &metric, "{}", year(), subjects.clone()).await.expect("outcomes");
    assert_eq!(outcomes.len(), subjects.len());
    for (outcome, subject) in outcomes.iter().zip(&subjects) {
        let MetricOutcome::Measured(score) = outcome else { panic!("measured") };
        assert_eq!(score.samples as usize, subject.samples.len());
        assert!((score.value - subject.samples.len() as f64 * 30.0 / 365.0).abs() < 1e-9);
    }
}

#[tokio::test]
async fn the_same_input_gives_the_same_output() {
    let (one, other) = (provider("connectwise-tickets").await, provider("connectwise-tickets").await);
    let observations = pull(&one, year()).await;
    assert_eq!(observations, pull(&other, year()).await);
    let subjects = subjects(&observations);
    let metric = MetricId::new("help-desk-usage").expect("an id");
    let whole = one.score(&run(), &metric, "{}", year(), subjects.clone()).await.expect("outcomes");
    assert_eq!(whole, other.score(&run(), &metric, "{}", year(), subjects.clone()).await.expect("outcomes"));
    // The list may be cut anywhere.
    for (subject, expected) in subjects.into_iter().zip(whole) {
        let alone = one.score(&run(), &metric, "{}", year(), vec![subject]).await.expect("an outcome");
        assert_eq!(alone, [expected]);
    }
}

#[tokio::test]
async fn what_a_provider_says_of_its_settings_is_kept() {
    let provider = provider("connectwise-tickets").await;
    let failure = provider.clients(&run(), r#"{"seed": "x"}"#, None).await.expect_err("no number");
    let Failure::Settings(problems) = failure else { panic!("settings: {failure}") };
    assert_eq!(problems[0].pointer, "/seed");
    let metric = MetricId::new("gut-instinct").expect("an id");
    let failure =
        provider.score(&run(), &metric, "{}", year(), vec![Subject::default()]).await.expect_err("not its own");
    assert!(matches!(failure, Failure::Other(_)), "{failure}");
}

#[tokio::test]
async fn out_of_memory_is_told_apart_from_a_panic() {
    // Rust's own allocator asks, and would panic or abort if it were only told "no".
    for memory_mib in [2, 3] {
        let limits = Limits { memory_mib, ..Limits::default() };
        let provider = component("connectwise-tickets").await.instance(None, limits);
        let padding = "x".repeat(3 << 20);
        let settings = format!(r#"{{"clients": ["Acme, Inc.", "{padding}"], "seed": 7}}"#);
        let failure = provider.clients(&run(), &settings, None).await.expect_err("too little memory");
        let expected = format!("MiB, and {memory_mib} MiB are allowed");
        let Failure::Component(said) = &failure else { panic!("{failure}") };
        assert!(said.starts_with("it ran out of memory: it asked for ") && said.ends_with(&expected), "{said}");
    }
}

#[tokio::test]
async fn without_a_connection_a_real_source_fails_in_words() {
    let provider = provider("crewhu").await;
    let settings = r#"{"company_id": "c", "api": "guide"}"#;
    let failure = provider.clients(&run(), settings, None).await.expect_err("no connection");
    assert!(failure.to_string().contains("this provider has no connection"), "{failure}");
}

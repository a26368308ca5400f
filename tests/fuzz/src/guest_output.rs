//! Whatever a component returns, the engine gets nothing that breaks the contract, and nothing that the component did not
//! say; what is refused is told in one line that can be shown.
//!
//! A case is text: the call, and then the answer, a record a line, fields between `|`. `%41` is a byte, `%*300x` is so
//! many `x`; see [`Answer::line`] for the records. `times|N` has the record before it N times; `poke|N|B` puts a byte at
//! an offset of the answer's memory, which makes pointers that lead nowhere.

use std::sync::OnceLock;

use scoresheet_domain::{
    Case, ClientRef, Cursor, Description, Failure, Instant, MetricId, MetricOutcome, Rejection, Sample, Subject, When,
    Window,
};
use scoresheet_engine::{Provider as _, RunContext, ScoreRequest};
use scoresheet_runtime::{Component, ComponentProvider, ConfigureError, Limits};
use tokio_util::sync::CancellationToken;

use crate::{answer::Answer, guest};

/// A page has room for so many items.
pub(crate) const PAGE_ITEMS: u32 = 50;

/// The window that is pulled and scored.
const WINDOW: (i64, i64) = (0, 1_000_000);

struct Host {
    runtime: tokio::runtime::Runtime,
    component: Component,
}

fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Host { component: runtime.block_on(guest::load()).expect("the component loads"), runtime }
    })
}

/// The component with settings that spell an answer.
fn provider(host: &Host, answer: &[u8]) -> ComponentProvider {
    let limits = Limits { page_items: PAGE_ITEMS, deadline_secs: 30, compute_secs: 10, ..Limits::default() };
    let configured = host.runtime.block_on(host.component.configure(&guest::settings(answer)));
    configured.expect("its own description is right").instance(None, limits)
}

/// Has the component answer so.
pub(crate) fn guest_output(data: &[u8]) {
    let answer = Answer::read(data);
    let memory = answer.memory();
    let host = host();
    if answer.call == "describe" {
        match host.runtime.block_on(host.component.configure(&guest::settings_to_describe(&memory))) {
            Ok(configured) => description(configured.description()),
            Err(ConfigureError::Settings(problems)) => told(&Failure::Settings(problems)),
            Err(ConfigureError::Describe(failure)) => told(&failure),
            Err(ConfigureError::Description(broken)) => line(&broken),
        }
        return;
    }
    let (runtime, provider) = (&host.runtime, provider(host, &memory));
    let now = Instant::from_millis(WINDOW.1);
    let run = RunContext { now, cancel: CancellationToken::new() };
    let window = Window { start: Instant::from_millis(WINDOW.0), end: Instant::from_millis(WINDOW.1) };
    let own = Cursor(b"own".to_vec());
    match answer.call.as_str() {
        "clients" => match runtime.block_on(provider.clients(&run, Some(&own))) {
            Ok(page) => {
                assert!(page.items.len() <= PAGE_ITEMS as usize);
                all_different(page.items.iter().map(|client| client.id.as_str()));
                for client in &page.items {
                    id(client.id.as_str());
                    name(&client.name);
                    client.identifiers.iter().for_each(|word| name(word));
                    assert!(
                        client.domains.iter().all(|domain| domain.contains('.') && *domain == domain.to_lowercase())
                    );
                    assert!(answer.says(client.id.as_str()), "{client:?}");
                    all_different(client.attributes.iter().map(|(attribute, _)| attribute));
                    for (attribute, value) in &client.attributes {
                        name(attribute);
                        assert!(value.len() <= 1_000 && !value.chars().any(char::is_control), "{value:?}");
                    }
                }
                cursors(&page.next, &own);
            }
            Err(failure) => told(&failure),
        },
        "check" => match runtime.block_on(provider.check(&run)) {
            Ok(steps) => {
                for step in &steps {
                    line(&step.title);
                    assert!(!step.title.is_empty());
                    line(&step.detail);
                    step.remedy.iter().for_each(|remedy| line(remedy));
                    assert!(step.costs.iter().all(|metric| metric.as_str() == guest::METRIC), "{step:?}");
                    if let Err(failure) = &step.outcome {
                        told(failure);
                    }
                }
            }
            Err(failure) => told(&failure),
        },
        call @ ("score" | "score-bare") => {
            let sample = Sample { at: window.start, until: window.start, value: 4.0, kind: 0 };
            let case = Case { subject: 0, window, samples: [sample].into_iter().collect() };
            let request = ScoreRequest {
                metric: MetricId::new(guest::METRIC).expect("an id"),
                settings: guest::letters(&memory),
                explain: call == "score",
                subjects: vec![Subject::default()],
                cases: vec![case; 2],
            };
            let explain = request.explain;
            match runtime.block_on(provider.score(&run, request)) {
                Ok(outcomes) => {
                    assert_eq!(outcomes.len(), 2, "an outcome for each case");
                    outcomes.iter().for_each(|one| outcome(one, explain));
                }
                Err(failure) => told(&failure),
            }
        }
        call => {
            let kinds: &[u16] = if call == "pull-tickets" { &[0] } else { &[0, 1] };
            match runtime.block_on(provider.pull(&run, kinds, window, Some(&own))) {
                Ok(page) => {
                    assert!(page.items.len() <= PAGE_ITEMS as usize && page.rejected.len() <= PAGE_ITEMS as usize);
                    let rejected = page.rejected.iter().filter_map(|rejection| rejection.id.as_deref());
                    all_different(page.items.iter().map(|item| item.id.as_str()).chain(rejected));
                    for item in &page.items {
                        id(&item.id);
                        client_ref(&item.client);
                        assert!(kinds.contains(&item.kind), "{item:?}");
                        assert!(item.value.is_finite() && item.when.touches(window), "{item:?}");
                        assert!(!matches!(item.when, When::During(own) if own.start >= own.end), "{item:?}");
                        assert!(answer.says(&item.id), "{item:?}");
                    }
                    page.rejected.iter().for_each(rejection);
                    cursors(&page.next, &own);
                }
                Err(failure) => told(&failure),
            }
        }
    }
}

fn rejection(rejection: &Rejection) {
    rejection.id.iter().for_each(|given| id(given));
    rejection.client.iter().for_each(client_ref);
    assert!(usize::from(rejection.reason) < guest::REASONS.len(), "{rejection:?}");
    for shown in rejection.field.iter().chain(&rejection.value) {
        line(shown);
        assert!(!shown.is_empty() && shown.chars().count() <= 64, "{rejection:?}");
    }
    assert!(rejection.value.as_ref().is_none_or(|value| value.chars().count() <= 40), "{rejection:?}");
}

fn client_ref(client: &ClientRef) {
    assert!(client.id().is_some() || client.name().is_some(), "a record of nobody");
    client.id().into_iter().for_each(|given| id(given.as_str()));
    client.name().into_iter().for_each(name);
}

fn outcome(outcome: &MetricOutcome, explain: bool) {
    match outcome {
        MetricOutcome::Measured(score) => {
            assert!((1.0..=5.0).contains(&score.score) && score.samples <= 1, "{score:?}");
            assert!(score.value.is_finite() && score.effective_samples.is_finite(), "{score:?}");
            assert!(score.effective_samples >= 0.0, "{score:?}");
            assert!(score.interval.is_none_or(|own| own.low <= own.high), "{score:?}");
            assert!(explain || score.explanation.is_empty(), "{score:?}");
            score.explanation.iter().for_each(|told| line(told));
        }
        other => assert!(!format!("{other:?}").chars().any(char::is_control), "{other:?}"),
    }
}

fn description(description: &Description) {
    all_different(description.kinds.iter());
    all_different(description.rejections.iter());
    all_different(description.metrics.iter().map(|metric| metric.id.as_str()));
    assert!(!description.metrics.is_empty());
    description.kinds.iter().chain(&description.rejections).for_each(|shown| line(shown));
    for metric in &description.metrics {
        line(&metric.title);
        line(&metric.unit);
        all_different(metric.kinds.iter());
        assert!(metric.kinds.iter().all(|kind| usize::from(*kind) < description.kinds.len()), "{metric:?}");
        assert!(metric.settings_schema.is_object(), "{metric:?}");
    }
}

fn cursors(next: &[Cursor], own: &Cursor) {
    assert!(next.iter().all(|cursor| cursor != own && cursor.0.len() <= Cursor::MAX_BYTES), "a page that never ends");
    all_different(next.iter().map(|cursor| &cursor.0));
}

fn id(id: &str) {
    assert!(!id.is_empty() && id.len() <= 256 && !id.chars().any(char::is_control), "{id:?}");
}

fn name(name: &str) {
    assert!(!name.is_empty() && name.len() <= 1_000 && !name.chars().any(char::is_control), "{name:?}");
    assert_eq!(name.trim(), name);
}

/// What is shown is one line, not long, without anything that acts on a terminal or hides text.
fn line(text: &str) {
    let hides = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!text.chars().any(|c| c.is_control() || hides(c)), "{text:?}");
    assert!(text.chars().count() <= 2_000, "{text:?}");
}

fn told(failure: &Failure) {
    line(&failure.to_string());
    assert!(!failure.to_string().is_empty());
    assert_ne!(*failure, Failure::Cancelled, "nobody cancelled it");
    if let Failure::Settings(problems) = failure {
        assert!(!problems.is_empty());
        for problem in problems {
            line(&problem.pointer);
            line(&problem.message);
        }
    }
}

fn all_different<T: Ord>(items: impl Iterator<Item = T>) {
    let mut items: Vec<T> = items.collect();
    let count = items.len();
    items.sort_unstable();
    items.dedup();
    assert_eq!(items.len(), count, "something stands twice");
}

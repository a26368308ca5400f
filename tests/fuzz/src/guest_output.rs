//! Whatever a component returns, the engine gets nothing that breaks the contract, and nothing that the component did not
//! say; what is refused is told in one line that can be shown.
//!
//! A case is text: the call, and then the answer, a record a line, fields between `|`. `%41` is a byte, `%*300x` is so
//! many `x`; see [`Answer::line`] for the records. `times|N` has the record before it N times; `poke|N|B` puts a byte at
//! an offset of the answer's memory, which makes pointers that lead nowhere.

use std::sync::OnceLock;

use scoresheet_domain::{
    ClientRef, Cursor, Failure, Figure, Instant, MetricId, MetricOutcome, Period, Rejection, Sample, SourceId, Subject,
    When, Window,
};
use scoresheet_engine::{Ask, Provider as _, RunContext};
use scoresheet_runtime::{ComponentProvider, Limits};
use tokio_util::sync::CancellationToken;

use crate::{answer::Answer, guest};

/// A page has room for so many items.
pub(crate) const PAGE_ITEMS: u32 = 50;

/// The window that is pulled and scored.
const WINDOW: (i64, i64) = (0, 1_000_000);

struct Host {
    runtime: tokio::runtime::Runtime,
    provider: ComponentProvider,
}

fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let component = runtime.block_on(guest::load()).expect("the component loads");
        let limits = Limits { page_items: PAGE_ITEMS, deadline_secs: 30, compute_secs: 10, ..Limits::default() };
        Host { provider: component.instance(None, limits), runtime }
    })
}

/// Has the component answer so.
pub(crate) fn guest_output(data: &[u8]) {
    let answer = Answer::read(data);
    let settings = guest::settings(&answer.memory());
    let Host { runtime, provider } = host();
    let now = Instant::from_millis(WINDOW.1);
    let run = RunContext { now, cancel: CancellationToken::new() };
    let window = Window { start: Instant::from_millis(WINDOW.0), end: Instant::from_millis(WINDOW.1) };
    let own = Cursor(b"own".to_vec());
    match answer.call.as_str() {
        "clients" => match runtime.block_on(provider.clients(&run, &settings, Some(&own))) {
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
                }
                cursors(&page.next, &own);
            }
            Err(failure) => told(&failure),
        },
        "check" => match runtime.block_on(provider.check(&run, &settings)) {
            Ok(steps) => {
                for step in &steps {
                    line(&step.title);
                    assert!(!step.title.is_empty());
                    line(&step.detail);
                    step.remedy.iter().for_each(|remedy| line(remedy));
                    step.outcome.iter().for_each(|()| ());
                    if let Err(failure) = &step.outcome {
                        told(failure);
                    }
                }
            }
            Err(failure) => told(&failure),
        },
        "score" => {
            let sample = Sample { at: window.start, until: window.start, value: 4.0, kind: 0 };
            let subjects = vec![Subject { attributes: vec![], samples: vec![sample] }; 2];
            let metric = MetricId::new("volume").expect("an id");
            match runtime.block_on(provider.score(&run, &metric, &settings, window, subjects)) {
                Ok(outcomes) => {
                    assert_eq!(outcomes.len(), 2, "an outcome for each subject");
                    outcomes.iter().for_each(outcome);
                }
                Err(failure) => told(&failure),
            }
        }
        "figures" => {
            let sample = Sample { at: window.start, until: window.start, value: 4.0, kind: 0 };
            let subjects = vec![Subject { attributes: vec![], samples: vec![sample] }; 2];
            let asks = [Ask { metric: MetricId::new("volume").expect("an id"), settings }];
            let periods = [Period { window, interval: true }, Period { window, interval: false }];
            let mut answers = runtime.block_on(provider.figures(&run, &asks, &periods, subjects));
            match answers.remove(0) {
                Ok(figures) => {
                    assert_eq!(figures.len(), 4, "a figure for each period of each subject");
                    figures.iter().flatten().for_each(figure);
                }
                Err(failure) => told(&failure),
            }
            assert!(answers.is_empty(), "of a metric that nobody asked about");
        }
        _ => {
            let only = SourceId::new("c1").expect("an id");
            let client = (answer.call == "pull-one").then_some(&only);
            match runtime.block_on(provider.pull(&run, &settings, window, client, Some(&own))) {
                Ok(page) => {
                    assert!(page.items.len() <= PAGE_ITEMS as usize && page.rejected.len() <= PAGE_ITEMS as usize);
                    let rejected = page.rejected.iter().filter_map(|rejection| rejection.id.as_deref());
                    all_different(page.items.iter().map(|item| item.id.as_str()).chain(rejected));
                    for item in &page.items {
                        id(&item.id);
                        client_ref(&item.client, client);
                        assert!(usize::from(item.kind) < guest::KINDS.len(), "{item:?}");
                        assert!(item.value.is_finite() && item.when.touches(window), "{item:?}");
                        assert!(!matches!(item.when, When::During(own) if own.start >= own.end), "{item:?}");
                        assert!(answer.says(&item.id), "{item:?}");
                    }
                    page.rejected.iter().for_each(|one| rejection(one, client));
                    cursors(&page.next, &own);
                }
                Err(failure) => told(&failure),
            }
        }
    }
}

fn rejection(rejection: &Rejection, only: Option<&SourceId>) {
    rejection.id.iter().for_each(|given| id(given));
    rejection.client.iter().for_each(|client| client_ref(client, only));
    assert!(usize::from(rejection.reason) < guest::REASONS.len(), "{rejection:?}");
}

fn client_ref(client: &ClientRef, only: Option<&SourceId>) {
    match client {
        ClientRef::Id(given) => {
            id(given.as_str());
            assert!(only.is_none_or(|only| only == given), "another client's was asked for");
        }
        ClientRef::Name(given) => name(given),
    }
}

fn outcome(outcome: &MetricOutcome) {
    match outcome {
        MetricOutcome::Measured(score) => {
            assert!((1.0..=5.0).contains(&score.score), "{score:?}");
            assert!(score.value.is_finite() && score.effective_samples.is_finite(), "{score:?}");
            assert!(score.effective_samples >= 0.0, "{score:?}");
            score.explanation.iter().for_each(|told| line(told));
        }
        other => assert!(!format!("{other:?}").chars().any(char::is_control), "{other:?}"),
    }
}

fn figure(figure: &Figure) {
    assert!((1.0..=5.0).contains(&figure.score) && figure.samples <= 1, "{figure:?}");
    assert!(figure.value.is_finite() && figure.weight.is_finite() && figure.weight >= 0.0, "{figure:?}");
    assert!(figure.interval.is_none_or(|own| own.low <= own.high), "{figure:?}");
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

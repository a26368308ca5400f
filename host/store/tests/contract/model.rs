//! Random pages against the simplest thing that could be right.

use std::collections::BTreeMap;

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use scoresheet_domain::{Observation, ObservationPage, Rejection, When};
use scoresheet_engine::{NewPull, PullEnd};

use crate::support::*;

/// So many sequences of pulls, each over a scope of its own.
const SEQUENCES: u32 = 48;

/// What happens to one id: counted or rejected, whose, and when.
#[derive(Clone, Debug)]
struct Step {
    id: u8,
    client: u8,
    start: i64,
    length: Option<i64>,
    rejected: Option<bool>,
    value: i8,
}

#[derive(Clone, Debug)]
struct Pull {
    start: i64,
    length: i64,
    decides: bool,
    /// None: abandoned after its pages.
    finishes: bool,
    pages: Vec<Vec<Step>>,
}

fn step() -> impl Strategy<Value = Step> {
    let length = prop_oneof![3 => Just(Some(0)), 2 => (1_i64..30).prop_map(Some), 1 => Just(None)];
    let rejected = prop_oneof![3 => Just(None), 1 => any::<bool>().prop_map(Some)];
    (0_u8..12, 0_u8..3, 0_i64..60, length, rejected, any::<i8>())
        .prop_map(|(id, client, start, length, rejected, value)| Step { id, client, start, length, rejected, value })
}

fn pulls() -> impl Strategy<Value = Vec<Pull>> {
    let pages = prop::collection::vec(prop::collection::vec(step(), 0..8), 1..4);
    let pull = (0_i64..40, 1_i64..40, any::<bool>(), prop::bool::weighted(0.8), pages)
        .prop_map(|(start, length, decides, finishes, pages)| Pull { start, length, decides, finishes, pages });
    prop::collection::vec(pull, 1..5)
}

/// What the store should hold of one id.
#[derive(Clone, Debug)]
struct Held {
    client: String,
    start: i64,
    end: i64,
    value: Option<f64>,
    pull: usize,
}

impl Held {
    fn touches(&self, start: i64, end: i64) -> bool {
        if self.start == self.end { (start..end).contains(&self.start) } else { self.start < end && start < self.end }
    }
}

#[derive(Default)]
struct Model(BTreeMap<String, Held>);

impl Model {
    fn apply(&mut self, number: usize, pull: &Pull, steps: &[Step]) {
        let (start, end) = (pull.start, pull.start + pull.length);
        // Within a page the host lets no id stand twice; the page below keeps the last.
        for step in steps {
            let (mut from, mut until) = (step.start, step.length.map_or(i64::MAX, |length| step.start + length));
            if step.rejected.is_some() {
                let usable = step.rejected == Some(true) && (start..end).contains(&step.start);
                (from, until) = if usable { (step.start, step.start) } else { (start, end) };
            }
            let held = Held {
                client: format!("c-{}", step.client),
                start: from,
                end: until,
                value: step.rejected.is_none().then_some(f64::from(step.value)),
                pull: number,
            };
            self.0.insert(format!("r-{}", step.id), held);
        }
    }

    fn prior(&self, pull: &Pull) -> u64 {
        let touching = self.0.values().filter(|held| held.touches(pull.start, pull.start + pull.length));
        touching.filter(|held| held.value.is_some()).count() as u64
    }

    fn finish(&mut self, number: usize, pull: &Pull, prior: u64) -> PullEnd {
        let gone = |held: &Held| held.pull < number && held.touches(pull.start, pull.start + pull.length);
        let would_delete = self.0.values().filter(|held| gone(held) && held.value.is_some()).count() as u64;
        if would_delete * 2 > prior && !pull.decides {
            return PullEnd::Suspicious { would_delete, of: prior };
        }
        self.0.retain(|_, held| !gone(held));
        PullEnd::Covered { deleted: would_delete }
    }

    fn rows(&self, start: i64, end: i64) -> Vec<Row> {
        let end_of =
            |held: &Held| if held.end == i64::MAX { scoresheet_domain::Instant::MAX.millis() } else { held.end };
        let mut rows: Vec<Row> = self
            .0
            .values()
            .filter(|held| held.touches(start, end))
            .filter_map(|held| Some((held.client.clone(), "overall".into(), held.start, end_of(held), held.value?)))
            .collect();
        rows.sort_by(|a, b| a.partial_cmp(b).expect("finite values"));
        rows
    }

    fn counts(&self, start: i64, end: i64) -> Vec<(String, String, u64)> {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for held in self.0.values().filter(|held| held.value.is_none() && held.touches(start, end)) {
            *counts.entry(held.client.clone()).or_default() += 1;
        }
        counts.into_iter().map(|(client, count)| (client, "incomplete".into(), count)).collect()
    }
}

fn page(steps: &[Step]) -> ObservationPage {
    let last: BTreeMap<u8, &Step> = steps.iter().map(|step| (step.id, step)).collect();
    let mut page = ObservationPage::default();
    for step in last.into_values() {
        let (id, client) = (format!("r-{}", step.id), by_id(&format!("c-{}", step.client)));
        match step.rejected {
            None => {
                let when = match step.length {
                    Some(0) => When::At(at(step.start)),
                    Some(length) => When::During(window(step.start, step.start + length)),
                    None => When::Since(at(step.start)),
                };
                page.items.push(Observation { id: id.into(), client, when, kind: 0, value: f64::from(step.value) });
            }
            Some(timed) => {
                let at = timed.then(|| at(step.start));
                page.rejected.push(Rejection {
                    id: Some(id.into()),
                    client: Some(client),
                    at,
                    ..rejection(None, None)
                });
            }
        }
    }
    page
}

pub(crate) async fn random_pulls_match_a_model(place: &dyn Place) {
    let store = place.open().await;
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    for sequence in 0..SEQUENCES {
        let sequence_of_pulls = pulls().new_tree(&mut runner).expect("pulls").current();
        let scope = scope(&format!("crewhu-{sequence}"));
        let mut model = Model::default();
        for (number, pull) in sequence_of_pulls.iter().enumerate() {
            let within = window(pull.start, pull.start + pull.length);
            let open = begin_as(&store, &NewPull { decides: pull.decides, ..new_pull(&scope, within) }).await;
            let prior = model.prior(pull);
            for (index, steps) in pull.pages.iter().enumerate() {
                let (from, next) = (index.checked_sub(1).map(|_| index.to_string()), (index + 1).to_string());
                let next: &[&str] = if index + 1 < pull.pages.len() { &[&next] } else { &[] };
                commit(&store, &scope, open.id, from.as_deref(), &then(page(steps), next)).await.expect("a page");
                model.apply(number, pull, steps);
            }
            if pull.finishes {
                let end = finish(&store, &scope, open.id).await.expect("an end");
                assert_eq!(end, model.finish(number, pull, prior), "{sequence_of_pulls:#?}");
            } else {
                abandon(&store, &scope, open.id).await.expect("abandoned");
            }
            for (start, end) in [(0, 100), (pull.start, pull.start + pull.length), (10, 20), (30, 31)] {
                let given = read(&store, &scope, window(start, end)).await;
                assert_eq!(given, model.rows(start, end), "{start}..{end} of {sequence_of_pulls:#?}");
                let given = counts(&store, &scope, window(start, end)).await;
                assert_eq!(given, model.counts(start, end), "{start}..{end} of {sequence_of_pulls:#?}");
            }
        }
    }
}

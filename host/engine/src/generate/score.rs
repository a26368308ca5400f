//! Scoring one window of one provider: its clients in parts, several parts at once, the results in the clients' order.

use std::{collections::VecDeque, num::NonZero, sync::Arc};

use scoresheet_domain::{Client, Digest, Failure, MetricId, MetricOutcome, Sample, Subject, Window, digest::Hasher};
use tokio_util::task::AbortOnDropHandle;

use super::{
    layout::{KindSet, Layout},
    load::outcome,
};
use crate::{
    error::EngineError,
    ports::{Provider, RunContext},
};

/// So many clients are scored at a time, and fewer where they have more samples than the other: each is scored by
/// itself, so the cut changes nothing but how much memory is used and how many processors.
const CLIENTS_A_PART: usize = 250;
const SAMPLES_A_PART: usize = 20_000;

/// The metrics of one provider that look at the same window.
pub(super) struct Scoring {
    pub(super) run: RunContext,
    pub(super) provider: Arc<dyn Provider>,
    pub(super) window: Window,
    pub(super) metrics: Vec<MetricInput>,
    pub(super) layout: Layout,
}

/// What a metric takes.
pub(super) struct MetricInput {
    pub(super) id: MetricId,
    pub(super) settings: String,
    pub(super) kinds: Vec<u16>,
}

/// Some clients, scored.
pub(super) struct Scored {
    /// Whose they are: positions on the sheet.
    pub(super) positions: Vec<usize>,
    /// Of each client's samples, those of all the metrics together.
    pub(super) digests: Vec<Digest>,
    /// By metric: an outcome a client, or what it failed with for all of these.
    pub(super) outcomes: Vec<Result<Vec<MetricOutcome>, Failure>>,
}

impl Scoring {
    /// Scores the clients at these positions and hands on the results in that order.
    pub(super) async fn all(
        self,
        clients: &[&Client],
        asked: &[usize],
        mut take: impl FnMut(Scored) + Send,
    ) -> Result<(), EngineError> {
        let mut kinds = KindSet::default();
        for metric in &self.metrics {
            kinds.add(&metric.kinds);
        }
        let mut rest = asked;
        let scoring = Arc::new(self);
        let kinds = Arc::new(kinds);
        // A component computes as long as it is called, so each processor is given one.
        let at_once = std::thread::available_parallelism().map_or(1, NonZero::get);
        let mut running: VecDeque<AbortOnDropHandle<Scored>> = VecDeque::new();
        loop {
            while running.len() < at_once && !rest.is_empty() {
                let (part, after) = rest.split_at(scoring.part(rest, &kinds));
                rest = after;
                let part = part.iter().map(|at| (*at, clients[*at].attributes.clone())).collect();
                let (scoring, kinds) = (Arc::clone(&scoring), Arc::clone(&kinds));
                running
                    .push_back(AbortOnDropHandle::new(tokio::spawn(async move { scoring.score(part, &kinds).await })));
            }
            let Some(task) = running.pop_front() else { return Ok(()) };
            take(outcome(task).await?);
        }
    }

    /// How many of these clients are scored next.
    fn part(&self, asked: &[usize], kinds: &KindSet) -> usize {
        let mut samples = 0;
        let within = asked.iter().take(CLIENTS_A_PART).take_while(|at| {
            samples += self.layout.count(**at, kinds);
            samples <= SAMPLES_A_PART
        });
        within.count().max(1)
    }

    async fn score(&self, clients: Vec<(usize, Vec<(String, String)>)>, kinds: &KindSet) -> Scored {
        let samples: Vec<Vec<Sample>> = clients.iter().map(|(at, _)| self.layout.samples(*at, kinds)).collect();
        let mut outcomes = Vec::with_capacity(self.metrics.len());
        for metric in &self.metrics {
            let kinds = KindSet::of(&metric.kinds);
            let subjects = clients.iter().zip(&samples).map(|((_, attributes), samples)| Subject {
                attributes: attributes.clone(),
                samples: samples.iter().filter(|sample| kinds.contains(sample.kind)).copied().collect(),
            });
            let subjects = subjects.collect();
            outcomes.push(self.provider.score(&self.run, &metric.id, &metric.settings, self.window, subjects).await);
        }
        Scored {
            positions: clients.into_iter().map(|(at, _)| at).collect(),
            digests: samples.iter().map(|samples| digest(samples)).collect(),
            outcomes,
        }
    }
}

/// Of all that a metric sees of these samples.
fn digest(samples: &[Sample]) -> Digest {
    let mut hasher = Hasher::new();
    for sample in samples {
        hasher
            .number(sample.at.millis())
            .number(sample.until.millis())
            .number(i64::from(sample.kind))
            .float(sample.value);
    }
    hasher.finish()
}

//! Scoring one window of one provider: its clients in parts, several parts at once, the results in the clients' order.

use std::{collections::VecDeque, num::NonZero, sync::Arc};

use scoresheet_domain::{
    Client, Digest, Failure, MetricId, MetricOutcome, Sample, Score, Subject, Window, digest::Hasher,
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    layout::{self, KindSet, Layout},
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
    /// Further windows that are scored for the trend: the one before and the months. What was never pulled is none.
    pub(super) past: Vec<Option<Window>>,
    pub(super) metrics: Vec<MetricInput>,
    pub(super) layout: Arc<Layout>,
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
    /// By metric and further window, where it was scored: a score a client, where there is one.
    pub(super) past: Vec<Vec<Option<Vec<Option<Score>>>>>,
    /// By metric and client: how many samples longer lookbacks would have, where there is no score.
    pub(super) longer: Vec<Vec<Option<[usize; LONGER_DAYS.len()]>>>,
}

/// The lookbacks that are tried where there is too little in the metric's own, in days.
pub(super) const LONGER_DAYS: [i64; 3] = [60, 90, 365];

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
        let (mut outcomes, mut past, mut longer) = (Vec::new(), Vec::new(), Vec::new());
        for metric in &self.metrics {
            let kinds = KindSet::of(&metric.kinds);
            let score = async |window: Window| {
                let subjects = clients.iter().zip(&samples).map(|((_, attributes), samples)| Subject {
                    attributes: attributes.clone(),
                    samples: layout::within(samples, window)
                        .filter(|sample| kinds.contains(sample.kind))
                        .copied()
                        .collect(),
                });
                let subjects = subjects.collect();
                self.provider.score(&self.run, &metric.id, &metric.settings, window, subjects).await
            };
            let outcome = score(self.window).await;
            longer.push(self.longer(outcome.as_deref().unwrap_or_default(), &samples, &kinds));
            let mut scored = Vec::with_capacity(self.past.len());
            for window in &self.past {
                // Where the metric fails, its past would fail too.
                scored.push(match window.filter(|_| outcome.is_ok()) {
                    Some(window) => score(window).await.ok().map(scores),
                    None => None,
                });
            }
            outcomes.push(outcome);
            past.push(scored);
        }
        Scored {
            positions: clients.into_iter().map(|(at, _)| at).collect(),
            digests: samples.iter().map(|samples| digest(samples)).collect(),
            outcomes,
            past,
            longer,
        }
    }

    /// What a longer lookback would have, where a metric has no data and more was read than its own window.
    fn longer(
        &self,
        outcomes: &[MetricOutcome],
        samples: &[Vec<Sample>],
        kinds: &KindSet,
    ) -> Vec<Option<[usize; LONGER_DAYS.len()]>> {
        let count = |samples: &[Sample], days| {
            let window = Window::before(self.window.end, days);
            layout::within(samples, window).filter(|sample| kinds.contains(sample.kind)).count()
        };
        let counts = |(outcome, samples): (&MetricOutcome, &Vec<Sample>)| {
            (!self.past.is_empty() && matches!(outcome, MetricOutcome::NoData(_)))
                .then(|| LONGER_DAYS.map(|days| count(samples, days)))
        };
        outcomes.iter().zip(samples).map(counts).collect()
    }
}

fn scores(outcomes: Vec<MetricOutcome>) -> Vec<Option<Score>> {
    let score = |outcome| match outcome {
        // What a past score was made of is shown nowhere.
        MetricOutcome::Measured(score) => Some(Score { explanation: Vec::new(), ..score }),
        MetricOutcome::NoData(_) | MetricOutcome::NotApplicable(_) => None,
    };
    outcomes.into_iter().map(score).collect()
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

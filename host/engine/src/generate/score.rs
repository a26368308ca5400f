//! Scoring one window of one provider: its clients in parts, several parts at once, the results in the clients' order.

use std::{
    collections::{HashMap, VecDeque},
    num::NonZero,
    sync::Arc,
};

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

/// So many clients are scored at a time, more of a large sheet, and fewer where they have more samples than the last
/// says: each is scored by itself, so the cut changes nothing but how much memory is used and how many processors.
const CLIENTS_A_PART: usize = 250;
const MOST_CLIENTS_A_PART: usize = 2_000;
const SAMPLES_A_PART: usize = 20_000;

/// So many parts are there for each processor, where there are enough clients: the last ones end at about the same time.
const PARTS_A_PROCESSOR: usize = 4;

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
        let clients_a_part = (asked.len() / (at_once * PARTS_A_PROCESSOR)).clamp(CLIENTS_A_PART, MOST_CLIENTS_A_PART);
        let mut running: VecDeque<AbortOnDropHandle<Scored>> = VecDeque::new();
        loop {
            while running.len() < at_once && !rest.is_empty() {
                let (part, after) = rest.split_at(scoring.part(rest, clients_a_part, &kinds));
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
    fn part(&self, asked: &[usize], clients: usize, kinds: &KindSet) -> usize {
        let mut samples = 0;
        let within = asked.iter().take(clients).take_while(|at| {
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
                let (subjects, shared) = subjects(&clients, &samples, window, &kinds);
                let outcomes = self.provider.score(&self.run, &metric.id, &metric.settings, window, subjects).await?;
                Ok::<_, Failure>((outcomes, shared))
            };
            let outcome = score(self.window).await.map(|(outcomes, shared)| shared.spread(outcomes));
            longer.push(self.longer(outcome.as_deref().unwrap_or_default(), &samples, &kinds));
            let mut scored = Vec::with_capacity(self.past.len());
            for window in &self.past {
                // Where the metric fails, its past would fail too.
                scored.push(match window.filter(|_| outcome.is_ok()) {
                    Some(window) => score(window).await.ok().map(|(outcomes, shared)| shared.spread(scores(outcomes))),
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

/// What a metric is asked about one window, each question once.
///
/// An outcome depends on its own subject alone, so clients that have no sample in the window and the same columns in
/// the roster share one: of the months of a trend, that is most of them.
fn subjects(
    clients: &[(usize, Vec<(String, String)>)],
    samples: &[Vec<Sample>],
    window: Window,
    kinds: &KindSet,
) -> (Vec<Subject>, Shared) {
    let mut subjects: Vec<Subject> = Vec::with_capacity(clients.len());
    let mut of_client = Vec::with_capacity(clients.len());
    let mut without_samples: HashMap<&[(String, String)], usize> = HashMap::new();
    for ((_, attributes), samples) in clients.iter().zip(samples) {
        let samples: Vec<Sample> =
            layout::within(samples, window).filter(|sample| kinds.contains(sample.kind)).copied().collect();
        let next = subjects.len();
        let at = if samples.is_empty() { *without_samples.entry(attributes).or_insert(next) } else { next };
        of_client.push(at);
        if at == next {
            subjects.push(Subject { attributes: attributes.clone(), samples });
        }
    }
    (subjects, Shared(of_client))
}

/// Which subject each client is.
struct Shared(Vec<usize>);

impl Shared {
    /// To each client what its subject was given.
    fn spread<T: Clone>(self, given: Vec<T>) -> Vec<T> {
        if given.len() == self.0.len() {
            return given;
        }
        let mut uses = vec![0_usize; given.len()];
        for at in &self.0 {
            uses[*at] += 1;
        }
        let mut given: Vec<Option<T>> = given.into_iter().map(Some).collect();
        let one = |at: usize| {
            uses[at] -= 1;
            let last = uses[at] == 0;
            let given = if last { given[at].take() } else { given[at].clone() };
            given.expect("it is taken with its last use")
        };
        self.0.into_iter().map(one).collect()
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

#[cfg(test)]
mod tests {
    use scoresheet_domain::Instant;

    use super::*;

    #[test]
    fn clients_without_samples_and_with_the_same_columns_are_asked_about_once() {
        let at = Instant::from_millis;
        let window = Window { start: at(10), end: at(20) };
        let columns = |kind: &str| vec![("type".to_owned(), kind.to_owned())];
        let sample = |millis| Sample { at: at(millis), until: at(millis), value: 4.0, kind: 0 };
        let cases = [
            ("legal", vec![], 0),
            ("legal", vec![sample(15)], 1),
            // Outside the window, and of a kind that the metric does not see.
            ("legal", vec![sample(20)], 0),
            ("legal", vec![Sample { kind: 1, ..sample(15) }], 0),
            // What the same samples come to may differ by the columns; and alike they are two questions all the same.
            ("dental", vec![], 2),
            ("legal", vec![sample(15)], 3),
            ("dental", vec![], 2),
        ];
        let clients: Vec<_> = cases.iter().enumerate().map(|(at, (kind, ..))| (at, columns(kind))).collect();
        let samples: Vec<Vec<Sample>> = cases.iter().map(|(_, samples, _)| samples.clone()).collect();
        let (subjects, shared) = subjects(&clients, &samples, window, &KindSet::of(&[0]));
        assert_eq!(shared.0, cases.iter().map(|(.., expected)| *expected).collect::<Vec<_>>());
        let told: Vec<_> = subjects.iter().map(|it| (it.attributes[0].1.as_str(), it.samples.len())).collect();
        assert_eq!(told, [("legal", 0), ("legal", 1), ("dental", 0), ("legal", 1)]);
        assert_eq!(shared.spread(vec!["a", "b", "c", "d"]), ["a", "b", "a", "a", "c", "d", "c"]);
    }

    #[test]
    fn where_all_differ_each_has_its_own() {
        assert_eq!(Shared(vec![0, 1]).spread(vec![7, 8]), [7, 8]);
        assert!(Shared(Vec::new()).spread(Vec::<u8>::new()).is_empty());
    }
}

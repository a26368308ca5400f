//! Scoring one window of one provider: its clients in parts, several parts at once, the results in the clients' order.

use std::{collections::VecDeque, num::NonZero, sync::Arc};

use scoresheet_domain::{Client, Digest, Failure, Figure, MetricOutcome, Period, Sample, Window};
use tokio_util::task::AbortOnDropHandle;

use super::{
    layout::{KindSet, Layout},
    load::outcome,
};
use crate::{
    error::EngineError,
    history::{Answers, Timeline, questions},
    ports::{Ask, Figures, Provider, RunContext},
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
    /// What the trend asks of the past; none where the sheet has no trends.
    pub(super) past: Option<Vec<Period>>,
    pub(super) metrics: Vec<MetricInput>,
    pub(super) layout: Arc<Layout>,
}

/// What a metric takes.
pub(super) struct MetricInput {
    pub(super) ask: Ask,
    pub(super) kinds: KindSet,
}

/// Some clients, scored.
pub(super) struct Scored {
    /// Whose they are: positions on the sheet.
    pub(super) positions: Vec<usize>,
    /// Of each client's samples, those of all the metrics together.
    pub(super) digests: Vec<Digest>,
    /// By metric: an outcome a client, or what it failed with for all of these.
    pub(super) outcomes: Vec<Result<Vec<MetricOutcome>, Failure>>,
    /// By metric: the past of these clients, or what asking for it failed with; none where nobody was asked.
    pub(super) past: Vec<Option<Result<PastFigures, Failure>>>,
    /// By metric and client: how many samples longer lookbacks would have, where there is no score.
    pub(super) longer: Vec<Vec<Option<[usize; LONGER_DAYS.len()]>>>,
}

/// The figures of some clients' past.
pub(super) struct PastFigures {
    figures: Figures,
    periods: usize,
    answers: Arc<Answers>,
}

impl PastFigures {
    /// One client's, period by period.
    pub(super) fn of(&self, client: usize) -> &[Option<Figure>] {
        let at = self.answers.of(client) * self.periods;
        &self.figures[at..at + self.periods]
    }
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
            // One more than there are processors, so that none waits while results are taken.
            while running.len() < at_once + 1 && !rest.is_empty() {
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

    async fn score(&self, clients: Vec<(usize, Vec<(String, String)>)>, every_kind: &KindSet) -> Scored {
        let timelines: Vec<Timeline> =
            clients.iter().map(|(at, _)| Timeline::of(self.layout.samples(*at, every_kind))).collect();
        let asked_about = |window: Window, kinds: &KindSet| {
            let own = |it: &Timeline| {
                if kinds == every_kind {
                    it.list_within(window)
                } else {
                    it.within(window).filter(|it| kinds.contains(it.kind)).copied().collect()
                }
            };
            questions(clients.iter().zip(&timelines).map(|((_, columns), it)| (columns.as_slice(), own(it))))
        };
        let (mut outcomes, mut longer) = (Vec::new(), Vec::new());
        for MetricInput { ask: Ask { metric, settings }, kinds } in &self.metrics {
            let (subjects, answers) = asked_about(self.window, kinds);
            let outcome = self.provider.score(&self.run, metric, settings, self.window, subjects).await;
            let outcome = outcome.map(|given| answers.spread(given));
            longer.push(self.longer(outcome.as_deref().unwrap_or_default(), &timelines, kinds));
            outcomes.push(outcome);
        }
        let mut past: Vec<Option<Result<PastFigures, Failure>>> = self.metrics.iter().map(|_| None).collect();
        let periods = self.past.as_deref().unwrap_or_default();
        if let Some(span) = span(periods) {
            // Where a metric fails, its past would fail too.
            for (kinds, own) in self.by_kinds(|at| outcomes[at].is_ok()) {
                let (subjects, answers) = asked_about(span, kinds);
                let asks: Vec<Ask> = own.iter().map(|at| self.metrics[*at].ask.clone()).collect();
                let figures = self.provider.figures(&self.run, &asks, periods, subjects).await;
                let (answers, periods) = (Arc::new(answers), periods.len());
                for (at, figures) in own.into_iter().zip(figures) {
                    let answers = Arc::clone(&answers);
                    past[at] = Some(figures.map(|figures| PastFigures { figures, periods, answers }));
                }
            }
        }
        Scored {
            positions: clients.into_iter().map(|(at, _)| at).collect(),
            digests: timelines.iter().map(|timeline| digest(timeline.samples())).collect(),
            outcomes,
            past,
            longer,
        }
    }

    /// The metrics that see the same kinds, by their place: they may be asked about together.
    fn by_kinds(&self, asked: impl Fn(usize) -> bool) -> Vec<(&KindSet, Vec<usize>)> {
        let mut groups: Vec<(&KindSet, Vec<usize>)> = Vec::new();
        for (at, MetricInput { kinds, .. }) in self.metrics.iter().enumerate().filter(|(at, _)| asked(*at)) {
            match groups.iter_mut().find(|(of, _)| *of == kinds) {
                Some((_, own)) => own.push(at),
                None => groups.push((kinds, vec![at])),
            }
        }
        groups
    }

    /// What a longer lookback would have, where a metric has no data and more was read than its own window.
    fn longer(
        &self,
        outcomes: &[MetricOutcome],
        timelines: &[Timeline],
        kinds: &KindSet,
    ) -> Vec<Option<[usize; LONGER_DAYS.len()]>> {
        let count = |timeline: &Timeline, days| {
            let window = Window::before(self.window.end, days);
            timeline.within(window).filter(|sample| kinds.contains(sample.kind)).count()
        };
        let counts = |(outcome, timeline): (&MetricOutcome, &Timeline)| {
            (self.past.is_some() && matches!(outcome, MetricOutcome::NoData(_)))
                .then(|| LONGER_DAYS.map(|days| count(timeline, days)))
        };
        outcomes.iter().zip(timelines).map(counts).collect()
    }
}

/// From the beginning of the first to the end of the last.
fn span(periods: &[Period]) -> Option<Window> {
    let start = periods.iter().map(|period| period.window.start).min()?;
    let end = periods.iter().map(|period| period.window.end).max()?;
    Some(Window { start, end })
}

/// Of all that a metric sees of these samples.
fn digest(samples: &[Sample]) -> Digest {
    const EACH: usize = 26;
    let mut bytes = Vec::with_capacity(samples.len() * EACH);
    for Sample { at, until, value, kind } in samples {
        bytes.extend_from_slice(&at.millis().to_le_bytes());
        bytes.extend_from_slice(&until.millis().to_le_bytes());
        bytes.extend_from_slice(&value.to_bits().to_le_bytes());
        bytes.extend_from_slice(&kind.to_le_bytes());
    }
    Digest::of(bytes)
}

//! Scoring one metric: its clients in chunks, several chunks in parallel, the results in the clients' order.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    num::NonZero,
    sync::Arc,
};

use scoresheet_domain::{
    Case, Failure, Figure, MetricId, MetricOutcome, ProviderName, Samples, Subject, Window, trend::Trend,
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    inputs::{ClientInputs, ProviderInputs, SheetInputs},
    past::{LONGER_DAYS, Past},
};
use crate::{
    error::EngineError,
    ports::{Provider, RunContext, ScoreRequest},
};

/// Clients in a chunk: more on a large sheet, fewer if they have many samples. Each client is scored by itself, so the
/// size only decides how much memory and how many processors are used.
const MIN_CHUNK: usize = 250;
const MAX_CHUNK: usize = 2_000;
const CHUNK_SAMPLES: usize = 20_000;

/// Chunks per processor, given enough clients: so the last ones end at about the same time.
const CHUNKS_PER_PROCESSOR: usize = 4;

/// One metric to score.
pub(super) struct Scoring {
    pub(super) inputs: Arc<SheetInputs>,
    pub(super) name: ProviderName,
    pub(super) provider: Arc<dyn Provider>,
    pub(super) run: RunContext,
    pub(super) metric: MetricId,
    pub(super) settings: String,
    /// The kinds of observation that the metric uses.
    pub(super) kinds: Vec<u16>,
    pub(super) window: Window,
    /// What the trend looks at, and of which of its windows anything was pulled; none if the sheet has no trends.
    pub(super) past: Option<(Past, Vec<bool>)>,
}

/// A chunk of clients, scored.
pub(super) struct Scored {
    /// Positions on the sheet.
    pub(super) positions: Vec<usize>,
    /// One outcome per client, or why all of them failed.
    pub(super) outcomes: Result<Vec<MetricOutcome>, Failure>,
    /// One trend per client, or why all of them failed; none if the sheet has no trends or the outcomes failed.
    pub(super) trends: Option<Result<Vec<Trend>, Failure>>,
    /// Per client: how many samples longer lookbacks would have, if there is no data and the sheet has trends.
    pub(super) longer: Vec<Option<[usize; LONGER_DAYS.len()]>>,
}

impl Scoring {
    /// Scores the clients at these positions, and passes each chunk on in order.
    pub(super) async fn all(
        self,
        mut positions: &[usize],
        mut take: impl FnMut(Scored) + Send,
    ) -> Result<(), EngineError> {
        let scoring = Arc::new(self);
        // A component computes during a call, so each processor gets one.
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let size = (positions.len() / (processors * CHUNKS_PER_PROCESSOR)).clamp(MIN_CHUNK, MAX_CHUNK);
        let mut running: VecDeque<AbortOnDropHandle<Scored>> = VecDeque::new();
        loop {
            // One more than there are processors, so that none waits while results are taken.
            while running.len() < processors + 1 && !positions.is_empty() {
                let (chunk, rest) = positions.split_at(scoring.chunk(positions, size));
                positions = rest;
                let (scoring, chunk) = (Arc::clone(&scoring), chunk.to_vec());
                running.push_back(AbortOnDropHandle::new(tokio::spawn(async move { scoring.score(chunk).await })));
            }
            let Some(task) = running.pop_front() else { return Ok(()) };
            take(outcome(task).await?);
        }
    }

    fn own(&self) -> &ProviderInputs {
        &self.inputs.providers[&self.name]
    }

    /// How many of these clients are scored next.
    fn chunk(&self, positions: &[usize], clients: usize) -> usize {
        let mut samples = 0;
        let fits = positions.iter().take(clients).take_while(|at| {
            samples += self.own().clients[**at].samples.len();
            samples <= CHUNK_SAMPLES
        });
        fits.count().max(1)
    }

    async fn score(&self, positions: Vec<usize>) -> Scored {
        let clients: Vec<(&ClientInputs, Cow<'_, Samples>)> = positions
            .iter()
            .map(|at| &self.own().clients[*at])
            .map(|client| (client, of_kinds(&client.samples, &self.kinds)))
            .collect();
        let asked = Questions::new(&clients, &[self.window]);
        let outcomes = self.ask(asked.subjects, asked.cases, true).await;
        let outcomes = outcomes.map(|given| asked.answers.iter().map(|at| given[*at].clone()).collect::<Vec<_>>());
        let mut scored = Scored { longer: vec![None; positions.len()], positions, trends: None, outcomes };
        if let (Some((past, known)), Ok(outcomes)) = (&self.past, &scored.outcomes) {
            scored.longer =
                outcomes.iter().zip(&clients).map(|(outcome, (_, samples))| self.longer(outcome, samples)).collect();
            let trends = self.trends(past, known, &clients, outcomes).await;
            scored.trends = Some(trends);
        }
        scored
    }

    async fn trends(
        &self,
        past: &Past,
        known: &[bool],
        clients: &[(&ClientInputs, Cow<'_, Samples>)],
        outcomes: &[MetricOutcome],
    ) -> Result<Vec<Trend>, Failure> {
        let windows: Vec<Window> = past.windows().zip(known).filter(|(_, known)| **known).map(|(it, _)| it).collect();
        let asked = Questions::new(clients, &windows);
        let given =
            if asked.cases.is_empty() { Vec::new() } else { self.ask(asked.subjects, asked.cases, false).await? };
        let figures: Vec<Option<Figure>> = given.iter().map(|outcome| outcome.score().map(Figure::from)).collect();
        let trend = |(at, outcome): (usize, &MetricOutcome)| {
            let answers = &asked.answers[at * windows.len()..(at + 1) * windows.len()];
            past.trend(known, outcome.score(), answers.iter().map(|at| figures[*at]))
        };
        Ok(outcomes.iter().enumerate().map(trend).collect())
    }

    async fn ask(
        &self,
        subjects: Vec<Subject>,
        cases: Vec<Case>,
        explain: bool,
    ) -> Result<Vec<MetricOutcome>, Failure> {
        let (metric, settings) = (self.metric.clone(), self.settings.clone());
        self.provider.score(&self.run, ScoreRequest { metric, settings, explain, subjects, cases }).await
    }

    /// How many samples longer lookbacks would have, if there is no data.
    fn longer(&self, outcome: &MetricOutcome, samples: &Samples) -> Option<[usize; LONGER_DAYS.len()]> {
        let count = |days| {
            let window = Window::before(self.window.end, days);
            samples.iter().filter(|sample| sample.touches(window)).count()
        };
        matches!(outcome, MetricOutcome::NoData(_)).then(|| LONGER_DAYS.map(count))
    }
}

/// The samples of these kinds.
fn of_kinds<'a>(samples: &'a Samples, kinds: &[u16]) -> Cow<'a, Samples> {
    if samples.kind.iter().all(|kind| kinds.contains(kind)) {
        Cow::Borrowed(samples)
    } else {
        Cow::Owned(samples.iter().filter(|sample| kinds.contains(&sample.kind)).collect())
    }
}

/// What a provider is asked about some clients, each question once.
///
/// An outcome depends on its own case and subject alone, so clients with equal attributes and without samples in a window
/// share one question. In the past, that may be most of them.
struct Questions {
    subjects: Vec<Subject>,
    cases: Vec<Case>,
    /// By client, and for each by window: the index of its case.
    answers: Vec<usize>,
}

impl Questions {
    fn new(clients: &[(&ClientInputs, Cow<'_, Samples>)], windows: &[Window]) -> Self {
        let mut questions = Self { subjects: Vec::new(), cases: Vec::new(), answers: Vec::new() };
        let mut subjects: HashMap<&[(String, String)], u32> = HashMap::new();
        let mut empty: HashMap<(u32, usize), usize> = HashMap::new();
        for (client, samples) in clients {
            let subject = *subjects.entry(&client.attributes).or_insert_with(|| {
                questions.subjects.push(Subject { attributes: client.attributes.clone() });
                u32::try_from(questions.subjects.len() - 1).expect("a chunk has few clients")
            });
            for (at, window) in windows.iter().enumerate() {
                let samples = samples.within(*window);
                let next = questions.cases.len();
                let case = if samples.is_empty() { *empty.entry((subject, at)).or_insert(next) } else { next };
                if case == next {
                    questions.cases.push(Case { subject, window: *window, samples });
                }
                questions.answers.push(case);
            }
        }
        questions
    }
}

/// What a task returned. Its panic continues here; if it was ended from outside, the whole program is ending.
async fn outcome<T>(task: AbortOnDropHandle<T>) -> Result<T, EngineError> {
    match task.await {
        Ok(given) => Ok(given),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(EngineError::Cancelled),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use scoresheet_domain::{Instant, Sample};

    use super::*;
    use crate::sheet::inputs::MappingState;

    fn window(start: i64, end: i64) -> Window {
        Window { start: Instant::from_millis(start), end: Instant::from_millis(end) }
    }

    fn client(kind: &str, at: &[i64]) -> ClientInputs {
        let event = |at: &i64| {
            let at = Instant::from_millis(*at);
            Sample { at, until: at, value: 4.0, kind: 0 }
        };
        ClientInputs {
            mapping: MappingState::Mapped,
            attributes: vec![("type".to_owned(), kind.to_owned())],
            samples: at.iter().map(event).collect(),
            rejected: vec![BTreeMap::new()],
        }
    }

    #[test]
    fn equal_clients_without_samples_share_a_question() {
        let clients = [
            client("legal", &[]),
            client("legal", &[15]),
            client("legal", &[]),
            client("dental", &[]),
            client("legal", &[15]),
        ];
        let clients: Vec<_> = clients.iter().map(|client| (client, Cow::Borrowed(&client.samples))).collect();
        let asked = Questions::new(&clients, &[window(0, 10), window(10, 20)]);
        assert_eq!(asked.subjects.len(), 2);
        assert_eq!(asked.answers, [0, 1, 0, 2, 0, 1, 3, 4, 0, 5]);
        let cases: Vec<_> =
            asked.cases.iter().map(|it| (it.subject, it.window.end.millis(), it.samples.len())).collect();
        assert_eq!(cases, [(0, 10, 0), (0, 20, 0), (0, 20, 1), (1, 10, 0), (1, 20, 0), (0, 20, 1)]);
    }

    #[test]
    fn a_metric_sees_its_own_kinds_alone() {
        let at = Instant::from_millis(1);
        let samples: Samples =
            [0, 1, 2].map(|kind| Sample { at, until: at, value: f64::from(kind), kind }).into_iter().collect();
        assert_eq!(of_kinds(&samples, &[2, 0]).value, [0.0, 2.0]);
        assert!(matches!(of_kinds(&samples, &[0, 1, 2, 3]), Cow::Borrowed(_)));
    }
}

//! A component as the engine's [`Provider`].

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use scoresheet_domain::{
    CheckStep, ClientPage, Cursor, Description, Digest, Failure, Instant, MetricId, MetricOutcome, ObservationPage,
    Period, SourceId, Subject, Window,
};
use scoresheet_engine::{Ask, Figures, Provider, RunContext, figures_by_scoring};
use scoresheet_gateway::Outbound;

use crate::{
    bindings::{accellis::scoresheet::types as wit, optional::WithHistoryPre},
    component::Loaded,
    convert::{self, PullRequest},
    guest::{Call, Guest},
    limits::Limits,
    state::State,
    usage::{Meter, Usage},
};

/// A loaded component with its connection and limits. Cheap to clone.
///
/// Its calls want a tokio runtime with its timer, and may run side by side; each has a fresh
/// instance of the component. Dropping a call's future ends the call.
#[derive(Clone)]
pub struct ComponentProvider {
    loaded: Arc<Loaded>,
    connection: Option<Arc<dyn Outbound>>,
    limits: Limits,
    meter: Arc<Meter>,
}

impl ComponentProvider {
    pub(crate) fn new(loaded: Arc<Loaded>, connection: Option<Arc<dyn Outbound>>, limits: Limits) -> Self {
        Self { loaded, connection, limits, meter: Arc::default() }
    }

    /// The most that one call has used of each limit so far: of this provider's calls and its clones', and of no other
    /// provider's made from the same component. A snapshot; it only ever grows.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.meter.read()
    }

    async fn enter(&self, run: &RunContext, function: &'static str, now: Instant) -> Result<Guest, Failure> {
        let call = Call {
            provider: &self.loaded.description.id,
            function,
            limits: self.limits,
            now,
            connection: self.connection.clone(),
            cancel: run.cancel.clone(),
            weight: self.loaded.linked.weight,
            meter: Some(&self.meter),
        };
        Guest::enter(&self.loaded.linked.shared, call).await
    }

    async fn score_chunk(
        &self,
        run: &RunContext,
        metric: &MetricId,
        settings: &str,
        window: Window,
        subjects: Vec<Subject>,
    ) -> Result<Vec<MetricOutcome>, Failure> {
        let samples = lengths(&subjects);
        let subjects: Vec<wit::Subject> = subjects.into_iter().map(convert::subject).collect();
        // The clock shows the window's end: the run's own time is no part of the input.
        let mut guest = self.enter(run, "metrics.score", window.end).await?;
        let (supervisor, span) = guest.supervisor();
        let called = supervisor
            .watch(span, async {
                let exports = self.loaded.linked.pure.instantiate_async(&mut guest.store).await?;
                let metrics = exports.accellis_scoresheet_metrics();
                let window = convert::window(window);
                metrics.call_score(&mut guest.store, metric.as_str(), settings, window, &subjects).await
            })
            .await;
        let (given, gave_up) = guest.leave(called)?;
        let given = given.map_err(|failure| convert::failure(failure, gave_up.as_ref()))?;
        Ok(convert::outcomes(given, &samples)?)
    }

    async fn figures_chunk(
        &self,
        run: &RunContext,
        history: &WithHistoryPre<State>,
        asks: &[Ask],
        periods: &[Period],
        subjects: Vec<Subject>,
    ) -> Result<Vec<Result<Figures, Failure>>, Failure> {
        // The clock shows the end of them all: the run's own time is no part of the input.
        let end = periods.iter().map(|period| period.window.end).max().unwrap_or(run.now);
        let mut guest = self.enter(run, "history.figures", end).await?;
        let (supervisor, span) = guest.supervisor();
        let samples = lengths(&subjects);
        let (asked, periods, subjects) = convert::past(asks, periods, subjects);
        let called = supervisor
            .watch(span, async {
                let exports = history.instantiate_async(&mut guest.store).await?;
                exports.accellis_scoresheet_history().call_figures(&mut guest.store, &asked, &periods, &subjects).await
            })
            .await;
        let (given, gave_up) = guest.leave(called)?;
        Ok(convert::figures(given, asks.len(), &samples, periods.len(), gave_up.as_ref())?)
    }
}

fn lengths(subjects: &[Subject]) -> Vec<usize> {
    subjects.iter().map(|subject| subject.samples.len()).collect()
}

#[async_trait]
impl Provider for ComponentProvider {
    fn description(&self) -> &Description {
        &self.loaded.description
    }

    fn digest(&self) -> Digest {
        self.loaded.digest
    }

    async fn check(&self, run: &RunContext, settings: &str) -> Result<Vec<CheckStep>, Failure> {
        let mut guest = self.enter(run, "source.check", run.now).await?;
        let (supervisor, span) = guest.supervisor();
        let called = supervisor
            .watch(span, async {
                let exports = self.loaded.linked.source.instantiate_async(&mut guest.store).await?;
                exports.accellis_scoresheet_source().call_check(&mut guest.store, settings).await
            })
            .await;
        let (steps, gave_up) = guest.leave(called)?;
        Ok(convert::check_steps(steps, gave_up.as_ref())?)
    }

    async fn clients(&self, run: &RunContext, settings: &str, page: Option<&Cursor>) -> Result<ClientPage, Failure> {
        let mut guest = self.enter(run, "source.clients", run.now).await?;
        let (supervisor, span) = guest.supervisor();
        let called = supervisor
            .watch(span, async {
                let exports = self.loaded.linked.source.instantiate_async(&mut guest.store).await?;
                let source = exports.accellis_scoresheet_source();
                source.call_clients(&mut guest.store, settings, page.map(|cursor| &cursor.0)).await
            })
            .await;
        let (given, gave_up) = guest.leave(called)?;
        let given = given.map_err(|failure| convert::failure(failure, gave_up.as_ref()))?;
        self.meter.page(given.items.len());
        Ok(convert::client_page(given, page, &self.limits)?)
    }

    async fn pull(
        &self,
        run: &RunContext,
        settings: &str,
        window: Window,
        client: Option<&SourceId>,
        page: Option<&Cursor>,
    ) -> Result<ObservationPage, Failure> {
        let mut guest = self.enter(run, "source.pull", run.now).await?;
        let (supervisor, span) = guest.supervisor();
        let called = supervisor
            .watch(span, async {
                let exports = self.loaded.linked.source.instantiate_async(&mut guest.store).await?;
                let source = exports.accellis_scoresheet_source();
                let (client, cursor) = (client.map(SourceId::as_str), page.map(|cursor| &cursor.0));
                source.call_pull(&mut guest.store, settings, convert::window(window), client, cursor).await
            })
            .await;
        let (given, gave_up) = guest.leave(called)?;
        let given = given.map_err(|failure| convert::failure(failure, gave_up.as_ref()))?;
        self.meter.page(given.items.len().max(given.rejected.len()));
        let asked = PullRequest { window, client, page };
        Ok(convert::observation_page(given, asked, &self.loaded.description, &self.limits)?)
    }

    async fn score(
        &self,
        run: &RunContext,
        metric: &MetricId,
        settings: &str,
        window: Window,
        subjects: Vec<Subject>,
    ) -> Result<Vec<MetricOutcome>, Failure> {
        let own = &self.loaded.description;
        if own.metric(metric.as_str()).is_none() {
            let known: Vec<&str> = own.metrics.iter().map(|metric| metric.id.as_str()).collect();
            return Err(Failure::Other(format!("{} has no metric '{metric}'; it has: {}", own.id, known.join(", "))));
        }
        let mut outcomes = Vec::with_capacity(subjects.len());
        for subjects in convert::chunks(subjects, 1) {
            outcomes.extend(self.score_chunk(run, metric, settings, window, subjects).await?);
        }
        Ok(outcomes)
    }

    async fn figures(
        &self,
        run: &RunContext,
        asks: &[Ask],
        periods: &[Period],
        subjects: Vec<Subject>,
    ) -> Vec<Result<Figures, Failure>> {
        let Some(history) = &self.loaded.linked.history else {
            return figures_by_scoring(self, run, asks, periods, subjects).await;
        };
        let mut answers: Vec<Result<Figures, Failure>> = vec![Ok(Vec::new()); asks.len()];
        for subjects in convert::chunks(subjects, asks.len() * periods.len()) {
            let more = match self.figures_chunk(run, history, asks, periods, subjects).await {
                Ok(more) => more,
                Err(failure) => return vec![Err(failure); asks.len()],
            };
            for (answer, more) in answers.iter_mut().zip(more) {
                match (&mut *answer, more) {
                    (Ok(figures), Ok(more)) => figures.extend(more),
                    (Ok(_), Err(failure)) => *answer = Err(failure),
                    (Err(_), _) => {}
                }
            }
        }
        answers
    }
}

impl fmt::Debug for ComponentProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComponentProvider")
            .field("id", &self.loaded.description.id)
            .field("digest", &self.loaded.digest)
            .field("connected", &self.connection.is_some())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

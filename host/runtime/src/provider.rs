//! A component as the engine's [`Provider`].

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use scoresheet_domain::{
    CheckStep, ClientPage, Cursor, Description, Digest, Failure, Instant, MetricId, MetricOutcome, ObservationPage,
    SourceId, Subject, Window,
};
use scoresheet_engine::{Provider, RunContext};
use scoresheet_gateway::Outbound;

use crate::{
    bindings::accellis::scoresheet::types as wit,
    component::Loaded,
    convert::{self, PullRequest},
    guest::{Call, Guest},
    limits::Limits,
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
        subjects: &[wit::Subject],
    ) -> Result<Vec<MetricOutcome>, Failure> {
        // The clock shows the window's end: the run's own time is no part of the input.
        let mut guest = self.enter(run, "metrics.score", window.end).await?;
        let (supervisor, span) = guest.supervisor();
        let called = supervisor
            .watch(span, async {
                let exports = self.loaded.linked.pure.instantiate_async(&mut guest.store).await?;
                let metrics = exports.accellis_scoresheet_metrics();
                let window = convert::window(window);
                metrics.call_score(&mut guest.store, metric.as_str(), settings, window, subjects).await
            })
            .await;
        let (given, gave_up) = guest.leave(called)?;
        let given = given.map_err(|failure| convert::failure(failure, gave_up.as_ref()))?;
        let samples: Vec<usize> = subjects.iter().map(|subject| subject.samples.len()).collect();
        Ok(convert::outcomes(given, &samples)?)
    }
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
        for subjects in convert::chunks(subjects) {
            outcomes.extend(self.score_chunk(run, metric, settings, window, &subjects).await?);
        }
        Ok(outcomes)
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

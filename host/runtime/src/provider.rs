//! A component as the engine's [`Provider`].

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use scoresheet_domain::{
    CheckStep, ClientPage, Cursor, Description, Digest, Failure, Instant, MetricOutcome, ObservationPage, ProviderSpec,
    Window,
};
use scoresheet_engine::{Provider, RunContext, ScoreRequest};
use scoresheet_gateway::Outbound;

use crate::{
    component::{Linked, Settled},
    convert::{self, Chunk, PullRequest},
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
    configured: Arc<Settled>,
    connection: Option<Arc<dyn Outbound>>,
    limits: Limits,
    meter: Arc<Meter>,
}

impl ComponentProvider {
    pub(crate) fn new(configured: Arc<Settled>, connection: Option<Arc<dyn Outbound>>, limits: Limits) -> Self {
        Self { configured, connection, limits, meter: Arc::default() }
    }

    /// The most that one call has used of each limit so far: of this provider's calls and its clones', and of no other
    /// provider's made from the same component. A snapshot; it only ever grows.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.meter.read()
    }

    async fn enter(&self, run: &RunContext, function: &'static str, now: Instant) -> Result<Guest, Failure> {
        let call = Call {
            provider: &self.configured.loaded.spec.id,
            function,
            limits: self.limits,
            now,
            connection: self.connection.clone(),
            cancel: run.cancel.clone(),
            weight: self.linked().weight,
            meter: Some(&self.meter),
        };
        Guest::enter(&self.linked().shared, call).await
    }

    async fn score_chunk(
        &self,
        run: &RunContext,
        request: &Request<'_>,
        chunk: Chunk,
    ) -> Result<Vec<MetricOutcome>, Failure> {
        // The clock stands at the epoch: neither the run's time nor the other cases' windows are part of a case.
        let mut guest = self.enter(run, "metrics.score", Instant::from_millis(0)).await?;
        let (supervisor, span) = guest.supervisor();
        let Chunk { subjects, cases, samples } = chunk;
        let called = supervisor
            .watch(span, async {
                let exports = self.linked().pure.instantiate_async(&mut guest.store).await?;
                let metrics = exports.accellis_scoresheet_metrics();
                let Request { metric, settings, explain } = *request;
                metrics.call_score(&mut guest.store, metric, settings, explain, &subjects, &cases).await
            })
            .await;
        let (given, gave_up) = guest.leave(called)?;
        let given = given.map_err(|failure| convert::failure(failure, gave_up.as_ref()))?;
        Ok(convert::outcomes(given, &samples, request.explain)?)
    }

    fn linked(&self) -> &Linked {
        &self.configured.loaded.linked
    }
}

/// What all chunks of a [`ScoreRequest`] share.
struct Request<'a> {
    metric: &'a str,
    settings: &'a str,
    explain: bool,
}

#[async_trait]
impl Provider for ComponentProvider {
    fn spec(&self) -> &ProviderSpec {
        &self.configured.loaded.spec
    }

    fn description(&self) -> &Description {
        &self.configured.description
    }

    fn digest(&self) -> Digest {
        self.configured.loaded.digest
    }

    async fn check(&self, run: &RunContext) -> Result<Vec<CheckStep>, Failure> {
        let mut guest = self.enter(run, "source.check", run.now).await?;
        let (supervisor, span) = guest.supervisor();
        let called = supervisor
            .watch(span, async {
                let exports = self.linked().source.instantiate_async(&mut guest.store).await?;
                exports.accellis_scoresheet_source().call_check(&mut guest.store, &self.configured.settings).await
            })
            .await;
        let (steps, gave_up) = guest.leave(called)?;
        Ok(convert::check_steps(steps, &self.configured.description.metrics, gave_up.as_ref())?)
    }

    async fn clients(&self, run: &RunContext, page: Option<&Cursor>) -> Result<ClientPage, Failure> {
        let mut guest = self.enter(run, "source.clients", run.now).await?;
        let (supervisor, span) = guest.supervisor();
        let called = supervisor
            .watch(span, async {
                let exports = self.linked().source.instantiate_async(&mut guest.store).await?;
                let (source, cursor) = (exports.accellis_scoresheet_source(), page.map(|cursor| &cursor.0));
                source.call_clients(&mut guest.store, &self.configured.settings, cursor).await
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
        kinds: &[u16],
        window: Window,
        page: Option<&Cursor>,
    ) -> Result<ObservationPage, Failure> {
        let mut guest = self.enter(run, "source.pull", run.now).await?;
        let (supervisor, span) = guest.supervisor();
        let called = supervisor
            .watch(span, async {
                let exports = self.linked().source.instantiate_async(&mut guest.store).await?;
                let (source, cursor) = (exports.accellis_scoresheet_source(), page.map(|cursor| &cursor.0));
                let (settings, window) = (&self.configured.settings, convert::window(window));
                source.call_pull(&mut guest.store, settings, kinds, window, cursor).await
            })
            .await;
        let (given, gave_up) = guest.leave(called)?;
        let given = given.map_err(|failure| convert::failure(failure, gave_up.as_ref()))?;
        self.meter.page(given.items.len().max(given.rejected.len()));
        let asked = PullRequest { window, kinds, page };
        Ok(convert::observation_page(given, asked, &self.configured.description, &self.limits)?)
    }

    async fn score(&self, run: &RunContext, request: ScoreRequest) -> Result<Vec<MetricOutcome>, Failure> {
        let own = &self.configured.description;
        let ScoreRequest { metric, settings, explain, subjects, cases } = request;
        if own.metric(metric.as_str()).is_none() {
            let known: Vec<&str> = own.metrics.iter().map(|metric| metric.id.as_str()).collect();
            let id = &self.configured.loaded.spec.id;
            return Err(Failure::Other(format!("{id} has no metric '{metric}'; it has: {}", known.join(", "))));
        }
        let request = Request { metric: metric.as_str(), settings: &settings, explain };
        let mut outcomes = Vec::with_capacity(cases.len());
        for chunk in convert::chunks(&subjects, cases) {
            outcomes.extend(self.score_chunk(run, &request, chunk).await?);
        }
        Ok(outcomes)
    }
}

impl fmt::Debug for ComponentProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComponentProvider")
            .field("id", &self.configured.loaded.spec.id)
            .field("digest", &self.configured.loaded.digest)
            .field("connected", &self.connection.is_some())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

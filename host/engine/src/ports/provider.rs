//! A metric provider, as the use cases call it.

use async_trait::async_trait;
use scoresheet_domain::{
    CheckStep, ClientPage, Cursor, Description, Digest, Failure, Figure, Instant, MetricId, MetricOutcome,
    ObservationPage, Period, SourceId, Subject, Window,
};
use tokio_util::sync::CancellationToken;

use crate::history::figures_by_scoring;

/// What every call of one run shares.
#[derive(Clone, Debug)]
pub struct RunContext {
    /// The wall clock when the run began: the same throughout.
    pub now: Instant,
    /// Ends the run's calls early, as [`Failure::Cancelled`].
    pub cancel: CancellationToken,
}

/// A metric that figures are asked of, and its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The provider's metric.
    pub metric: MetricId,
    /// All that `score` gets.
    pub settings: String,
}

/// All periods of the first subject, then of the second, and so on; none where `score` would not measure.
pub type Figures = Vec<Option<Figure>>;

/// A loaded component with its connection and limits.
///
/// What comes out of a call has been checked: kinds, reasons, windows, scores and
/// sizes are as the description and the contract say. What breaks them is
/// [`Failure::Component`].
#[async_trait]
pub trait Provider: Send + Sync {
    /// What the component says of itself.
    fn description(&self) -> &Description;

    /// The digest of the component's bytes.
    fn digest(&self) -> Digest;

    /// Tests the connection, step by step.
    ///
    /// # Errors
    /// [`Failure`] when the component could not carry out the test at all.
    async fn check(&self, run: &RunContext, settings: &str) -> Result<Vec<CheckStep>, Failure>;

    /// One page of the source's clients.
    ///
    /// # Errors
    /// [`Failure`] as the component or the host tells it.
    async fn clients(&self, run: &RunContext, settings: &str, page: Option<&Cursor>) -> Result<ClientPage, Failure>;

    /// One page of the window's observations, of every client or of one.
    ///
    /// # Errors
    /// [`Failure`] as the component or the host tells it.
    async fn pull(
        &self,
        run: &RunContext,
        settings: &str,
        window: Window,
        client: Option<&SourceId>,
        page: Option<&Cursor>,
    ) -> Result<ObservationPage, Failure>;

    /// One outcome a subject, in the same order. Pure: the same input gives the same output.
    ///
    /// # Errors
    /// [`Failure`] as the component or the host tells it.
    async fn score(
        &self,
        run: &RunContext,
        metric: &MetricId,
        settings: &str,
        window: Window,
        subjects: Vec<Subject>,
    ) -> Result<Vec<MetricOutcome>, Failure>;

    /// What `score` would measure of several metrics in each of these periods, without its words. By metric, in their
    /// order: the figures, or why there are none. The samples are those of all the periods, by time. Pure.
    async fn figures(
        &self,
        run: &RunContext,
        asks: &[Ask],
        periods: &[Period],
        subjects: Vec<Subject>,
    ) -> Vec<Result<Figures, Failure>> {
        figures_by_scoring(self, run, asks, periods, subjects).await
    }
}

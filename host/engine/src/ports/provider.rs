//! A metric provider, as the use cases call it.

use async_trait::async_trait;
use scoresheet_domain::{
    Case, CheckStep, ClientPage, Cursor, Description, Digest, Failure, Instant, MetricId, MetricOutcome,
    ObservationPage, ProviderSpec, Subject, Window,
};
use tokio_util::sync::CancellationToken;

/// What every call of one run shares.
#[derive(Clone, Debug)]
pub struct RunContext {
    /// The wall clock when the run began: the same throughout.
    pub now: Instant,
    /// Ends the run's calls early, as [`Failure::Cancelled`].
    pub cancel: CancellationToken,
}

/// What a metric is asked: any number of cases, each one subject in one window.
#[derive(Clone, Debug)]
pub struct ScoreRequest {
    /// The provider's metric.
    pub metric: MetricId,
    /// The metric's settings, a JSON object with defaults filled in.
    pub settings: String,
    /// Whether outcomes explain themselves; `false` saves the text.
    pub explain: bool,
    /// The clients, each once.
    pub subjects: Vec<Subject>,
    /// The questions.
    pub cases: Vec<Case>,
}

/// A configured component with its connection and limits.
///
/// What comes out of a call has been checked: kinds, reasons, windows, scores and
/// sizes are as the description and the contract say. What breaks them is
/// [`Failure::Component`].
#[async_trait]
pub trait Provider: Send + Sync {
    /// What the component says of itself, whatever the settings.
    fn spec(&self) -> &ProviderSpec;

    /// What it measures with its settings.
    fn description(&self) -> &Description;

    /// The digest of the component's bytes.
    fn digest(&self) -> Digest;

    /// Tests the connection, step by step.
    ///
    /// # Errors
    /// [`Failure`] when the component could not carry out the test at all.
    async fn check(&self, run: &RunContext) -> Result<Vec<CheckStep>, Failure>;

    /// One page of the source's clients.
    ///
    /// # Errors
    /// [`Failure`] as the component or the host reports it.
    async fn clients(&self, run: &RunContext, page: Option<&Cursor>) -> Result<ClientPage, Failure>;

    /// One page of the window's observations of these kinds (indexes into the description's).
    ///
    /// # Errors
    /// [`Failure`] as the component or the host reports it.
    async fn pull(
        &self,
        run: &RunContext,
        kinds: &[u16],
        window: Window,
        page: Option<&Cursor>,
    ) -> Result<ObservationPage, Failure>;

    /// One outcome per case, in order. Pure: the same input gives the same output, and each outcome depends on its own
    /// case and subject alone.
    ///
    /// # Errors
    /// [`Failure`] as the component or the host reports it.
    async fn score(&self, run: &RunContext, request: ScoreRequest) -> Result<Vec<MetricOutcome>, Failure>;
}

//! What an author implements.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    CheckStep, Description, Failure, Host, Kind, Observation, Outcome, Rejection, ScoreRequest, Settings, SourceClient,
    When, Window,
};

/// A metric provider. `check`, `clients` and `pull` read the source; `spec`, `describe` and `score` are pure.
///
/// Every call is stateless: all it needs is in its arguments, and the host may make calls in any order and in parallel.
/// `wit/scoresheet.wit` documents the records.
pub trait Provider {
    /// The provider's settings.
    type Settings: Settings;

    /// Kinds of observation: an enum made with [`kinds!`](crate::kinds), or `u16`.
    type Kind: Kind;

    /// Where a page is. It is stored as JSON, at most 64 KiB. [`PageCursor`](crate::paging::PageCursor) serves sources
    /// with numbered pages.
    type Cursor: Serialize + DeserializeOwned;

    /// What the provider is, before it is configured.
    fn spec() -> Spec;

    /// What it measures with these settings.
    fn describe(settings: &Self::Settings) -> Description;

    /// Tests the connection step by step: reachable, authorised, each kind of data readable.
    fn check(host: &dyn Host, settings: &Self::Settings) -> Vec<CheckStep>;

    /// One page of the source's clients; the first page has no cursor. A source without a list of clients returns an
    /// empty page: then the host derives the list from the observations.
    ///
    /// # Errors
    /// [`Failure`], which the host shows to the operator.
    fn clients(
        host: &dyn Host,
        settings: &Self::Settings,
        page: Option<Self::Cursor>,
    ) -> Result<ClientPage<Self::Cursor>, Failure>;

    /// One page of the window's observations of these kinds, and of no others. A rejected row is reported unless it is
    /// known to be of another kind.
    ///
    /// # Errors
    /// [`Failure`], which the host shows to the operator.
    fn pull(
        host: &dyn Host,
        settings: &Self::Settings,
        kinds: &[Self::Kind],
        window: Window,
        page: Option<Self::Cursor>,
    ) -> Result<ObservationPage<Self::Cursor>, Failure>;

    /// One outcome per case, in order: match on [`ScoreRequest::metric`], then [`ScoreRequest::score_each`].
    ///
    /// # Errors
    /// [`Failure`] if no case can be scored: an unknown metric, invalid settings.
    fn score(request: &ScoreRequest<'_, Self::Kind>) -> Result<Vec<Outcome>, Failure>;
}

/// What a provider is. The schema of its settings is that of [`Provider::Settings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Stable id in kebab-case, at most 64 bytes.
    pub id: &'static str,
    /// Name to show.
    pub title: &'static str,
    /// Version of the provider: `env!("CARGO_PKG_VERSION")`.
    pub version: &'static str,
}

/// A page of clients.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientPage<C> {
    /// Clients; ids are unique within the page.
    pub items: Vec<SourceClient>,
    /// Further pages.
    pub next: Vec<C>,
    /// Rows that the response held, used or not.
    pub read: u32,
    /// Rows that the source says it has in all, in the unit of `read`.
    pub total: Option<u64>,
}

/// A page of observations.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservationPage<C> {
    /// Observations; ids are unique within the page.
    pub items: Vec<Observation>,
    /// Rows that are not used.
    pub rejected: Vec<Rejection>,
    /// Further pages, which the host may fetch in parallel and commits in this order.
    pub next: Vec<C>,
    /// Rows that the response held, used or not.
    pub read: u32,
    /// Rows that the source says it has for the whole window, in the unit of `read`.
    pub total: Option<u64>,
}

impl<C> ClientPage<C> {
    /// A page without rows, for a source that has no list of clients.
    #[must_use]
    pub fn empty() -> Self {
        Self { items: Vec::new(), next: Vec::new(), read: 0, total: None }
    }
}

/// Whether this belongs to a pull of the window: an event inside it, or a state that overlaps it.
#[must_use]
pub fn touches(when: When, window: Window) -> bool {
    match when {
        When::At(at) => window.start <= at && at < window.end,
        When::Since(at) => at < window.end,
        When::During(own) => own.start < window.end && window.start < own.end,
    }
}

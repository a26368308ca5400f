//! What sheets are computed from, and the sheets that were saved with their inputs.

use std::collections::BTreeMap;

use async_trait::async_trait;
use scoresheet_domain::{
    Client, ClientRef, Digest, Entry, Instant, Intervals, Samples, SourceClient, Window,
    mapping::{Decision, FormerTie},
};

use super::{Scope, StoreError, SyncRecord};

/// What is stored of a provider, apart from its observations: read in one transaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderData {
    /// The source's clients, by id: those that it lists, or, if it never listed any, those that its records name.
    pub source_clients: Vec<SourceClient>,
    /// Whether the source lists its clients.
    pub listed: bool,
    /// Users' decisions, by client and source client.
    pub decisions: Vec<Decision>,
    /// What rules mapped at the last sync, by client and source client.
    pub former: Vec<FormerTie>,
    /// By kind of observation: the windows that were pulled completely.
    pub coverage: BTreeMap<String, Intervals>,
    /// Observations that ended before this were pruned.
    pub pruned_until: Option<Instant>,
    /// How the last sync went.
    pub sync: SyncRecord,
}

/// One client's observations of a window.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientSamples {
    /// The client, by id or, if its records give none, by name.
    pub client: ClientRef,
    /// The observations in no particular order; kinds index the names that were asked for.
    pub samples: Samples,
}

/// Rejected records of one client, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RejectionCount {
    /// The client, if the records name one.
    pub client: Option<ClientRef>,
    /// The id of the reason.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// A sheet with everything needed to compute it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSheet {
    /// The sheet's id: `sha256:` and 64 hexadecimal digits.
    pub id: String,
    /// The instant at which its windows end.
    pub as_of: Instant,
    /// When it was computed.
    pub made: Instant,
    /// The digest of its JSON.
    pub json: Digest,
    /// Its inputs, or why they were removed.
    pub inputs: Result<Vec<u8>, InputsGone>,
    /// The components that computed it, by digest; empty once the inputs are removed.
    pub components: BTreeMap<Digest, Vec<u8>>,
    /// The earliest instant that the inputs reach back to.
    pub since: Instant,
}

/// Why the inputs of a sheet were removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputsGone {
    /// They were older than `[retention]` keeps.
    Retention,
    /// A client was erased.
    Erasure,
}

impl InputsGone {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Retention, Self::Erasure];

    /// The word that the store and the JSON contract use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retention => "retention",
            Self::Erasure => "erasure",
        }
    }
}

/// A line of the list of saved sheets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetSummary {
    /// The sheet's id.
    pub id: String,
    /// The instant at which its windows end.
    pub as_of: Instant,
    /// When it was computed.
    pub made: Instant,
    /// Why its inputs were removed, if they were.
    pub gone: Option<InputsGone>,
    /// Bytes that the inputs take in the store; 0 if they were removed.
    pub bytes: u64,
}

/// Reads what sheets are computed from; saves and finds sheets.
#[async_trait]
pub trait SheetStore: Send + Sync {
    /// The imported roster, by client id.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn roster(&self) -> Result<Vec<Client>, StoreError>;

    /// What is stored of a provider, apart from its observations.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn provider_data(&self, scope: &Scope) -> Result<ProviderData, StoreError>;

    /// The observations of these kinds that touch the window (events inside, states that overlap it), of every client or
    /// of these; each client once. Observations of other kinds are left out.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn samples(
        &self,
        scope: &Scope,
        window: Window,
        kinds: &[String],
        clients: Option<&[ClientRef]>,
    ) -> Result<Vec<ClientSamples>, StoreError>;

    /// The rejected records of the window, counted. A record without a usable time counts in every window that overlaps
    /// the pull it came with.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn rejections(&self, scope: &Scope, window: Window) -> Result<Vec<RejectionCount>, StoreError>;

    /// Overrides and manual scores, by id; cleared ones only if asked for.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn entries(&self, cleared: bool) -> Result<Vec<Entry>, StoreError>;

    /// Saves a sheet in one transaction; returns whether it is new. A sheet that is saved already stays as it is.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn save_sheet(&self, sheet: &SavedSheet) -> Result<bool, StoreError>;

    /// The saved sheets whose id has this prefix (`sha256:` may be left out), the newest first; at most two, and the
    /// components only if there is one.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn find_sheet(&self, prefix: &str) -> Result<Vec<SavedSheet>, StoreError>;

    /// The saved sheets, the newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    async fn sheets(&self, limit: u32) -> Result<Vec<SheetSummary>, StoreError>;
}

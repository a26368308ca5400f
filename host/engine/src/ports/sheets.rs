//! The sheets that were made, as the use cases need them: what they were made from, to make them again.

use async_trait::async_trait;
use scoresheet_domain::{Digest, Instant};

use super::StoreError;

/// A sheet that was made, and what from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSheet {
    /// The sheet's id: `sha256:` and 64 hexadecimal digits.
    pub id: String,
    /// The instant at which its windows end.
    pub as_of: Instant,
    /// When it was made.
    pub made: Instant,
    /// The digest of its JSON, as it is written to a file.
    pub json: Digest,
    /// What it was made from, or why that is gone.
    pub inputs: Result<Vec<u8>, InputsGone>,
    /// The earliest instant that the inputs reach back to.
    pub since: Instant,
}

/// Why the inputs of a sheet are gone.
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

    /// The word under which it is stored and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retention => "retention",
            Self::Erasure => "erasure",
        }
    }
}

/// A line of the list of kept sheets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetSummary {
    /// The sheet's id.
    pub id: String,
    /// The instant at which its windows end.
    pub as_of: Instant,
    /// When it was made.
    pub made: Instant,
    /// Why its inputs are gone, where they are.
    pub gone: Option<InputsGone>,
    /// How many bytes the inputs take in the store; none where they are gone.
    pub bytes: u64,
}

/// Keeps sheets. Each write is a short transaction that never waits for a sync.
#[async_trait]
pub trait Sheets: Send + Sync {
    /// Keeps a sheet and the components it was made with, in one transaction; gives whether it is new. A sheet whose
    /// id is kept already stays as it is.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn keep_sheet(&self, sheet: &KeptSheet, components: &[(Digest, Vec<u8>)]) -> Result<bool, StoreError>;

    /// The kept sheets whose id begins so, the newest first; `sha256:` may be left out. At most two are given: more
    /// than one is one too many.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn find_sheet(&self, begins: &str) -> Result<Vec<KeptSheet>, StoreError>;

    /// The kept sheets, the newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn sheets(&self, limit: u32) -> Result<Vec<SheetSummary>, StoreError>;

    /// The bytes of a component that a kept sheet was made with.
    ///
    /// # Errors
    /// [`StoreError`] as the database tells it.
    async fn kept_component(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError>;
}

//! What is wrong with a sheet, and what to do about it.

use crate::{
    id::{ClientId, ProviderName},
    remedy::Remedy,
};

/// What kind of thing is wrong. Part of the JSON contract.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// The source does not know the credential.
    Unauthorized,
    /// The credential may not read this.
    Forbidden,
    /// The source has no such address: another dialect, another base URL.
    NotFound,
    /// The source asks for fewer requests.
    RateLimited,
    /// The source could not be reached.
    Unavailable,
    /// The source's answer was not what its API promises.
    InvalidResponse,
    /// A provider's or metric's settings are wrong.
    Settings,
    /// A component failed or broke the contract.
    Component,
    /// A client or source client has no counterpart.
    Unmapped,
    /// A client or source client has several equal counterparts.
    Ambiguous,
    /// The figures are older than they should be.
    Stale,
    /// The store could not be read or written.
    Store,
}

impl ProblemKind {
    /// The word that the JSON contract uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::RateLimited => "rate-limited",
            Self::Unavailable => "unavailable",
            Self::InvalidResponse => "invalid-response",
            Self::Settings => "settings",
            Self::Component => "component",
            Self::Unmapped => "unmapped",
            Self::Ambiguous => "ambiguous",
            Self::Stale => "stale",
            Self::Store => "store",
        }
    }

    /// The kind of this word, as [`ProblemKind::as_str`] gives it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Unauthorized,
            Self::Forbidden,
            Self::NotFound,
            Self::RateLimited,
            Self::Unavailable,
            Self::InvalidResponse,
            Self::Settings,
            Self::Component,
            Self::Unmapped,
            Self::Ambiguous,
            Self::Stale,
            Self::Store,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == word)
    }
}

/// One thing that is wrong, for whom, and what to do about it. Part of the JSON contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
pub struct Problem {
    /// What kind of thing is wrong.
    pub kind: ProblemKind,
    /// The provider it concerns.
    pub provider: Option<ProviderName>,
    /// The client it concerns.
    pub client: Option<ClientId>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    #[serde(serialize_with = "in_words")]
    #[schemars(with = "String")]
    pub remedy: Remedy,
}

/// The JSON contract has the remedy in words.
fn in_words<S: serde::Serializer>(remedy: &Remedy, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(remedy)
}

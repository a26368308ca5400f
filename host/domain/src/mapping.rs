//! What is stored about a mapping: users' decisions, and what the rules mapped at the last sync.
//!
//! Mapping itself is the engine's; whether two names are the same is decided by the crate `scoresheet-matching`.

use crate::id::{ClientId, SourceId};

/// A user's decision on whether a client and a source client are the same.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Decision {
    /// The client.
    pub client: ClientId,
    /// The source client.
    pub source: SourceId,
    /// Whether they are the same.
    pub verdict: Verdict,
}

/// What a user decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// They are the same.
    Same,
    /// They are not.
    Different,
}

/// The rule by which a client is mapped to a source client, in the order in which rules are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The roster was taken from this source, so the ids are the same.
    Own,
    /// A user set it.
    Person,
    /// The same identifier.
    Identifier,
    /// The same web or e-mail domain, except those of public mailbox providers.
    Domain,
    /// The same name, character by character.
    Exact,
    /// The same name after normalisation.
    Normalised,
    /// The same normalised name ignoring the legal form, where the legal forms are not of different classes.
    WithoutLegalForm,
}

/// What a rule mapped a client to at the last sync: kept to report a mapping that was lost since.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct FormerTie {
    /// The client.
    pub client: ClientId,
    /// The source client.
    pub source: SourceId,
    /// The rule.
    pub rule: Rule,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 7] = [
        Self::Own,
        Self::Person,
        Self::Identifier,
        Self::Domain,
        Self::Exact,
        Self::Normalised,
        Self::WithoutLegalForm,
    ];

    /// The rule's name in JSON and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Person => "person",
            Self::Identifier => "identifier",
            Self::Domain => "domain",
            Self::Exact => "exact",
            Self::Normalised => "normalised",
            Self::WithoutLegalForm => "without-legal-form",
        }
    }
}

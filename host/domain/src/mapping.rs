//! Which of a source's clients is which of the MSP's.

use std::collections::BTreeMap;

use crate::{
    client::{Client, SourceClient},
    id::{ClientId, SourceId},
};

/// A person's word on whether a client and a source client are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The client.
    pub client: ClientId,
    /// The source client.
    pub source: SourceId,
    /// Whether they are the same.
    pub verdict: Verdict,
}

/// What a person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are the same.
    Same,
    /// They are not.
    Different,
}

/// By which rule a client and a source client are the same; the first that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The client was taken from this source, so its id is the source's.
    Own,
    /// A person said so.
    Person,
    /// The same name, letter by letter.
    Exact,
    /// The same name after normalisation.
    Normalised,
    /// The same name after normalisation and without legal forms that do not contradict each other.
    WithoutLegalForm,
}

/// One tie of a client to a source client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The source client.
    pub source: SourceId,
    /// By which rule.
    pub rule: Rule,
    /// On what text, in words.
    pub evidence: String,
}

/// What became of a client at one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientMapping {
    /// Tied to these source clients: one, or more where a person said so.
    Mapped(Vec<Link>),
    /// Several equal candidates: a person decides.
    Ambiguous {
        /// The rule under which they are equal.
        rule: Rule,
        /// The candidates, by id.
        candidates: Vec<SourceId>,
    },
    /// No candidate.
    Unmapped,
}

/// All clients of a roster against all clients of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// What became of each client of the roster that is active.
    pub clients: BTreeMap<ClientId, ClientMapping>,
    /// Source clients, active ones only, that serve no client and are not ambiguous, in order of id.
    pub unmapped_sources: Vec<SourceId>,
}

/// Ties clients to source clients. See PRODUCT "Client mapping"; the order of the slices never matters.
///
/// `own` is true where the roster was taken from this very source: then ids decide.
#[must_use]
pub fn map(clients: &[Client], sources: &[SourceClient], decisions: &[Decision], own: bool) -> Mapping {
    let _ = (clients, sources, decisions, own);
    Mapping::default()
}

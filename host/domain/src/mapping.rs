//! Which of a source's clients is which of the MSP's.
//!
//! When two names are the same is `matching`'s business. Keeping decisions is the store's.

mod candidates;
mod evidence;
mod suggest;
mod tie;

#[cfg(test)]
mod decision_tests;
#[cfg(test)]
mod large_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod shared_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use suggest::{Wanted, suggest};

use crate::{
    client::{Client, SourceClient},
    id::{ClientId, SourceId},
};

/// At most so many candidates are listed for an ambiguous client: the first by id.
///
/// A person chooses among a few; ten thousand clients of one name must not become a hundred million lines.
pub const MOST_LISTED: usize = 100;

/// At most so many suggestions are made for a client: the likeliest.
pub const MOST_SUGGESTED: usize = 10;

/// A person's word on whether a client and a source client are the same.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Decision {
    /// The client.
    pub client: ClientId,
    /// The source client.
    pub source: SourceId,
    /// Whether they are the same.
    pub verdict: Verdict,
}

/// What a person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// They are the same.
    Same,
    /// They are not.
    Different,
}

/// By which rule a client and a source client are the same; the first that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The client was taken from this source, so its id is the source's.
    Own,
    /// A person said so.
    Person,
    /// The same identifier.
    Identifier,
    /// The same web or e-mail domain, which is no public mailbox's.
    Domain,
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

/// A tie that a rule had made when the source was last synced: what a client was before its mapping broke.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct FormerTie {
    /// The client.
    pub client: ClientId,
    /// The source client.
    pub source: SourceId,
    /// By which rule.
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

    /// The rule's name, as JSON and the store have it.
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

/// What is to be kept of a mapping, so that a tie that breaks later can be told: every tie that a rule makes now, and for
/// clients that have none what they had before.
///
/// `clients` is the roster: what is no longer on it is forgotten. `former` is in order of client. A person's ties are not among it, for the decisions
/// tell them.
#[must_use]
pub fn ties_to_keep(clients: &[Client], mapping: &Mapping, former: &[FormerTie]) -> Vec<FormerTie> {
    let mut kept = Vec::new();
    for client in clients {
        match mapping.clients.get(&client.id) {
            Some(ClientMapping::Mapped(links)) => kept.extend(
                links.iter().filter(|link| !matches!(link.rule, Rule::Own | Rule::Person)).map(|link| FormerTie {
                    client: client.id.clone(),
                    source: link.source.clone(),
                    rule: link.rule,
                }),
            ),
            // Inactive clients are mapped to nothing, and may come back.
            _ => {
                let its = &former[former.partition_point(|tie| tie.client < client.id)..];
                kept.extend(its.iter().take_while(|tie| tie.client == client.id).cloned());
            }
        }
    }
    kept.sort();
    kept.dedup();
    kept
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
        /// The candidates, by id; the first [`MOST_LISTED`] where there are more.
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
    /// What a person might tie, among unmapped clients and unmapped sources, as [`suggest`] finds it: by client, the
    /// likeliest first. [`map`] itself makes none.
    pub suggestions: Vec<Suggestion>,
}

/// A client and a source client that may be the same: no rule is sure of it, so a person decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The client.
    pub client: ClientId,
    /// The source client.
    pub source: SourceId,
    /// How much speaks for it, from 0 to 100.
    pub score: u8,
    /// Why they may be the same, in words.
    pub evidence: String,
}

/// Ties clients to source clients. See PRODUCT "Client mapping"; the order of the slices never matters.
///
/// A person's word comes first, then the same identifier, the same domain, and the names. An identifier or a domain that
/// several share decides nothing by itself: the names may still tell its holders apart, and where they do not, it is
/// ambiguous.
///
/// `own` is true where the roster was taken from this very source: then ids decide.
///
/// What the decisions mean where they go beyond the clients and sources at hand: a decision on a source client that
/// the source no longer has ties nothing, so the rules are tried; a source client given to a client that has become
/// inactive or left the roster stays out of the rules' reach, for the person has said whose it is. Of two
/// contradicting decisions on one pair, [`Verdict::Different`] holds.
#[must_use]
pub fn map(clients: &[Client], sources: &[SourceClient], decisions: &[Decision], own: bool) -> Mapping {
    tie::tie(clients, sources, decisions, own)
}

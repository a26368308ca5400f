//! Maps a source's clients to the clients of the roster.
//!
//! Whether two names are the same is decided by `scoresheet-matching`; decisions and lost mappings are kept in the store.

mod assign;
mod candidates;
mod evidence;
mod overview;
mod suggest;

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

use scoresheet_domain::{
    Client, ClientId, SourceClient, SourceId,
    mapping::{Decision, FormerTie, Rule},
};

pub use overview::{MappingOverview, ProviderMapping, SourceNames};
pub use suggest::{Wanted, suggest};

/// How many candidates are listed for an ambiguous client: the first by id.
///
/// Ten thousand clients of one name must not become a hundred million lines.
pub const MAX_CANDIDATES: usize = 100;

/// How many suggestions are made for a client: those of the highest similarity.
pub const MAX_SUGGESTIONS: usize = 10;

/// A source client that a client is mapped to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The source client.
    pub source: SourceId,
    /// The rule.
    pub rule: Rule,
    /// What the rule compared, for display.
    pub evidence: String,
}

/// The outcome of mapping one client at one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientMapping {
    /// Mapped to these source clients: one, or more where a user set them.
    Mapped(Vec<Link>),
    /// Several equal candidates, so a user has to decide.
    Ambiguous {
        /// The rule under which they are equal.
        rule: Rule,
        /// The candidates by id, at most [`MAX_CANDIDATES`].
        candidates: Vec<SourceId>,
    },
    /// No candidate.
    Unmapped,
}

/// The mapping of a whole roster to a whole source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The outcome for each active client of the roster.
    pub clients: BTreeMap<ClientId, ClientMapping>,
    /// Active source clients that are neither mapped nor ambiguous, in order of id.
    pub unmapped_sources: Vec<SourceId>,
    /// Suggestions among unmapped clients and unmapped source clients: by client, the highest similarity first.
    /// [`map`] leaves this empty; [`suggest`] computes it.
    pub suggestions: Vec<Suggestion>,
}

/// A client and a source client whose names are similar; only a user can map them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The client.
    pub client: ClientId,
    /// The source client.
    pub source: SourceId,
    /// The similarity of the names, from 0 to 100.
    pub score: u8,
    /// Why they may be the same, for display.
    pub evidence: String,
}

/// Maps clients to source clients. The order of the slices does not matter.
///
/// Users' decisions come first, then identifiers, domains and names. An identifier or a domain that several clients
/// share maps nothing by itself: their names may still differ, and where they do not, the clients are ambiguous.
///
/// `own` is true where the roster was taken from this source: then equal ids are mapped.
///
/// A decision on a source client that no longer exists maps nothing, so the rules are tried. A source client that a user
/// mapped to a client which is now inactive, or off the roster, is mapped by no rule. Of two contradicting decisions on
/// one pair, [`Verdict::Different`](scoresheet_domain::mapping::Verdict::Different) holds.
#[must_use]
pub fn map(clients: &[Client], sources: &[SourceClient], decisions: &[Decision], own: bool) -> Mapping {
    assign::assign(clients, sources, decisions, own)
}

/// What the store keeps of a mapping, to report mappings lost later: everything the rules map now, and for unmapped
/// clients what they were mapped to before.
///
/// Clients off the roster are dropped. `former` is in order of client. Users' decisions are stored separately.
#[must_use]
pub(crate) fn ties_to_keep(clients: &[Client], mapping: &Mapping, former: &[FormerTie]) -> Vec<FormerTie> {
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
            // Inactive clients are not mapped, and may become active again.
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

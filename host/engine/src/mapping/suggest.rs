//! Suggests unmapped source clients for unmapped clients, by the similarity of their names. It maps nothing.

use std::collections::{HashMap, HashSet};

use scoresheet_domain::{
    Client, ClientId, SourceClient, SourceId,
    mapping::{Decision, Verdict},
};
use scoresheet_matching::{Index, MIN_SIMILARITY, Name};

use super::{ClientMapping, MAX_SUGGESTIONS, Mapping, Suggestion};

/// Which suggestions are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Only for this client.
    pub client: Option<&'a ClientId>,
    /// For how many clients at most: the first by id.
    pub clients: usize,
    /// How many for each client, at most [`MAX_SUGGESTIONS`].
    pub each: usize,
}

impl Wanted<'_> {
    /// All suggestions.
    pub const ALL: Self = Self { client: None, clients: usize::MAX, each: MAX_SUGGESTIONS };
}

/// The suggestions for a mapping's unmapped clients, in order of client, for each the highest similarity first.
///
/// The order of the slices does not matter. Rejected pairs are not suggested.
#[must_use]
pub fn suggest(
    clients: &[Client],
    sources: &[SourceClient],
    decisions: &[Decision],
    mapping: &Mapping,
    wanted: Wanted<'_>,
) -> Vec<Suggestion> {
    let is_wanted = |id: &ClientId| {
        matches!(mapping.clients.get(id), Some(ClientMapping::Unmapped)) && wanted.client.is_none_or(|only| only == id)
    };
    let mut unmapped: Vec<&Client> = clients.iter().filter(|client| client.active && is_wanted(&client.id)).collect();
    unmapped.sort_by(|a, b| (&a.id, &a.name, &a.aliases).cmp(&(&b.id, &b.name, &b.aliases)));
    unmapped.dedup_by(|a, b| a.id == b.id);
    unmapped.truncate(wanted.clients);
    // A source client that a user mapped to a client which has left the roster is not suggested to another.
    let decided: HashSet<&SourceId> = decisions
        .iter()
        .filter(|decision| decision.verdict == Verdict::Same)
        .map(|decision| &decision.source)
        .collect();
    let open: HashSet<&SourceId> = mapping.unmapped_sources.iter().filter(|source| !decided.contains(source)).collect();
    let mut free: Vec<&SourceClient> =
        sources.iter().filter(|source| source.active && open.contains(&source.id)).collect();
    free.sort_by(|a, b| (&a.id, &a.name).cmp(&(&b.id, &b.name)));
    free.dedup_by(|a, b| a.id == b.id);
    if unmapped.is_empty() || free.is_empty() {
        return Vec::new();
    }

    let mut rejected: HashMap<&ClientId, HashSet<&SourceId>> = HashMap::new();
    for decision in decisions.iter().filter(|decision| decision.verdict == Verdict::Different) {
        rejected.entry(&decision.client).or_default().insert(&decision.source);
    }
    let free_names: Vec<Name> = free.iter().map(|source| Name::new(&source.name)).collect();
    let index = Index::new(&free_names);
    let mut finder = index.finder();
    let mut suggestions = Vec::new();
    for client in unmapped {
        let names: Vec<Name> =
            std::iter::once(&client.name).chain(&client.aliases).map(|name| Name::new(name)).collect();
        let rejected = rejected.get(&client.id);
        // Scores first: only the pairs that are returned need evidence.
        let mut similar: Vec<Similar> = finder
            .candidates(&names)
            .into_iter()
            .filter(|source| rejected.is_none_or(|rejected| !rejected.contains(&free[*source].id)))
            .filter_map(|source| most_similar(&names, source, &free_names[source]))
            .collect();
        similar.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.source.cmp(&b.source)));
        similar.truncate(wanted.each.min(MAX_SUGGESTIONS));
        suggestions.extend(similar.into_iter().map(|Similar { score, source, name }| {
            let (ours, theirs) = (&names[name], &free_names[source]);
            let who = if name == 0 { "" } else { "the alias " };
            let evidence = ours.similarity(theirs).evidence.join("; ");
            Suggestion {
                client: client.id.clone(),
                source: free[source].id.clone(),
                score,
                evidence: format!("{who}\"{}\" and \"{}\": {evidence}", ours.text(), theirs.text()),
            }
        }));
    }
    suggestions
}

/// A source client with a similar name, and which of the client's names it is: 0 is the name, the others are aliases.
struct Similar {
    score: u8,
    source: usize,
    name: usize,
}

/// The most similar of a client's names, the first of equals.
fn most_similar(names: &[Name], source: usize, theirs: &Name) -> Option<Similar> {
    let mut best: Option<Similar> = None;
    for (name, ours) in names.iter().enumerate() {
        let score = ours.similarity_score(theirs);
        if score >= MIN_SIMILARITY && best.as_ref().is_none_or(|best| score > best.score) {
            best = Some(Similar { score, source, name });
        }
    }
    best
}

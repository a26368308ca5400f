//! What a person might tie: unmapped clients, and the unmapped source clients that look like them.
//!
//! How alike two names are is `matching`'s business. Nothing here ties anything.

mod index;

use std::collections::{HashMap, HashSet};

use index::Index;

use super::{ClientMapping, Decision, MOST_SUGGESTED, Mapping, Suggestion, Verdict};
use crate::{
    client::{Client, SourceClient},
    id::{ClientId, SourceId},
    matching::{NameKeys, Profile, Resemblance, SUGGESTED_FROM, Weighed, Weights},
};

/// For whom suggestions are made, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Only for this client.
    pub client: Option<&'a ClientId>,
    /// For so many clients at most: the first by id.
    pub clients: usize,
    /// At most so many for each, of [`MOST_SUGGESTED`].
    pub each: usize,
}

impl Wanted<'_> {
    /// Everything there is to suggest.
    pub const ALL: Self = Self { client: None, clients: usize::MAX, each: MOST_SUGGESTED };
}

/// A name with all that it is compared by.
struct Known {
    text: String,
    alias: bool,
    keys: NameKeys,
    profile: Profile,
}

impl Known {
    fn new(text: &str, alias: bool) -> Self {
        Self { text: text.trim().to_owned(), alias, keys: NameKeys::of(text), profile: Profile::of(text) }
    }
}

/// The suggestions for what a mapping left over: by client, and for each the likeliest first.
///
/// What is rare is learned from all names of the roster and of the source. The order of the slices never matters, and
/// what a person rejected is not suggested. Where nothing is left over on either side, it costs nothing.
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
    let mut left: Vec<&Client> = clients.iter().filter(|client| client.active && is_wanted(&client.id)).collect();
    left.sort_by(|a, b| (&a.id, &a.name, &a.aliases).cmp(&(&b.id, &b.name, &b.aliases)));
    left.dedup_by(|a, b| a.id == b.id);
    left.truncate(wanted.clients);
    // What a person gave to somebody is nobody else's, though he has left the roster.
    let given: HashSet<&SourceId> = decisions
        .iter()
        .filter(|decision| decision.verdict == Verdict::Same)
        .map(|decision| &decision.source)
        .collect();
    let open: HashSet<&SourceId> = mapping.unmapped_sources.iter().filter(|source| !given.contains(source)).collect();
    let mut free: Vec<&SourceClient> =
        sources.iter().filter(|source| source.active && open.contains(&source.id)).collect();
    free.sort_by(|a, b| (&a.id, &a.name).cmp(&(&b.id, &b.name)));
    free.dedup_by(|a, b| a.id == b.id);
    if left.is_empty() || free.is_empty() {
        return Vec::new();
    }

    let mut rejected: HashMap<&ClientId, HashSet<&SourceId>> = HashMap::new();
    for decision in decisions.iter().filter(|decision| decision.verdict == Verdict::Different) {
        rejected.entry(&decision.client).or_default().insert(&decision.source);
    }
    let theirs: Vec<Known> = free.iter().map(|source| Known::new(&source.name, false)).collect();
    let weights = learned(clients, sources, &free, &theirs);
    let weighed: Vec<Weighed<'_>> = theirs.iter().map(|known| Weighed::new(&known.profile, &weights)).collect();
    let index = Index::of(theirs.iter().map(|known| (&known.keys, &known.profile)));
    let mut found = index.finder();
    let mut suggestions = Vec::new();
    for client in left {
        let names = std::iter::once((&client.name, false)).chain(client.aliases.iter().map(|alias| (alias, true)));
        let names: Vec<Known> = names.map(|(name, alias)| Known::new(name, alias)).collect();
        let refused = rejected.get(&client.id);
        let candidates = found.candidates(names.iter().map(|known| (&known.keys, &known.profile)));
        let ours: Vec<Weighed<'_>> = names.iter().map(|known| Weighed::new(&known.profile, &weights)).collect();
        // By the scores alone first: only what is shown is put into words.
        let mut near: Vec<Near> = candidates
            .into_iter()
            .filter(|at| refused.is_none_or(|refused| !refused.contains(&free[*at].id)))
            .filter_map(|at| nearest(&names, &ours, at, &theirs[at], &weighed[at]))
            .collect();
        near.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.source.cmp(&b.source)));
        near.truncate(wanted.each.min(MOST_SUGGESTED));
        suggestions.extend(near.into_iter().map(|near| {
            let (known, source) = (&names[near.name], near.source);
            let alike = Resemblance::but_for_the_form(&known.keys, &theirs[source].keys)
                .unwrap_or_else(|| Resemblance::told(&ours[near.name], &weighed[source], &weights));
            let (who, text, name) = (if known.alias { "the alias " } else { "" }, &known.text, &theirs[source].text);
            Suggestion {
                client: client.id.clone(),
                source: free[source].id.clone(),
                score: near.score,
                evidence: format!("{who}\"{text}\" and \"{name}\": {}", alike.evidence.join("; ")),
            }
        }));
    }
    suggestions
}

/// A source client that a person may be shown beside a client, and by which of the client's names.
struct Near {
    score: u8,
    source: usize,
    name: usize,
}

/// By the name of the client that fits best, the first of these.
fn nearest(
    names: &[Known],
    ours: &[Weighed<'_>],
    source: usize,
    theirs: &Known,
    weighed: &Weighed<'_>,
) -> Option<Near> {
    let mut best: Option<Near> = None;
    for (name, (known, ours)) in names.iter().zip(ours).enumerate() {
        let score = Resemblance::but_for_the_form(&known.keys, &theirs.keys)
            .map_or_else(|| Resemblance::score(ours, weighed), |alike| alike.score);
        if score >= SUGGESTED_FROM && best.as_ref().is_none_or(|best| score > best.score) {
            best = Some(Near { score, source, name });
        }
    }
    best
}

/// The words of every active name, mapped or not.
fn learned(clients: &[Client], sources: &[SourceClient], free: &[&SourceClient], theirs: &[Known]) -> Weights {
    let known: HashSet<&SourceId> = free.iter().map(|source| &source.id).collect();
    let others =
        clients.iter().filter(|client| client.active).map(|client| &client.name).chain(
            sources.iter().filter(|source| source.active && !known.contains(&source.id)).map(|source| &source.name),
        );
    let others: Vec<Profile> = others.map(|name| Profile::of(name)).collect();
    Weights::learned(theirs.iter().map(|known| &known.profile).chain(&others))
}

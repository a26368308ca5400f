//! The order of things: persons' decisions, own ids, identifiers and domains, then the names, rule by rule over what is
//! left.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    ClientMapping, Decision, Link, MOST_LISTED, Mapping, Rule, Verdict,
    candidates::{Connected, Groups, Key},
    evidence::{self, KnownAs, NO_FORMS},
};
use crate::{
    client::{Client, SourceClient},
    id::{ClientId, SourceId},
    matching::{self, NAME_RULES},
};

/// See [`super::map`].
pub(super) fn tie(clients: &[Client], sources: &[SourceClient], decisions: &[Decision], own: bool) -> Mapping {
    let mut tying = Tying::new(clients, sources, decisions);
    tying.by_persons(decisions);
    if own {
        tying.by_own_ids();
    }
    for rule in SHARED_RULES {
        tying.by_rule(rule);
    }
    for rule in NAME_RULES {
        tying.by_rule(rule);
    }
    tying.by_what_is_left();
    tying.finish()
}

/// The rules on what both sides may have, in the order in which they are tried.
const SHARED_RULES: [Rule; 2] = [Rule::Identifier, Rule::Domain];

/// An active client or a source client, and what it is known by.
struct Side<'a, T> {
    of: &'a T,
    /// By which names it is known.
    names: Vec<KnownAs<'a>>,
    /// Its identifiers, and what they are compared by.
    identifiers: Vec<Shared>,
    /// The same of its domains.
    domains: Vec<Shared>,
    /// No rule may touch it any more: it is tied, ambiguous or given away.
    settled: bool,
}

/// An identifier or a domain.
struct Shared {
    key: String,
    text: String,
}

impl Shared {
    /// Those of the texts that say something.
    fn all<'t>(texts: impl Iterator<Item = &'t str>, key: fn(&str) -> Option<String>) -> Vec<Self> {
        texts.filter_map(|text| Some(Self { key: key(text)?, text: text.trim().to_owned() })).collect()
    }
}

impl<T> Side<'_, T> {
    /// What it is looked up by under a rule.
    fn keys(&self, rule: Rule) -> impl Iterator<Item = Key<'_>> {
        let shared = match rule {
            Rule::Identifier => &self.identifiers[..],
            Rule::Domain => &self.domains,
            _ => &[],
        };
        let names = self.names.iter().flat_map(move |name| name.looked_up_by(rule));
        shared.iter().map(|shared| (shared.key.as_str(), &NO_FORMS)).chain(names)
    }
}

struct Tying<'a> {
    /// The active clients, in order of id.
    clients: Vec<Side<'a, Client>>,
    /// The source clients, in order of id.
    sources: Vec<Side<'a, SourceClient>>,
    /// Per source client, whether nobody needs to be told that it serves no client.
    accounted: Vec<bool>,
    outcomes: BTreeMap<ClientId, ClientMapping>,
    /// Per client, the sources that a person said it is not.
    rejected: HashMap<&'a ClientId, HashSet<&'a SourceId>>,
    /// The clients that are kept but stand on no sheet.
    inactive: HashSet<&'a ClientId>,
    /// The clients whose identifiers or domains others share, the rule, and the source clients with the same.
    shared: BTreeMap<usize, (Rule, Vec<usize>)>,
}

impl<'a> Tying<'a> {
    fn new(clients: &'a [Client], sources: &'a [SourceClient], decisions: &'a [Decision]) -> Self {
        let mut active: Vec<&Client> = clients.iter().filter(|client| client.active).collect();
        active.sort_by(|a, b| (&a.id, &a.name, &a.aliases).cmp(&(&b.id, &b.name, &b.aliases)));
        active.dedup_by(|a, b| a.id == b.id);
        let mut known: Vec<&SourceClient> = sources.iter().collect();
        known.sort_by(|a, b| (&a.id, !a.active, &a.name).cmp(&(&b.id, !b.active, &b.name)));
        known.dedup_by(|a, b| a.id == b.id);

        let mut rejected: HashMap<&ClientId, HashSet<&SourceId>> = HashMap::new();
        for decision in decisions.iter().filter(|decision| decision.verdict == Verdict::Different) {
            rejected.entry(&decision.client).or_default().insert(&decision.source);
        }
        // An identifier is rare: where neither side has any, no id of ten thousand need be looked at.
        let identified = known.iter().any(|source| !source.identifiers.is_empty())
            || active.iter().any(|client| client.identifiers().next().is_some());
        Self {
            accounted: vec![false; known.len()],
            outcomes: active.iter().map(|client| (client.id.clone(), ClientMapping::Unmapped)).collect(),
            inactive: clients.iter().filter(|client| !client.active).map(|client| &client.id).collect(),
            clients: active
                .into_iter()
                .map(|client| {
                    let aliases = client.aliases.iter().map(|alias| KnownAs::new(alias, true));
                    let names = std::iter::once(KnownAs::new(&client.name, false)).chain(aliases).collect();
                    Side {
                        of: client,
                        names,
                        identifiers: if identified { identifiers_of_client(client) } else { Vec::new() },
                        domains: Shared::all(client.domains.iter().map(String::as_str), matching::domain),
                        settled: false,
                    }
                })
                .collect(),
            sources: known
                .into_iter()
                .map(|source| Side {
                    of: source,
                    names: vec![KnownAs::new(&source.name, false)],
                    identifiers: if identified { identifiers_of_source(source) } else { Vec::new() },
                    domains: Shared::all(source.domains.iter().map(String::as_str), matching::domain),
                    settled: false,
                })
                .collect(),
            rejected,
            shared: BTreeMap::new(),
        }
    }

    fn client(&self, id: &ClientId) -> Option<usize> {
        self.clients.binary_search_by(|client| client.of.id.cmp(id)).ok()
    }

    fn source(&self, id: &str) -> Option<usize> {
        self.sources.binary_search_by(|source| source.of.id.as_str().cmp(id)).ok()
    }

    fn is_rejected(&self, client: usize, source: usize) -> bool {
        self.rejected
            .get(&self.clients[client].of.id)
            .is_some_and(|sources| sources.contains(&self.sources[source].of.id))
    }

    fn link(&mut self, client: usize, source: usize, rule: Rule, evidence: String) {
        let link = Link { source: self.sources[source].of.id.clone(), rule, evidence };
        self.clients[client].settled = true;
        self.sources[source].settled = true;
        self.accounted[source] = true;
        match self.outcomes.get_mut(&self.clients[client].of.id) {
            Some(ClientMapping::Mapped(links)) => links.push(link),
            Some(outcome) => *outcome = ClientMapping::Mapped(vec![link]),
            None => {}
        }
    }

    fn by_persons(&mut self, decisions: &[Decision]) {
        let mut same: Vec<(&ClientId, &SourceId)> = decisions
            .iter()
            .filter(|decision| decision.verdict == Verdict::Same)
            .map(|decision| (&decision.client, &decision.source))
            .filter(|(client, source)| !self.rejected.get(client).is_some_and(|sources| sources.contains(source)))
            .collect();
        same.sort_unstable();
        same.dedup();
        for (client, source) in same {
            let Some(at) = self.source(source.as_str()) else { continue };
            self.sources[at].settled = true;
            if let Some(client) = self.client(client) {
                self.link(client, at, Rule::Person, evidence::BY_PERSON.to_owned());
            } else {
                self.accounted[at] |= self.inactive.contains(client);
            }
        }
    }

    fn by_own_ids(&mut self) {
        for client in 0..self.clients.len() {
            let Some(source) = self.source(self.clients[client].of.id.as_str()) else { continue };
            if !self.clients[client].settled && !self.sources[source].settled && !self.is_rejected(client, source) {
                self.link(client, source, Rule::Own, evidence::BY_OWN_ID.to_owned());
            }
        }
    }

    fn by_rule(&mut self, rule: Rule) {
        let (candidacies, mut connected) = self.candidacies(rule);
        if candidacies.is_empty() {
            return;
        }
        let first_source = self.clients.len();
        let shared = SHARED_RULES.contains(&rule);
        for (client, candidates) in candidacies {
            // Only these two are connected: neither has another candidate.
            if let [source] = candidates[..]
                && connected.connected_with(client) == 2
            {
                let evidence = self.evidence(rule, client, source);
                self.link(client, source, rule, evidence);
            } else if shared {
                self.shared.entry(client).or_insert((rule, candidates));
            } else {
                self.clients[client].settled = true;
                let candidates = candidates.into_iter().map(|source| self.sources[source].of.id.clone()).collect();
                let id = self.clients[client].of.id.clone();
                self.outcomes.insert(id, ClientMapping::Ambiguous { rule, candidates });
            }
        }
        for source in (0..self.sources.len()).filter(|_| !shared) {
            if connected.connected_with(first_source + source) > 1 {
                self.sources[source].settled = true;
                self.accounted[source] = true;
            }
        }
    }

    /// What shares an identifier or a domain with several, and is tied by no name, waits for a person.
    fn by_what_is_left(&mut self) {
        let open = |tying: &Self, source: &usize| !tying.sources[*source].settled;
        let waiting: Vec<(usize, Rule, Vec<usize>)> = std::mem::take(&mut self.shared)
            .into_iter()
            .filter(|(client, _)| !self.clients[*client].settled)
            .map(|(client, (rule, sources))| (client, rule, sources.into_iter().filter(|at| open(self, at)).collect()))
            .collect();
        for (client, rule, sources) in waiting {
            if sources.is_empty() {
                continue;
            }
            for source in &sources {
                self.accounted[*source] = true;
            }
            self.clients[client].settled = true;
            let candidates = sources.iter().map(|source| self.sources[*source].of.id.clone()).collect();
            let id = self.clients[client].of.id.clone();
            self.outcomes.insert(id, ClientMapping::Ambiguous { rule, candidates });
        }
    }

    /// The unsettled clients that have candidates under a rule, with the first of these by id, and who is connected
    /// with whom: clients by their position, sources behind them.
    fn candidacies(&self, rule: Rule) -> (Vec<(usize, Vec<usize>)>, Connected) {
        let groups = self.groups(rule);
        if groups.groups.is_empty() {
            return (Vec::new(), Connected::new(0));
        }
        let first_source = self.clients.len();
        let mut connected = Connected::new(first_source + self.sources.len());
        // Whether a group's active, and its inactive members are connected already: once is enough, so that many
        // clients and many sources of one name are no multiplication.
        let mut joined = vec![[false; 2]; groups.groups.len()];
        let mut candidacies = Vec::new();
        for (client, side) in self.clients.iter().enumerate().filter(|(_, side)| !side.settled) {
            let found = groups.with(rule, side.keys(rule));
            let rejects = self.rejected.contains_key(&side.of.id);
            let open = |source: &usize| !rejects || !self.is_rejected(client, *source);
            // An inactive source client only where there is no active one.
            let inactive = !found.iter().any(|group| groups.groups[*group].active.iter().any(open));
            let mut listed = Vec::new();
            for group in found {
                let members = groups.groups[group].members(inactive);
                listed.extend(members.iter().copied().filter(open).take(MOST_LISTED));
                if rejects {
                    for source in members.iter().filter(|source| open(source)) {
                        connected.connect(client, first_source + source);
                    }
                } else if let Some(first) = members.first() {
                    connected.connect(client, first_source + first);
                    if !std::mem::replace(&mut joined[group][usize::from(inactive)], true) {
                        for source in members {
                            connected.connect(client, first_source + source);
                        }
                    }
                }
            }
            listed.sort_unstable();
            listed.dedup();
            listed.truncate(MOST_LISTED);
            if !listed.is_empty() {
                candidacies.push((client, listed));
            }
        }
        (candidacies, connected)
    }

    /// The source clients that nothing has settled yet, put together by a rule's keys.
    fn groups(&self, rule: Rule) -> Groups<'_> {
        let open = self.sources.iter().enumerate().filter(|(_, source)| !source.settled);
        Groups::of(open.flat_map(|(at, source)| source.keys(rule).map(move |key| (at, key, source.of.active))))
    }

    /// The first names of the two that are the same by a rule.
    fn names(&self, rule: Rule, client: usize, source: usize) -> Option<[&KnownAs<'a>; 2]> {
        let theirs = &self.sources[source].names;
        self.clients[client]
            .names
            .iter()
            .find_map(|ours| theirs.iter().find(|theirs| ours.equals(theirs, rule)).map(|theirs| [ours, theirs]))
    }

    fn evidence(&self, rule: Rule, client: usize, source: usize) -> String {
        if SHARED_RULES.contains(&rule) {
            let ours: HashSet<&str> = self.clients[client].keys(rule).map(|(key, _)| key).collect();
            let theirs = &self.sources[source];
            let theirs = if rule == Rule::Domain { &theirs.domains } else { &theirs.identifiers };
            let shared = theirs.iter().find(|shared| ours.contains(shared.key.as_str()));
            return shared.map(|shared| evidence::of_shared(rule, &shared.text)).unwrap_or_default();
        }
        self.names(rule, client, source).map(|[ours, theirs]| evidence::of(rule, ours, theirs)).unwrap_or_default()
    }

    fn finish(self) -> Mapping {
        let unmapped =
            self.sources.iter().zip(&self.accounted).filter(|(source, accounted)| source.of.active && !**accounted);
        Mapping {
            unmapped_sources: unmapped.map(|(source, _)| source.of.id.clone()).collect(),
            clients: self.outcomes,
            suggestions: Vec::new(),
        }
    }
}

/// Which two identifiers may meet: a roster may list a source's own id too, but the roster's id is its own affair.
#[derive(Clone, Copy)]
enum Kept {
    /// Among the identifiers that a source gives.
    Given,
    /// As the id under which the source keeps the client.
    AsId,
}

fn identifier(text: &str, kept: Kept) -> Option<Shared> {
    let key = matching::identifier(text)?;
    let start = match kept {
        Kept::Given => "given",
        Kept::AsId => "id",
    };
    Some(Shared { key: format!("{start} {key}"), text: text.trim().to_owned() })
}

fn identifiers_of_client(client: &Client) -> Vec<Shared> {
    let listed = client.identifiers().flat_map(|text| [identifier(text, Kept::Given), identifier(text, Kept::AsId)]);
    listed.chain([identifier(client.id.as_str(), Kept::Given)]).flatten().collect()
}

fn identifiers_of_source(source: &SourceClient) -> Vec<Shared> {
    // A short number is a counter, and every system has one.
    let id = source.id.as_str();
    let telling = id.len() >= 6 || !id.bytes().all(|b| b.is_ascii_digit());
    let given = source.identifiers.iter().map(|text| identifier(text, Kept::Given));
    given.chain([telling.then(|| identifier(id, Kept::AsId)).flatten()]).flatten().collect()
}

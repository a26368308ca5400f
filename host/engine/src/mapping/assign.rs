//! Applies the rules in order to what is still unmapped: users' decisions, own ids, identifiers, domains, names.

use std::collections::{BTreeMap, HashMap, HashSet};

use scoresheet_domain::{
    Client, ClientId, SourceClient, SourceId,
    mapping::{Decision, Rule, Verdict},
};

use super::{
    ClientMapping, Link, MAX_CANDIDATES, Mapping,
    candidates::{Connected, Groups, Key},
    evidence::{self, ClientName, NO_FORMS},
};

/// See [`super::map`].
pub(super) fn assign(clients: &[Client], sources: &[SourceClient], decisions: &[Decision], own: bool) -> Mapping {
    let mut assignment = Assignment::new(clients, sources, decisions);
    assignment.by_users(decisions);
    if own {
        assignment.by_own_ids();
    }
    for rule in SHARED_RULES.into_iter().chain(NAME_RULES) {
        assignment.by_rule(rule);
    }
    assignment.shared_are_ambiguous();
    assignment.finish()
}

/// The rules on identifiers and domains, in order.
const SHARED_RULES: [Rule; 2] = [Rule::Identifier, Rule::Domain];

/// The rules on names, in order.
const NAME_RULES: [Rule; 3] = [Rule::Exact, Rule::Normalised, Rule::WithoutLegalForm];

/// An active client or a source client, with what the rules compare.
struct Side<'a, T> {
    of: &'a T,
    /// Its name and aliases.
    names: Vec<ClientName<'a>>,
    /// Its identifiers.
    identifiers: Vec<Shared>,
    /// Its domains.
    domains: Vec<Shared>,
    /// No later rule applies: it is mapped, ambiguous, or was decided on by a user.
    settled: bool,
}

/// An identifier or a domain.
struct Shared {
    key: String,
    text: String,
}

impl Shared {
    fn all<'t>(texts: impl Iterator<Item = &'t str>, key: fn(&str) -> Option<String>) -> Vec<Self> {
        texts.filter_map(|text| Some(Self { key: key(text)?, text: text.trim().to_owned() })).collect()
    }
}

impl<T> Side<'_, T> {
    /// Its keys for a rule.
    fn keys(&self, rule: Rule) -> impl Iterator<Item = Key<'_>> {
        let shared = match rule {
            Rule::Identifier => &self.identifiers[..],
            Rule::Domain => &self.domains,
            _ => &[],
        };
        let names = self.names.iter().flat_map(move |name| name.keys_for(rule));
        shared.iter().map(|shared| (shared.key.as_str(), &NO_FORMS)).chain(names)
    }
}

struct Assignment<'a> {
    /// The active clients, in order of id.
    clients: Vec<Side<'a, Client>>,
    /// The source clients, in order of id.
    sources: Vec<Side<'a, SourceClient>>,
    /// Per source client, whether it is left out of the unmapped ones.
    accounted: Vec<bool>,
    outcomes: BTreeMap<ClientId, ClientMapping>,
    /// Per client, the source clients that a user rejected.
    rejected: HashMap<&'a ClientId, HashSet<&'a SourceId>>,
    inactive: HashSet<&'a ClientId>,
    /// Clients whose identifier or domain is not unique: the rule, and the candidates.
    shared: BTreeMap<usize, (Rule, Vec<usize>)>,
}

impl<'a> Assignment<'a> {
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
        // Identifiers are rare: where neither side has any, ten thousand ids need no normalising.
        let identified = known.iter().any(|source| !source.identifiers.is_empty())
            || active.iter().any(|client| client.identifiers().next().is_some());
        Self {
            accounted: vec![false; known.len()],
            outcomes: active.iter().map(|client| (client.id.clone(), ClientMapping::Unmapped)).collect(),
            inactive: clients.iter().filter(|client| !client.active).map(|client| &client.id).collect(),
            clients: active
                .into_iter()
                .map(|client| {
                    let aliases = client.aliases.iter().map(|alias| ClientName::new(alias, true));
                    let names = std::iter::once(ClientName::new(&client.name, false)).chain(aliases).collect();
                    Side {
                        of: client,
                        names,
                        identifiers: if identified { identifiers_of_client(client) } else { Vec::new() },
                        domains: Shared::all(client.domains.iter().map(String::as_str), scoresheet_matching::domain),
                        settled: false,
                    }
                })
                .collect(),
            sources: known
                .into_iter()
                .map(|source| Side {
                    of: source,
                    names: vec![ClientName::new(&source.name, false)],
                    identifiers: if identified { identifiers_of_source(source) } else { Vec::new() },
                    domains: Shared::all(source.domains.iter().map(String::as_str), scoresheet_matching::domain),
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

    fn by_users(&mut self, decisions: &[Decision]) {
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
                self.link(client, at, Rule::Person, evidence::BY_USER.to_owned());
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
            // Only these two are connected, so neither has another candidate.
            if let [source] = candidates[..]
                && connected.component_size(client) == 2
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
            if connected.component_size(first_source + source) > 1 {
                self.sources[source].settled = true;
                self.accounted[source] = true;
            }
        }
    }

    /// Clients that share an identifier or a domain, and were mapped by no name, are ambiguous.
    fn shared_are_ambiguous(&mut self) {
        let open = |assignment: &Self, source: &usize| !assignment.sources[*source].settled;
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

    /// The unsettled clients that have candidates under a rule, with the first candidates by id, and the connected
    /// components of clients (by position) and source clients (after them).
    fn candidacies(&self, rule: Rule) -> (Vec<(usize, Vec<usize>)>, Connected) {
        let groups = self.groups(rule);
        if groups.groups.is_empty() {
            return (Vec::new(), Connected::new(0));
        }
        let first_source = self.clients.len();
        let mut connected = Connected::new(first_source + self.sources.len());
        // Whether a group's active and inactive members are connected already: doing it once keeps many clients and
        // many source clients of one name linear.
        let mut joined = vec![[false; 2]; groups.groups.len()];
        let mut candidacies = Vec::new();
        for (client, side) in self.clients.iter().enumerate().filter(|(_, side)| !side.settled) {
            let found = groups.matching(rule, side.keys(rule));
            let rejects = self.rejected.contains_key(&side.of.id);
            let open = |source: &usize| !rejects || !self.is_rejected(client, *source);
            // Inactive source clients count only where there is no active one.
            let inactive = !found.iter().any(|group| groups.groups[*group].active.iter().any(open));
            let mut listed = Vec::new();
            for group in found {
                let members = groups.groups[group].members(inactive);
                listed.extend(members.iter().copied().filter(open).take(MAX_CANDIDATES));
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
            listed.truncate(MAX_CANDIDATES);
            if !listed.is_empty() {
                candidacies.push((client, listed));
            }
        }
        (candidacies, connected)
    }

    /// The unsettled source clients, grouped by a rule's keys.
    fn groups(&self, rule: Rule) -> Groups<'_> {
        let open = self.sources.iter().enumerate().filter(|(_, source)| !source.settled);
        Groups::new(open.flat_map(|(at, source)| source.keys(rule).map(move |key| (at, key, source.of.active))))
    }

    /// The first pair of names that are the same by a rule.
    fn names(&self, rule: Rule, client: usize, source: usize) -> Option<[&ClientName<'a>; 2]> {
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
        self.names(rule, client, source)
            .map(|[ours, theirs]| evidence::of_names(rule, ours, theirs))
            .unwrap_or_default()
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

/// Where an identifier comes from: a roster may list a source's own id, but the roster's id is not one.
#[derive(Clone, Copy)]
enum Kept {
    /// One of the identifiers that the source lists.
    Given,
    /// The id of the source client itself.
    AsId,
}

fn identifier(text: &str, kept: Kept) -> Option<Shared> {
    let key = scoresheet_matching::identifier(text)?;
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
    // Short numbers are counters, which collide between systems.
    let id = source.id.as_str();
    let telling = id.len() >= 6 || !id.bytes().all(|b| b.is_ascii_digit());
    let given = source.identifiers.iter().map(|text| identifier(text, Kept::Given));
    given.chain([telling.then(|| identifier(id, Kept::AsId)).flatten()]).flatten().collect()
}

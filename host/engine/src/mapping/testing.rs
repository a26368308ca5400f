//! Clients, source clients and decisions in short, and a mapping in lines.

use scoresheet_domain::{
    Client, ClientId, SourceClient, SourceId,
    mapping::{Decision, Verdict},
};

use super::{ClientMapping, Mapping, Wanted, map, suggest};

/// A client: its id, its name, and behind that its aliases. A `-` before the id makes it inactive.
pub(super) fn client(id: &str, names: &[&str]) -> Client {
    Client {
        id: ClientId::new(id.trim_start_matches('-')).expect("an id"),
        name: names[0].to_owned(),
        kind: None,
        active: !id.starts_with('-'),
        domains: Vec::new(),
        aliases: names[1..].iter().map(|name| (*name).to_owned()).collect(),
        attributes: Vec::new(),
    }
}

/// A source client: its id and its name. A `-` before the id makes it inactive.
pub(super) fn source(id: &str, name: &str) -> SourceClient {
    SourceClient {
        id: SourceId::new(id.trim_start_matches('-')).expect("an id"),
        name: name.to_owned(),
        active: !id.starts_with('-'),
        identifiers: Vec::new(),
        domains: Vec::new(),
        attributes: Vec::new(),
    }
}

fn decision(client: &str, verdict: Verdict, source: &str) -> Decision {
    Decision { client: ClientId::new(client).expect("an id"), source: SourceId::new(source).expect("an id"), verdict }
}

pub(super) fn same(client: &str, source: &str) -> Decision {
    decision(client, Verdict::Same, source)
}

pub(super) fn different(client: &str, source: &str) -> Decision {
    decision(client, Verdict::Different, source)
}

/// A mapping in lines, as `check` expects it.
pub(super) fn told(mapping: &Mapping) -> Vec<String> {
    let mut lines = Vec::new();
    for (client, outcome) in &mapping.clients {
        match outcome {
            ClientMapping::Mapped(links) => lines.extend(
                links.iter().map(|link| format!("{client} = {} ({:?}: {})", link.source, link.rule, link.evidence)),
            ),
            ClientMapping::Ambiguous { rule, candidates } => {
                let ids: Vec<&str> = candidates.iter().map(SourceId::as_str).collect();
                lines.push(format!("{client} ? {} ({rule:?})", ids.join(" ")));
            }
            ClientMapping::Unmapped => lines.push(format!("{client} -")),
        }
    }
    lines.extend(mapping.unmapped_sources.iter().map(|source| format!("- {source}")));
    lines.extend(
        mapping.suggestions.iter().map(|s| format!("{} ~ {} ({}: {})", s.client, s.source, s.score, s.evidence)),
    );
    lines
}

/// The mapping with all there is to suggest.
pub(super) fn mapped(clients: &[Client], sources: &[SourceClient], decisions: &[Decision], own: bool) -> Mapping {
    let mut mapping = map(clients, sources, decisions, own);
    mapping.suggestions = suggest(clients, sources, decisions, &mapping, Wanted::ALL);
    mapping
}

#[track_caller]
pub(super) fn check(clients: &[Client], sources: &[SourceClient], decisions: &[Decision], expected: &[&str]) {
    assert_eq!(told(&mapped(clients, sources, decisions, false)), expected);
}

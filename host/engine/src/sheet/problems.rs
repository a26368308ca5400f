//! What is wrong with a sheet, each with its remedy.

use std::collections::{BTreeMap, BTreeSet};

use scoresheet_domain::{
    Client, ClientId, Instant, Problem, ProblemKind, ProviderName, Remedy, SourceId, Window,
    mapping::{FormerTie, Rule, Verdict},
};

use super::{coverage::Synced, inputs::ProviderInputs, resolver::Lost};
use crate::{
    engine::Roster,
    mapping::{ClientMapping, Link, ProviderMapping, Suggestion, Wanted},
    ports::SyncFailure,
};

/// What is missing in a window that a metric looks at.
pub(super) fn of_window(
    name: &ProviderName,
    inputs: &ProviderInputs,
    window: Window,
    synced: &Synced,
) -> Option<Problem> {
    let sync = Remedy::Sync { provider: name.clone() };
    let pruned = |until: Instant| {
        let message = format!("{name}: what happened before {until} is no longer kept");
        Some(stale(name, message, Remedy::ShortenLookback))
    };
    match synced {
        Synced::Whole => None,
        Synced::Never => match inputs.pruned_until {
            Some(until) if until >= window.end => pruned(until),
            // A failed sync is a problem of its own.
            _ if inputs.failed => None,
            _ => Some(stale(name, format!("{name}: not synced yet"), sync)),
        },
        Synced::Partly(missing) => {
            if let Some(until) = inputs.pruned_until
                && missing.iter().all(|gap| gap.end <= until)
            {
                return pruned(until);
            }
            let parts: Vec<String> = missing.iter().map(Window::to_string).collect();
            let message = format!("{name}: nothing is known of {}", parts.join(", "));
            // Missing at the end: a sync is overdue. Missing before: syncs looked less far back.
            let overdue = missing.last().is_some_and(|gap| gap.end == window.end);
            Some(stale(name, message, if overdue { sync } else { Remedy::SyncWindow }))
        }
    }
}

/// What is wrong with a provider's last sync and with its mapping.
pub(super) fn of_provider(mapping: &ProviderMapping, failure: Option<&SyncFailure>, roster: &Roster) -> Vec<Problem> {
    let failed = |failure: &SyncFailure| Problem {
        kind: failure.kind,
        provider: Some(mapping.provider.clone()),
        client: None,
        message: failure.message.clone(),
        remedy: failure.remedy.clone(),
    };
    let mut problems: Vec<Problem> = failure.map(failed).into_iter().collect();
    // Without source clients there is nothing to map to: that nothing was synced is a problem of its own.
    if !mapping.sources.is_empty() {
        problems.extend(of_mapping(mapping, roster));
    }
    problems
}

/// So many unmapped clients are told a near name on a sheet; `mapping suggest` tells all.
const MOST_NEAR_NAMES: usize = 200;

/// Who is tied to nobody, or to somebody that is gone.
fn of_mapping(view: &ProviderMapping, roster: &Roster) -> Vec<Problem> {
    let wanted = Wanted { client: None, clients: MOST_NEAR_NAMES, each: 1 };
    let near: BTreeMap<ClientId, Suggestion> =
        view.suggest(&roster.clients, wanted).into_iter().map(|near| (near.client.clone(), near)).collect();
    // Few decisions are about what is gone: those clients are looked up once.
    let gone: BTreeSet<&ClientId> = view
        .decisions
        .iter()
        .filter(|decision| decision.verdict == Verdict::Same && view.source(&decision.source).is_none())
        .map(|decision| &decision.client)
        .collect();
    let former: BTreeMap<&ClientId, &FormerTie> = view.former.iter().map(|tie| (&tie.client, tie)).collect();
    let mut problems = Vec::new();
    for client in roster.clients.iter().filter(|client| client.active) {
        let former = former.get(&client.id).copied();
        let gone = gone.get(&client.id).and_then(|client| view.gone(client));
        let problem = match view.mapping.clients.get(&client.id) {
            Some(ClientMapping::Ambiguous { candidates, .. }) => ambiguous(view, client, former, candidates),
            Some(ClientMapping::Unmapped) => unmapped(view, client, gone, former, near.get(&client.id)),
            Some(ClientMapping::Mapped(links)) => match gone {
                Some(gone) => broken(view, client, gone, links),
                None => continue,
            },
            None => continue,
        };
        problems.push(problem);
    }
    problems
}

/// What the client was before its mapping broke, and why it is no longer.
fn was(view: &ProviderMapping, former: &FormerTie) -> String {
    let rule = match former.rule {
        Rule::Identifier => "by an identifier",
        Rule::Domain => "by a domain",
        Rule::Exact => "by the same name",
        Rule::Normalised => "by the same name, normalised",
        Rule::WithoutLegalForm => "by the same name without legal form",
        Rule::Own | Rule::Person => "",
    };
    let why = if view.source(&former.source).is_some() {
        "what both had in common has changed".to_owned()
    } else {
        format!("{} no longer has it", view.provider)
    };
    format!("; it was tied to {} {rule}, but {why}", named(view, &former.source))
}

fn ambiguous(view: &ProviderMapping, client: &Client, former: Option<&FormerTie>, candidates: &[SourceId]) -> Problem {
    let names: Vec<String> = candidates.iter().map(|id| named(view, id)).collect();
    Problem {
        kind: ProblemKind::Ambiguous,
        provider: Some(view.provider.clone()),
        client: Some(client.id.clone()),
        message: format!(
            "{}: these fit equally well: {}{}",
            client.name,
            names.join(", "),
            former.map(|former| was(view, former)).unwrap_or_default()
        ),
        remedy: map(view, client, candidates.first()),
    }
}

fn unmapped(
    view: &ProviderMapping,
    client: &Client,
    gone: Option<&SourceId>,
    former: Option<&FormerTie>,
    near: Option<&Suggestion>,
) -> Problem {
    let mut message = format!("{}: no client of {} is known to be this one", client.name, view.provider);
    if let Some(gone) = gone {
        message.push_str(&format!("; a person tied it to {0}:{gone}, which {0} no longer has", view.provider));
    }
    let mut source = None;
    if let Some(former) = former {
        message.push_str(&was(view, former));
    }
    // What it was is likelier than what looks like it, as long as nobody else has it.
    if let Some(former) = former.filter(|former| view.mapping.unmapped_sources.contains(&former.source)) {
        source = Some(&former.source);
    } else if let Some(near) = near {
        source = Some(&near.source);
        message.push_str(&format!("; perhaps {}", named(view, &near.source)));
    }
    Problem {
        kind: ProblemKind::Unmapped,
        provider: Some(view.provider.clone()),
        client: Some(client.id.clone()),
        message,
        remedy: map(view, client, source),
    }
}

/// A person's word on a source client that is gone, of a client that is tied otherwise.
fn broken(view: &ProviderMapping, client: &Client, gone: &SourceId, links: &[Link]) -> Problem {
    let now: Vec<String> =
        links.iter().map(|link| format!("{} ({})", named(view, &link.source), link.evidence)).collect();
    Problem {
        kind: ProblemKind::Unmapped,
        provider: Some(view.provider.clone()),
        client: Some(client.id.clone()),
        message: format!(
            "{}: a person tied it to {1}:{gone}, which {1} no longer has; it is tied to {2} now",
            client.name,
            view.provider,
            now.join(", ")
        ),
        remedy: Remedy::ClearOrMap { client: client.id.clone(), provider: view.provider.clone() },
    }
}

fn map(view: &ProviderMapping, client: &Client, source: Option<&SourceId>) -> Remedy {
    Remedy::Map { client: Some(client.id.clone()), provider: view.provider.clone(), source: source.cloned() }
}

fn named(view: &ProviderMapping, source: &SourceId) -> String {
    format!("{} ({}:{source})", source_name(view, source), view.provider)
}

/// Observations that belong to no client of the roster.
pub(super) fn of_lost(view: &ProviderMapping, lost: BTreeMap<Lost, usize>) -> Vec<Problem> {
    let problem = |(lost, count): (Lost, usize)| {
        let what = observations(count);
        let (message, remedy) = match lost {
            Lost::Unmapped(source) => (
                format!("{} ({}:{source}) has {what} but serves no client", source_name(view, &source), view.provider),
                Remedy::Map { client: None, provider: view.provider.clone(), source: Some(source) },
            ),
            Lost::Unknown(name) => (
                format!(
                    "{what} of {} belong to '{name}', which its list of clients does not name, or names twice",
                    view.provider
                ),
                Remedy::CorrectClientName { provider: view.provider.clone() },
            ),
        };
        Problem { kind: ProblemKind::Unmapped, provider: Some(view.provider.clone()), client: None, message, remedy }
    };
    lost.into_iter().map(problem).collect()
}

/// In a stable order, each once; of one client's sheet, only what concerns it.
pub(super) fn tidy(mut problems: Vec<Problem>, client: Option<&str>) -> Vec<Problem> {
    if let Some(client) = client {
        problems.retain(|problem| problem.client.as_ref().is_none_or(|id| id.as_str() == client));
    }
    problems.sort();
    problems.dedup();
    problems
}

fn stale(name: &ProviderName, message: String, remedy: Remedy) -> Problem {
    Problem { kind: ProblemKind::Stale, provider: Some(name.clone()), client: None, message, remedy }
}

fn source_name<'a>(view: &'a ProviderMapping, id: &'a SourceId) -> &'a str {
    view.source(id).map_or(id.as_str(), |source| source.name.as_str())
}

fn observations(count: usize) -> String {
    if count == 1 { "1 observation".to_owned() } else { format!("{count} observations") }
}

//! What is wrong with a sheet, each with the command that mends it.

use std::collections::{BTreeMap, BTreeSet};

use scoresheet_domain::{
    Client, ClientId, Instant, Problem, ProblemKind, Remedy, SourceId, Window,
    mapping::{FormerTie, Rule, Verdict},
};

use super::load::{ProviderView, Synced, WindowData};
use crate::{
    engine::Roster,
    mapping::{ClientMapping, Link, Suggestion, Wanted},
    remedy,
};

/// What is missing in a window that a metric looked at.
pub(super) fn of_window(view: &ProviderView<'_>, data: &WindowData) -> Vec<Problem> {
    let sync = Remedy::Sync { provider: view.name.clone() };
    let removed = |until: Instant| {
        let message = format!("{}: what happened before {until} is no longer kept", view.name);
        vec![provider_problem(view, ProblemKind::Stale, message, Remedy::ShortenLookback)]
    };
    match &data.synced {
        Synced::Whole => Vec::new(),
        Synced::Never => {
            if let Some(until) = data.pruned_until.filter(|until| *until >= data.window.end) {
                return removed(until);
            }
            // A provider whose sync failed says so itself.
            if view.record.failure.is_some() {
                return Vec::new();
            }
            vec![provider_problem(view, ProblemKind::Stale, format!("{}: not synced yet", view.name), sync)]
        }
        Synced::Partly(missing) => {
            if let Some(until) = data.pruned_until
                && missing.iter().all(|gap| gap.end <= until)
            {
                return removed(until);
            }
            let parts: Vec<String> = missing.iter().map(Window::to_string).collect();
            let message = format!("{}: nothing is known of {}", view.name, parts.join(", "));
            // What is missing at the end is a sync that is overdue; what is missing before, one that looked less far back.
            let overdue = missing.last().is_some_and(|gap| gap.end == data.window.end);
            let remedy = if overdue { sync } else { Remedy::SyncWindow };
            vec![provider_problem(view, ProblemKind::Stale, message, remedy)]
        }
    }
}

/// What is wrong with a provider's last sync and with its mapping.
pub(super) fn of_provider(view: &ProviderView<'_>, roster: &Roster) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some((kind, message, stored)) = &view.record.failure {
        problems.push(provider_problem(view, *kind, message.clone(), remedy::from_stored(view.name, stored)));
    }
    if view.mapping.sources.is_empty() {
        // Nothing to map to: that nothing was synced is said already.
        return problems;
    }
    problems.extend(of_mapping(view, roster));
    problems
}

/// So many unmapped clients are told a near name on a sheet; `mapping suggest` tells all.
const MOST_NEAR_NAMES: usize = 200;

/// Who is tied to nobody, or to somebody that is gone.
fn of_mapping(view: &ProviderView<'_>, roster: &Roster) -> Vec<Problem> {
    let wanted = Wanted { client: None, clients: MOST_NEAR_NAMES, each: 1 };
    let near: BTreeMap<ClientId, Suggestion> =
        view.mapping.suggest(&roster.clients, wanted).into_iter().map(|near| (near.client.clone(), near)).collect();
    // Few decisions are about what is gone: those clients are looked up once.
    let gone: BTreeSet<&ClientId> = view
        .mapping
        .decisions
        .iter()
        .filter(|decision| decision.verdict == Verdict::Same && view.mapping.source(&decision.source).is_none())
        .map(|decision| &decision.client)
        .collect();
    let former: BTreeMap<&ClientId, &FormerTie> = view.mapping.former.iter().map(|tie| (&tie.client, tie)).collect();
    let mut problems = Vec::new();
    for client in roster.clients.iter().filter(|client| client.active) {
        let former = former.get(&client.id).copied();
        let gone = gone.get(&client.id).and_then(|client| view.mapping.gone(client));
        let problem = match view.mapping.mapping.clients.get(&client.id) {
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
fn was(view: &ProviderView<'_>, former: &FormerTie) -> String {
    let rule = match former.rule {
        Rule::Identifier => "by an identifier",
        Rule::Domain => "by a domain",
        Rule::Exact => "by the same name",
        Rule::Normalised => "by the same name, normalised",
        Rule::WithoutLegalForm => "by the same name without legal form",
        Rule::Own | Rule::Person => "",
    };
    let why = if view.mapping.source(&former.source).is_some() {
        "what both had in common has changed".to_owned()
    } else {
        format!("{} no longer has it", view.name)
    };
    format!("; it was tied to {} {rule}, but {why}", named(view, &former.source))
}

fn ambiguous(view: &ProviderView<'_>, client: &Client, former: Option<&FormerTie>, candidates: &[SourceId]) -> Problem {
    let names: Vec<String> = candidates.iter().map(|id| named(view, id)).collect();
    Problem {
        kind: ProblemKind::Ambiguous,
        provider: Some(view.name.clone()),
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
    view: &ProviderView<'_>,
    client: &Client,
    gone: Option<&SourceId>,
    former: Option<&FormerTie>,
    near: Option<&Suggestion>,
) -> Problem {
    let mut message = format!("{}: no client of {} is known to be this one", client.name, view.name);
    if let Some(gone) = gone {
        message.push_str(&format!("; a person tied it to {0}:{gone}, which {0} no longer has", view.name));
    }
    let mut source = None;
    if let Some(former) = former {
        message.push_str(&was(view, former));
    }
    // What it was is likelier than what looks like it, as long as nobody else has it.
    if let Some(former) = former.filter(|former| view.mapping.mapping.unmapped_sources.contains(&former.source)) {
        source = Some(&former.source);
    } else if let Some(near) = near {
        source = Some(&near.source);
        message.push_str(&format!("; perhaps {}", named(view, &near.source)));
    }
    Problem {
        kind: ProblemKind::Unmapped,
        provider: Some(view.name.clone()),
        client: Some(client.id.clone()),
        message,
        remedy: map(view, client, source),
    }
}

/// A person's word on a source client that is gone, of a client that is tied otherwise.
fn broken(view: &ProviderView<'_>, client: &Client, gone: &SourceId, links: &[Link]) -> Problem {
    let now: Vec<String> =
        links.iter().map(|link| format!("{} ({})", named(view, &link.source), link.evidence)).collect();
    Problem {
        kind: ProblemKind::Unmapped,
        provider: Some(view.name.clone()),
        client: Some(client.id.clone()),
        message: format!(
            "{}: a person tied it to {1}:{gone}, which {1} no longer has; it is tied to {2} now",
            client.name,
            view.name,
            now.join(", ")
        ),
        remedy: Remedy::ClearOrMap { client: client.id.clone(), provider: view.name.clone() },
    }
}

fn map(view: &ProviderView<'_>, client: &Client, source: Option<&SourceId>) -> Remedy {
    Remedy::Map { client: Some(client.id.clone()), provider: view.name.clone(), source: source.cloned() }
}

fn named(view: &ProviderView<'_>, source: &SourceId) -> String {
    format!("{} ({}:{source})", source_name(view, source), view.name)
}

/// Observations that belong to no client of the roster.
pub(super) fn lost<'a>(view: &ProviderView<'_>, windows: impl Iterator<Item = &'a WindowData>) -> Vec<Problem> {
    let mut unserved: BTreeMap<&SourceId, u64> = BTreeMap::new();
    let mut unknown: BTreeMap<&str, u64> = BTreeMap::new();
    for data in windows {
        // Several windows of one provider overlap: the largest count is the one to tell.
        for (source, count) in &data.unserved {
            let told = unserved.entry(source).or_default();
            *told = (*told).max(*count);
        }
        for (name, count) in &data.unknown {
            let told = unknown.entry(name).or_default();
            *told = (*told).max(*count);
        }
    }
    let served = unserved.into_iter().map(|(source, count)| {
        let what = observations(count);
        provider_problem(
            view,
            ProblemKind::Unmapped,
            format!("{} ({}:{source}) has {what} but serves no client", source_name(view, source), view.name),
            Remedy::Map { client: None, provider: view.name.clone(), source: Some(source.clone()) },
        )
    });
    let named = unknown.into_iter().map(|(name, count)| {
        let what = observations(count);
        provider_problem(
            view,
            ProblemKind::Unmapped,
            format!(
                "{what} of {} belong to '{name}', which its list of clients does not name, or names twice",
                view.name
            ),
            Remedy::CorrectClientName { provider: view.name.clone() },
        )
    });
    served.chain(named).collect()
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

fn provider_problem(view: &ProviderView<'_>, kind: ProblemKind, message: String, remedy: Remedy) -> Problem {
    Problem { kind, provider: Some(view.name.clone()), client: None, message, remedy }
}

fn source_name<'a>(view: &'a ProviderView<'_>, id: &'a SourceId) -> &'a str {
    view.mapping.source(id).map_or(id.as_str(), |source| source.name.as_str())
}

fn observations(count: u64) -> String {
    if count == 1 { "1 observation".to_owned() } else { format!("{count} observations") }
}

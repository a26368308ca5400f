//! What is wrong with a sheet, each with the command that mends it.

use std::collections::BTreeMap;

use scoresheet_domain::{Instant, Problem, ProblemKind, SourceId, Window, mapping::ClientMapping};

use super::load::{ProviderView, Synced, WindowData};
use crate::{engine::Roster, remedy::word};

/// What is missing in a window that a metric looked at.
pub(super) fn of_window(view: &ProviderView<'_>, data: &WindowData) -> Vec<Problem> {
    let sync = format!("run 'scoresheet sync --provider {}'", view.name);
    let removed = |until: Instant| {
        let message = format!("{}: what happened before {until} is no longer kept", view.name);
        let remedy = "look back less far, or keep observations for longer".to_owned();
        vec![provider_problem(view, ProblemKind::Stale, message, remedy)]
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
            let remedy =
                if overdue { sync } else { "run 'scoresheet run' with the same --as-of and --lookback".to_owned() };
            vec![provider_problem(view, ProblemKind::Stale, message, remedy)]
        }
    }
}

/// What is wrong with a provider's last sync and with its mapping.
pub(super) fn of_provider(view: &ProviderView<'_>, roster: &Roster) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some((kind, message, remedy)) = &view.record.failure {
        problems.push(provider_problem(view, *kind, message.clone(), remedy.clone()));
    }
    if view.mapping.sources.is_empty() {
        // Nothing to map to: that nothing was synced is said already.
        return problems;
    }
    for client in roster.clients.iter().filter(|client| client.active) {
        match view.mapping.mapping.clients.get(&client.id) {
            Some(ClientMapping::Ambiguous { candidates, .. }) => {
                let names: Vec<String> =
                    candidates.iter().map(|id| format!("{} ({}:{id})", source_name(view, id), view.name)).collect();
                let first = candidates.first().map_or("SOURCE", SourceId::as_str);
                problems.push(Problem {
                    kind: ProblemKind::Ambiguous,
                    provider: Some(view.name.clone()),
                    client: Some(client.id.clone()),
                    message: format!("{}: these fit equally well: {}", client.name, names.join(", ")),
                    remedy: format!(
                        "scoresheet mapping set {} {}",
                        word(client.id.as_str()),
                        word(&format!("{}:{first}", view.name))
                    ),
                });
            }
            Some(ClientMapping::Unmapped) => {
                let near = view.mapping.mapping.suggestions.iter().find(|near| near.client == client.id);
                let mut message = format!("{}: no client of {} is known to be this one", client.name, view.name);
                let mut source = "SOURCE";
                if let Some(near) = near {
                    source = near.source.as_str();
                    message.push_str(&format!(
                        "; perhaps {} ({}:{source})",
                        source_name(view, &near.source),
                        view.name
                    ));
                }
                problems.push(Problem {
                    kind: ProblemKind::Unmapped,
                    provider: Some(view.name.clone()),
                    client: Some(client.id.clone()),
                    message,
                    remedy: format!(
                        "scoresheet mapping set {} {}",
                        word(client.id.as_str()),
                        word(&format!("{}:{source}", view.name))
                    ),
                });
            }
            Some(ClientMapping::Mapped(_)) | None => {}
        }
    }
    problems
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
            format!("scoresheet mapping set CLIENT {}", word(&format!("{}:{source}", view.name))),
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
            format!("correct the client's name at {}, then run 'scoresheet sync'", view.name),
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

fn provider_problem(view: &ProviderView<'_>, kind: ProblemKind, message: String, remedy: String) -> Problem {
    Problem { kind, provider: Some(view.name.clone()), client: None, message, remedy }
}

fn source_name<'a>(view: &'a ProviderView<'_>, id: &'a SourceId) -> &'a str {
    view.mapping.source(id).map_or(id.as_str(), |source| source.name.as_str())
}

fn observations(count: u64) -> String {
    if count == 1 { "1 observation".to_owned() } else { format!("{count} observations") }
}

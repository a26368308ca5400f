//! What rules read of a provider: is it there, are its figures fresh, does it know the clients.

use std::collections::BTreeMap;

use super::{Filter, evaluate::Reading, words::count};
use crate::{
    id::{ClientId, ProviderName},
    problem::{Problem, ProblemKind},
    sheet::{ClientRow, MetricCell, OutcomeKind, Scoresheet},
};

/// What the sheet says of one provider.
#[derive(Default)]
pub(super) struct Facts<'a> {
    /// Why it gives nothing.
    failure: Option<&'a Problem>,
    /// Why its figures are older than they should be.
    stale: Option<&'a Problem>,
    /// Clients that it does not know, or knows several of.
    unmapped: BTreeMap<&'a ClientId, &'a Problem>,
    /// How many of its clients have observations and serve nobody.
    lost: usize,
}

impl<'a> Facts<'a> {
    pub(super) fn unmapped(&self) -> impl Iterator<Item = &'a ClientId> {
        self.unmapped.keys().copied()
    }
}

/// Every provider of a sheet.
pub(super) struct Providers<'a>(BTreeMap<&'a ProviderName, Facts<'a>>);

impl<'a> Providers<'a> {
    pub(super) fn of(sheet: &'a Scoresheet) -> Self {
        let mut facts: BTreeMap<&ProviderName, Facts> = BTreeMap::new();
        // Every row has the same metrics.
        for name in sheet.clients.iter().take(1).flat_map(|row| &row.metrics).filter_map(|cell| cell.provider.as_ref())
        {
            facts.entry(name).or_default();
        }
        for problem in &sheet.problems {
            let Some(name) = &problem.provider else { continue };
            let facts = facts.entry(name).or_default();
            match (problem.kind, &problem.client) {
                (ProblemKind::Unmapped | ProblemKind::Ambiguous, Some(client)) => {
                    facts.unmapped.entry(client).or_insert(problem);
                }
                (ProblemKind::Unmapped | ProblemKind::Ambiguous, None) => facts.lost += 1,
                (ProblemKind::Stale, None) => facts.stale = facts.stale.or(Some(problem)),
                (kind, None) if is_of_connection(kind) => facts.failure = facts.failure.or(Some(problem)),
                _ => {}
            }
        }
        Self(facts)
    }

    pub(super) fn get(&self, name: &ProviderName) -> Option<&Facts<'a>> {
        self.0.get(name)
    }

    pub(super) fn of_filter<'b>(
        &'b self,
        filter: &'b Filter,
    ) -> impl Iterator<Item = (&'a ProviderName, &'b Facts<'a>)> {
        self.0.iter().map(|(name, facts)| (*name, facts)).filter(|(name, _)| filter.has_provider(Some(name)))
    }
}

const fn is_of_connection(kind: ProblemKind) -> bool {
    match kind {
        ProblemKind::Unauthorized
        | ProblemKind::Forbidden
        | ProblemKind::NotFound
        | ProblemKind::RateLimited
        | ProblemKind::Unavailable
        | ProblemKind::InvalidResponse
        | ProblemKind::Settings
        | ProblemKind::Component => true,
        ProblemKind::Unmapped | ProblemKind::Ambiguous | ProblemKind::Stale | ProblemKind::Store => false,
    }
}

/// Whether it gives anything.
pub(super) fn connection(name: &ProviderName, facts: &Facts<'_>) -> Reading {
    match facts.failure {
        Some(problem) => Reading::Fires(format!("{}; {}", problem.message, problem.remedy)),
        None => Reading::Clear(format!("{name}: the last sync went well")),
    }
}

/// Whether the figures of each provider that these cells are of are fresh.
pub(super) fn stale<'a>(
    filter: &Filter,
    providers: &Providers<'_>,
    cells: impl Iterator<Item = (&'a ClientRow, &'a MetricCell)>,
) -> BTreeMap<&'a ProviderName, Reading> {
    // The rows, and those of them with a stale figure; a row's cells of one provider stand together or apart.
    let mut rows: BTreeMap<&ProviderName, (Option<&ClientId>, usize)> = BTreeMap::new();
    for (row, cell) in cells {
        let Some(name) = &cell.provider else { continue };
        let (last, stale) = rows.entry(name).or_default();
        if cell.stale && *last != Some(&row.id) {
            *last = Some(&row.id);
            *stale += 1;
        }
    }
    rows.into_iter()
        .map(|(name, (_, stale))| {
            let problem = providers.get(name).and_then(|facts| facts.stale).filter(|_| filter.is_of_all_clients());
            let reading = match (stale, problem) {
                (0, None) => Reading::Clear(format!("{name}: the figures are fresh")),
                (0, Some(problem)) => Reading::Fires(format!("{}; {}", problem.message, problem.remedy)),
                (stale, problem) => {
                    let why = problem.map_or_else(
                        || "its last sync failed or is overdue".to_owned(),
                        |problem| format!("{}; {}", problem.message, problem.remedy),
                    );
                    Reading::Fires(format!("{name}: figures of {} are stale: {why}", count(stale, "client")))
                }
            };
            (name, reading)
        })
        .collect()
}

/// Whether it knows this client.
pub(super) fn mapping(name: &ProviderName, facts: &Facts<'_>, row: &ClientRow) -> Reading {
    if let Some(problem) = facts.unmapped.get(&row.id) {
        return Reading::Fires(format!("{}; {}", problem.message, problem.remedy));
    }
    let mut its = row.metrics.iter().filter(|cell| cell.provider.as_ref() == Some(name));
    // Where the provider's clients are not known, nobody can be missing among them.
    if facts.failure.is_some() || facts.stale.is_some() || its.any(|cell| cell.outcome == OutcomeKind::Unmapped) {
        return Reading::Untold;
    }
    Reading::Clear(format!("{}: it is known at {name}", row.name))
}

/// Whether it has clients that have observations and serve nobody. Which, the sheet says: they are no clients of ours,
/// and what is told here is kept.
pub(super) fn lost(name: &ProviderName, facts: &Facts<'_>) -> Reading {
    match facts.lost {
        0 if facts.failure.is_some() || facts.stale.is_some() => Reading::Untold,
        0 => Reading::Clear(format!("{name}: every one of its clients that has observations serves one of ours")),
        lost => Reading::Fires(format!(
            "{name}: {} with observations serve no client of the roster; run 'scoresheet mapping list'",
            count(lost, "client")
        )),
    }
}

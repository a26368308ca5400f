//! What a sheet says of its providers.

use std::collections::BTreeMap;

use super::Filter;
use crate::{
    id::{ClientId, ProviderName},
    problem::{Problem, ProblemKind},
    sheet::Scoresheet,
};

/// What the sheet says of one provider.
#[derive(Default)]
pub(super) struct Facts<'a> {
    /// Why it gives nothing.
    pub(super) failure: Option<&'a Problem>,
    /// Why its figures are older than they should be.
    pub(super) stale: Option<&'a Problem>,
    /// Clients that it does not know, or knows several of.
    pub(super) unmapped: BTreeMap<&'a ClientId, &'a Problem>,
    /// How many of its clients have observations and serve nobody.
    pub(super) lost: usize,
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

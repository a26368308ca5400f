//! `mapping`: a client that has no counterpart at a source, or several; source clients without a client.

use super::{Check, InvalidParameter, Kind, Parameters};
use crate::{
    alert::{
        evaluate::{Reading, View},
        words::count,
    },
    id::ProviderName,
    sheet::{ClientRow, OutcomeKind},
};

/// A client that has no counterpart at a source, or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping;

impl Kind for Mapping {
    const KEYS: &'static [&'static str] = &["clients", "types"];

    fn new(_: &mut Parameters<'_>) -> Result<Self, Vec<InvalidParameter>> {
        Ok(Self)
    }
}

impl Check for Mapping {
    /// Whether it has clients with observations that belong to no client of the roster. The sheet names them.
    fn provider(&self, view: &View<'_>, name: &ProviderName) -> Option<Reading> {
        let facts = view.providers.get(name).filter(|_| view.filter.is_of_all_clients())?;
        Some(match facts.lost {
            0 if facts.failure.is_some() || facts.stale.is_some() => Reading::Untold,
            0 => Reading::Clear(format!("{name}: every one of its clients that has observations serves one of ours")),
            lost => Reading::Fires(format!(
                "{name}: {} with observations serve no client of the roster; run 'scoresheet mapping list'",
                count(lost, "client")
            )),
        })
    }

    /// Whether it knows this client.
    fn client_of_provider(&self, view: &View<'_>, name: &ProviderName, row: &ClientRow) -> Option<Reading> {
        let facts = view.providers.get(name)?;
        if let Some(problem) = facts.unmapped.get(&row.id) {
            return Some(Reading::Fires(format!("{}; {}", problem.message, problem.remedy)));
        }
        let mut its = row.metrics.iter().filter(|cell| cell.provider.as_ref() == Some(name));
        // If the provider's clients are not known, none can be missing among them.
        if facts.failure.is_some() || facts.stale.is_some() || its.any(|cell| cell.outcome == OutcomeKind::Unmapped) {
            return Some(Reading::Untold);
        }
        Some(Reading::Clear(format!("{}: it is known at {name}", row.name)))
    }
}

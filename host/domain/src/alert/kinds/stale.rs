//! `stale`: figures that are older than they should be, of a provider or entered by hand.

use super::{Check, InvalidParameter, Kind, Parameters};
use crate::{
    alert::{
        cells::name,
        evaluate::{Asked, Reading, View},
        words::count,
    },
    id::{ClientId, ProviderName},
    sheet::{ClientRow, MetricCell},
};

/// Figures that are older than they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stale;

impl Kind for Stale {
    const KEYS: &'static [&'static str] = &["metrics", "clients", "types"];

    fn new(_: &mut Parameters<'_>) -> Result<Self, Vec<InvalidParameter>> {
        Ok(Self)
    }
}

impl Check for Stale {
    fn cell(&self, row: &ClientRow, cell: &MetricCell, asked: Asked) -> Option<Reading> {
        // Figures of a provider are reported once for all its clients.
        cell.provider.is_none().then(|| entered(row, cell, asked))
    }

    fn provider(&self, view: &View<'_>, provider: &ProviderName) -> Option<Reading> {
        let (mut has_cells, mut stale, mut last) = (false, 0, None::<&ClientId>);
        for (row, cell) in view.cells() {
            if cell.provider.as_ref() == Some(provider) {
                has_cells = true;
                if cell.stale && last != Some(&row.id) {
                    last = Some(&row.id);
                    stale += 1;
                }
            }
        }
        let facts = view.providers.get(provider);
        let problem = facts.and_then(|facts| facts.stale).filter(|_| view.filter.is_of_all_clients());
        let reading = match (stale, problem) {
            (0, None) => Reading::Clear(format!("{provider}: the figures are fresh")),
            (0, Some(problem)) => Reading::Fires(format!("{}; {}", problem.message, problem.remedy)),
            (stale, problem) => {
                let why = problem.map_or_else(
                    || "its last sync failed or is overdue".to_owned(),
                    |problem| format!("{}; {}", problem.message, problem.remedy),
                );
                Reading::Fires(format!("{provider}: figures of {} are stale: {why}", count(stale, "client")))
            }
        };
        has_cells.then_some(reading)
    }
}

/// Whether a manual score is too old.
fn entered(row: &ClientRow, cell: &MetricCell, asked: Asked) -> Reading {
    if cell.stale {
        let since = cell.entered.as_ref().map(|it| format!(" is of {}", &it.at.to_string()[..10])).unwrap_or_default();
        return Reading::Fires(format!(
            "{}: the score that was entered{since} and is stale: enter it anew",
            name(row, cell)
        ));
    }
    let what = if cell.score.is_some() { "a score was entered" } else { "no score is entered any more" };
    asked.clear(|| format!("{}: {what}", name(row, cell)))
}

//! The metrics that look at one window of one provider, from what is stored to the cells of the sheet.

use scoresheet_domain::{
    ClientId, Problem, Window,
    digest::Hasher,
    mapping::ClientMapping,
    sheet::{ClientRow, OutcomeKind},
};

use super::{
    cells::{self, Computed},
    load::{ProviderView, Synced, WindowData},
    score::Scored,
};

/// Metrics of one provider and one window.
pub(super) struct Group<'a> {
    /// Which of the sheet's providers.
    pub(super) provider: usize,
    pub(super) window: Window,
    pub(super) metrics: Vec<Computed<'a>>,
}

impl Group<'_> {
    /// Puts down all that is known without scoring, and gives the positions of the clients that are to be scored.
    pub(super) fn settle(
        &self,
        view: &ProviderView<'_>,
        data: &mut WindowData,
        rows: &mut [ClientRow],
        hasher: &mut Hasher,
    ) -> Vec<usize> {
        let stale = match data.synced {
            Synced::Never => false,
            Synced::Whole => view.record.failure.is_some(),
            Synced::Partly(_) => true,
        };
        self.identify(view, stale, hasher);
        let mut asked = Vec::with_capacity(rows.len());
        for (position, row) in rows.iter_mut().enumerate() {
            let unasked = unasked(view, &data.synced, &row.id);
            hasher.field(unasked.as_ref().map_or("asked", |(outcome, _)| outcome.as_str()));
            let rejected = std::mem::take(&mut data.rejected[position]);
            hasher.number(rejected.len() as i64);
            for (reason, count) in &rejected {
                hasher.field(reason).number(*count as i64);
            }
            for metric in &self.metrics {
                let cell = &mut row.metrics[metric.column];
                cell.stale = stale;
                cell.rejected.clone_from(&rejected);
                if let Some((outcome, why)) = &unasked {
                    cell.outcome = *outcome;
                    cell.explanation = vec![why.clone()];
                }
            }
            if unasked.is_none() {
                asked.push(position);
            }
        }
        asked
    }

    /// Puts down what the provider answered for some clients.
    pub(super) fn take(
        &self,
        view: &ProviderView<'_>,
        scored: Scored,
        rows: &mut [ClientRow],
        hasher: &mut Hasher,
        failures: &mut [Option<Problem>],
    ) {
        for digest in &scored.digests {
            hasher.field(digest.bytes());
        }
        for ((metric, failed), outcomes) in self.metrics.iter().zip(failures).zip(scored.outcomes) {
            let cells = scored.positions.iter().map(|at| (*at, metric.column));
            match outcomes {
                Ok(outcomes) => {
                    for ((at, column), outcome) in cells.zip(outcomes) {
                        cells::fill(&mut rows[at].metrics[column], outcome);
                    }
                }
                Err(failure) => {
                    for (at, column) in cells {
                        rows[at].metrics[column].outcome = OutcomeKind::Failed;
                        rows[at].metrics[column].explanation = vec![failure.to_string()];
                    }
                    *failed = Some(metric.failed(view, &failure));
                }
            }
        }
    }

    /// What the figures depend on, besides the clients and their observations.
    fn identify(&self, view: &ProviderView<'_>, stale: bool, hasher: &mut Hasher) {
        hasher
            .field(view.name.as_str())
            .field(view.instance.provider.digest().bytes())
            .number(self.window.start.millis())
            .number(self.window.end.millis())
            .number(i64::from(stale))
            .number(self.metrics.len() as i64);
        for metric in &self.metrics {
            metric.identify(hasher);
        }
    }
}

/// Why a client is not scored, where it is not.
fn unasked(view: &ProviderView<'_>, synced: &Synced, client: &ClientId) -> Option<(OutcomeKind, String)> {
    if *synced == Synced::Never {
        return Some((OutcomeKind::NoData, "not synced: this window was never pulled".to_owned()));
    }
    match view.mapping.mapping.clients.get(client) {
        Some(ClientMapping::Mapped(_)) => None,
        Some(ClientMapping::Ambiguous { candidates, .. }) => {
            let count = candidates.len().max(2);
            let why = format!("{count} clients of {} fit equally well: a person decides", view.name);
            Some((OutcomeKind::Unmapped, why))
        }
        Some(ClientMapping::Unmapped) | None => {
            Some((OutcomeKind::Unmapped, format!("no client of {} is known to be this one", view.name)))
        }
    }
}

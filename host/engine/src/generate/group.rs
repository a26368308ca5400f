//! The metrics that look at one window of one provider, from what is stored to the cells of the sheet.

use scoresheet_domain::{
    ClientId, Problem, Window,
    digest::Hasher,
    sheet::{ClientRow, OutcomeKind},
};

use super::{
    cells::{self, Computed},
    load::{ProviderView, Synced, WindowData},
    past::{KnownPast, Past},
    score::Scored,
};
use crate::mapping::ClientMapping;

/// Metrics of one provider and one window.
pub(super) struct Group<'a> {
    pub(super) window: Window,
    /// What the metrics' trends look at; none where the sheet shows none.
    pub(super) past: Option<Past>,
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
                if !metric.metric.applies_to(row.kind.as_deref()) {
                    cells::inapplicable(cell, metric.metric);
                    continue;
                }
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
        past: Option<&KnownPast<'_>>,
        scored: Scored,
        rows: &mut [ClientRow],
        hasher: &mut Hasher,
        failures: &mut [Option<Problem>],
    ) {
        for digest in &scored.digests {
            hasher.field(digest.bytes());
        }
        let metrics = self.metrics.iter().zip(failures).zip(scored.outcomes).zip(scored.past).zip(scored.longer);
        for ((((metric, failed), outcomes), figures), longer) in metrics {
            let applies = |row: &ClientRow| metric.metric.applies_to(row.kind.as_deref());
            match outcomes {
                Ok(outcomes) => {
                    let figures = figures.transpose();
                    if let Err(failure) = &figures {
                        *failed = Some(metric.trend_failed(view, failure));
                    }
                    for ((client, at), outcome) in scored.positions.iter().enumerate().zip(outcomes) {
                        let row = &mut rows[*at];
                        if applies(row) {
                            let cell = &mut row.metrics[metric.column];
                            cell.trend = past.zip(figures.as_ref().ok()).map(|(past, figures)| {
                                let own = figures.as_ref().map(|figures| figures.of(client)).unwrap_or_default();
                                past.trend(outcome.score(), own)
                            });
                            cells::fill(cell, outcome);
                            if let Some(counts) = longer[client] {
                                cell.explanation.push(cells::longer_lookback(view.name, self.window, counts));
                            }
                        }
                    }
                }
                Err(failure) => {
                    for at in &scored.positions {
                        let row = &mut rows[*at];
                        if applies(row) {
                            row.metrics[metric.column].outcome = OutcomeKind::Failed;
                            row.metrics[metric.column].explanation = vec![failure.to_string()];
                        }
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

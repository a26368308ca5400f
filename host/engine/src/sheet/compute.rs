//! From inputs to a sheet. No I/O but the calls into the sandbox.

use std::{collections::BTreeMap, sync::Arc};

use scoresheet_domain::{
    Digest, Failure, Problem, ProviderName,
    digest::Hasher,
    review,
    sheet::{ClientRow, MetricCell, OutcomeKind, SCHEMA, Scoresheet},
};
use tokio_util::sync::CancellationToken;

use super::{
    cells,
    coverage::{self, Synced},
    finish::Finish,
    inputs::{MappingState, ProviderInputs, SheetInputs},
    past::Past,
    problems,
    score::{Scored, Scoring},
};
use crate::{
    definition::{MetricDefinition, MetricSource},
    error::EngineError,
    ports::{Provider, RunContext},
    remedy,
};

/// Computes a sheet.
///
/// # Errors
/// [`EngineError`] if a provider is missing or the caller gave up.
pub(crate) async fn compute(
    inputs: &Arc<SheetInputs>,
    providers: &BTreeMap<ProviderName, Arc<dyn Provider>>,
    cancel: &CancellationToken,
) -> Result<Scoresheet, EngineError> {
    for name in inputs.providers.keys() {
        if !providers.contains_key(name) {
            let known = providers.keys().cloned().collect();
            return Err(EngineError::UnknownProvider { name: name.to_string(), known });
        }
    }
    let run = RunContext { now: inputs.as_of, cancel: cancel.clone() };
    let mut rows = rows(inputs, providers);
    let mut problems: Vec<Problem> = inputs.providers.values().flat_map(|it| it.problems.iter().cloned()).collect();
    for (column, metric) in inputs.sheet.metrics.iter().enumerate() {
        if let MetricSource::Provider { provider, .. } = &metric.source {
            let column = Column { inputs, at: column, metric, name: provider, own: &inputs.providers[provider] };
            problems.extend(column.fill(&providers[provider], &run, &mut rows).await?);
            if cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
        }
    }
    let finish = Finish { sheet: &inputs.sheet, as_of: inputs.as_of };
    problems.extend(finish.put_entries(&mut rows, &inputs.entries));
    finish.compose_rows(&mut rows);
    if let Some(client) = &inputs.client {
        rows.retain(|row| row.id == *client);
    }
    let problems = problems::tidy(problems, inputs.client.as_ref().map(|client| client.as_str()));
    let id = id(inputs, &problems)?;
    tracing::info!(clients = rows.len(), problems = problems.len(), %id, "computed the sheet");
    Ok(Scoresheet {
        schema: SCHEMA,
        id: id.to_string(),
        sheet: inputs.sheet.name.clone(),
        as_of: inputs.as_of,
        stub: inputs.providers.keys().any(|name| providers[name].description().stub),
        review: review::review(&rows),
        clients: rows,
        problems,
    })
}

/// The digest of the inputs, and of the problems: what a provider failed at while it scored is no input.
fn id(inputs: &SheetInputs, problems: &[Problem]) -> Result<Digest, EngineError> {
    let inputs = inputs.digest().map_err(|error| EngineError::Inputs(error.to_string()))?;
    let mut hasher = Hasher::new();
    hasher.field(inputs.bytes());
    for problem in problems {
        hasher.field(problem.kind.as_str()).field(&problem.message);
    }
    Ok(hasher.finish())
}

/// The sheet's rows before anything is known of a client.
fn rows(inputs: &SheetInputs, providers: &BTreeMap<ProviderName, Arc<dyn Provider>>) -> Vec<ClientRow> {
    let cell = |metric: &MetricDefinition| {
        let window = inputs.window(metric);
        match &metric.source {
            MetricSource::Manual { .. } => cells::manual(metric, window),
            MetricSource::Provider { provider, metric: id, .. } => {
                let description = providers[provider].description();
                let unit = description.metric(id.as_str()).map(|metric| metric.unit.clone());
                cells::computed(metric, provider, unit, description.stub, window)
            }
        }
    };
    let cells: Vec<MetricCell> = inputs.sheet.metrics.iter().map(cell).collect();
    let engagement = inputs.sheet.composition.compose([]);
    inputs
        .clients
        .iter()
        .map(|client| ClientRow {
            id: client.id.clone(),
            name: client.name.clone(),
            kind: client.kind.clone(),
            engagement,
            metrics: cells.clone(),
            groups: Vec::new(),
            benchmark: None,
            target: None,
        })
        .collect()
}

/// One metric of a provider.
struct Column<'a> {
    inputs: &'a Arc<SheetInputs>,
    /// Its place in a row.
    at: usize,
    metric: &'a MetricDefinition,
    name: &'a ProviderName,
    own: &'a ProviderInputs,
}

impl Column<'_> {
    /// Fills the metric's cell of every row; returns what is wrong with it.
    async fn fill(
        &self,
        provider: &Arc<dyn Provider>,
        run: &RunContext,
        rows: &mut [ClientRow],
    ) -> Result<Vec<Problem>, EngineError> {
        let MetricSource::Provider { metric: id, settings, .. } = &self.metric.source else { return Ok(Vec::new()) };
        let description = provider.description();
        let kinds = description.metric(id.as_str()).map(|metric| metric.kinds.clone()).unwrap_or_default();
        let names = kinds.iter().filter_map(|kind| description.kinds.get(usize::from(*kind)));
        let covered = coverage::of_kinds(&self.own.coverage, names);
        let window = self.inputs.window(self.metric);
        let synced = coverage::synced(covered.as_ref(), window);
        let asked = self.settle(&synced, rows);
        let past = Past::new(self.inputs.sheet.trend, self.inputs.as_of, self.inputs.days(self.metric));
        let scoring = Scoring {
            inputs: Arc::clone(self.inputs),
            name: self.name.clone(),
            provider: Arc::clone(provider),
            run: run.clone(),
            metric: id.clone(),
            settings: settings.to_string(),
            kinds,
            window,
            past: past.map(|past| {
                let known = past.known(covered.as_ref());
                (past, known)
            }),
        };
        let mut problems: Vec<Problem> =
            problems::of_window(self.name, self.own, window, &synced).into_iter().collect();
        scoring.all(&asked, |scored| self.take(scored, rows, &mut problems)).await?;
        Ok(problems)
    }

    /// Fills in what is known without scoring; returns the positions of the clients to score.
    fn settle(&self, synced: &Synced, rows: &mut [ClientRow]) -> Vec<usize> {
        let stale = match synced {
            Synced::Never => false,
            Synced::Whole => self.own.failed,
            Synced::Partly(_) => true,
        };
        let window = self.inputs.window(self.metric);
        let rejected = self.own.windows.iter().position(|known| *known == window);
        let mut asked = Vec::with_capacity(rows.len());
        for (position, (row, client)) in rows.iter_mut().zip(&self.own.clients).enumerate() {
            let cell = &mut row.metrics[self.at];
            if !self.metric.applies_to(row.kind.as_deref()) {
                cells::inapplicable(cell, self.metric);
                continue;
            }
            cell.stale = stale;
            if *synced != Synced::Never
                && let Some(at) = rejected
            {
                cell.rejected.clone_from(&client.rejected[at]);
            }
            match self.unasked(synced, client.mapping) {
                None => asked.push(position),
                Some((outcome, why)) => {
                    cell.outcome = outcome;
                    cell.explanation = vec![why];
                }
            }
        }
        asked
    }

    /// Why a client is not scored, if it is not.
    fn unasked(&self, synced: &Synced, mapping: MappingState) -> Option<(OutcomeKind, String)> {
        if *synced == Synced::Never {
            return Some((OutcomeKind::NoData, "not synced: this window was never pulled".to_owned()));
        }
        let name = self.name;
        match mapping {
            MappingState::Mapped => None,
            MappingState::Ambiguous(count) => {
                Some((OutcomeKind::Unmapped, format!("{count} clients of {name} fit equally well: a person decides")))
            }
            MappingState::Unmapped => {
                Some((OutcomeKind::Unmapped, format!("no client of {name} is known to be this one")))
            }
        }
    }

    /// Fills in a chunk's outcomes.
    fn take(&self, scored: Scored, rows: &mut [ClientRow], problems: &mut Vec<Problem>) {
        let window = self.inputs.window(self.metric);
        let mut trends = match scored.trends {
            Some(Ok(trends)) => trends.into_iter().map(Some).collect(),
            Some(Err(failure)) => {
                problems.push(self.problem("could be scored, but not for the months before", &failure));
                Vec::new()
            }
            None => Vec::new(),
        };
        trends.resize(scored.positions.len(), None);
        match scored.outcomes {
            Ok(outcomes) => {
                let each = scored.positions.iter().zip(outcomes).zip(trends).zip(scored.longer);
                for (((at, outcome), trend), longer) in each {
                    let cell = &mut rows[*at].metrics[self.at];
                    cell.trend = trend;
                    cells::fill(cell, outcome);
                    if let Some(counts) = longer {
                        cell.explanation.push(cells::longer_lookback(self.name, window, counts));
                    }
                }
            }
            Err(failure) => {
                for at in &scored.positions {
                    let cell = &mut rows[*at].metrics[self.at];
                    cell.outcome = OutcomeKind::Failed;
                    cell.explanation = vec![failure.to_string()];
                }
                problems.push(self.problem("could not be scored", &failure));
            }
        }
    }

    fn problem(&self, what: &str, failure: &Failure) -> Problem {
        let mut problem = remedy::problem(self.name, self.own.credential.as_deref(), failure);
        problem.message = format!("{}: {} {what}: {failure}", self.name, self.metric.name);
        problem
    }
}

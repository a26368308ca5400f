//! One metric of every client: what the provider answers, as cells of the sheet.

use std::collections::BTreeMap;

use scoresheet_domain::{
    Client, Failure, MetricId, MetricOutcome, Problem, Sample, Subject, Window,
    digest::Hasher,
    mapping::ClientMapping,
    sheet::{MetricCell, OutcomeKind},
};

use super::load::{ProviderView, Synced, WindowData};
use crate::{definition::MetricDefinition, ports::RunContext, remedy};

/// So many clients go into one call of `score`; each is scored by itself, so the cut changes nothing.
const SUBJECTS_A_CALL: usize = 1_000;

/// The cells of a manual metric: nobody has entered anything.
pub(super) fn manual(metric: &MetricDefinition, window: Window, clients: usize) -> Vec<MetricCell> {
    let cell = MetricCell {
        id: metric.id.clone(),
        name: metric.name.clone(),
        provider: None,
        weight: metric.weight,
        outcome: OutcomeKind::NoData,
        score: None,
        value: None,
        unit: None,
        samples: 0,
        effective_samples: None,
        interval: None,
        rejected: BTreeMap::new(),
        window: window.into(),
        stub: false,
        stale: false,
        overridden: None,
        explanation: vec!["a manual metric: nobody has entered a score".to_owned()],
    };
    vec![cell; clients]
}

/// Makes a provider metric's cells.
pub(super) struct CellMaker<'a> {
    pub(super) metric: &'a MetricDefinition,
    pub(super) provider_metric: &'a MetricId,
    pub(super) settings: &'a serde_json::Value,
    pub(super) view: &'a ProviderView<'a>,
    pub(super) data: &'a WindowData,
    pub(super) window: Window,
}

impl CellMaker<'_> {
    /// A cell a client, in order, and what the provider failed with.
    pub(super) async fn cells(
        &self,
        run: &RunContext,
        clients: &[&Client],
        hasher: &mut Hasher,
    ) -> (Vec<MetricCell>, Option<Problem>) {
        let mut cells: Vec<MetricCell> = Vec::with_capacity(clients.len());
        let mut asked = Vec::new();
        self.identify(hasher);
        for (position, client) in clients.iter().enumerate() {
            let mut cell = self.empty(position);
            if self.data.synced == Synced::Never {
                cell.explanation = vec!["not synced: this window was never pulled".to_owned()];
            } else {
                match self.view.mapping.mapping.clients.get(&client.id) {
                    Some(ClientMapping::Mapped(_)) => asked.push(position),
                    Some(ClientMapping::Ambiguous { candidates, .. }) => {
                        cell.outcome = OutcomeKind::Unmapped;
                        cell.explanation = vec![format!(
                            "{} clients of {} fit equally well: a person decides",
                            candidates.len().max(2),
                            self.view.name
                        )];
                    }
                    Some(ClientMapping::Unmapped) | None => {
                        cell.outcome = OutcomeKind::Unmapped;
                        cell.explanation = vec![format!("no client of {} is known to be this one", self.view.name)];
                    }
                }
            }
            hasher.field(cell.outcome.as_str()).number(i64::from(cell.stale));
            cells.push(cell);
        }
        let mut problem = None;
        for chunk in asked.chunks(SUBJECTS_A_CALL) {
            let subjects: Vec<Subject> = chunk.iter().map(|at| self.subject(clients[*at], *at)).collect();
            for subject in &subjects {
                identify_samples(hasher, &subject.samples);
            }
            let settings = self.settings.to_string();
            let scored =
                self.view.instance.provider.score(run, self.provider_metric, &settings, self.window, subjects).await;
            match scored {
                Ok(outcomes) => {
                    for (at, outcome) in chunk.iter().zip(outcomes) {
                        fill(&mut cells[*at], outcome);
                    }
                }
                Err(failure) => {
                    for at in chunk {
                        cells[*at].outcome = OutcomeKind::Failed;
                        cells[*at].explanation = vec![failure.to_string()];
                    }
                    problem = Some(self.failed(&failure));
                }
            }
        }
        (cells, problem)
    }

    fn subject(&self, client: &Client, position: usize) -> Subject {
        let kinds =
            self.view.instance.provider.description().metric(self.provider_metric.as_str()).map(|m| m.kinds.as_slice());
        let samples = self.data.samples[position]
            .iter()
            .filter(|sample| kinds.is_some_and(|kinds| kinds.contains(&sample.kind)))
            .copied()
            .collect();
        Subject { attributes: client.attributes.clone(), samples }
    }

    fn empty(&self, position: usize) -> MetricCell {
        let description = self.view.instance.provider.description();
        MetricCell {
            id: self.metric.id.clone(),
            name: self.metric.name.clone(),
            provider: Some(self.view.name.clone()),
            weight: self.metric.weight,
            outcome: OutcomeKind::NoData,
            score: None,
            value: None,
            unit: description.metric(self.provider_metric.as_str()).map(|metric| metric.unit.clone()),
            samples: 0,
            effective_samples: None,
            interval: None,
            rejected: self.data.rejected[position].clone(),
            window: self.window.into(),
            stub: description.stub,
            stale: self.stale(),
            overridden: None,
            explanation: Vec::new(),
        }
    }

    fn stale(&self) -> bool {
        match self.data.synced {
            Synced::Never => false,
            Synced::Whole => self.view.record.failure.is_some(),
            Synced::Partly(_) => true,
        }
    }

    fn failed(&self, failure: &Failure) -> Problem {
        let mut problem = remedy::problem(self.view.name, failure, self.view.instance.credential.as_deref());
        problem.message = format!("{}: {} could not be scored: {failure}", self.view.name, self.metric.name);
        problem
    }

    /// What the figures of this metric depend on, besides the samples.
    fn identify(&self, hasher: &mut Hasher) {
        hasher
            .field(self.metric.id.as_str())
            .field(&self.metric.name)
            .float(self.metric.weight)
            .field(self.view.name.as_str())
            .field(self.provider_metric.as_str())
            .field(self.settings.to_string())
            .field(self.view.instance.provider.digest().bytes())
            .number(self.window.start.millis())
            .number(self.window.end.millis());
        for rejected in &self.data.rejected {
            hasher.number(rejected.len() as i64);
            for (reason, count) in rejected {
                hasher.field(reason).number(*count as i64);
            }
        }
    }
}

fn identify_samples(hasher: &mut Hasher, samples: &[Sample]) {
    hasher.number(samples.len() as i64);
    for sample in samples {
        hasher
            .number(sample.at.millis())
            .number(sample.until.millis())
            .number(i64::from(sample.kind))
            .float(sample.value);
    }
}

fn fill(cell: &mut MetricCell, outcome: MetricOutcome) {
    match outcome {
        MetricOutcome::Measured(score) => {
            cell.outcome = OutcomeKind::Measured;
            cell.score = Some(score.score);
            cell.value = Some(score.value);
            cell.samples = score.samples;
            cell.effective_samples = Some(score.effective_samples);
            cell.interval = score.interval;
            cell.explanation = score.explanation;
        }
        MetricOutcome::NoData(shortfall) => {
            cell.outcome = OutcomeKind::NoData;
            cell.samples = shortfall.have;
            cell.explanation = vec![shortfall.detail];
        }
        MetricOutcome::NotApplicable(why) => {
            cell.outcome = OutcomeKind::NotApplicable;
            cell.explanation = vec![why];
        }
    }
}

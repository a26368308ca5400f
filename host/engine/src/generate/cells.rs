//! The cells of the sheet: a metric's for every client alike, and what becomes of each.

use scoresheet_domain::{
    Description, Failure, MetricId, MetricOutcome, Problem, ProviderName, Window,
    digest::Hasher,
    sheet::{MetricCell, OutcomeKind},
    time::DAY_MS,
};

use super::{
    layout::KindSet,
    load::ProviderView,
    score::{LONGER_DAYS, MetricInput},
};
use crate::{definition::MetricDefinition, ports::Ask, remedy};

/// The cell of a manual metric: nobody has entered anything.
pub(super) fn manual(metric: &MetricDefinition, window: Window) -> MetricCell {
    MetricCell {
        explanation: vec!["a manual metric: nobody has entered a score".to_owned()],
        group: metric.group.clone(),
        ..MetricCell::unscored(metric.id.clone(), metric.name.as_str(), metric.weight, window)
    }
}

/// A metric that a provider computes.
pub(super) struct Computed<'a> {
    /// Where it stands on the sheet.
    pub(super) column: usize,
    pub(super) metric: &'a MetricDefinition,
    pub(super) provider_metric: &'a MetricId,
    pub(super) settings: &'a serde_json::Value,
}

impl Computed<'_> {
    /// Its cell before anything is known of a client.
    pub(super) fn cell(&self, provider: &ProviderName, description: &Description, window: Window) -> MetricCell {
        MetricCell {
            provider: Some(provider.clone()),
            unit: description.metric(self.provider_metric.as_str()).map(|metric| metric.unit.clone()),
            stub: description.stub,
            explanation: Vec::new(),
            ..manual(self.metric, window)
        }
    }

    /// What `score` is given for it.
    pub(super) fn input(&self, description: &Description) -> MetricInput {
        let metric = description.metric(self.provider_metric.as_str());
        MetricInput {
            ask: Ask { metric: self.provider_metric.clone(), settings: self.settings.to_string() },
            kinds: KindSet::of(metric.map(|metric| metric.kinds.as_slice()).unwrap_or_default()),
        }
    }

    /// What its figures depend on, besides the observations.
    pub(super) fn identify(&self, hasher: &mut Hasher) {
        hasher.number(self.column as i64).field(self.provider_metric.as_str()).field(self.settings.to_string());
    }

    /// That it could not be scored.
    pub(super) fn failed(&self, view: &ProviderView<'_>, failure: &Failure) -> Problem {
        self.problem(view, "could not be scored", failure)
    }

    /// That it has no trend.
    pub(super) fn trend_failed(&self, view: &ProviderView<'_>, failure: &Failure) -> Problem {
        self.problem(view, "could be scored, but not for the months before", failure)
    }

    fn problem(&self, view: &ProviderView<'_>, what: &str, failure: &Failure) -> Problem {
        let mut problem = remedy::problem(view.name, view.instance, failure);
        problem.message = format!("{}: {} {what}: {failure}", view.name, self.metric.name);
        problem
    }
}

/// That a metric is for clients of other types.
pub(super) fn inapplicable(cell: &mut MetricCell, metric: &MetricDefinition) {
    cell.outcome = OutcomeKind::NotApplicable;
    cell.explanation = vec![format!("applies to clients of the type {} only", metric.client_types.join(" or "))];
}

/// What would help a metric without data: a longer lookback, or a look at the connection.
pub(super) fn longer_lookback(provider: &ProviderName, window: Window, counts: [usize; LONGER_DAYS.len()]) -> String {
    let days = (window.end.millis() - window.start.millis()) / DAY_MS;
    let found: Vec<String> = LONGER_DAYS
        .iter()
        .zip(counts)
        .filter(|(longer, count)| **longer > days && *count > 0)
        .map(|(longer, count)| format!("{count} in {longer} days"))
        .collect();
    if found.is_empty() {
        format!("none in a longer lookback either; 'scoresheet check {provider}' tells whether the data may be read")
    } else {
        format!("a longer lookback would have data: {}", found.join(", "))
    }
}

/// Puts down what the provider answered.
pub(super) fn fill(cell: &mut MetricCell, outcome: MetricOutcome) {
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

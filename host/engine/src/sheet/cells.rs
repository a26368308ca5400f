//! The cells of the sheet: a metric's initial cell, and how outcomes fill it.

use scoresheet_domain::{
    MetricOutcome, ProviderName, Window,
    sheet::{MetricCell, OutcomeKind},
    time::DAY_MS,
};

use super::past::LONGER_DAYS;
use crate::definition::MetricDefinition;

/// The cell of a manual metric without a score.
pub(super) fn manual(metric: &MetricDefinition, window: Window) -> MetricCell {
    MetricCell {
        explanation: vec!["a manual metric: nobody has entered a score".to_owned()],
        group: metric.group.clone(),
        ..MetricCell::unscored(metric.id.clone(), metric.name.as_str(), metric.weight, window)
    }
}

/// The cell of a provider's metric before anything is known of a client.
pub(super) fn computed(
    metric: &MetricDefinition,
    provider: &ProviderName,
    unit: Option<String>,
    stub: bool,
    window: Window,
) -> MetricCell {
    MetricCell { provider: Some(provider.clone()), unit, stub, explanation: Vec::new(), ..manual(metric, window) }
}

/// The metric applies to clients of other types.
pub(super) fn inapplicable(cell: &mut MetricCell, metric: &MetricDefinition) {
    cell.outcome = OutcomeKind::NotApplicable;
    cell.explanation = vec![format!("applies to clients of the type {} only", metric.client_types.join(" or "))];
}

/// What would help a metric without data: a longer lookback, or a check of the connection.
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

/// Fills a cell with the provider's outcome.
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

//! What several kinds of rules read from a metric of a client.

use super::evaluate::Reading;
use crate::sheet::{ClientRow, MetricCell, OutcomeKind};

/// Two figures whose difference is computed in floating point: 4.2 − 3.7 is as much as 0.5.
pub(super) const ROUNDING: f64 = 1e-9;

pub(super) fn name(row: &ClientRow, cell: &MetricCell) -> String {
    format!("{}: {}", row.name, cell.name)
}

/// Stale figures resolve nothing; they may fire, and say so.
pub(super) fn unless_stale(cell: &MetricCell, reading: Reading) -> Reading {
    match reading {
        Reading::Clear(_) if is_doubtful(cell) => Reading::Untold,
        Reading::Fires(message) if cell.stale => Reading::Fires(format!("{message}; the figures are stale")),
        reading => reading,
    }
}

/// Whether what it shows may be over already. A person's word over the figures is not.
pub(super) const fn is_doubtful(cell: &MetricCell) -> bool {
    match cell.outcome {
        OutcomeKind::Overridden => false,
        OutcomeKind::Failed => true,
        _ => cell.stale,
    }
}

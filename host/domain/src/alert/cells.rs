//! What rules read from a client's row: scores against a floor, windows against the one before, scores that were entered.

use super::{
    Condition, FloorOf, Rule,
    evaluate::Reading,
    words::{count, figure},
};
use crate::{
    sheet::{ClientRow, MetricCell, OutcomeKind},
    trend::{Direction, Trend},
};

/// Two figures whose difference is computed in floating point: 4.2 − 3.7 is as much as 0.5.
const ROUNDING: f64 = 1e-9;

/// The engagement score against a floor.
pub(super) fn engagement(rule: &Rule, row: &ClientRow) -> Reading {
    let Condition::Floor { of: FloorOf::Engagement, at, clears_above } = rule.condition else {
        return Reading::Untold;
    };
    let Some(score) = row.engagement.score else { return Reading::Untold };
    let doubtful: Vec<&MetricCell> = row.metrics.iter().filter(|cell| is_doubtful(cell)).collect();
    against_floor(
        &format!("{}: the engagement score is {}", row.name, figure(score)),
        score,
        (at, clears_above),
        if doubtful.is_empty() {
            String::new()
        } else {
            format!("of {} the figures are stale", count(doubtful.len(), "metric"))
        },
        !doubtful.is_empty(),
    )
}

/// A metric's score against a floor, or its window against the one before.
pub(super) fn metric(rule: &Rule, row: &ClientRow, cell: &MetricCell) -> Reading {
    let name = format!("{}: {}", row.name, cell.name);
    match rule.condition {
        Condition::Floor { of: FloorOf::Metrics, at, clears_above } => {
            let Some(score) = cell.score else { return Reading::Untold };
            let mut beside: Vec<String> = cell.explanation.first().cloned().into_iter().collect();
            if cell.stale {
                beside.push("the figures are stale".to_owned());
            }
            let told = format!("{name} is {}", figure(score));
            against_floor(&told, score, (at, clears_above), beside.join("; "), is_doubtful(cell))
        }
        Condition::Drop { by } => match (cell.value, &cell.trend) {
            (Some(value), Some(trend)) => unless_stale(cell, drop(&name, value, by, trend, cell.interval.is_some())),
            _ => Reading::Untold,
        },
        Condition::Decline => match &cell.trend {
            Some(trend) => unless_stale(cell, decline(&name, trend)),
            None => Reading::Untold,
        },
        _ => Reading::Untold,
    }
}

fn against_floor(told: &str, score: f64, (at, clears_above): (f64, f64), beside: String, doubtful: bool) -> Reading {
    let beside = if beside.is_empty() { beside } else { format!(" ({beside})") };
    if score <= at {
        Reading::Fires(format!("{told}, at or under the floor of {}{beside}", figure(at)))
    } else if score > clears_above && !doubtful {
        Reading::Clear(format!("{told}, above the floor of {}{beside}", figure(at)))
    } else {
        Reading::Untold
    }
}

/// A figure that is a mean has an interval, and of a mean less is worse. Of other figures only their score tells what
/// is worse, which the trend's direction goes by.
fn drop(name: &str, value: f64, by: f64, trend: &Trend, is_mean: bool) -> Reading {
    let (Some(previous), Some(change)) = (trend.previous, trend.change) else { return Reading::Untold };
    let is_worse = match trend.direction {
        Direction::Declining => true,
        Direction::Steady => is_mean && change < 0.0,
        Direction::Improving => false,
        Direction::Unclear => return Reading::Untold,
    };
    let told = format!("{name} is {} after {} in the window before", figure(value), figure(previous));
    if is_worse && change.abs() + ROUNDING >= by {
        Reading::Fires(format!("{told}, worse by {}", figure(change.abs())))
    } else {
        Reading::Clear(format!("{told}, which is no drop of {} or more", figure(by)))
    }
}

fn decline(name: &str, trend: &Trend) -> Reading {
    match trend.direction {
        Direction::Declining => Reading::Fires(format!("{name} is declining: {}", trend.basis)),
        Direction::Steady | Direction::Improving => {
            Reading::Clear(format!("{name} is {}: {}", trend.direction.as_str(), trend.basis))
        }
        Direction::Unclear => Reading::Untold,
    }
}

fn unless_stale(cell: &MetricCell, reading: Reading) -> Reading {
    match reading {
        Reading::Clear(_) if is_doubtful(cell) => Reading::Untold,
        Reading::Fires(message) if cell.stale => Reading::Fires(format!("{message}; the figures are stale")),
        reading => reading,
    }
}

/// Whether what it shows may be over already. A person's word over the figures is not.
const fn is_doubtful(cell: &MetricCell) -> bool {
    match cell.outcome {
        OutcomeKind::Overridden => false,
        OutcomeKind::Failed => true,
        _ => cell.stale,
    }
}

/// Whether a score that a person entered is too old.
pub(super) fn entered(row: &ClientRow, cell: &MetricCell) -> Reading {
    let name = format!("{}: {}", row.name, cell.name);
    if cell.stale {
        let since = cell.entered.as_ref().map(|it| format!(" is of {}", &it.at.to_string()[..10])).unwrap_or_default();
        Reading::Fires(format!("{name}: the score that was entered{since} and is stale: enter it anew"))
    } else if cell.score.is_some() {
        Reading::Clear(format!("{name}: a score was entered"))
    } else {
        Reading::Clear(format!("{name}: no score is entered any more"))
    }
}

//! What rules read from a client's row: scores against a floor, windows against the one before, scores that were entered.

use super::{
    Condition, FloorOf, Rule,
    evaluate::{Asked, Reading},
    words::{count, figure},
};
use crate::{
    sheet::{ClientRow, MetricCell, OutcomeKind},
    trend::{Direction, Trend},
};

/// Two figures whose difference is computed in floating point: 4.2 − 3.7 is as much as 0.5.
const ROUNDING: f64 = 1e-9;

/// The engagement score against a floor.
pub(super) fn engagement(rule: &Rule, row: &ClientRow, asked: Asked) -> Reading {
    let Condition::Floor { of: FloorOf::Engagement, at, clears_above } = rule.condition else {
        return Reading::Untold;
    };
    let Some(score) = row.engagement.score else { return Reading::Untold };
    let doubtful = row.metrics.iter().filter(|cell| is_doubtful(cell)).count();
    let told = || format!("{}: the engagement score is {}", row.name, figure(score));
    let beside = || match doubtful {
        0 => String::new(),
        some => format!("of {} the figures are stale", count(some, "metric")),
    };
    against_floor(score, (at, clears_above), doubtful > 0, (told, beside), asked)
}

/// A metric's score against a floor, or its window against the one before.
pub(super) fn metric(rule: &Rule, row: &ClientRow, cell: &MetricCell, asked: Asked) -> Reading {
    match (rule.condition, &cell.trend) {
        (Condition::Floor { of: FloorOf::Metrics, at, clears_above }, _) => {
            let Some(score) = cell.score else { return Reading::Untold };
            let told = || format!("{} is {}", name(row, cell), figure(score));
            let beside = || {
                let stale = cell.stale.then_some("the figures are stale");
                cell.explanation.first().map(String::as_str).into_iter().chain(stale).collect::<Vec<_>>().join("; ")
            };
            against_floor(score, (at, clears_above), is_doubtful(cell), (told, beside), asked)
        }
        (Condition::Drop { by }, Some(trend)) => unless_stale(cell, drop(row, cell, by, trend, asked)),
        (Condition::Decline, Some(trend)) => unless_stale(cell, decline(row, cell, trend, asked)),
        _ => Reading::Untold,
    }
}

fn name(row: &ClientRow, cell: &MetricCell) -> String {
    format!("{}: {}", row.name, cell.name)
}

fn against_floor(
    score: f64,
    (at, clears_above): (f64, f64),
    doubtful: bool,
    (told, beside): (impl Fn() -> String, impl Fn() -> String),
    asked: Asked,
) -> Reading {
    let words = |how: &str| {
        let beside = beside();
        let beside = if beside.is_empty() { beside } else { format!(" ({beside})") };
        format!("{}, {how} the floor of {}{beside}", told(), figure(at))
    };
    if score <= at {
        Reading::Fires(words("at or under"))
    } else if score > clears_above && !doubtful {
        asked.clear(|| words("above"))
    } else {
        Reading::Untold
    }
}

/// A figure that is a mean has an interval, and of a mean less is worse. Of other figures only their score tells what
/// is worse, which the trend's direction goes by.
fn drop(row: &ClientRow, cell: &MetricCell, by: f64, trend: &Trend, asked: Asked) -> Reading {
    let (Some(value), Some(previous), Some(change)) = (cell.value, trend.previous, trend.change) else {
        return Reading::Untold;
    };
    let is_worse = match trend.direction {
        Direction::Declining => true,
        Direction::Steady => cell.interval.is_some() && change < 0.0,
        Direction::Improving => false,
        Direction::Unclear => return Reading::Untold,
    };
    let told = || format!("{} is {} after {} in the window before", name(row, cell), figure(value), figure(previous));
    if is_worse && change.abs() + ROUNDING >= by {
        Reading::Fires(format!("{}, worse by {}", told(), figure(change.abs())))
    } else {
        asked.clear(|| format!("{}, which is no drop of {} or more", told(), figure(by)))
    }
}

fn decline(row: &ClientRow, cell: &MetricCell, trend: &Trend, asked: Asked) -> Reading {
    match trend.direction {
        Direction::Declining => Reading::Fires(format!("{} is declining: {}", name(row, cell), trend.basis)),
        Direction::Steady | Direction::Improving => {
            asked.clear(|| format!("{} is {}: {}", name(row, cell), trend.direction.as_str(), trend.basis))
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
pub(super) fn entered(row: &ClientRow, cell: &MetricCell, asked: Asked) -> Reading {
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

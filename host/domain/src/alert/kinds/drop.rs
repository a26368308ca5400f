//! `drop`: a figure that is worse than in the window before by at least `by`.

use super::{Check, InvalidParameter, Kind, Parameters};
use crate::{
    alert::{
        cells::{ROUNDING, name, unless_stale},
        evaluate::{Asked, Reading},
        words::figure,
    },
    sheet::{ClientRow, MetricCell},
    trend::{Direction, Trend},
};

/// A figure that is worse than in the window before by at least `by`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drop {
    /// The least difference, in the metric's unit; above 0.
    pub by: f64,
}

impl Kind for Drop {
    const KEYS: &'static [&'static str] = &["by", "metrics", "clients", "types"];

    fn new(given: &mut Parameters<'_>) -> Result<Self, Vec<InvalidParameter>> {
        let message = "missing; give the difference at which the alert fires, as by = 0.5".to_owned();
        given.by.map(|by| Self { by }).ok_or_else(|| vec![InvalidParameter { key: "by", message }])
    }
}

impl Check for Drop {
    fn cell(&self, row: &ClientRow, cell: &MetricCell, asked: Asked) -> Option<Reading> {
        let Some(trend) = &cell.trend else { return Some(Reading::Untold) };
        Some(unless_stale(cell, drop(row, cell, self.by, trend, asked)))
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

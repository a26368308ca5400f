//! `decline`: a trend that declines.

use super::{Check, InvalidParameter, Kind, Parameters};
use crate::{
    alert::{
        cells::{name, unless_stale},
        evaluate::{Asked, Reading},
    },
    sheet::{ClientRow, MetricCell},
    trend::{Direction, Trend},
};

/// A trend that declines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decline;

impl Kind for Decline {
    const KEYS: &'static [&'static str] = &["metrics", "clients", "types"];

    fn new(_: &mut Parameters<'_>) -> Result<Self, Vec<InvalidParameter>> {
        Ok(Self)
    }
}

impl Check for Decline {
    fn cell(&self, row: &ClientRow, cell: &MetricCell, asked: Asked) -> Option<Reading> {
        let Some(trend) = &cell.trend else { return Some(Reading::Untold) };
        Some(unless_stale(cell, decline(row, cell, trend, asked)))
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

//! `floor`: a score at or below a floor.

use super::{Check, InvalidParameter, Kind, Parameters};
use crate::{
    alert::{
        cells::{is_doubtful, name},
        evaluate::{Asked, Reading},
        words::{count, figure},
    },
    sheet::{ClientRow, MetricCell},
};

/// What a floor is under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloorOf {
    /// The engagement score, unrounded.
    Engagement,
    /// The score of each metric.
    Metrics,
}

/// A score at or below a floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Floor {
    /// Which score.
    pub of: FloorOf,
    /// Fires at or below this score, 1 to 5.
    pub at: f64,
    /// Resolves above this score. Usually the floor itself; higher, so that a score that wavers fires once.
    pub clears_above: f64,
}

impl Kind for Floor {
    const KEYS: &'static [&'static str] = &["at", "clears_above", "metrics", "clients", "types"];

    fn new(given: &mut Parameters<'_>) -> Result<Self, Vec<InvalidParameter>> {
        let Some(at) = given.at else {
            let message = "missing; give the score at or below which the alert fires, as at = 3".to_owned();
            return Err(vec![InvalidParameter { key: "at", message }]);
        };
        let clears_above = *given.clears_above.get_or_insert(at);
        let mut problems = Vec::new();
        if clears_above < at {
            let message = format!("below the floor itself; give at least {at}");
            problems.push(InvalidParameter { key: "clears_above", message });
        }
        let of = if given.names_metrics { FloorOf::Metrics } else { FloorOf::Engagement };
        if of == FloorOf::Engagement && !given.filter.providers.is_empty() {
            let message = "an engagement score has no provider; name metrics, or remove this".to_owned();
            problems.push(InvalidParameter { key: "providers", message });
        }
        if problems.is_empty() { Ok(Self { of, at, clears_above }) } else { Err(problems) }
    }
}

impl Check for Floor {
    fn client(&self, row: &ClientRow, asked: Asked) -> Option<Reading> {
        if self.of != FloorOf::Engagement {
            return None;
        }
        let Some(score) = row.engagement.score else { return Some(Reading::Untold) };
        let doubtful = row.metrics.iter().filter(|cell| is_doubtful(cell)).count();
        let told = || format!("{}: the engagement score is {}", row.name, figure(score));
        let beside = || match doubtful {
            0 => String::new(),
            some => format!("of {} the figures are stale", count(some, "metric")),
        };
        Some(against_floor(score, (self.at, self.clears_above), doubtful > 0, (told, beside), asked))
    }

    fn cell(&self, row: &ClientRow, cell: &MetricCell, asked: Asked) -> Option<Reading> {
        if self.of != FloorOf::Metrics {
            return None;
        }
        let Some(score) = cell.score else { return Some(Reading::Untold) };
        let told = || format!("{} is {}", name(row, cell), figure(score));
        let beside = || {
            let stale = cell.stale.then_some("the figures are stale");
            cell.explanation.first().map(String::as_str).into_iter().chain(stale).collect::<Vec<_>>().join("; ")
        };
        Some(against_floor(score, (self.at, self.clears_above), is_doubtful(cell), (told, beside), asked))
    }
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

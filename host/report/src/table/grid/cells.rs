//! What stands in the grid's cells, and what its signs mean.

use std::collections::BTreeSet;

use scoresheet_domain::sheet::{Engagement, MetricCell, OutcomeKind, Scoresheet};

use crate::{
    figures::{score, whole_percent},
    table::paint::Tint,
};

const STALE: &str = "*";
const OVERRIDDEN: &str = "†";

/// The signs that a grid uses, each with its meaning, in a fixed order.
pub(in crate::table) type Marks = Vec<(&'static str, &'static str)>;

/// An engagement score, to one decimal.
pub(super) fn engagement(engagement: Engagement) -> String {
    match (engagement.score, engagement.band) {
        (Some(score), Some(band)) => Tint::of_band(band).on(&format!("{score:.1}")),
        (Some(score), None) => format!("{score:.1}"),
        (None, _) => Tint::Faint.on("–"),
    }
}

/// A band, in words.
pub(super) fn band(engagement: Engagement) -> String {
    match engagement.band {
        Some(band) => Tint::of_band(band).on(band.as_str()),
        None => Tint::Faint.on("no score"),
    }
}

/// A share as a percentage, rounded as [`whole_percent`] does.
pub(in crate::table) fn coverage(share: f64) -> String {
    format!("{}%", whole_percent(share))
}

/// A metric: its score, or what became of it.
pub(super) fn cell(cell: &MetricCell, short: bool) -> String {
    let mut shown = match cell.score {
        Some(value) if has_score(cell.outcome) => score_tint(value).on(&score(value)),
        _ => {
            let (word, sign, _) = without_score(cell.outcome);
            let tint = if cell.outcome == OutcomeKind::Failed { Tint::Bad } else { Tint::Faint };
            tint.on(if short { sign } else { word })
        }
    };
    if cell.overridden.is_some() {
        shown.push_str(OVERRIDDEN);
    }
    if cell.stale {
        shown.push_str(STALE);
    }
    shown
}

fn score_tint(score: f64) -> Tint {
    // The scale's own thirds; the sheet's bands are for the engagement score.
    if score >= 4.0 {
        Tint::Good
    } else if score >= 3.0 {
        Tint::Middling
    } else {
        Tint::Bad
    }
}

const fn has_score(outcome: OutcomeKind) -> bool {
    matches!(outcome, OutcomeKind::Measured | OutcomeKind::Overridden | OutcomeKind::Manual)
}

/// An outcome without a score: as a word, as a sign, and what the sign means.
const fn without_score(outcome: OutcomeKind) -> (&'static str, &'static str, &'static str) {
    match outcome {
        OutcomeKind::NoData => ("no data", "–", "no data"),
        OutcomeKind::Unmapped => ("unmapped", "?", "unmapped"),
        OutcomeKind::NotApplicable => ("n/a", "n/a", "not applicable"),
        OutcomeKind::Failed => ("failed", "!", "failed"),
        // These have a score; where one is missing all the same, the word says which it is.
        OutcomeKind::Measured | OutcomeKind::Overridden | OutcomeKind::Manual => {
            (outcome.as_str(), outcome.as_str(), "without a score")
        }
    }
}

/// The signs that the sheet's grid uses.
pub(super) fn marks(sheet: &Scoresheet, short: bool) -> Marks {
    let cells = || sheet.clients.iter().flat_map(|client| &client.metrics);
    let mut marks = Marks::new();
    let outcomes: BTreeSet<OutcomeKind> =
        cells().filter(|cell| cell.score.is_none() || !has_score(cell.outcome)).map(|cell| cell.outcome).collect();
    for outcome in outcomes {
        let (word, sign, meaning) = without_score(outcome);
        if short || word == "n/a" {
            marks.push((sign, meaning));
        }
    }
    if cells().any(|cell| cell.overridden.is_some()) {
        marks.push((OVERRIDDEN, "set by a person over the computed score"));
    }
    if cells().any(|cell| cell.stale) {
        marks.push((STALE, "stale: the last sync failed or is overdue, and this is what was known"));
    }
    if sheet.clients.iter().any(|client| client.engagement.score.is_none()) {
        marks.push(("no score", "too little of the weight has a score"));
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_is_100_percent() {
        for (share, shown) in
            [(1.0, "100%"), (0.999, "99%"), (0.5, "50%"), (0.001, "1%"), (0.0, "0%"), (2.0 / 3.0, "67%")]
        {
            assert_eq!(coverage(share), shown);
        }
    }
}

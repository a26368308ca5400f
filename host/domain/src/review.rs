//! Whom to call first, and why; and who is doing well. A list for a person, made of what stands on the sheet.
//!
//! Every reason has points; who has the most comes first. The points only order the list: no number of them is shown
//! as a score.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    benchmark::Standing,
    id::ClientId,
    sheet::{Band, ClientRow, OutcomeKind},
    trend::Direction,
};

/// At most so many stand in each list.
pub const MOST_LISTED: usize = 10;

/// At or under this a single metric is a reason to call.
const LOW_SCORE: f64 = 2.0;

/// Both lists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Review {
    /// Whom to call, the most pressing first; at most [`MOST_LISTED`].
    pub call_first: Vec<ReviewEntry>,
    /// Who is doing well, the best first; at most [`MOST_LISTED`].
    pub doing_well: Vec<ReviewEntry>,
}

/// A client, and why it is on the list.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ReviewEntry {
    /// The client's id.
    pub client: ClientId,
    /// The client's name.
    pub name: String,
    /// The engagement score, unrounded; null where there is none.
    pub score: Option<f64>,
    /// Why, in words, the weightiest first.
    pub reasons: Vec<String>,
}

/// Both lists of these rows.
#[must_use]
pub fn review(rows: &[ClientRow]) -> Review {
    let mut pressing: Vec<(u32, &ClientRow, Vec<String>)> = Vec::new();
    let mut well: Vec<(&ClientRow, Vec<String>)> = Vec::new();
    for row in rows {
        let mut reasons = against(row);
        if reasons.is_empty() {
            let reasons = in_favour(row);
            if !reasons.is_empty() {
                well.push((row, reasons));
            }
        } else {
            // Stable: of equal weight, as they were found.
            reasons.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
            let points = reasons.iter().map(|(points, _)| points).sum();
            pressing.push((points, row, reasons.into_iter().map(|(_, reason)| reason).collect()));
        }
    }
    // A client without a score is no less pressing than one with the best.
    let score = |row: &ClientRow| row.engagement.score.unwrap_or(5.0);
    pressing.sort_by(|(points, row, _), (others, other, _)| {
        others.cmp(points).then_with(|| score(row).total_cmp(&score(other))).then_with(|| row.id.cmp(&other.id))
    });
    well.sort_by(|(row, _), (other, _)| score(other).total_cmp(&score(row)).then_with(|| row.id.cmp(&other.id)));
    let entry = |row: &ClientRow, reasons| ReviewEntry {
        client: row.id.clone(),
        name: row.name.clone(),
        score: row.engagement.score,
        reasons,
    };
    Review {
        call_first: pressing.into_iter().take(MOST_LISTED).map(|(_, row, reasons)| entry(row, reasons)).collect(),
        doing_well: well.into_iter().take(MOST_LISTED).map(|(row, reasons)| entry(row, reasons)).collect(),
    }
}

/// Why somebody should call, with points.
fn against(row: &ClientRow) -> Vec<(u32, String)> {
    let mut reasons = Vec::new();
    match (row.engagement.band, row.engagement.score) {
        (Some(Band::AtRisk), Some(score)) => reasons.push((4, format!("engagement {score:.1}: at risk"))),
        (Some(Band::Watch), Some(score)) => reasons.push((1, format!("engagement {score:.1}: to watch"))),
        _ => {}
    }
    if let Some((score, target)) = row.engagement.score.zip(row.target)
        && score < target
    {
        reasons.push((1, format!("engagement {score:.1}, under the target of {target}")));
    }
    if row.benchmark.as_ref().is_some_and(|benchmark| benchmark.standing == Some(Standing::Below)) {
        reasons.push((1, "engagement in the lowest quarter of its type".to_owned()));
    }
    for cell in &row.metrics {
        if let Some(score) = cell.score.filter(|score| *score <= LOW_SCORE) {
            reasons.push((2, format!("{}: {score}", cell.name)));
        }
        if let Some(trend) = cell.trend.as_ref().filter(|trend| trend.direction == Direction::Declining) {
            reasons.push((3, format!("{}: declining, {}", cell.name, trend.basis)));
        }
        if let Some((value, target)) = cell.value.zip(cell.target)
            && value < target
        {
            reasons.push((1, format!("{}: {value:.2}, under the target of {target}", cell.name)));
        }
    }
    reasons
}

/// Why a client against which nothing speaks is doing well.
fn in_favour(row: &ClientRow) -> Vec<String> {
    let mut reasons = Vec::new();
    let (Some(Band::Healthy), Some(score)) = (row.engagement.band, row.engagement.score) else { return reasons };
    reasons.push(format!("engagement {score:.1}: healthy"));
    if row.benchmark.as_ref().is_some_and(|benchmark| benchmark.standing == Some(Standing::Above)) {
        reasons.push("engagement in the highest quarter of its type".to_owned());
    }
    for cell in row.metrics.iter().filter(|cell| cell.outcome != OutcomeKind::NotApplicable) {
        if let Some(trend) = cell.trend.as_ref().filter(|trend| trend.direction == Direction::Improving) {
            reasons.push(format!("{}: improving, {}", cell.name, trend.basis));
        }
    }
    reasons
}

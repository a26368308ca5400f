//! A score in words that a client could be shown.

use scoresheet_sdk::{Interval, numbers::round_half_even};

use super::{answers::Answers, mean::Mean};
use crate::{kind::TYPES, settings::MetricSettings};

/// The lines under a score.
pub(super) fn explanation(
    settings: &MetricSettings,
    answers: &Answers,
    mean: &Mean,
    score: f64,
    interval: Option<Interval>,
) -> Vec<String> {
    let have = answers.ratings.list().len();
    let [positive, neutral, negative] = answers.moods();
    let net = round_half_even((positive as f64 - negative as f64) / have as f64 * 100.0);
    // Nothing is neither more nor less.
    let sign = if net > 0.0 { "+" } else { "" };
    let mut lines = vec![
        format!("{have} {}, mean {:.2}, rounded to {score}", responses(have), mean.value),
        format!("{positive} positive, {neutral} neutral, {negative} negative: {sign}{} as CrewHu counts it", net + 0.0),
    ];
    lines.extend(interval.map(|Interval { low, high }| format!("between {low:.1} and {high:.1} with 95 % confidence")));
    if let Some(half_life) = settings.half_life_days {
        let days = if half_life == 1.0 { "day" } else { "days" };
        let effective = mean.effective_samples;
        lines.push(format!(
            "newer responses weigh more: half the weight for every {half_life} {days} of age, together as good as \
             {effective:.1} of one age"
        ));
    }
    lines.extend(only_types(settings));
    if answers.suspected > 0 {
        lines.push(format!("{} not counted: {SUSPECTED}", answers.suspected));
    }
    lines
}

/// Why there is no score.
pub(super) fn shortfall(have: u32, need: u32, suspected: u32) -> String {
    let short = match (have, need) {
        (0, 1) => "no responses in the window".to_owned(),
        _ => format!("{have} of the {need} responses needed"),
    };
    if suspected > 0 { format!("{short}; {suspected} more not counted: {SUSPECTED}") } else { short }
}

const SUSPECTED: &str =
    "answered within 45 seconds of each other, without comment or tag, as mail scanners do and people do not";

fn responses(count: usize) -> &'static str {
    if count == 1 { "response" } else { "responses" }
}

/// Which types count, where not all do.
fn only_types(settings: &MetricSettings) -> Option<String> {
    let types: Vec<&str> = TYPES.into_iter().filter(|(_, kind)| settings.counts(*kind)).map(|(name, _)| name).collect();
    let (last, others) = types.split_last()?;
    match others {
        _ if types.len() == TYPES.len() => None,
        [] => Some(format!("only responses about {last} satisfaction count")),
        _ => Some(format!("only responses about {} and {last} satisfaction count", others.join(", "))),
    }
}

//! One client in full: every metric with the figures and the words behind its score.

use scoresheet_domain::{
    benchmark::{Benchmark, Standing},
    sheet::{ClientRow, MetricCell, Override},
};

use super::{
    grid::coverage,
    paint::Tint,
    text::{clean, paragraph},
};
use crate::{
    Options,
    figures::{counted, figure, score},
    words,
};

/// The client's name and engagement score, then each metric with its explanation.
pub(super) fn detail(client: &ClientRow, options: &Options) -> String {
    let kind = client.kind.as_deref().map(|kind| format!(", {}", clean(kind))).unwrap_or_default();
    let engagement = match (client.engagement.score, client.engagement.band) {
        (Some(score), Some(band)) => Tint::of_band(band).on(&format!("{score:.1} {}", band.as_str())),
        (Some(score), None) => format!("{score:.1}"),
        (None, _) => "no engagement score: too little of the weight has a score".to_owned(),
    };
    let mut text = format!(
        "{} ({}{kind}): {engagement}, coverage {}\n",
        Tint::Strong.on(&clean(&client.name)),
        clean(client.id.as_str()),
        coverage(client.engagement.coverage)
    );
    for cell in &client.metrics {
        text.push('\n');
        text.push_str(&metric(cell, options));
    }
    text
}

fn metric(cell: &MetricCell, options: &Options) -> String {
    let result = match cell.score {
        Some(value) => Tint::Strong.on(&score(value)),
        None => words::outcome(cell.outcome).to_owned(),
    };
    let mut about = Vec::new();
    if cell.score.is_some() {
        about.push(cell.outcome.as_str().to_owned());
    }
    about.push(format!("weight {}", figure(cell.weight)));
    about.extend(cell.provider.as_ref().map(|provider| format!("from {provider}")));
    let stub = if cell.stub { format!(" {}", Tint::Warning.on("(stub)")) } else { String::new() };
    let mut text =
        format!("{}{stub}: {result}  {}\n", clean(&cell.name), Tint::Faint.on(&format!("({})", about.join(", "))));
    for line in lines(cell) {
        text.push_str(&paragraph(&clean(&line), options.width, "  ", "    "));
        text.push('\n');
    }
    text
}

/// What stands under a metric, a line each.
fn lines(cell: &MetricCell) -> Vec<String> {
    let mut lines = cell.explanation.clone();
    if cell.stub && !lines.iter().any(|line| line.contains("made up")) {
        lines.push("these figures are made up".to_owned());
    }
    if cell.stale && cell.provider.is_some() {
        lines.push("stale: the last sync failed or is overdue, and this is what was known".to_owned());
    }
    lines.extend(cell.overridden.as_ref().map(overridden));
    if let Some(value) = cell.value {
        let unit = cell.unit.as_deref().map(|unit| format!(" ({unit})")).unwrap_or_default();
        let mut line = format!("value {}{unit}, {}", figure(value), counted(cell.samples as usize, "observation"));
        // Only weighted observations count for less than their number.
        if let Some(effective) = cell.effective_samples.filter(|n| (n - f64::from(cell.samples)).abs() > 1e-9) {
            line.push_str(&format!(" that weigh as much as {}", figure(effective)));
        }
        if let Some(interval) = cell.interval {
            line.push_str(&format!(
                "; the mean lies between {} and {} with 95 % confidence",
                figure(interval.low),
                figure(interval.high)
            ));
        }
        lines.push(line);
    }
    if let Some(trend) = &cell.trend {
        lines.push(format!("{}: {}", trend.direction.as_str(), trend.basis));
    }
    lines.extend(cell.benchmark.as_ref().map(compared));
    lines.extend(cell.target.map(|target| format!("target {}", figure(target))));
    if !cell.rejected.is_empty() {
        let reasons: Vec<String> = cell.rejected.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        lines.push(format!("rejected: {}", reasons.join(", ")));
    }
    if cell.provider.is_some() {
        lines.push(format!("window {} to {}", cell.window.from, cell.window.until));
    }
    lines
}

fn overridden(by: &Override) -> String {
    let until = by.until.map(|until| format!(" until {until}")).unwrap_or_default();
    let computed =
        by.computed.map_or_else(|| "nothing was computed".to_owned(), |value| format!("computed {}", score(value)));
    format!("set to {} by {} on {}{until}: {} ({computed})", score(by.score), by.author, by.at, by.reason)
}

fn compared(benchmark: &Benchmark) -> String {
    let standing = benchmark.standing.map_or("no figure to compare with", Standing::as_str);
    format!(
        "{standing} the middle half of {} {} clients: {} to {}, median {}",
        benchmark.clients,
        benchmark.kind,
        figure(benchmark.lower_quartile),
        figure(benchmark.upper_quartile),
        figure(benchmark.median)
    )
}

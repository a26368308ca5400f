//! What stands on a sheet, in words: outcomes, marks, comparisons, and the lines under a metric.

use scoresheet_domain::{
    benchmark::{Benchmark, Standing},
    sheet::{Band, Engagement, Entered, MetricCell, OutcomeKind, Override},
    trend::{Direction, Trend},
};

use crate::figures::{change, counted, figure, score, time, window};

/// What is said at the top of a sheet with made-up figures.
pub(crate) const STUB_WARNING: &str =
    "Some figures on this sheet are made up. They are marked stub, and so is every score that they are part of.";

/// An outcome in words.
pub(crate) const fn outcome(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::NoData => "no data",
        OutcomeKind::NotApplicable => "not applicable",
        OutcomeKind::Measured
        | OutcomeKind::Overridden
        | OutcomeKind::Manual
        | OutcomeKind::Unmapped
        | OutcomeKind::Failed => kind.as_str(),
    }
}

/// The sign of an outcome without a score, for a narrow cell.
pub(crate) const fn sign(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::NoData => "–",
        OutcomeKind::Unmapped => "?",
        OutcomeKind::NotApplicable => "n/a",
        OutcomeKind::Failed => "!",
        // These have a score; where one is missing all the same, there is nothing to show.
        OutcomeKind::Measured | OutcomeKind::Overridden | OutcomeKind::Manual => "·",
    }
}

/// The colour of a score: the scale's own thirds, as in the terminal.
pub(crate) fn tint(score: f64) -> &'static str {
    if score >= 4.0 {
        "good"
    } else if score >= 3.0 {
        "middling"
    } else {
        "bad"
    }
}

/// The colour of a band.
pub(crate) const fn band_tint(band: Option<Band>) -> &'static str {
    match band {
        Some(Band::Healthy) => "good",
        Some(Band::Watch) => "middling",
        Some(Band::AtRisk) => "bad",
        None => "none",
    }
}

/// An engagement score's band in words.
pub(crate) fn band(engagement: &Engagement) -> &'static str {
    engagement.band.map_or("no score", Band::as_str)
}

/// A direction with a sign, so that a glance finds it.
pub(crate) const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Improving => "▲ improving",
        Direction::Steady => "= steady",
        Direction::Declining => "▼ declining",
        Direction::Unclear => "? unclear",
    }
}

/// The colour of a direction.
pub(crate) const fn direction_tint(direction: Direction) -> &'static str {
    match direction {
        Direction::Improving => "good",
        Direction::Declining => "bad",
        Direction::Steady | Direction::Unclear => "none",
    }
}

/// What a trend's direction rests on.
pub(crate) fn basis(trend: &Trend) -> String {
    match trend.previous.zip(trend.change) {
        // The basis of a test by intervals names both figures itself.
        Some((previous, by)) if !trend.basis.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{}; the figure was {} ({})", trend.basis, figure(previous), change(by))
        }
        _ => trend.basis.clone(),
    }
}

/// Where a figure lies among those of its type.
pub(crate) fn standing(benchmark: &Benchmark) -> String {
    let among = format!("of {} {}", benchmark.clients, client_of(&benchmark.kind, benchmark.clients));
    let place = match benchmark.standing {
        Some(Standing::Below) => "below the middle half",
        Some(Standing::Within) => "within the middle half",
        Some(Standing::Above) => "above the middle half",
        None => "no figure to compare; middle half",
    };
    let (low, high) = (figure(benchmark.lower_quartile), figure(benchmark.upper_quartile));
    format!("{place} {among}: {low} to {high}, median {}", figure(benchmark.median))
}

fn client_of(kind: &str, count: usize) -> String {
    format!("{kind} {}", if count == 1 { "client" } else { "clients" })
}

/// A target, and how far from it the figure is.
pub(crate) fn target(target: f64, value: Option<f64>) -> String {
    let told = figure(target);
    match value {
        Some(value) if value >= target => format!("target {told}: reached"),
        Some(value) => format!("target {told}: {} under it", figure(target - value)),
        None => format!("target {told}"),
    }
}

/// How many records counted, what they weigh, and the interval; empty where there is no figure.
pub(crate) fn samples(cell: &MetricCell) -> String {
    if cell.value.is_none() && cell.samples == 0 {
        return String::new();
    }
    let mut told = counted(cell.samples as usize, "sample");
    // Only weighted observations count for less than their number.
    if let Some(effective) = cell.effective_samples.filter(|n| (n - f64::from(cell.samples)).abs() > 1e-9) {
        told.push_str(&format!(" that weigh as much as {}", figure(effective)));
    }
    told
}

/// The interval in words.
pub(crate) fn interval(cell: &MetricCell) -> Option<String> {
    cell.interval.map(|it| format!("95\u{a0}%: {} to {}", figure(it.low), figure(it.high)))
}

/// A line about a metric.
pub(crate) struct Note {
    /// What the line is about; none for an explanation, which speaks for itself.
    pub(crate) label: Option<&'static str>,
    /// The line.
    pub(crate) text: String,
}

/// Everything that is to be known about a metric besides its figures, the explanation first.
pub(crate) fn notes(cell: &MetricCell) -> Vec<Note> {
    let mut notes: Vec<Note> = cell.explanation.iter().map(|line| Note { label: None, text: line.clone() }).collect();
    let mut add = |label, text| notes.push(Note { label: Some(label), text });
    if !cell.rejected.is_empty() {
        let reasons: Vec<String> = cell.rejected.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        add("Rejected", reasons.join(", "));
    }
    if let Some(by) = &cell.overridden {
        add("Override", overridden(by));
    }
    if let Some(by) = &cell.entered {
        add("Entered", entered(by));
    }
    if cell.stale {
        add("Stale", "the last sync failed or is overdue, and this is what was known".to_owned());
    }
    if cell.stub && !cell.explanation.iter().any(|line| line.contains("made up")) {
        add("Stub", "these figures are made up".to_owned());
    }
    notes
}

fn overridden(by: &Override) -> String {
    let computed = by.computed.map_or_else(|| "nothing".to_owned(), score);
    let from = if by.from == by.at { String::new() } else { format!(", holds from {}", time(by.from)) };
    let until = by.until.map(|until| format!(", until {}", time(until))).unwrap_or_default();
    format!(
        "set to {} by {} on {}{from}{until}: {}. Computed: {computed}",
        score(by.score),
        by.author,
        time(by.at),
        by.reason
    )
}

fn entered(by: &Entered) -> String {
    let note = by.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
    format!("by {} on {}{note}", by.author, time(by.at))
}

/// Where a metric's figures come from: its weight, its provider, and its window where that is not everyone's.
pub(crate) fn origin(cell: &MetricCell, shared: Option<scoresheet_domain::sheet::CellWindow>) -> String {
    let mut told = format!("weight {}", figure(cell.weight));
    if let Some(provider) = &cell.provider {
        told.push_str(&format!(" · {provider}"));
        if shared != Some(cell.window) {
            told.push_str(&format!(" · {}", window(cell.window)));
        }
    }
    told
}

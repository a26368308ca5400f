//! Figures and times as a person reads them. Only here is anything rounded.

use scoresheet_domain::{
    Instant,
    sheet::{CellWindow, MetricCell},
    time::DAY_MS,
};

/// A figure for a person: at most two decimals, unless that would leave nothing of it.
pub(crate) fn figure(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    if (rounded == 0.0 && value != 0.0) || !rounded.is_finite() { format!("{value}") } else { format!("{rounded}") }
}

/// A change, with its sign: `+0.31`, `−3`, `±0`.
pub(crate) fn change(value: f64) -> String {
    match value.total_cmp(&0.0) {
        _ if value == 0.0 => "±0".to_owned(),
        std::cmp::Ordering::Less => format!("−{}", figure(-value)),
        _ => format!("+{}", figure(value)),
    }
}

/// `4`, or `4.5` where a provider gives halves.
pub(crate) fn score(score: f64) -> String {
    if score.fract() == 0.0 { format!("{score}") } else { format!("{score:.1}") }
}

/// A share as a whole percentage; only all is 100, and only nothing is 0.
pub(crate) fn whole_percent(share: f64) -> f64 {
    let percent = (share * 100.0).round();
    if share > 0.0 && share < 1.0 { percent.clamp(1.0, 99.0) } else { percent }
}

/// [`whole_percent`] with its sign.
pub(crate) fn percent(share: f64) -> String {
    format!("{}\u{a0}%", whole_percent(share))
}

/// A day, with the time where it is not midnight: `2026-11-01`, `2026-10-20 08:30 UTC`.
pub(crate) fn time(at: Instant) -> String {
    let told = at.to_string();
    if at.millis().rem_euclid(DAY_MS) == 0 {
        told.get(..10).unwrap_or(&told).to_owned()
    } else {
        format!("{}\u{a0}{}\u{a0}UTC", told.get(..10).unwrap_or(&told), told.get(11..16).unwrap_or_default())
    }
}

/// A window in words; its end is the first moment that is not in it.
pub(crate) fn window(window: CellWindow) -> String {
    format!("{} to {}", time(window.from), time(window.until))
}

/// `1 client`, `2 clients`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Whether a metric's figures lie on the scale of the scores, so that a chart of them runs from 1 to 5: each is its
/// score but for the rounding.
pub(crate) fn on_the_scale(cell: &MetricCell) -> bool {
    let months = cell.trend.iter().flat_map(|trend| &trend.months).map(|month| (month.value, month.score));
    let computed = cell.overridden.as_ref().map_or(cell.score, |by| by.computed);
    let mut pairs = months.chain([(cell.value, computed)]).filter_map(|(value, score)| value.zip(score)).peekable();
    let bounds = cell.benchmark.iter().flat_map(|it| [it.lower_quartile, it.median, it.upper_quartile]);
    pairs.peek().is_some()
        && pairs.all(|(value, score)| (1.0..=5.0).contains(&value) && (value - score).abs() <= 0.5)
        && bounds.chain(cell.target).all(|figure| (1.0..=5.0).contains(&figure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_for_a_person() {
        for (value, shown) in [(4.333_333, "4.33"), (4.0, "4"), (0.001, "0.001"), (0.0, "0")] {
            assert_eq!(figure(value), shown);
        }
        for (value, shown) in [(0.306, "+0.31"), (-3.0, "−3"), (0.0, "±0"), (-0.0, "±0"), (0.001, "+0.001")] {
            assert_eq!(change(value), shown);
        }
        for (share, shown) in [(1.0, "100\u{a0}%"), (0.999, "99\u{a0}%"), (0.001, "1\u{a0}%"), (0.0, "0\u{a0}%")] {
            assert_eq!(percent(share), shown);
        }
        for (at, shown) in [("2026-11-01", "2026-11-01"), ("2026-10-20T08:30:59Z", "2026-10-20\u{a0}08:30\u{a0}UTC")] {
            assert_eq!(time(Instant::parse(at).expect("a time")), shown);
        }
    }
}

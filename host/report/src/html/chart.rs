//! A trend as a drawing: the months, the rolling mean, and gaps where there is no figure.

use std::fmt::Write as _;

use scoresheet_domain::{
    sheet::MetricCell,
    trend::{Trend, TrendMonth},
};

use super::axis::Axis;
use crate::{
    figures::{figure, on_the_scale},
    words,
};

/// The drawing's size, in its own units. What is left of `LEFT` holds the ends of the scale in words.
const WIDTH: f64 = 170.0;
const HEIGHT: f64 = 46.0;
const LEFT: f64 = 26.0;
const EDGE: f64 = 5.0;

/// A trend's drawing, as the template needs it.
pub(super) struct Chart {
    /// The line through the months, broken at gaps.
    pub(super) line: String,
    /// The line of the rolling mean, broken at gaps.
    pub(super) rolling: String,
    /// A dot for each month that is over, as a path of points.
    pub(super) dots: String,
    /// The month that is not over.
    pub(super) open: Option<(f64, f64)>,
    /// A tick for each month without a figure.
    pub(super) gaps: String,
    /// What lies at the top of the scale.
    pub(super) high: String,
    /// What lies at its bottom.
    pub(super) low: String,
    /// What the drawing shows, for who does not see it.
    pub(super) description: String,
    /// The direction, with a sign.
    pub(super) direction: &'static str,
    /// Its colour.
    pub(super) tint: &'static str,
    /// What the direction rests on.
    pub(super) basis: String,
}

impl Chart {
    /// The chart of a metric that has a trend.
    pub(super) fn of(cell: &MetricCell) -> Option<Self> {
        let trend = cell.trend.as_ref()?;
        let figures = trend.months.iter().flat_map(|month| [month.value, month.rolling]).flatten();
        let (bottom, top) = (HEIGHT - EDGE, EDGE);
        let axis = if on_the_scale(cell) { Axis::of_scores(bottom, top) } else { Axis::of(figures, bottom, top) };
        let (low, high) = axis.ends();
        let mut chart = Self {
            line: line(trend, &axis, |month| month.value),
            rolling: line(trend, &axis, |month| month.rolling),
            dots: String::new(),
            open: None,
            gaps: String::new(),
            high,
            low,
            description: description(trend),
            direction: words::direction(trend.direction),
            tint: words::direction_tint(trend.direction),
            basis: words::basis(trend),
        };
        for (at, month) in trend.months.iter().enumerate() {
            let x = place(at, trend.months.len());
            match month.value {
                Some(value) if month.complete => add(&mut chart.dots, format_args!("M{x} {}h0", axis.at(value))),
                Some(value) => chart.open = Some((x, axis.at(value))),
                None => add(&mut chart.gaps, format_args!("M{x} {bottom}v-4")),
            }
        }
        Some(chart)
    }
}

/// Where a month lies across the drawing.
fn place(at: usize, months: usize) -> f64 {
    let share = if months > 1 { at as f64 / (months - 1) as f64 } else { 0.5 };
    ((LEFT + EDGE + share * (WIDTH - LEFT - 2.0 * EDGE)) * 10.0).round() / 10.0
}

/// A path through the months that have a figure; a month without one breaks it.
fn line(trend: &Trend, axis: &Axis, figure: impl Fn(&TrendMonth) -> Option<f64>) -> String {
    let mut path = String::new();
    let mut drawing = false;
    for (at, month) in trend.months.iter().enumerate() {
        let value = figure(month);
        if let Some(value) = value {
            let verb = if drawing { 'L' } else { 'M' };
            add(&mut path, format_args!("{verb}{} {}", place(at, trend.months.len()), axis.at(value)));
        }
        drawing = value.is_some();
    }
    path
}

fn add(path: &mut String, piece: std::fmt::Arguments<'_>) {
    path.write_fmt(piece).expect("memory takes every piece");
}

fn description(trend: &Trend) -> String {
    let (Some(first), Some(last)) = (trend.months.first(), trend.months.last()) else {
        return "There are no months.".to_owned();
    };
    let mut told = format!("{} to {}. ", first.month, last.month);
    let with = || trend.months.iter().filter_map(|month| Some((month.month, month.value?)));
    let lowest = with().min_by(|a, b| a.1.total_cmp(&b.1));
    let highest = with().max_by(|a, b| a.1.total_cmp(&b.1));
    match lowest.zip(highest) {
        Some(((low_in, low), (high_in, high))) => {
            add(&mut told, format_args!("Lowest {} in {low_in}, highest {} in {high_in}", figure(low), figure(high)));
        }
        None => told.push_str("No month has a figure"),
    }
    let gaps = trend.months.iter().filter(|month| month.value.is_none()).count();
    if gaps > 0 && gaps < trend.months.len() {
        add(&mut told, format_args!(", {gaps} without a figure"));
    }
    told.push('.');
    told
}

#[cfg(test)]
mod tests {
    use scoresheet_domain::{Instant, Month, trend::Direction};

    use super::*;

    #[test]
    fn a_month_without_a_figure_breaks_the_line() {
        let first = Month::of(Instant::from_millis(0));
        let values = [Some(2.0), Some(3.0), None, Some(4.0), None, Some(5.0), Some(1.0)];
        let month = |(at, value): (i32, Option<f64>)| TrendMonth {
            month: first.plus(at),
            complete: at < 6,
            value,
            score: value,
            samples: 1,
            rolling: value,
        };
        let months: Vec<TrendMonth> = (0..).zip(values).map(month).collect();
        let trend = Trend { direction: Direction::Steady, previous: None, change: None, basis: String::new(), months };
        let axis = Axis::of_scores(41.0, 5.0);
        let drawn = line(&trend, &axis, |month| month.value);
        assert_eq!(drawn, "M31 32L53.3 23M98 14M142.7 5L165 41");
        assert_eq!(
            description(&trend),
            "1970-01 to 1970-07. Lowest 1 in 1970-07, highest 5 in 1970-06, 2 without a figure."
        );
        let none = Trend { months: Vec::new(), ..trend };
        assert_eq!(line(&none, &axis, |month| month.value), "");
        assert_eq!(description(&none), "There are no months.");
    }
}

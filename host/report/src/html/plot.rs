//! A figure against those of its type, as a drawing: the middle half as a box, the median, the client, the target.

use scoresheet_domain::{benchmark::Benchmark, sheet::MetricCell};

use super::axis::Axis;
use crate::{figures::on_the_scale, words};

/// The drawing's width, in its own units.
const WIDTH: f64 = 150.0;
const EDGE: f64 = 6.0;

/// The drawing, as the template needs it, and what it shows in words.
pub(super) struct Plot {
    /// Where the box begins.
    pub(super) from: f64,
    /// How wide it is.
    pub(super) wide: f64,
    /// Where the median lies.
    pub(super) median: f64,
    /// Where the client lies.
    pub(super) client: Option<f64>,
    /// Where the target lies.
    pub(super) target: Option<f64>,
    /// What lies at the left end.
    pub(super) low: String,
    /// What lies at the right end.
    pub(super) high: String,
    /// What the drawing shows.
    pub(super) words: String,
}

impl Plot {
    /// The plot of a metric that has a benchmark.
    pub(super) fn of_metric(cell: &MetricCell) -> Option<Self> {
        let benchmark = cell.benchmark.as_ref()?;
        let figures = [benchmark.lower_quartile, benchmark.upper_quartile].into_iter().chain(cell.value);
        let axis = if on_the_scale(cell) {
            Axis::of_scores(EDGE, WIDTH - EDGE)
        } else {
            Axis::of(figures.chain(cell.target), EDGE, WIDTH - EDGE)
        };
        Some(Self::on(&axis, benchmark, cell.value, cell.target))
    }

    /// The plot of an engagement score.
    pub(super) fn of_engagement(benchmark: &Benchmark, score: Option<f64>, target: Option<f64>) -> Self {
        Self::on(&Axis::of_scores(EDGE, WIDTH - EDGE), benchmark, score, target)
    }

    fn on(axis: &Axis, benchmark: &Benchmark, value: Option<f64>, target: Option<f64>) -> Self {
        let (from, until) = (axis.at(benchmark.lower_quartile), axis.at(benchmark.upper_quartile));
        let (low, high) = axis.ends();
        Self {
            from,
            // Where the quartiles are one, a box is still to be seen.
            wide: ((until - from) * 10.0).round().max(10.0) / 10.0,
            median: axis.at(benchmark.median),
            client: value.map(|value| axis.at(value)),
            target: target.map(|target| axis.at(target)),
            low,
            high,
            words: words::standing(benchmark),
        }
    }
}

//! From figures to places in a drawing.

use crate::figures::figure;

/// A scale: what lies at its ends, and where those are in the drawing.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

impl Axis {
    /// The scale of the scores.
    pub(super) const fn of_scores(start: f64, end: f64) -> Self {
        Self { low: 1.0, high: 5.0, start, end }
    }

    /// A scale that holds all the figures. Counts and hours begin at zero, so that a small change looks small.
    pub(super) fn of(figures: impl Iterator<Item = f64>, start: f64, end: f64) -> Self {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for figure in figures.filter(|figure| figure.is_finite()) {
            (low, high) = (low.min(figure), high.max(figure));
        }
        if low == high {
            high = low + 1.0;
        }
        Self { low, high, start, end }
    }

    /// Where a figure lies; the ends for what is beyond them.
    pub(super) fn at(&self, figure: f64) -> f64 {
        let share = ((figure - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        // To a tenth, which nobody sees, and which keeps ten thousand charts small.
        ((self.start + share * (self.end - self.start)) * 10.0).round() / 10.0
    }

    /// What lies at the ends, in words.
    pub(super) fn ends(&self) -> (String, String) {
        (short(self.low), short(self.high))
    }
}

/// A figure beside an axis, where there is room for five signs.
fn short(value: f64) -> String {
    let size = value.abs();
    for (least, unit) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")] {
        if size >= least {
            let unit_size = if unit == "k" { 1e3 } else { least };
            return format!("{}{unit}", figure((value / unit_size * 10.0).round() / 10.0));
        }
    }
    figure(if size >= 100.0 { value.round() } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lie_within_the_drawing() {
        let axis = Axis::of([4.0, 8.0].into_iter(), 40.0, 0.0);
        assert_eq!((axis.at(0.0), axis.at(8.0), axis.at(4.0), axis.at(99.0)), (40.0, 0.0, 20.0, 0.0));
        assert_eq!(axis.ends(), ("0".to_owned(), "8".to_owned()));
        let negative = Axis::of([-3.0, 1.0].into_iter(), 0.0, 4.0);
        assert_eq!((negative.at(-3.0), negative.at(1.0)), (0.0, 4.0));
        assert_eq!(Axis::of(std::iter::empty(), 0.0, 1.0).at(0.0), 0.0);
        assert_eq!(Axis::of([f64::NAN, f64::INFINITY].into_iter(), 0.0, 1.0).ends(), ("0".to_owned(), "1".to_owned()));
        for (value, shown) in
            [(12_345.0, "12.3k"), (3.2e6, "3.2M"), (-4.1e9, "-4.1G"), (1234.5, "1235"), (0.25, "0.25")]
        {
            assert_eq!(short(value), shown);
        }
    }
}

//! Arithmetic whose results never depend on order or machine: exact sums, rounding to even, the sheet's scale.

use crate::Window;

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// The exact sum of finite numbers, rounded once to the nearest `f64`, as Python's `math.fsum`: the order of the
/// numbers never matters. A partial sum beyond the range of `f64`, or a number that is not finite, gives what plain
/// addition gives: an infinity or NaN.
///
/// Shewchuk's algorithm ("Adaptive Precision Floating-Point Arithmetic", 1997) with CPython's correction of ties.
#[must_use]
pub fn fsum(numbers: impl IntoIterator<Item = f64>) -> f64 {
    // Partial sums that do not overlap, smallest first; together they are the exact sum so far.
    let mut partials: Vec<f64> = Vec::new();
    let mut plain = 0.0;
    for number in numbers {
        plain += number;
        let mut x = number;
        let mut kept = 0;
        for index in 0..partials.len() {
            let mut y = partials[index];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        partials.truncate(kept);
        partials.push(x);
    }
    if partials.iter().any(|partial| !partial.is_finite()) {
        return plain;
    }

    let Some(mut high) = partials.pop() else { return 0.0 };
    let mut low = 0.0;
    while let Some(next) = partials.pop() {
        let sum = high + next;
        low = next - (sum - high);
        high = sum;
        if low != 0.0 {
            break;
        }
    }
    // A remainder of exactly half a unit rounded to even; what lies below it decides whether that was right.
    if let Some(&below) = partials.last()
        && ((low < 0.0 && below < 0.0) || (low > 0.0 && below > 0.0))
    {
        let doubled = low * 2.0;
        let corrected = high + doubled;
        if corrected - high == doubled {
            high = corrected;
        }
    }
    high
}

/// The nearest whole number, ties to the even one, as Python's `round`: 2.5 gives 2, 3.5 gives 4.
#[must_use]
pub fn round_half_even(number: f64) -> f64 {
    number.round_ties_even()
}

/// The nearest point of the sheet's scale, 1 to 5.
#[must_use]
pub fn clamp_to_scale(number: f64) -> f64 {
    number.clamp(1.0, 5.0)
}

/// A volume counted in `window`, scaled to 30 days; `None` where the window is empty.
///
/// Rounds once for a volume of whole numbers, and not at all for a window of 30 days.
#[must_use]
pub fn per_30_days(volume: f64, window: Window) -> Option<f64> {
    let length = window.end.checked_sub(window.start).filter(|length| *length > 0)?;
    let month = 30 * DAY_MS;
    let divisor = greatest_common_divisor(month, length);
    Some(volume * (month / divisor) as f64 / (length / divisor) as f64)
}

fn greatest_common_divisor(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::properties;

    /// The exact sum of numbers that are multiples of 2⁻⁴⁰, below 2⁶⁰, by integer arithmetic, rounded once.
    fn by_integers(multiples: &[i128]) -> f64 {
        // `as` rounds an integer to the nearest f64, ties to even; scaling by a power of two is exact.
        multiples.iter().sum::<i128>() as f64 / (1_u64 << 40) as f64
    }

    #[test]
    fn sums_as_python_does() {
        // Expected values from CPython 3.12's math.fsum.
        let table: [(&[f64], f64); 9] = [
            (&[], 0.0),
            (&[0.1; 10], 1.0),
            (&[1e100, 1.0, -1e100, 1e-100, 1e50, -1.0, -1e50], 1e-100),
            (&[9_007_199_254_740_992.0, -0.5, -2.0_f64.powi(-54)], 9_007_199_254_740_991.0),
            (&[9_007_199_254_740_992.0, 1.0, 2.0_f64.powi(-100)], 9_007_199_254_740_994.0),
            (&[9_007_199_254_740_994.0, 1.0, 2.0_f64.powi(-100)], 9_007_199_254_740_996.0),
            (&[9_007_199_254_740_992.0, 1.0], 9_007_199_254_740_992.0),
            (&[1e16, 1.0, 1e-16], 10_000_000_000_000_002.0),
            (&[4.1, 4.2, 4.3], 12.6),
        ];
        for (numbers, expected) in table {
            assert_eq!(fsum(numbers.iter().copied()), expected, "{numbers:?}");
        }
    }

    #[test]
    fn what_is_not_finite_stays_visible() {
        assert_eq!(fsum([f64::INFINITY, 1.0]), f64::INFINITY);
        assert!(fsum([f64::INFINITY, f64::NEG_INFINITY]).is_nan());
        assert!(fsum([f64::NAN]).is_nan());
        assert_eq!(fsum([f64::MAX, f64::MAX]), f64::INFINITY);
    }

    proptest! {
        #![proptest_config(properties(1))]

        #[test]
        fn sums_exactly(multiples in prop::collection::vec(-(1_i128 << 52)..(1_i128 << 52), 0..60), shift in 0_u32..40) {
            let multiples: Vec<i128> = multiples
                .iter()
                .enumerate()
                .map(|(index, multiple)| if index % 2 == 0 { multiple << shift } else { *multiple })
                .collect();
            let numbers = multiples.iter().map(|multiple| *multiple as f64 / (1_u64 << 40) as f64);
            prop_assert_eq!(fsum(numbers), by_integers(&multiples));
        }

        #[test]
        fn order_never_matters(mut numbers in prop::collection::vec(-1e6..1e6_f64, 0..60), turn in 0_usize..60) {
            let sum = fsum(numbers.iter().copied());
            let turn = turn.min(numbers.len());
            numbers.rotate_left(turn);
            numbers.reverse();
            prop_assert_eq!(fsum(numbers), sum);
        }
    }

    #[test]
    fn rounds_ties_to_even() {
        let table = [
            (1.0, 1.0),
            (1.5, 2.0),
            (2.5, 2.0),
            (3.5, 4.0),
            (4.5, 4.0),
            (4.500_000_000_000_001, 5.0),
            (4.499_999_999_999_999, 4.0),
            (0.5, 0.0),
            (-2.5, -2.0),
        ];
        for (number, expected) in table {
            assert_eq!(round_half_even(number), expected, "{number}");
        }
    }

    #[test]
    fn scales_volumes_to_30_days() {
        let days = |days: i64| Window { start: 7, end: 7 + days * DAY_MS };
        let table = [
            (7.3, days(30), Some(7.3)),
            (10.0, days(60), Some(5.0)),
            (120.0, days(90), Some(40.0)),
            (1.0, days(45), Some(2.0 / 3.0)),
            (1.0, days(0), None),
            (1.0, Window { start: 5, end: 4 }, None),
            (1.0, Window { start: i64::MIN, end: i64::MAX }, None),
        ];
        for (volume, window, expected) in table {
            assert_eq!(per_30_days(volume, window), expected, "{volume} in {window:?}");
        }
    }
}

//! Sums that lose nothing, so that they can be kept, added to later, and merged in any order.

/// The exact sum of finite numbers (Shewchuk, "Adaptive Precision Floating-Point Arithmetic", 1997).
///
/// A sum beyond the range of `f64` becomes an infinity or NaN, and stays one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExactSum {
    /// Partial sums that do not overlap, smallest first; together they are the sum.
    partials: Vec<f64>,
}

impl ExactSum {
    /// Adds a number.
    pub fn add(&mut self, number: f64) {
        if let [only] = self.partials[..]
            && !only.is_finite()
        {
            self.partials[0] = only + number;
            return;
        }
        let (mut x, mut kept) = (number, 0);
        for index in 0..self.partials.len() {
            let mut y = self.partials[index];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            if !high.is_finite() {
                self.partials = vec![high];
                return;
            }
            let low = y - (high - x);
            if low != 0.0 {
                self.partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.partials.truncate(kept);
        self.partials.push(x);
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Self) {
        for partial in &other.partials {
            self.add(*partial);
        }
    }

    /// The sum, rounded once to the nearest `f64`.
    #[must_use]
    pub fn value(&self) -> f64 {
        let mut partials = self.partials.clone();
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

    /// The whole sum as bytes: its parts, eight bytes each, little-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.partials.iter().flat_map(|partial| partial.to_le_bytes()).collect()
    }

    /// The sum that these bytes are; none where they are none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (parts, rest) = bytes.as_chunks::<8>();
        // Added rather than taken as they stand: what is read need not be what was written.
        rest.is_empty().then(|| parts.iter().map(|part| f64::from_le_bytes(*part)).collect())
    }
}

impl FromIterator<f64> for ExactSum {
    fn from_iter<T: IntoIterator<Item = f64>>(numbers: T) -> Self {
        let mut sum = Self::default();
        numbers.into_iter().for_each(|number| sum.add(number));
        sum
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sums_as_pythons_fsum_does() {
        let table: [(&[f64], f64); 7] = [
            (&[], 0.0),
            (&[0.1; 10], 1.0),
            (&[1e100, 1.0, -1e100, 1e-100, 1e50, -1.0, -1e50], 1e-100),
            (&[9_007_199_254_740_992.0, -0.5, -5.551_115_123_125_783e-17], 9_007_199_254_740_991.0),
            (&[9_007_199_254_740_994.0, 1.0, 7.888_609_052_210_118e-31], 9_007_199_254_740_996.0),
            (&[1e16, 1.0, 1e-16], 10_000_000_000_000_002.0),
            (&[4.1, 4.2, 4.3], 12.6),
        ];
        for (numbers, expected) in table {
            assert_eq!(numbers.iter().copied().collect::<ExactSum>().value(), expected, "{numbers:?}");
        }
    }

    #[test]
    fn beyond_the_range_it_stays_visible() {
        let sum: ExactSum = [f64::MAX, f64::MAX, -f64::MAX].into_iter().collect();
        assert_eq!(sum.value(), f64::INFINITY);
        assert_eq!(ExactSum::from_bytes(&sum.to_bytes()).expect("a sum").value(), f64::INFINITY);
        assert_eq!(ExactSum::from_bytes(&[1, 2, 3]), None);
    }

    proptest! {
        #[test]
        fn neither_order_nor_parting_nor_keeping_changes_it(
            mut numbers in prop::collection::vec(prop_oneof![-1e3..1e3_f64, -1e18..1e18_f64, -1e-9..1e-9_f64], 0..40), at in 0_usize..40
        ) {
            let whole: ExactSum = numbers.iter().copied().collect();
            let (first, second) = numbers.split_at(at.min(numbers.len()));
            let mut merged = ExactSum::from_bytes(&first.iter().copied().collect::<ExactSum>().to_bytes()).expect("a sum");
            merged.merge(&second.iter().copied().collect());
            prop_assert_eq!(merged.value(), whole.value());
            numbers.reverse();
            prop_assert_eq!(numbers.into_iter().collect::<ExactSum>().value(), whole.value());
        }
    }
}

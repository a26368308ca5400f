//! Means, plain and weighted by age, with what an interval needs beside them.

use scoresheet_sdk::numbers::{DAY_MS, fsum};

/// Shorter half-lives are taken for this one: an age divided by less is no number that a double holds.
const SHORTEST_HALF_LIFE_DAYS: f64 = 1e-6;

/// Ratings, added up as they come.
#[derive(Debug, Default)]
pub(super) struct Ratings {
    list: Vec<f64>,
    total: f64,
    of_squares: f64,
    /// The bits of all of them together.
    bits: u64,
}

/// The last bits of a number from 1 to 5, which are zero where it is a whole number of 32nds. Such ones, and their
/// squares, add up exactly in any order.
const FINER: u64 = (1 << 47) - 1;

impl Ratings {
    pub(super) fn clear(&mut self) {
        self.list.clear();
        (self.total, self.of_squares, self.bits) = (0.0, 0.0, 0);
    }

    pub(super) fn push(&mut self, rating: f64) {
        self.list.push(rating);
        self.total += rating;
        self.of_squares += rating * rating;
        self.bits |= rating.to_bits();
    }

    /// The ratings themselves.
    pub(super) fn list(&self) -> &[f64] {
        &self.list
    }
}

/// A mean of ratings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mean {
    /// The mean itself.
    pub(super) value: f64,
    /// The mean of the ratings' squares, weighted in the same way.
    pub(super) of_squares: f64,
    /// As many equally weighted ratings would tell as much: (Σw)² / Σw² (Kish, *Survey Sampling*, 1965, 11.7).
    pub(super) effective_samples: f64,
}

impl Mean {
    /// All weigh the same: the guide's `sum(scores) / len(scores)`, its sum exact.
    pub(super) fn plain(ratings: &Ratings) -> Self {
        let Ratings { list, total, of_squares, bits } = ratings;
        let count = list.len() as f64;
        let (total, of_squares) = if bits & FINER == 0 {
            (*total, *of_squares)
        } else {
            (sum(list.clone()), sum(list.iter().map(|rating| rating * rating).collect()))
        };
        Self { value: total / count, of_squares: of_squares / count, effective_samples: count }
    }

    /// Each weighs 2^(−age / half-life).
    pub(super) fn weighted(all: &Ratings, ages_ms: &[i64], half_life_days: f64) -> Self {
        let ratings = all.list();
        let half_life_ms = half_life_days.max(SHORTEST_HALF_LIFE_DAYS) * DAY_MS as f64;
        let half_lives = |age: i64| age as f64 / half_life_ms;
        // Only the ratio of the weights counts. Whole half-lives that all have in common are left away, which is exact,
        // so that the youngest weighs something however old it is.
        let common = half_lives(ages_ms.iter().copied().min().unwrap_or(0)).floor();
        let weights: Vec<f64> = ages_ms.iter().map(|age| (common - half_lives(*age)).exp2()).collect();

        let weight = sum(weights.clone());
        let mut products = Vec::with_capacity(ratings.len() * 4);
        for (weight, rating) in weights.iter().zip(ratings) {
            products.extend(exact_product(*weight, *rating));
        }
        let near = sum(products.clone()) / weight;
        // The division rounded; what that left over, exactly, makes the quotient the nearest one. So a further five,
        // however little it weighs, can never lower the mean.
        for weight in &weights {
            products.extend(exact_product(*weight, -near));
        }
        let left_over = sum(products);
        let squares = weights.iter().zip(ratings).map(|(weight, rating)| weight * rating * rating).collect();
        let alike = weights.windows(2).all(|pair| pair[0] == pair[1]);
        let effective = weight * weight / sum(weights.iter().map(|weight| weight * weight).collect());
        let plain = Self::plain(all);
        Self {
            value: near + left_over / weight,
            of_squares: if alike { plain.of_squares } else { sum(squares) / weight },
            effective_samples: if alike {
                plain.effective_samples
            } else {
                effective.clamp(1.0, plain.effective_samples)
            },
        }
    }
}

/// One place for it: every kind of iterator, and every call, would be a copy of its own.
#[inline(never)]
fn sum(numbers: Vec<f64>) -> f64 {
    fsum(numbers)
}

/// A product as the sum of two numbers that is exact (Dekker, "A floating-point technique for extending the available
/// precision", 1971), unless what rounding left is smaller than any double.
fn exact_product(a: f64, b: f64) -> [f64; 2] {
    let halves = |number: f64| {
        let scaled = 134_217_729.0 * number;
        let high = scaled - (scaled - number);
        (high, number - high)
    };
    let product = a * b;
    let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
    [product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low]
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: f64 = 30.0;

    impl From<&[f64]> for Ratings {
        fn from(ratings: &[f64]) -> Self {
            let mut all = Self::default();
            ratings.iter().for_each(|rating| all.push(*rating));
            all
        }
    }

    fn weighted(ratings: &[f64], ages_days: &[i64], half_life_days: f64) -> Mean {
        let ages: Vec<i64> = ages_days.iter().map(|days| days * DAY_MS).collect();
        Mean::weighted(&ratings.into(), &ages, half_life_days)
    }

    #[test]
    fn a_response_a_half_life_older_weighs_half() {
        let mean = weighted(&[5.0, 2.0], &[0, 30], DAYS);
        assert_eq!(mean, Mean { value: 4.0, of_squares: 18.0, effective_samples: 1.5 * 1.5 / 1.25 });
        // The same half-lives later, and with another unit of weight, nothing is different.
        assert_eq!(weighted(&[5.0, 2.0], &[60, 90], DAYS), mean);
        assert_eq!(weighted(&[5.0, 2.0], &[6_000, 6_001], 1.0), mean);
    }

    #[test]
    fn responses_of_one_age_are_the_plain_mean() {
        let ratings = [4.0, 5.0, 3.0, 1.0, 5.0, 2.0, 4.5];
        assert_eq!(weighted(&ratings, &[17; 7], DAYS), Mean::plain(&ratings[..].into()));
    }

    #[test]
    fn the_quotient_is_the_nearest_one() {
        // Weights of 1/2, 1/4 and 1/8 of a whole: 39/7 of an eighth each.
        let mean = weighted(&[5.0, 4.0, 1.0], &[1, 2, 3], 1.0);
        assert_eq!(mean.value, 29.0 / 7.0);
        assert_eq!(mean.of_squares, 133.0 / 7.0);
    }

    #[test]
    fn no_half_life_is_too_short_and_no_response_too_old() {
        for half_life in [f64::MIN_POSITIVE, 1e-9, 1e-3, 1e300] {
            let mean = weighted(&[5.0, 1.0], &[3_000, 3_650], half_life);
            assert!(mean.value.is_finite() && (1.0..=5.0).contains(&mean.value), "{half_life}: {mean:?}");
            assert!((1.0..=2.0).contains(&mean.effective_samples), "{half_life}: {mean:?}");
        }
        assert_eq!(weighted(&[5.0, 1.0], &[3_000, 3_650], 1e-9).value, 5.0);
    }

    #[test]
    fn products_are_exact() {
        for (a, b) in [(0.1, 3.7), (1.0 / 3.0, 4.999_999_999), (0.7, 5.0)] {
            let [product, rest] = exact_product(a, b);
            assert_eq!(product, a * b);
            assert_eq!(rest, a.mul_add(b, -product));
        }
    }
}

//! What a client's answers in a window amount to, told by those who made them.

use std::collections::BTreeMap;

/// The truth about one client and window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// The valid scores, in the order in which the source serves them.
    pub ratings: Vec<f64>,
    /// How many rows do not count, by reason, those of [`Self::timeless`] among them. The types asked
    /// for do not matter here: what was rejected has none.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Those of the rejected rows that no window excludes, for they have no usable time
    /// (`no-time`, `future`, and what lacks a time beside an earlier reason).
    pub timeless: BTreeMap<&'static str, u64>,
}

impl Expected {
    /// The unrounded mean; none without a rating.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        mean(&self.ratings)
    }

    /// The guide's `max(1, min(5, round(mean)))` with Python's `round`, which takes ties to the even number.
    #[must_use]
    pub fn guide_score(&self) -> Option<f64> {
        self.mean().map(|mean| mean.round_ties_even().clamp(1.0, 5.0))
    }
}

/// The unrounded mean; none without a rating.
pub(super) fn mean(ratings: &[f64]) -> Option<f64> {
    // Generated scores are multiples of a half, so the sum is exact in any order.
    (!ratings.is_empty()).then(|| ratings.iter().sum::<f64>() / ratings.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_as_python_does() {
        let score = |ratings: &[f64]| Expected { ratings: ratings.to_vec(), ..Expected::default() }.guide_score();
        assert_eq!(score(&[2.0, 3.0]), Some(2.0));
        assert_eq!(score(&[3.0, 4.0]), Some(4.0));
        assert_eq!(score(&[4.0, 5.0]), Some(4.0));
        assert_eq!(score(&[4.0, 5.0, 5.0]), Some(5.0));
        assert_eq!(score(&[]), None);
    }
}

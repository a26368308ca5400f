//! How often the interval holds the truth, and what must hold for it always.

use super::*;

fn interval_of(ratings: &[f64]) -> Interval {
    interval(&Mean::plain(&ratings.into())).expect("an interval")
}

#[test]
fn an_interval_that_was_found_before_is_the_same_and_another_means_own() {
    let mut intervals = Intervals::default();
    for ratings in [&[5.0, 4.0][..], &[4.5, 4.5], &[5.0, 4.0, 5.0, 4.0], &[4.5], &[5.0, 4.0], &[4.5, 4.5]] {
        let mean = Mean::plain(&ratings.into());
        assert_eq!(intervals.of(&mean), interval(&mean), "{ratings:?}");
    }
    assert_eq!(intervals.0.len(), 4);
}

/// True distributions over 1 to 5: extreme, skewed as satisfaction is, even, split, and of the three ratings of the
/// Open API.
const TRUTHS: [[f64; 5]; 14] = [
    [0.0, 0.0, 0.0, 0.0, 1.0],
    [1.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 1.0, 0.0, 0.0],
    [0.01, 0.0, 0.0, 0.04, 0.95],
    [0.05, 0.0, 0.0, 0.0, 0.95],
    [0.02, 0.03, 0.05, 0.2, 0.7],
    [0.05, 0.05, 0.1, 0.3, 0.5],
    [0.1, 0.1, 0.2, 0.3, 0.3],
    [0.2, 0.2, 0.2, 0.2, 0.2],
    [0.0, 0.1, 0.8, 0.1, 0.0],
    [0.5, 0.0, 0.0, 0.0, 0.5],
    [0.6, 0.2, 0.1, 0.05, 0.05],
    [0.1, 0.0, 0.1, 0.0, 0.8],
    [0.3, 0.0, 0.3, 0.0, 0.4],
];

/// Ratings, and the ends.
const EXPECTED: [(&[f64], f64, f64); 4] = [
    (&[4.0], 2.161_683_454_949_4, 4.604_046_886_23),
    (&[5.0, 4.0, 4.0], 3.010_511_512_098_6, 4.721_373_325_441_5),
    (&[4.5, 3.0, 1.0], 1.685_212_700_469_9, 4.118_716_862_453),
    (&[5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 1.0], 3.532_036_830_426_5, 4.945_637_869_855_3),
];

/// So many draws of each truth and size: the share is then good to a third of a per cent.
const DRAWS: u32 = 4_000;

/// SplitMix64 (Steele, Lea and Flood 2014): the same draws for ever.
struct Draws(u64);

impl Draws {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn rating(&mut self, truth: &[f64; 5]) -> f64 {
        let mut left = self.unit();
        for (rating, share) in (1..).zip(truth) {
            left -= share;
            if left < 0.0 {
                return f64::from(rating);
            }
        }
        5.0
    }
}

/// The share of draws of `size` responses whose interval holds the truth's mean.
fn coverage(truth: &[f64; 5], size: usize, draws: &mut Draws) -> f64 {
    let mean: f64 = (1..).zip(truth).map(|(rating, share)| f64::from(rating) * share).sum();
    let mut held = 0;
    for _ in 0..DRAWS {
        let ratings: Vec<f64> = (0..size).map(|_| draws.rating(truth)).collect();
        let Interval { low, high } = interval_of(&ratings);
        // A sum of shares is no exact number.
        held += u32::from(low - 1e-9 <= mean && mean <= high + 1e-9);
    }
    f64::from(held) / f64::from(DRAWS)
}

#[test]
fn the_interval_holds_the_truth_as_often_as_it_says() {
    let mut draws = Draws(20_261_101);
    let mut told = Vec::new();
    for size in [1, 2, 3, 5, 10, 30, 100] {
        let each: Vec<f64> = TRUTHS.iter().map(|truth| coverage(truth, size, &mut draws)).collect();
        let average = each.iter().sum::<f64>() / each.len() as f64;
        let worst = each.iter().copied().fold(1.0, f64::min);
        assert!(average >= 0.925, "{size} responses: {average} of {each:?}");
        // One that is always right because it is always wide would be of no use.
        assert!(size < 10 || average <= 0.98, "{size} responses: {average} of {each:?}");
        told.push((size, average, worst));
    }
    // On average over the truths, and for the worst of them. The last bits of logarithms are each machine's own.
    let expected = [
        (1, 0.943, 0.795),
        (2, 0.960, 0.888),
        (3, 0.929, 0.752),
        (5, 0.960, 0.914),
        (10, 0.962, 0.884),
        (30, 0.964, 0.942),
        (100, 0.961, 0.931),
    ];
    for ((size, average, worst), expected) in told.iter().zip(expected) {
        assert_eq!(*size, expected.0);
        assert!((average - expected.1).abs() < 0.002 && (worst - expected.2).abs() < 0.003, "{told:?}");
    }
    assert!(told.iter().map(|(_, average, _)| average).sum::<f64>() / 7.0 >= 0.95, "{told:?}");
}

#[test]
fn an_interval_is_what_the_method_says() {
    // The ends by mpmath 1.4.1's incomplete beta function, from the moments worked out by hand.
    for (ratings, low, high) in EXPECTED {
        let found = interval_of(ratings);
        assert!((found.low - low).abs() < 1e-9 && (found.high - high).abs() < 1e-9, "{ratings:?}: {found:?}");
    }
}

#[test]
fn the_mean_is_in_its_interval_where_all_answered_the_same() {
    for size in [1, 10, 10_000] {
        assert_eq!(interval_of(&vec![5.0; size]).high, 5.0);
        assert_eq!(interval_of(&vec![1.0; size]).low, 1.0);
    }
    let narrow = interval_of(&vec![5.0; 10_000]);
    assert!(narrow.low > 4.998, "{narrow:?}");
}

#[test]
fn more_responses_make_it_narrower() {
    let width = |size: usize| {
        let ratings: Vec<f64> = [5.0, 4.0, 2.0, 5.0].into_iter().cycle().take(size).collect();
        let Interval { low, high } = interval_of(&ratings);
        high - low
    };
    let widths = [4, 8, 16, 100, 1_000, 100_000].map(width);
    assert!(widths.is_sorted_by(|wide, narrow| wide > narrow), "{widths:?}");
    // What the normal distribution says of so many.
    assert!((widths[5] - 2.0 * 1.959_964 * 1.5_f64.sqrt() / 100_000_f64.sqrt()).abs() < 1e-5, "{widths:?}");
}

#[test]
fn fractions_are_no_further_from_the_truth_than_whole_ratings() {
    let whole = interval_of(&[4.0, 5.0]);
    let halves = interval_of(&[4.5, 4.5]);
    assert!(halves.low > whole.low && halves.high < whole.high, "{whole:?} {halves:?}");
}

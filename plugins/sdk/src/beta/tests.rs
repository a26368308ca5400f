//! Against values of mpmath 1.4.1 with 40 digits, against closed forms, and against itself.

use proptest::prelude::*;

use super::*;
use crate::testing::properties;

fn beta(a: f64, b: f64) -> Beta {
    Beta::new(a, b).expect("shapes")
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(0.01), "{found} is not {expected}");
}

#[test]
fn quantiles_are_the_reference_values() {
    for (a, b, p, expected) in [
        (1.25, 1.25, 0.025, 0.042_734_294_807_833_77),
        (1.25, 51.25, 0.975, 0.078_432_189_366_087_42),
        (12.5, 3.75, 0.025, 0.543_675_806_324_557_7),
        (12.5, 3.75, 0.975, 0.932_571_930_415_608),
        (2.0, 3.0, 0.025, 0.067_585_986_488_542_96),
        (2.0, 3.0, 0.975, 0.805_879_550_316_756_6),
        (0.5, 0.5, 0.025, 0.001_541_333_133_436_012),
        (0.25, 7.5, 0.5, 0.006_106_075_009_522_763),
        (102.5, 1.25, 0.975, 0.999_422_221_969_329_7),
        (102.5, 1.25, 0.025, 0.959_936_231_004_648_4),
        (3_000.5, 1_500.25, 0.975, 0.680_366_286_002_231_6),
        (0.05, 0.2, 0.5, 6.256_986_533_495_292e-5),
        (1.0, 1.0, 0.3, 0.3),
    ] {
        close(beta(a, b).quantile(p), expected);
    }
}

#[test]
fn probabilities_are_the_reference_values() {
    close(beta(12.5, 3.75).cdf(0.7), 0.235_757_846_225_657_7);
    close(beta(2.0, 3.0).cdf(0.2), 0.1808);
    close(beta(400.0, 100.0).cdf(0.81), 0.706_617_781_686_294_3);
    for x in [0.1, 0.37, 0.9] {
        // Shapes of which one is 1 have a power for their distribution.
        close(beta(3.5, 1.0).cdf(x), x.powf(3.5));
        close(beta(1.0, 3.5).cdf(x), 1.0 - (1.0 - x).powf(3.5));
    }
}

#[test]
fn the_ends_are_the_ends() {
    let beta = beta(2.0, 5.0);
    assert_eq!([beta.quantile(0.0), beta.quantile(1.0), beta.cdf(-1.0), beta.cdf(2.0)], [0.0, 1.0, 0.0, 1.0]);
    assert!(beta.quantile(f64::NAN).is_nan() && beta.cdf(f64::NAN).is_nan());
    for (a, b) in [(0.0, 1.0), (1.0, -1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
        assert_eq!(Beta::new(a, b), None);
    }
}

#[test]
fn moments_give_the_distribution_that_has_them() {
    let found = Beta::of_moments(0.4, 0.04).expect("moments");
    close(found.a, 2.0);
    close(found.b, 3.0);
    for (mean, variance) in [(0.0, 0.1), (1.0, 0.1), (0.5, 0.25), (0.5, 0.3), (0.5, 0.0), (f64::NAN, 0.1)] {
        assert_eq!(Beta::of_moments(mean, variance), None, "{mean} {variance}");
    }
}

#[test]
fn a_million_observations_are_no_trouble() {
    // So many are as good as normal.
    let (a, b) = (250_000.0, 750_000.0_f64);
    let spread = (0.25 * 0.75 / 1e6_f64).sqrt();
    let low = beta(a, b).quantile(0.025);
    assert!((low - (0.25 - 1.959_964 * spread)).abs() < 1e-6, "{low}");
}

proptest! {
    #![proptest_config(properties(11))]

    #[test]
    fn the_quantile_turns_the_probability_round(a in 0.3..400.0_f64, b in 0.3..400.0_f64, p in 0.001..0.999_f64) {
        let beta = beta(a, b);
        let x = beta.quantile(p);
        prop_assert!((0.0..=1.0).contains(&x));
        prop_assert!((beta.cdf(x) - p).abs() < 1e-10, "{} for {}", beta.cdf(x), p);
        prop_assert!(beta.quantile((p + 0.000_5).min(1.0)) > x);
        let mirror = 1.0 - Beta::new(b, a).expect("shapes").quantile(1.0 - p);
        prop_assert!((mirror - x).abs() < 1e-10, "{mirror} {x}");
    }
}

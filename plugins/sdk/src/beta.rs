//! The Beta distribution: what is known of a share, and so of any mean that has a least and a greatest value.
//!
//! The regularised incomplete beta function is the continued fraction of DLMF 8.17.22 (Abramowitz and Stegun,
//! *Handbook of Mathematical Functions*, 26.5.8), evaluated by Lentz's method as in Press et al., *Numerical Recipes*,
//! third edition, 6.4. Its inverse is Halley's method within a bracket, begun at the approximation of Abramowitz and
//! Stegun 26.5.22. A statistics library would do the same, at a third of a small component's size.

// What is called from several places is compiled once: copies would weigh some kilobytes in a component.

/// How close an iteration comes; a step of this relative size leaves an error of its cube.
const CLOSE: f64 = 1e-6;

/// The fraction is cut where a further term no longer shows.
const NO_DIFFERENCE: f64 = 1e-15;

/// The fraction needs some √max(a, b) terms: so many do for any number of observations that fits into memory.
const MOST_TERMS: u32 = 20_000;

/// A Beta distribution on 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beta {
    a: f64,
    b: f64,
    /// The logarithm of the beta function of both.
    ln_beta: f64,
}

impl Beta {
    /// The distribution of these shapes; `None` where they are not finite numbers above 0.
    #[must_use]
    pub fn new(a: f64, b: f64) -> Option<Self> {
        let fits = |shape: f64| shape.is_finite() && shape > 0.0;
        (fits(a) && fits(b)).then(|| Self { a, b, ln_beta: ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b) })
    }

    /// The distribution of this mean and variance; `None` where there is none, because the mean is not between 0 and 1
    /// or the variance not between 0 and mean × (1 − mean).
    #[must_use]
    pub fn of_moments(mean: f64, variance: f64) -> Option<Self> {
        let certainty = mean * (1.0 - mean) / variance - 1.0;
        Self::new(mean * certainty, (1.0 - mean) * certainty)
    }

    /// The probability of at most `x`.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        let x = x.clamp(0.0, 1.0);
        if x == 0.0 || x == 1.0 { x } else { self.cdf_and_density(x).0 }
    }

    /// The value that is not exceeded with probability `p`, which is held to 0..1.
    #[must_use]
    #[inline(never)]
    pub fn quantile(&self, p: f64) -> f64 {
        let Self { a, b, .. } = *self;
        if p.is_nan() || p <= 0.0 || p >= 1.0 {
            return p.clamp(0.0, 1.0);
        }
        let (mut low, mut high) = (0.0, 1.0);
        let mut x = self.first_guess(p);
        let mut missed_by = f64::INFINITY;
        // Halley's method takes three or four steps; where it is of no use, in a tail that is nearly flat, the bracket
        // is halved instead, and sixty halvings leave nothing of it.
        for _ in 0..100 {
            let (cdf, density) = self.cdf_and_density(x);
            if cdf < p {
                low = x;
            } else {
                high = x;
            }
            let newton = (cdf - p) / density;
            let curvature = (a - 1.0) / x - (b - 1.0) / (1.0 - x);
            let step = newton / (1.0 - 0.5 * (newton * curvature).min(1.0));
            let next = x - step;
            if step.abs() <= CLOSE * x.min(1.0 - x) {
                return next.clamp(low, high);
            }
            let gets_closer = (cdf - p).abs() <= 0.5 * missed_by;
            missed_by = (cdf - p).abs();
            // It may be no number at all, where the density is too small for one.
            x = if gets_closer && next > low && next < high { next } else { f64::midpoint(low, high) };
        }
        x
    }

    fn cdf_and_density(&self, x: f64) -> (f64, f64) {
        let Self { a, b, ln_beta } = *self;
        let front = (a * x.ln() + b * (1.0 - x).ln() - ln_beta).exp();
        // The fraction converges on this side of the mean; the other is its mirror.
        let cdf = if x < (a + 1.0) / (a + b + 2.0) {
            front * fraction(a, b, x) / a
        } else {
            1.0 - front * fraction(b, a, 1.0 - x) / b
        };
        (cdf, front / (x * (1.0 - x)))
    }

    fn first_guess(&self, p: f64) -> f64 {
        let Self { a, b, .. } = *self;
        let guess = if a >= 1.0 && b >= 1.0 {
            // Abramowitz and Stegun 26.5.22, with the normal quantile of 26.2.22.
            let tail = p.min(1.0 - p);
            let t = (-2.0 * tail.ln()).sqrt();
            let normal = t - (2.307_53 + t * 0.270_61) / (1.0 + t * (0.992_29 + t * 0.044_81));
            let y = if p < 0.5 { normal } else { -normal };
            let lambda = (y * y - 3.0) / 6.0;
            let (of_a, of_b) = (1.0 / (2.0 * a - 1.0), 1.0 / (2.0 * b - 1.0));
            let h = 2.0 / (of_a + of_b);
            let w = y * (h + lambda).max(0.0).sqrt() / h - (of_b - of_a) * (lambda + 5.0 / 6.0 - 2.0 / (3.0 * h));
            a / (a + b * (2.0 * w).exp())
        } else {
            // Numerical Recipes, third edition, 6.4: the powers that the distribution is like at either end.
            let (of_a, of_b) = ((a * (a / (a + b)).ln()).exp() / a, (b * (b / (a + b)).ln()).exp() / b);
            let both = of_a + of_b;
            if p < of_a / both {
                ((a * both * p).ln() / a).exp()
            } else {
                1.0 - ((b * both * (1.0 - p)).ln() / b).exp()
            }
        };
        if guess > 0.0 && guess < 1.0 { guess } else { 0.5 }
    }
}

/// The continued fraction of the incomplete beta function.
#[inline(never)]
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    // Lentz's method divides by what may be zero: then by almost nothing instead.
    let not_zero = |number: f64| if number.abs() < 1e-300 { 1e-300 } else { number };
    let mut c = 1.0;
    let mut d = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut found = d;
    for term in 1..=MOST_TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / not_zero(1.0 + even * d);
        c = not_zero(1.0 + even / c);
        found *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / not_zero(1.0 + odd * d);
        c = not_zero(1.0 + odd / c);
        let factor = d * c;
        found *= factor;
        if (factor - 1.0).abs() < NO_DIFFERENCE {
            break;
        }
    }
    found
}

/// The logarithm of the gamma function of a number above 0: Stirling's series (DLMF 5.11.1) where it is at least 10,
/// and below that the recurrence that leads there.
#[inline(never)]
fn ln_gamma(x: f64) -> f64 {
    let (mut large, mut product) = (x, 1.0);
    while large < 10.0 {
        product *= large;
        large += 1.0;
    }
    let inverse = 1.0 / (large * large);
    let terms = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1_260.0, -1.0 / 1_680.0, 1.0 / 1_188.0, -691.0 / 360_360.0];
    let series = terms.iter().rev().fold(0.0, |sum, term| sum * inverse + term) / large;
    let half_ln_of_two_pi = 0.918_938_533_204_672_8;
    (large - 0.5) * large.ln() - large + half_ln_of_two_pi + series - product.ln()
}

#[cfg(test)]
mod tests;

//! The 95 % interval of a mean that lies between 1 and 5.
//!
//! Before any response each of the five ratings is worth [`PRIOR`] responses: a Dirichlet prior, and where ratings are
//! not whole the Dirichlet process over the scale that it stands for (Ferguson, "A Bayesian analysis of some
//! nonparametric problems", *Annals of Statistics* 1, 1973), so that 4.5 needs no share of 4 and of 5. What is then
//! known of the mean has a mean and a variance in closed form; the Beta distribution on 1 to 5 that has both is taken
//! for it, which for linear combinations of Dirichlet shares is close (Provost and Cheong, *Canadian Journal of
//! Statistics* 28, 2000). The ends are its quantiles of 2.5 and 97.5 %.
//!
//! Student's interval leaves the scale and is empty where all answered the same; this one is neither. How often it
//! holds the truth is tried by the tests, from one response to a hundred.

use std::collections::HashMap;

use scoresheet_sdk::{Interval, beta::Beta};

use super::mean::Mean;

/// What each of the five ratings is worth beforehand: one over their number, as Perks (1947) has it and Berger, Bernardo
/// and Sun ("Overall objective priors", *Bayesian Analysis* 10, 2015) advise. Together they are worth one response. Of
/// 0.1 to 0.5 it covers best where responses are few.
const PRIOR: f64 = 0.2;

/// How many responses the five are worth together.
const PRIOR_WEIGHT: f64 = 5.0 * PRIOR;

/// The mean of 1 to 5, and of their squares.
const PRIOR_MEAN: f64 = 3.0;
const PRIOR_OF_SQUARES: f64 = 11.0;

/// Intervals that were found before. Where answers are few, many clients and months have the same ones, and finding an
/// interval takes longer than all else about a score.
#[derive(Default)]
pub(super) struct Intervals(HashMap<[u64; 3], Option<Interval>>);

impl Intervals {
    /// The interval of this mean.
    pub(super) fn of(&mut self, mean: &Mean) -> Option<Interval> {
        let Mean { value, of_squares, effective_samples } = *mean;
        let key = [value, of_squares, effective_samples].map(f64::to_bits);
        *self.0.entry(key).or_insert_with(|| interval(mean))
    }
}

/// The interval, within 1 to 5. It holds the mean itself: where the prior would keep it away from an end of the scale
/// at which every response lies, it is widened to there.
pub(super) fn interval(mean: &Mean) -> Option<Interval> {
    let weight = mean.effective_samples + PRIOR_WEIGHT;
    let posterior = |own: f64, prior: f64| (mean.effective_samples * own + PRIOR_WEIGHT * prior) / weight;
    let centre = posterior(mean.value, PRIOR_MEAN);
    let variance = (posterior(mean.of_squares, PRIOR_OF_SQUARES) - centre * centre) / (weight + 1.0);
    let known = Beta::of_moments((centre - 1.0) / 4.0, variance / 16.0)?;
    let end = |p: f64| 1.0 + 4.0 * known.quantile(p);
    Some(Interval { low: end(0.025).min(mean.value), high: end(0.975).max(mean.value) })
}

#[cfg(test)]
mod tests;

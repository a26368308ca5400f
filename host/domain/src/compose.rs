//! From metrics to one engagement score: weights, coverage, bands.

use crate::sheet::{Band, Engagement, OutcomeKind};

/// How a sheet composes its metrics.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Composition {
    /// The least share of the weight that must have a score, 0 to 1.
    pub min_coverage: f64,
    /// The engagement score from which a client is `healthy`.
    pub healthy: f64,
    /// The engagement score from which a client is `watch`.
    pub watch: f64,
}

impl Default for Composition {
    fn default() -> Self {
        Self { min_coverage: 0.5, healthy: 4.0, watch: 3.0 }
    }
}

impl Composition {
    /// The band of an unrounded engagement score.
    #[must_use]
    pub fn band(&self, score: f64) -> Band {
        if score >= self.healthy {
            Band::Healthy
        } else if score >= self.watch {
            Band::Watch
        } else {
            Band::AtRisk
        }
    }

    /// The weighted mean of the scores there are, `Σ weight·score / Σ weight`.
    ///
    /// A metric that does not apply leaves the denominator of coverage; every other
    /// one without a score stays in it. Without a score there is no engagement score.
    #[must_use]
    pub fn compose(&self, metrics: impl IntoIterator<Item = Part>) -> Engagement {
        let (mut scored, mut weighed, mut total) = (0.0, 0.0, 0.0);
        for part in metrics {
            if let Some(score) = part.score {
                weighed += part.weight * score;
                scored += part.weight;
            }
            if part.outcome != OutcomeKind::NotApplicable {
                total += part.weight;
            }
        }
        let coverage = if total > 0.0 { (scored / total).min(1.0) } else { 0.0 };
        // The mean of scores within 1 to 5 lies there too; the clamp takes off what rounding may add.
        let score = (scored > 0.0 && coverage >= self.min_coverage).then(|| (weighed / scored).clamp(1.0, 5.0));
        Engagement { score, band: score.map(|score| self.band(score)), coverage }
    }
}

/// What composing sees of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// More than zero.
    pub weight: f64,
    /// What became of the metric.
    pub outcome: OutcomeKind,
    /// 1 to 5, where there is one.
    pub score: Option<f64>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(weight: f64, score: Option<f64>) -> Part {
        let outcome = if score.is_some() { OutcomeKind::Measured } else { OutcomeKind::NoData };
        Part { weight, outcome, score }
    }

    #[test]
    fn weighs_covers_and_bands() {
        let sheet = Composition::default();
        let full = sheet.compose([part(2.0, Some(5.0)), part(1.0, Some(2.0))]);
        assert_eq!(full, Engagement { score: Some(4.0), band: Some(Band::Healthy), coverage: 1.0 });

        let half = sheet.compose([part(1.0, Some(2.0)), part(1.0, None)]);
        assert_eq!(half, Engagement { score: Some(2.0), band: Some(Band::AtRisk), coverage: 0.5 });

        let thin = sheet.compose([part(1.0, Some(5.0)), part(2.0, None)]);
        assert_eq!((thin.score, thin.band), (None, None));
        assert!((thin.coverage - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn what_does_not_apply_leaves_the_denominator() {
        let gone = Part { weight: 9.0, outcome: OutcomeKind::NotApplicable, score: None };
        let row = Composition::default().compose([part(1.0, Some(3.0)), gone]);
        assert_eq!(row, Engagement { score: Some(3.0), band: Some(Band::Watch), coverage: 1.0 });
        let nothing = Composition { min_coverage: 0.0, ..Composition::default() }.compose([gone]);
        assert_eq!(nothing, Engagement { score: None, band: None, coverage: 0.0 });
    }

    #[test]
    fn the_band_looks_at_the_unrounded_score() {
        assert_eq!(Composition::default().band(3.999_999), Band::Watch);
    }

    proptest! {
        #[test]
        fn scores_stay_in_range_and_scaled_weights_change_nothing(
            parts in prop::collection::vec((0.01_f64..100.0, prop::option::of(1.0_f64..=5.0)), 1..12), factor in 0.1_f64..10.0
        ) {
            let sheet = Composition { min_coverage: 0.0, ..Composition::default() };
            let row = sheet.compose(parts.iter().map(|(w, s)| part(*w, *s)));
            let scaled = sheet.compose(parts.iter().map(|(w, s)| part(*w * factor, *s)));
            prop_assert_eq!(row.score.is_some(), parts.iter().any(|(_, s)| s.is_some()));
            if let (Some(score), Some(scaled)) = (row.score, scaled.score) {
                prop_assert!((1.0..=5.0).contains(&score));
                prop_assert!((score - scaled).abs() < 1e-9);
            }
            prop_assert!((row.coverage - scaled.coverage).abs() < 1e-9);
        }
    }
}

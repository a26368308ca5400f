//! What a provider answers for one metric and one client.

/// A 95 % interval, on the scale of the score's `value`. Part of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A score and what it was made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// On the sheet's scale, 1 to 5.
    pub score: f64,
    /// The figure that it was made from, unrounded, in the metric's unit.
    pub value: f64,
    /// How many observations it was made from.
    pub samples: u32,
    /// How many equal observations would weigh as much.
    pub effective_samples: f64,
    /// 95 %, where it means something.
    pub interval: Option<Interval>,
    /// Plain words, a line each.
    pub explanation: Vec<String>,
}

/// What a trend shows of a score in the past.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// On the sheet's scale, 1 to 5.
    pub score: f64,
    /// The figure that it was made from, unrounded, in the metric's unit.
    pub value: f64,
    /// How many observations it was made from.
    pub samples: u32,
    /// What it weighs in a mean over several windows.
    pub weight: f64,
    /// 95 %, where it means something.
    pub interval: Option<Interval>,
}

impl From<&Score> for Figure {
    /// Means weigh by what they were made from, so that three answers do not weigh as much as thirty. A figure without
    /// an interval is a rate of its window, and windows weigh alike.
    fn from(score: &Score) -> Self {
        let Score { score, value, samples, effective_samples, interval, .. } = *score;
        let weight = if interval.is_some() { effective_samples.max(0.0) } else { 1.0 };
        Self { score, value, samples, weight, interval }
    }
}

/// Too little to score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// How many there are.
    pub have: u32,
    /// How many are needed.
    pub need: u32,
    /// The same in words.
    pub detail: String,
}

/// What a provider answers for one client.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricOutcome {
    /// There is a score.
    Measured(Score),
    /// There is too little to score.
    NoData(Shortfall),
    /// The metric means nothing for this client, and why.
    NotApplicable(String),
}

impl MetricOutcome {
    /// The score, where there is one.
    #[must_use]
    pub const fn score(&self) -> Option<&Score> {
        match self {
            Self::Measured(score) => Some(score),
            Self::NoData(_) | Self::NotApplicable(_) => None,
        }
    }
}

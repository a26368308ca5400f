//! From what was told to what is to be told: each occurrence is fired once and resolved once.

use std::collections::BTreeSet;

use super::{
    Alert, AlertId, Finding,
    evaluate::{Evaluation, Reading},
    words::one_line,
};

/// What is to be told now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What is new.
    pub fire: Vec<Finding>,
    /// What is over, and how that is said.
    pub resolve: Vec<(AlertId, String)>,
}

impl Step {
    /// Whether there is nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.fire.is_empty() && self.resolve.is_empty()
    }
}

/// Holds what was found against the alerts that are open. What nothing says anything of now stays open.
#[must_use]
pub fn step(open: &[Alert], evaluation: &Evaluation<'_>) -> Step {
    let told: BTreeSet<&str> = open.iter().map(|alert| alert.key.as_str()).collect();
    let found: BTreeSet<&str> = evaluation.findings().iter().map(|finding| finding.key.as_str()).collect();
    let fire = evaluation.findings().iter().filter(|finding| !told.contains(finding.key.as_str())).cloned().collect();
    let over = open.iter().filter(|alert| !found.contains(alert.key.as_str()));
    let resolve = over
        .filter_map(|alert| match evaluation.reading(alert) {
            Reading::Clear(words) => Some((alert.id, one_line(&words))),
            Reading::Fires(_) | Reading::Untold => None,
        })
        .collect();
    Step { fire, resolve }
}

//! How alike two names are that no rule makes the same, and what speaks for it, in words.
//!
//! Nothing here ever ties a client: a person decides. Which names are set against each other at all is `mapping`'s
//! business.

mod aligned;
mod shortened;
mod signs;

use super::{Likeness, NameKeys, profile::Profile, weights::Weights};

/// From this score on, out of 100, two names are put before a person.
pub const SUGGESTED_FROM: u8 = 50;

/// How alike two names are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resemblance {
    /// From 0 to 100.
    pub score: u8,
    /// What speaks for it, the strongest first, in words; empty where nothing does.
    pub evidence: Vec<String>,
}

impl Resemblance {
    /// Sets two names against each other. Which is left does not matter to the score.
    #[must_use]
    pub fn of(left: &Profile, right: &Profile, weights: &Weights) -> Self {
        // In one order always, so that sums and ties come out the same.
        let written = |profile: &Profile| -> Vec<String> {
            profile.pieces.iter().map(|piece| piece.written.clone()).collect()
        };
        let order = left.foreign.cmp(&right.foreign).then_with(|| left.joined.cmp(&right.joined));
        let swapped = order.then_with(|| written(left).cmp(&written(right))).is_gt();
        let (left, right) = if swapped { (right, left) } else { (left, right) };
        let mut signs = signs::all(left, right, weights);
        signs.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.evidence.cmp(&b.evidence)));
        signs.retain(|sign| sign.score >= LEAST_SIGN);
        let best = signs.first().map_or(0.0, |sign| sign.score);
        let mut evidence: Vec<String> = Vec::new();
        for sign in signs {
            if !evidence.contains(&sign.evidence) {
                evidence.push(sign.evidence);
            }
        }
        Self { score: percent(best), evidence }
    }

    /// Whether it is put before a person.
    #[must_use]
    pub const fn is_suggested(&self) -> bool {
        self.score >= SUGGESTED_FROM
    }

    /// Of two names that are the same but for legal forms which contradict each other.
    #[must_use]
    pub fn but_for_the_form(ours: &NameKeys, theirs: &NameKeys) -> Option<Self> {
        (ours.compare(theirs) == Likeness::FormsDiffer).then(|| Self {
            score: BUT_FOR_THE_FORM,
            evidence: vec![format!(
                "the same but for the legal form: {} against {}",
                ours.forms_in_words(),
                theirs.forms_in_words()
            )],
        })
    }
}

/// The score of names that are the same but for the legal form.
const BUT_FOR_THE_FORM: u8 = 95;

/// What scores less is not worth telling.
const LEAST_SIGN: f64 = 0.3;

/// One thing that speaks for two names being one company's.
#[derive(Clone, Debug)]
struct Sign {
    /// From 0 to 1.
    score: f64,
    evidence: String,
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100 before")]
fn percent(share: f64) -> u8 {
    (share * 100.0).round().clamp(0.0, 100.0) as u8
}

#[cfg(test)]
mod tests;

//! How alike two names are that no rule makes the same, and what speaks for it, in words.
//!
//! Nothing here ever ties a client: a person decides. Which names are set against each other at all is `mapping`'s
//! business.

mod aligned;
mod shortened;
mod signs;

use std::cmp::Ordering;

use super::{
    Likeness, NameKeys,
    profile::{Piece, Profile},
    weights::Weights,
};

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
    /// Sets two names against each other. Which is left does not matter.
    #[must_use]
    pub fn of(left: &Profile, right: &Profile, weights: &Weights) -> Self {
        Self::told(&Weighed::new(left, weights), &Weighed::new(right, weights), weights)
    }

    /// As [`Self::of`], of names that are set against many others.
    pub(crate) fn told(left: &Weighed<'_>, right: &Weighed<'_>, weights: &Weights) -> Self {
        let mut signs = signs::all(left, right, Some(weights));
        signs.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.evidence.cmp(&b.evidence)));
        let mut evidence: Vec<String> = Vec::new();
        let score = percent(best(&signs));
        for sign in signs {
            if sign.score >= LEAST_SIGN && !evidence.contains(&sign.evidence) {
                evidence.push(sign.evidence);
            }
        }
        Self { score, evidence }
    }

    /// The score alone, which takes a fraction of the time.
    pub(crate) fn score(left: &Weighed<'_>, right: &Weighed<'_>) -> u8 {
        percent(best(&signs::all(left, right, None)))
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

/// A name with what its words weigh among the names at hand.
pub(crate) struct Weighed<'a> {
    profile: &'a Profile,
    /// A word each.
    weights: Vec<f64>,
}

impl<'a> Weighed<'a> {
    pub(crate) fn new(profile: &'a Profile, weights: &Weights) -> Self {
        let weigh = |(at, piece): (usize, &Piece)| {
            // Names begin with what tells them apart.
            let front = if at == 0 { 1.25 } else { 1.0 };
            front * weights.of(&piece.latin)
        };
        Self { profile, weights: profile.pieces.iter().enumerate().map(weigh).collect() }
    }

    /// In which order two names are set against each other, so that sums and ties come out the same.
    fn order(&self, other: &Self) -> Ordering {
        fn written(profile: &Profile) -> impl Iterator<Item = &str> {
            profile.pieces.iter().map(|piece| piece.written.as_str())
        }
        let (ours, theirs) = (self.profile, other.profile);
        let order = ours.foreign.cmp(&theirs.foreign).then_with(|| ours.joined.cmp(&theirs.joined));
        order.then_with(|| written(ours).cmp(written(theirs)))
    }
}

fn best(signs: &[Sign]) -> f64 {
    signs.iter().map(|sign| sign.score).filter(|score| *score >= LEAST_SIGN).fold(0.0, f64::max)
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
    /// In words; empty where only the score is asked for.
    evidence: String,
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100 before")]
fn percent(share: f64) -> u8 {
    (share * 100.0).round().clamp(0.0, 100.0) as u8
}

#[cfg(test)]
mod tests;

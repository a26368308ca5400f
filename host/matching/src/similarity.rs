//! The similarity of two names that no rule makes the same, with evidence. It only ranks suggestions.
//!
//! Every signal here earns its place on the labelled pairs: see docs/decisions/0002-matching-rules.md.

mod short;
mod sound;
mod words;

use std::fmt;

use crate::{
    keys::NameKeys,
    profile::{Profile, written},
};
use words::Alignment;

/// From this similarity on, out of 100, a pair of names is suggested.
pub const MIN_SIMILARITY: u8 = 50;

/// The similarity of names that differ only in the class of the legal form.
const DIFFERENT_FORM: u8 = 95;

/// The similarity of two names.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Similarity {
    /// From 0 to 100.
    pub score: u8,
    /// The strongest first, for display; empty where there is none.
    pub evidence: Vec<String>,
}

impl Similarity {
    /// Whether it is enough for a suggestion.
    #[must_use]
    pub const fn is_suggestion(&self) -> bool {
        self.score >= MIN_SIMILARITY
    }
}

/// A name, parsed once to be compared with many others.
#[derive(Clone, Debug)]
pub struct Name {
    text: String,
    keys: NameKeys,
    profile: Profile,
}

impl Name {
    /// Parses a name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { text: name.trim().to_owned(), keys: NameKeys::new(name), profile: Profile::new(name) }
    }

    /// The name as given, trimmed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The keys that the rules compare.
    #[must_use]
    pub const fn keys(&self) -> &NameKeys {
        &self.keys
    }

    pub(crate) const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The similarity of two names that no rule makes the same. It is symmetric.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> Similarity {
        if self.keys.differ_in_form(&other.keys) {
            let forms = |name: &Self| name.keys.written_forms().join(" ");
            let evidence = format!(
                "the same ignoring the legal form, but {} and {} are different classes of legal form",
                forms(self),
                forms(other)
            );
            return Similarity { score: DIFFERENT_FORM, evidence: vec![evidence] };
        }
        let mut signals = signals(&self.profile, &other.profile);
        signals.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut evidence: Vec<String> = signals.iter().map(|signal| signal.evidence.to_string()).collect();
        // Initials are found for the whole name and for its words.
        evidence.dedup();
        Similarity { score: percent(signals.first().map_or(0.0, |signal| signal.score)), evidence }
    }

    /// The score of [`Self::similarity`], without the cost of wording the evidence.
    #[must_use]
    pub fn similarity_score(&self, other: &Self) -> u8 {
        if self.keys.differ_in_form(&other.keys) {
            return DIFFERENT_FORM;
        }
        percent(signals(&self.profile, &other.profile).iter().map(|signal| signal.score).fold(0.0, f64::max))
    }
}

/// One reason why two names may be the same.
struct Signal<'a> {
    /// From 0 to 1.
    score: f64,
    evidence: Evidence<'a>,
}

enum Evidence<'a> {
    Initials { short: &'a Profile, long: &'a Profile },
    Abbreviation { short: &'a Profile, long: &'a Profile },
    Words(Alignment<'a>),
    Sound { foreign: &'a Profile, latin: &'a Profile, words: usize },
}

impl fmt::Display for Evidence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Initials { short, long } => {
                write!(f, "\"{}\" are the initials of \"{}\"", short.written(), long.written())
            }
            Self::Abbreviation { short, long } => {
                write!(f, "\"{}\" may be short for \"{}\"", short.written(), long.written())
            }
            Self::Words(alignment) => alignment.fmt(f),
            Self::Sound { foreign, latin, words } => write!(
                f,
                "\"{}\" sounds like \"{}\" (\"{}\" in Latin letters)",
                foreign.written(),
                written(&latin.words[..*words]),
                foreign.joined
            ),
        }
    }
}

fn signals<'a>(left: &'a Profile, right: &'a Profile) -> Vec<Signal<'a>> {
    let both = || [(left, right), (right, left)].into_iter();
    let stronger = |a: &Signal<'_>, b: &Signal<'_>| a.score.total_cmp(&b.score);
    let initials = both().filter_map(|(short, long)| short::initials(short, long)).max_by(stronger);
    let short =
        initials.or_else(|| both().filter_map(|(short, long)| short::abbreviation(short, long)).max_by(stronger));
    // In one order, so that the sums of the alignment are the same whichever name is left.
    let order = left.joined.cmp(&right.joined).then_with(|| left.written().cmp(&right.written()));
    let (first, second) = if order.is_le() { (left, right) } else { (right, left) };
    let words = Alignment::new(first, second).signal();
    let sound = both().filter_map(|(foreign, latin)| sound::sounds_alike(foreign, latin)).max_by(stronger);
    [short, words, sound].into_iter().flatten().collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100 before")]
fn percent(share: f64) -> u8 {
    (share * 100.0).round().clamp(0.0, 100.0) as u8
}

#[cfg(test)]
mod tests;

//! How much a word says: rare words of the names at hand say more than common ones.
//!
//! Inverse document frequency (Spärck Jones, "A statistical interpretation of term specificity", 1972), smoothed so that
//! a handful of names teaches little.

use std::collections::{HashMap, HashSet};

use super::{common_words, profile::Profile};

/// As many names stand behind what is known of common words before any name was seen.
const PRIOR_NAMES: f64 = 200.0;

/// The least that a word weighs.
const LEAST: f64 = 0.05;

/// In how many names each word stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    names_by_word: HashMap<Box<str>, u32>,
    names: u32,
}

impl Weights {
    /// Counts the words of these names, each name's once.
    #[must_use]
    pub fn learned<'a>(profiles: impl Iterator<Item = &'a Profile>) -> Self {
        let mut weights = Self::default();
        for profile in profiles {
            weights.names = weights.names.saturating_add(1);
            let words: HashSet<&str> = profile.words().collect();
            for word in words {
                if let Some(names) = weights.names_by_word.get_mut(word) {
                    *names = names.saturating_add(1);
                } else {
                    weights.names_by_word.insert(word.into(), 1);
                }
            }
        }
        weights
    }

    /// In how many of the names the word stands.
    #[must_use]
    pub fn names_with(&self, word: &str) -> u32 {
        self.names_by_word.get(word).copied().unwrap_or(0)
    }

    /// How much the word says, from nearly 0 to 1.
    #[must_use]
    pub fn of(&self, word: &str) -> f64 {
        let all = PRIOR_NAMES + f64::from(self.names);
        let with = f64::from(self.names_with(word).max(1));
        // A word that stands in two names, the two that are compared, is as rare as one can be that is shared.
        let rarity = (all / (with + 1.0)).ln() / (all / 3.0).ln();
        rarity.clamp(LEAST, 1.0).min(common_words::ceiling(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_say_more() {
        let names: Vec<Profile> = (0..1_000)
            .map(|n| {
                Profile::of(&format!(
                    "{} {}",
                    if n % 2 == 0 { "Harbor" } else { "Valley" },
                    if n < 3 { "Zenith" } else { "Bakery" }
                ))
            })
            .collect();
        let weights = Weights::learned(names.iter());
        assert_eq!(
            (weights.names_with("harbor"), weights.names_with("zenith"), weights.names_with("none")),
            (500, 3, 0)
        );
        assert!(weights.of("none") >= weights.of("zenith") && weights.of("zenith") > 2.0 * weights.of("harbor"));
        assert!(weights.of("bakery") < weights.of("harbor") && weights.of("bakery") >= LEAST);
        let nothing = Weights::default();
        assert!((nothing.of("harbor") - 1.0).abs() < f64::EPSILON && nothing.of("services") < 0.5);
    }
}

//! Which source clients are worth comparing with a client: those that share a key, the rarer the key the sooner.
//!
//! One sorted list of keys and positions, so that memory grows with the names and not with their pairs.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::{
    mapping::Rule,
    matching::{NameKeys, Profile},
};

/// A key that more names share than this brings nothing together: it is a word like "Dental".
const MOST_SHARING: usize = 150;

/// So many candidates of a client are compared: those with most and rarest keys in common.
const MOST_COMPARED: usize = 24;

/// So many names that begin as an abbreviation does are compared with it.
const MOST_ABBREVIATED: usize = 64;

pub(super) struct Index<'a> {
    /// Sorted.
    keys: Vec<(u64, u32)>,
    profiles: Vec<&'a Profile>,
    /// By first letter: names, with a bit for each of their letters, and whether they are abbreviations.
    by_letter: Vec<Vec<(u32, u32, bool)>>,
}

/// Names that are the same but for the legal form share this.
fn bare(keys: &NameKeys) -> impl Iterator<Item = u64> {
    keys.under(Rule::WithoutLegalForm).iter().map(|key| {
        let mut hasher = DefaultHasher::new();
        ("bare", key).hash(&mut hasher);
        hasher.finish()
    })
}

impl<'a> Index<'a> {
    pub(super) fn of(names: impl Iterator<Item = (&'a NameKeys, &'a Profile)>) -> Self {
        let mut index = Self { keys: Vec::new(), profiles: Vec::new(), by_letter: vec![Vec::new(); 256] };
        for (at, (keys, profile)) in (0_u32..).zip(names) {
            index.keys.extend(profile.blocks().into_iter().chain(bare(keys)).map(|key| (key, at)));
            if let Some((letter, abbreviation)) = profile.first_letter() {
                index.by_letter[usize::from(letter)].push((profile.letters(), at, abbreviation));
            }
            index.profiles.push(profile);
        }
        index.keys.sort_unstable();
        index.keys.dedup();
        index
    }

    fn sharing(&self, key: u64) -> &[(u64, u32)] {
        let from = self.keys.partition_point(|(other, _)| *other < key);
        let sharing = &self.keys[from..];
        &sharing[..sharing.partition_point(|(other, _)| *other == key)]
    }

    pub(super) fn finder(&self) -> Finder<'_> {
        Finder { index: self, votes: vec![0.0; self.profiles.len()], touched: Vec::new() }
    }
}

/// Looks names up, and keeps its tally from one to the next.
pub(super) struct Finder<'a> {
    index: &'a Index<'a>,
    votes: Vec<f32>,
    touched: Vec<u32>,
}

impl Finder<'_> {
    /// The positions of the names worth comparing with these, in order.
    pub(super) fn candidates<'n>(&mut self, names: impl Iterator<Item = (&'n NameKeys, &'n Profile)>) -> Vec<usize> {
        let mut abbreviated = Vec::new();
        for (keys, profile) in names {
            for key in bare(keys) {
                // However many there are: these come first.
                let sharing = self.index.sharing(key);
                self.vote(&sharing[..sharing.len().min(MOST_COMPARED)], 100.0);
            }
            for key in profile.lookups() {
                let sharing = self.index.sharing(key);
                if sharing.len() <= MOST_SHARING {
                    #[expect(clippy::cast_precision_loss, reason = "at most MOST_SHARING")]
                    self.vote(sharing, 1.0 / (1.0 + sharing.len() as f32).ln_1p());
                }
            }
            abbreviated.extend(self.abbreviations(profile));
        }
        let mut touched = std::mem::take(&mut self.touched);
        if touched.len() > MOST_COMPARED {
            touched.select_nth_unstable_by(MOST_COMPARED, |a, b| {
                self.votes[*b as usize].total_cmp(&self.votes[*a as usize]).then_with(|| a.cmp(b))
            });
        }
        let mut candidates: Vec<usize> = touched.iter().take(MOST_COMPARED).map(|at| *at as usize).collect();
        for at in touched.drain(..) {
            self.votes[at as usize] = 0.0;
        }
        self.touched = touched;
        candidates.extend(abbreviated);
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    fn vote(&mut self, sharing: &[(u64, u32)], weight: f32) {
        for (_, at) in sharing {
            let votes = &mut self.votes[*at as usize];
            if *votes == 0.0 {
                self.touched.push(*at);
            }
            *votes += weight;
        }
    }

    /// Names of which one may be an abbreviation of the other: all its letters stand in the longer one.
    fn abbreviations(&self, profile: &Profile) -> Vec<usize> {
        let Some((letter, short)) = profile.first_letter() else { return Vec::new() };
        let ours = profile.letters();
        self.index.by_letter[usize::from(letter)]
            .iter()
            .filter(|(theirs, _, abbreviation)| {
                short != *abbreviation && if short { ours & theirs == ours } else { ours & theirs == *theirs }
            })
            .map(|(_, at, _)| *at as usize)
            .take(MOST_ABBREVIATED)
            .collect()
    }
}

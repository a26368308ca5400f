//! Finds the names worth comparing with a name, so that not every pair is compared (blocking).
//!
//! One sorted list of hashed keys and positions, so that memory grows with the names and not with their pairs.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::{keys::NameRule, phonetic, profile::Profile, similarity::Name};

/// A key that more names share is ignored: it is a word like "Dental".
const MAX_SHARING: usize = 150;

/// How many candidates a query returns, besides abbreviations: those with the most and rarest keys in common.
const MAX_CANDIDATES: usize = 24;

/// How many words of a name are indexed with a letter left out.
const MAX_MISSPELLED: usize = 4;

/// How many abbreviations, or names that one may abbreviate, a query returns.
const MAX_ABBREVIATIONS: usize = 64;

/// What a key is made of.
#[derive(Clone, Copy, Hash)]
enum Kind {
    WithoutLegalForm,
    Word,
    Misspelled,
    Start,
    Initials,
    LatinSound,
    ForeignSound,
}

fn key(kind: Kind, text: &str) -> u64 {
    // `new` has no random state, so that every run finds the same candidates.
    let mut hasher = DefaultHasher::new();
    (kind, text).hash(&mut hasher);
    hasher.finish()
}

/// Names by the keys that similar names share.
#[derive(Debug)]
pub struct Index {
    /// Sorted.
    keys: Vec<(u64, u32)>,
    names: usize,
    /// By first letter: the letters that occur in the name as a bit set, its position, whether it is an abbreviation.
    by_letter: Vec<Vec<(u32, u32, bool)>>,
}

impl Index {
    /// Indexes names.
    #[must_use]
    pub fn new<'a>(names: impl IntoIterator<Item = &'a Name>) -> Self {
        let mut index = Self { keys: Vec::new(), names: 0, by_letter: vec![Vec::new(); 256] };
        for (at, name) in (0_u32..).zip(names) {
            let profile = name.profile();
            index.keys.extend(indexed_keys(profile).into_iter().chain(keys_without_form(name)).map(|key| (key, at)));
            if let Some(letter) = profile.joined.bytes().next() {
                index.by_letter[usize::from(letter)].push((letters(profile), at, is_abbreviation(profile)));
            }
            index.names += 1;
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

    /// A query over this index.
    #[must_use]
    pub fn finder(&self) -> Finder<'_> {
        Finder { index: self, votes: vec![0.0; self.names], touched: Vec::new() }
    }
}

/// Queries an index. It reuses its buffers from one query to the next.
#[derive(Debug)]
pub struct Finder<'a> {
    index: &'a Index,
    votes: Vec<f32>,
    touched: Vec<u32>,
}

impl Finder<'_> {
    /// The positions of the indexed names worth comparing with any of these, in order.
    pub fn candidates<'n>(&mut self, names: impl IntoIterator<Item = &'n Name>) -> Vec<usize> {
        let mut abbreviations = Vec::new();
        for name in names {
            for key in keys_without_form(name) {
                // These are the best candidates, so they are not ignored where many share the key.
                let sharing = self.index.sharing(key);
                self.vote(&sharing[..sharing.len().min(MAX_CANDIDATES)], 100.0);
            }
            for key in queried_keys(name.profile()) {
                let sharing = self.index.sharing(key);
                if sharing.len() <= MAX_SHARING {
                    #[expect(clippy::cast_precision_loss, reason = "at most MAX_SHARING")]
                    self.vote(sharing, 1.0 / (1.0 + sharing.len() as f32).ln_1p());
                }
            }
            abbreviations.extend(self.abbreviations(name.profile()));
        }
        let mut touched = std::mem::take(&mut self.touched);
        if touched.len() > MAX_CANDIDATES {
            touched.select_nth_unstable_by(MAX_CANDIDATES, |a, b| {
                self.votes[*b as usize].total_cmp(&self.votes[*a as usize]).then_with(|| a.cmp(b))
            });
        }
        let mut candidates: Vec<usize> = touched.iter().take(MAX_CANDIDATES).map(|at| *at as usize).collect();
        for at in touched.drain(..) {
            self.votes[at as usize] = 0.0;
        }
        self.touched = touched;
        candidates.extend(abbreviations);
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

    /// Names of which one may abbreviate the other: all letters of the shorter one occur in the longer one.
    fn abbreviations(&self, profile: &Profile) -> impl Iterator<Item = usize> {
        let (ours, short) = (letters(profile), is_abbreviation(profile));
        let same_start =
            profile.joined.bytes().next().map_or(&[][..], |first| &self.index.by_letter[usize::from(first)]);
        same_start
            .iter()
            .filter(move |(theirs, _, abbreviation)| {
                short != *abbreviation && ours & theirs == if short { ours } else { *theirs }
            })
            .map(|(_, at, _)| *at as usize)
            .take(MAX_ABBREVIATIONS)
    }
}

/// Names that differ only in the legal form share one of these.
fn keys_without_form(name: &Name) -> impl Iterator<Item = u64> {
    name.keys().for_rule(NameRule::WithoutLegalForm).iter().map(|text| key(Kind::WithoutLegalForm, text))
}

/// The keys under which a name is found.
fn indexed_keys(profile: &Profile) -> Vec<u64> {
    let mut keys = common_keys(profile);
    keys.extend(profile.initials.iter().map(|initials| key(Kind::Initials, initials)));
    let kind = if profile.foreign { Kind::ForeignSound } else { Kind::LatinSound };
    keys.extend(sounds(profile).iter().map(|sound| key(kind, sound)));
    keys
}

/// The keys under which names similar to this one are found.
fn queried_keys(profile: &Profile) -> Vec<u64> {
    let mut keys = common_keys(profile);
    // Its letters may be the initials of other names, and its initials the letters of others.
    keys.extend(profile.abbreviation.iter().map(|letters| key(Kind::Initials, letters)));
    keys.extend(profile.initials.iter().map(|initials| key(Kind::Word, initials)));
    let kind = if profile.foreign { Kind::LatinSound } else { Kind::ForeignSound };
    keys.extend(sounds(profile).iter().map(|sound| key(kind, sound)));
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn common_keys(profile: &Profile) -> Vec<u64> {
    let mut keys: Vec<u64> = profile.words.iter().map(|word| key(Kind::Word, &word.latin)).collect();
    for word in profile.words.iter().filter(|word| word.latin.len() >= 4).take(MAX_MISSPELLED) {
        add_misspellings(&word.latin, &mut keys);
    }
    // An abbreviation of several words ("P & G") is found as one.
    keys.extend(profile.abbreviation.iter().map(|letters| key(Kind::Word, letters)));
    keys.extend([5, 9].iter().filter_map(|length| profile.joined.get(..*length)).map(|start| key(Kind::Start, start)));
    keys
}

/// Adds the word, and the word without each of its letters in turn: two words one edit apart share one of these.
fn add_misspellings(word: &str, keys: &mut Vec<u64>) {
    keys.push(key(Kind::Misspelled, word));
    let mut shorter = String::with_capacity(word.len());
    for at in 0..word.len() {
        shorter.clear();
        shorter.push_str(&word[..at]);
        shorter.push_str(&word[at + 1..]);
        keys.push(key(Kind::Misspelled, &shorter));
    }
}

/// The beginnings of a name's phonetic key, with vowels and without.
fn sounds(profile: &Profile) -> Vec<String> {
    let consonants = phonetic::consonants(&profile.sound);
    let mut sounds: Vec<String> =
        [2, 3].iter().filter_map(|length| consonants.get(..*length)).map(str::to_owned).collect();
    sounds.extend(profile.sound.get(..4).map(|start| format!("={start}")));
    if sounds.is_empty() && !profile.sound.is_empty() {
        sounds.push(format!("={}", profile.sound));
    }
    sounds
}

fn is_abbreviation(profile: &Profile) -> bool {
    profile.abbreviation.as_ref().is_some_and(|letters| (3..=5).contains(&letters.len()))
}

/// The letters that occur in a name, as a bit set.
fn letters(profile: &Profile) -> u32 {
    profile.joined.bytes().filter(u8::is_ascii_lowercase).fold(0, |all, letter| all | 1 << (letter - b'a'))
}

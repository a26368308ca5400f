//! Under which keys names are looked up that may be alike, so that not every pair must be compared.
//!
//! Two names that no key brings together are never set against each other; `resemblance` judges those that are.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::{
    profile::{Piece, Profile},
    sound,
};

/// So many words of a name are looked up with a letter left out.
const MISSPELLED_WORDS: usize = 4;

/// Words are looked up put together where they make no longer a word than this.
const MOST_TOGETHER: usize = 16;

/// What a key is made of.
#[derive(Clone, Copy, Hash)]
enum Of {
    Word,
    WordBut,
    TwoWords,
    Start,
    Initials,
    LatinSound,
    ForeignSound,
    ForeignStart,
}

fn key(of: Of, text: &str) -> u64 {
    // Made by `new`, it hashes alike in every run.
    let mut hasher = DefaultHasher::new();
    (of, text).hash(&mut hasher);
    hasher.finish()
}

impl Profile {
    /// The keys under which this name can be found.
    pub(crate) fn blocks(&self) -> Vec<u64> {
        let mut keys = Vec::new();
        self.common_blocks(&mut keys);
        keys.extend(self.initials.iter().map(|initials| key(Of::Initials, initials)));
        if self.short_letters().is_some() {
            keys.extend(self.short_letters().map(|letters| key(Of::Word, letters)));
        }
        let of = if self.foreign { Of::ForeignSound } else { Of::LatinSound };
        keys.extend(self.sounds().into_iter().map(|sound| key(of, &sound)));
        tidy(keys)
    }

    /// The keys under which names like this one are found.
    pub(crate) fn lookups(&self) -> Vec<u64> {
        let mut keys = Vec::new();
        self.common_blocks(&mut keys);
        // Its letters may be the initials of others, its initials the letters of others.
        keys.extend(self.short_letters().map(|letters| key(Of::Initials, letters)));
        keys.extend(self.initials.iter().map(|initials| key(Of::Word, initials)));
        let sounds = self.sounds();
        keys.extend(sounds.iter().map(|sound| key(Of::ForeignSound, sound)));
        if self.foreign {
            keys.extend(sounds.iter().map(|sound| key(Of::LatinSound, sound)));
        }
        tidy(keys)
    }

    /// The letters where this may be an abbreviation.
    fn short_letters(&self) -> Option<&str> {
        self.abbreviation.as_deref().or(match &self.pieces[..] {
            [only] if !only.foreign && (3..=8).contains(&only.latin.len()) => Some(&only.latin),
            _ => None,
        })
    }

    /// The first letter, and whether it is an abbreviation: those are set against all names that begin alike.
    pub(crate) fn first_letter(&self) -> Option<(u8, bool)> {
        let first = self.joined.bytes().next()?;
        Some((first, self.abbreviation.as_ref().is_some_and(|letters| (3..=5).contains(&letters.len()))))
    }

    /// Which letters stand in it, a bit each.
    pub(crate) fn letters(&self) -> u32 {
        self.joined.bytes().filter(u8::is_ascii_lowercase).fold(0, |all, letter| all | 1 << (letter - b'a'))
    }

    fn common_blocks(&self, keys: &mut Vec<u64>) {
        let said: Vec<&Piece> =
            self.pieces.iter().filter(|piece| !piece.is_joining() && !piece.latin.is_empty()).collect();
        keys.extend(said.iter().map(|piece| key(Of::Word, &piece.latin)));
        for two in said.windows(2) {
            let (first, second) = (&two[0].latin, &two[1].latin);
            // In either order.
            let (first, second) = if first <= second { (first, second) } else { (second, first) };
            keys.push(key(Of::TwoWords, &format!("{first} {second}")));
        }
        // As the other may write them: "Du Pont" and "DuPont".
        for length in [2, 3] {
            for together in self.pieces.windows(length) {
                let word: String = together.iter().map(|piece| piece.latin.as_str()).collect();
                if (4..=MOST_TOGETHER).contains(&word.len()) {
                    keys.push(key(Of::Word, &word));
                }
            }
        }
        for piece in said.iter().filter(|piece| piece.latin.len() >= 4).take(MISSPELLED_WORDS) {
            without_one_letter(&piece.latin, keys);
        }
        for length in [5, 9] {
            if let Some(start) = self.joined.get(..length) {
                keys.push(key(Of::Start, start));
            }
        }
        if self.joined.len() >= 4 && said.len() > 1 && self.joined.len() <= 20 {
            without_one_letter(&self.joined, keys);
        }
        if self.foreign {
            let text: String = self.pieces.iter().flat_map(|piece| piece.text.chars()).take(2).collect();
            keys.push(key(Of::ForeignStart, &text));
        }
    }

    /// The beginnings of how it sounds.
    fn sounds(&self) -> Vec<String> {
        let consonants = sound::consonants(&self.sound);
        let mut sounds: Vec<String> =
            [2, 3].iter().filter_map(|length| consonants.get(..*length)).map(str::to_owned).collect();
        sounds.extend(self.sound.get(..4).map(|start| format!("={start}")));
        if sounds.is_empty() && !self.sound.is_empty() {
            sounds.push(format!("={}", self.sound));
        }
        sounds
    }
}

/// The word, and the word with each letter left out in turn: two words that are one slip apart share one of these.
fn without_one_letter(word: &str, keys: &mut Vec<u64>) {
    keys.push(key(Of::WordBut, word));
    let mut rest = String::with_capacity(word.len());
    for (at, letter) in word.char_indices() {
        rest.clear();
        rest.push_str(&word[..at]);
        rest.push_str(&word[at + letter.len_utf8()..]);
        keys.push(key(Of::WordBut, &rest));
    }
}

fn tidy(mut keys: Vec<u64>) -> Vec<u64> {
    keys.sort_unstable();
    keys.dedup();
    keys
}

//! A name against its initials or its abbreviation.

use super::{Evidence, Signal};
use crate::profile::Profile;

/// "IBM" and "International Business Machines".
pub(super) fn initials<'a>(short: &'a Profile, long: &'a Profile) -> Option<Signal<'a>> {
    let letters = short.abbreviation.as_ref().filter(|letters| long.initials.as_ref() == Some(letters))?;
    let score = match letters.len() {
        2 => 0.72,
        3 => 0.84,
        _ => 0.9,
    };
    Some(Signal { score, evidence: Evidence::Initials { short, long } })
}

/// "MSFT" and "Microsoft": capitals whose letters occur in the other name in this order.
pub(super) fn abbreviation<'a>(short: &'a Profile, long: &'a Profile) -> Option<Signal<'a>> {
    let letters = short.abbreviation.as_deref().filter(|letters| letters.len() <= 5)?;
    if long.foreign || long.abbreviation.is_some() {
        return None;
    }
    // "AAPL": a doubled letter counts once, in either name.
    let letters = without_doubles(letters);
    let words: Vec<String> = long.words.iter().map(|word| without_doubles(&word.latin)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // Any two letters occur in too many names.
    (letters.len() >= 3 && abbreviates(&letters, &words))
        .then_some(Signal { score: 0.66, evidence: Evidence::Abbreviation { short, long } })
}

fn without_doubles(text: &str) -> String {
    let mut once = String::with_capacity(text.len());
    for c in text.chars() {
        if !once.ends_with(c) {
            once.push(c);
        }
    }
    once
}

/// Whether the letters occur in the words in order, each word's part beginning with its first letter, and only the last
/// two words may be skipped.
fn abbreviates(letters: &str, words: &[&str]) -> bool {
    if letters.is_empty() {
        return words.len() <= 2;
    }
    let Some((word, rest)) = words.split_first() else { return false };
    (1..=letters.len()).rev().filter(|at| letters.is_char_boundary(*at)).any(|at| {
        let (part, remaining) = letters.split_at(at);
        part.chars().next() == word.chars().next() && is_subsequence(part, word) && abbreviates(remaining, rest)
    })
}

/// Whether the letters occur in the word in this order.
pub(super) fn is_subsequence(letters: &str, word: &str) -> bool {
    let mut word = word.bytes();
    letters.bytes().all(|letter| word.any(|other| other == letter))
}

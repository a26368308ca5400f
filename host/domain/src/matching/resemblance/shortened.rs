//! A name and what it is shortened to: initials, abbreviations, and words that were made of two.

use super::{
    super::profile::{Piece, Profile},
    Sign,
    signs::{tell, written},
};

/// "IBM" and "International Business Machines".
pub(super) fn initials(short: &Profile, long: &Profile, told: bool) -> Option<Sign> {
    let letters = short.abbreviation.as_deref().or_else(|| match &short.pieces[..] {
        // In small letters it takes three to look like initials.
        [only] if !only.foreign && only.latin.len() >= 3 => Some(only.latin.as_str()),
        _ => None,
    })?;
    if !long.initials.iter().any(|initials| initials == letters) {
        return None;
    }
    let score = match letters.len() {
        2 => 0.72,
        3 => 0.84,
        _ => 0.9,
    };
    let evidence =
        tell(told, || format!("\"{}\" are the initials of \"{}\"", written(&short.pieces), written(&long.pieces)));
    Some(Sign { score, evidence })
}

/// "MSFT" and "Microsoft": capitals whose letters stand in the other name in this order.
pub(super) fn abbreviation(short: &Profile, long: &Profile, told: bool) -> Option<Sign> {
    let letters = short.abbreviation.as_deref().filter(|letters| (2..=5).contains(&letters.len()))?;
    if long.foreign || long.abbreviation.is_some() || long.joined.len() < letters.len() + 1 {
        return None;
    }
    let score = if letters.len() == 2 { of_two(letters, long) } else { of_more(letters, long) }?;
    let evidence =
        tell(told, || format!("\"{}\" may be short for \"{}\"", written(&short.pieces), written(&long.pieces)));
    Some(Sign { score, evidence })
}

/// Two letters stand in very many names: they must begin the two halves of one word, as in VW.
fn of_two(letters: &str, long: &Profile) -> Option<f64> {
    let [only] = &long.pieces[..] else { return None };
    let (word, [first, second]) = (only.latin.as_bytes(), letters.as_bytes()) else { return None };
    let begins = |at: usize| {
        word[at] == *second
            && !is_vowel(word[at])
            && !is_vowel(word[at - 1])
            && word.get(at + 1).is_some_and(|next| is_vowel(*next))
    };
    (word.len() >= 6 && word[0] == *first && (3..word.len()).any(begins)).then_some(0.5)
}

const fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

fn of_more(letters: &str, long: &Profile) -> Option<f64> {
    // "AAPL": a letter that is doubled in either counts once.
    let once = singled(letters);
    let words: Vec<String> = long.pieces.iter().map(|piece| singled(&piece.latin)).collect();
    let said: Vec<&str> = words
        .iter()
        .zip(&long.pieces)
        .filter(|(_, piece)| !piece.is_joining())
        .map(|(word, _)| word.as_str())
        .collect();
    let all: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut readings = std::iter::once(once.as_str()).chain(without_form(&once, &long.form));
    let reach = readings.find_map(|letters| {
        let fits = letters.len() >= 3 && (takes_beginnings(letters, &said) || takes_beginnings(letters, &all));
        fits.then(|| reach(letters, &all.concat())).flatten()
    })?;
    // In a word of twenty letters almost any three can be found.
    Some(if reach <= 4 * once.len() { 0.66 } else { 0.54 })
}

/// The letters without the beginning of the legal form that they end with: the C of INTC is the Corporation's, the "co"
/// of GEICO the Company's.
fn without_form<'a>(letters: &'a str, form: &str) -> impl Iterator<Item = &'a str> {
    let beginnings = (1..=3).filter_map(|length| form.get(..length));
    let rests: Vec<&str> = beginnings.filter_map(|form| letters.strip_suffix(form)).collect();
    rests.into_iter().filter(|rest| rest.len() >= 3)
}

/// Without doubled letters.
fn singled(text: &str) -> String {
    let mut once = String::with_capacity(text.len());
    for c in text.chars() {
        if !once.ends_with(c) {
            once.push(c);
        }
    }
    once
}

fn starts_alike(one: &str, other: &str) -> bool {
    one.chars().next() == other.chars().next()
}

/// How far into the text one must read to have met all the letters in their order.
fn reach(letters: &str, text: &str) -> Option<usize> {
    let mut at = 0;
    for letter in letters.chars() {
        at += text.get(at..)?.find(letter)? + letter.len_utf8();
    }
    Some(at)
}

/// Whether the letters can be read off the words in order, each word's share beginning with its first letter, no word
/// left out before the last two.
fn takes_beginnings(letters: &str, words: &[&str]) -> bool {
    if letters.is_empty() {
        return words.len() <= 2;
    }
    let Some((first, rest)) = words.split_first() else { return false };
    let shares = letters.char_indices().skip(1).map(|(at, _)| at).chain([letters.len()]);
    let mut shares: Vec<usize> = shares.collect();
    shares.reverse();
    shares.into_iter().any(|share| {
        let (ours, behind) = letters.split_at(share);
        starts_alike(ours, first) && reach(ours, first).is_some() && takes_beginnings(behind, rest)
    })
}

/// "FedEx" and "Federal Express": one word of the beginnings of several, two letters at least of each.
pub(super) fn blend(short: &Profile, long: &Profile, told: bool) -> Option<Sign> {
    let [only] = &short.pieces[..] else { return None };
    let words: Vec<&Piece> = long.pieces.iter().filter(|piece| !piece.is_joining()).collect();
    let letters = only.latin.as_str();
    if short.foreign || long.foreign || !(2..=4).contains(&words.len()) || !(4..=12).contains(&letters.len()) {
        return None;
    }
    // With one word whole, it is that word and a beginning: containment tells that.
    let mut readings = std::iter::once(letters).chain(without_form(letters, &long.form));
    if !readings.any(|letters| is_blend(letters, &words)) || words.iter().any(|word| word.latin.len() < 3) {
        return None;
    }
    let evidence =
        tell(told, || format!("\"{}\" may be made of the beginnings of \"{}\"", only.written, written(&long.pieces)));
    Some(Sign { score: 0.66, evidence })
}

fn is_blend(letters: &str, words: &[&Piece]) -> bool {
    let Some((first, rest)) = words.split_first() else { return letters.is_empty() };
    (2..=letters.len()).filter(|share| letters.is_char_boundary(*share)).any(|share| {
        let (ours, behind) = letters.split_at(share);
        first.latin.starts_with(ours) && is_blend(behind, rest)
    })
}

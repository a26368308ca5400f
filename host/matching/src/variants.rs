//! Unifies spelling variants: acronyms in brackets, ordinals, Saint and Street, Roman numerals.

use std::ops::Range;

use super::{strip::strip, words::Word};

/// Removes brackets that contain only the acronym of the name: "International Business Machines (IBM)".
pub(super) fn without_acronyms(words: Vec<Word>) -> Vec<Word> {
    let brackets = words.iter().map(|word| word.bracket).max().unwrap_or(0);
    if brackets == 0 {
        return words;
    }
    let outside: Vec<Word> = words.iter().filter(|word| word.bracket == 0).cloned().collect();
    let initials = [&outside[..], &outside[strip(&outside).core]]
        .map(|named| [initials(named.iter()), initials(named.iter().filter(|word| !is_small(word)))]);
    let is_acronym = |bracket: usize| {
        let inside = words.iter().filter(|word| word.bracket == bracket && !word.is("and"));
        let letters: String = inside.map(|word| word.folded.plain.as_str()).collect();
        letters.chars().count() > 1 && initials.iter().flatten().any(|initials| *initials == letters)
    };
    let acronyms: Vec<usize> = (1..=brackets).filter(|bracket| is_acronym(*bracket)).collect();
    words.into_iter().filter(|word| !acronyms.contains(&word.bracket)).collect()
}

fn initials<'a>(words: impl Iterator<Item = &'a Word>) -> String {
    words.filter_map(|word| word.folded.plain.chars().next()).collect()
}

/// Words that acronyms skip.
fn is_small(word: &Word) -> bool {
    [
        "a", "an", "and", "at", "de", "der", "des", "du", "et", "for", "fur", "in", "la", "of", "on", "the", "to",
        "und", "y",
    ]
    .contains(&word.folded.plain.as_str())
}

/// The first nineteen, as words.
const ORDINALS: [&str; 19] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];

/// From twenty to ninety, alone and before another number.
const TENS: [(&str, &str); 8] = [
    ("twentieth", "twenty"),
    ("thirtieth", "thirty"),
    ("fortieth", "forty"),
    ("fiftieth", "fifty"),
    ("sixtieth", "sixty"),
    ("seventieth", "seventy"),
    ("eightieth", "eighty"),
    ("ninetieth", "ninety"),
];

/// An ordinal in digits ("1st", "22nd") as a word. None for anything else, and for more than two digits.
fn ordinal(word: &str) -> Option<String> {
    let (figures, ending) = word.split_at_checked(word.find(|c: char| !c.is_ascii_digit())?)?;
    let number: usize = figures.parse().ok().filter(|number| (1..=99).contains(number) && !figures.starts_with('0'))?;
    let right = match (number / 10, number % 10) {
        (1, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    if ending != right {
        return None;
    }
    if let Some(word) = ORDINALS.get(number - 1) {
        return Some((*word).to_owned());
    }
    let (alone, before) = TENS.get(number / 10 - 2)?;
    Some(match number % 10 {
        0 => (*alone).to_owned(),
        // Without a hyphen, since spaces and hyphens are ignored.
        ones => format!("{before}{}", ORDINALS[ones - 1]),
    })
}

const ROMAN: [(&str, &str); 9] = [
    ("ii", "2"),
    ("iii", "3"),
    ("iv", "4"),
    ("v", "5"),
    ("vi", "6"),
    ("vii", "7"),
    ("viii", "8"),
    ("ix", "9"),
    ("x", "10"),
];

/// Replaces variants by one spelling. `core` is the name without its legal forms.
pub(super) fn unify(words: &mut [Word], core: Range<usize>) {
    // Words rather than digits, because spaces are ignored: "First Bank" is "FirstBank".
    for word in &mut *words {
        if let Some(name) = ordinal(&word.folded.plain) {
            word.becomes(&name);
        }
    }
    let Some(last) = core.clone().next_back() else { return };
    let alone = core.len() == 1;
    for at in core.clone() {
        let street = at == last && !alone;
        match words[at].folded.plain.as_str() {
            "st" if street => words[at].becomes("street"),
            // "Suite 5".
            "ste" if words.get(at + 1).is_some_and(|next| next.folded.plain.starts_with(|c: char| c.is_numeric())) => {}
            "st" | "ste" | "sainte" if at != last => words[at].becomes("saint"),
            _ => {}
        }
    }
    // One letter is a numeral only after two other words: "Space X" is "SpaceX" and not "Space 10".
    if let Some((_, figure)) = ROMAN.iter().find(|(roman, _)| words[last].is(roman))
        && core.len() > if words[last].is_one_letter() { 2 } else { 1 }
    {
        words[last].becomes(figure);
    }
}

//! Folds characters: removes case and accents, and unifies the spellings of umlauts. Words are split in `words`.

use any_ascii::any_ascii_char;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A folded word, in the two spellings of its umlauts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Folded {
    /// With ü as u, ø as o, å as a.
    pub(super) plain: String,
    /// With ü as ue, ø as oe, å as aa. The same as `plain` where there is none of them.
    pub(super) digraph: String,
}

impl Folded {
    /// A text with one spelling.
    pub(super) fn both(text: &str) -> Self {
        Self { plain: text.to_owned(), digraph: text.to_owned() }
    }

    /// Appends a text.
    pub(super) fn push(&mut self, other: &Self) {
        self.plain.push_str(&other.plain);
        self.digraph.push_str(&other.digraph);
    }

    /// The keys: one, or two where there are umlauts.
    ///
    /// Two names are equal when they share a key. So "Müller" equals both "Muller" and "Mueller", and yet
    /// "Blu" does not equal "Blue": only [`joined_umlauts`] unifies the two spellings.
    pub(super) fn keys(&self) -> Vec<String> {
        if self.plain.is_empty() {
            Vec::new()
        } else if self.plain == self.digraph {
            vec![self.plain.clone()]
        } else {
            vec![self.plain.clone(), self.digraph.clone()]
        }
    }
}

/// Whether the character is dropped without ending a word: apostrophes and invisible characters.
pub(super) const fn is_silent(c: char) -> bool {
    matches!(
        c,
        '\'' | '`' | '\u{b4}' | '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '\u{2b9}'..='\u{2c1}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}'
        // Trademark signs: NFKC would turn the first two into letters.
        | '™' | '℠' | '®' | '©'
    )
}

/// Whether the character belongs to a word.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Unicode NFKC, without silent characters.
pub(super) fn compatible(text: &str) -> String {
    text.chars().filter(|c| !is_silent(*c)).nfkc().filter(|c| !is_silent(*c)).collect()
}

/// Folds a word in NFKC.
pub(super) fn fold(word: &str) -> Folded {
    if word.bytes().all(|b| b.is_ascii()) {
        return Folded::both(&joined_umlauts(word.to_ascii_lowercase()));
    }
    let mut folded = Folded::default();
    // Upper case first, so that ß equals SS, ı equals I, and ς equals σ.
    for c in word.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc() {
        let digraph = match c {
            'ä' => "ae",
            'ö' | 'ø' | 'ǿ' | 'ő' => "oe",
            'ü' | 'ű' => "ue",
            'å' | 'ǻ' => "aa",
            _ => "",
        };
        let before = folded.plain.len();
        base_letters(c, &mut folded.plain);
        if digraph.is_empty() {
            folded.digraph.push_str(&folded.plain[before..]);
        } else {
            folded.digraph.push_str(digraph);
        }
    }
    Folded { plain: joined_umlauts(folded.plain), digraph: joined_umlauts(folded.digraph) }
}

/// Adds a lower-case character without its accents.
fn base_letters(c: char, to: &mut String) {
    match c {
        // й is a letter, not an accented и.
        'й' => return to.push(c),
        'ς' => return to.push('σ'),
        _ => {}
    }
    // Recomposed after the filter, so that Korean syllables stay whole.
    for part in std::iter::once(c).nfd().filter(|part| !is_accent(*part)).nfc() {
        match part {
            // Latin letters without a decomposition: ł, đ, ð, þ, æ, œ, ß.
            '\u{c0}'..='\u{2af}' | '\u{1e00}'..='\u{1eff}' => {
                let ascii = any_ascii_char(part);
                if !ascii.is_empty() && ascii.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    to.push_str(&ascii.to_ascii_lowercase());
                } else {
                    to.push(part);
                }
            }
            _ => to.push(part),
        }
    }
}

/// Accents of Latin, Greek and Cyrillic, and the optional vowel points of Hebrew and Arabic.
///
/// The marks of other scripts are vowels, tones or voicing, which distinguish words.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Stems in which ae, oe, ue are umlauts, although the next letters do not show it.
const STEMS: [&str; 12] = [
    "buero",
    "duessel",
    "jaeger",
    "koenig",
    "kraemer",
    "luebeck",
    "oesterr",
    "schaefer",
    "schoen",
    "schroeder",
    "schroeter",
    "zuerich",
];

/// Turns "mueller" into "muller" where the digraph can only be an umlaut.
///
/// English has "ae", "oe" and "ue" too: "blue" is not "blu", nor "Joe's" "Jo's", nor "Guest" "Gust". The digraph
/// counts as an umlaut where two consonants follow it with which no English syllable begins (Mueller, Boehm,
/// Juergen, Nuernberg), or within one of a few stems.
fn joined_umlauts(word: String) -> String {
    let bytes = word.as_bytes();
    if !bytes.windows(2).any(is_digraph) {
        return word;
    }
    let mut joined = String::with_capacity(word.len());
    let mut kept = 0;
    for at in 0..bytes.len().saturating_sub(1) {
        if !is_digraph(&bytes[at..at + 2]) {
            continue;
        }
        let after_vowel = at > 0 && matches!(bytes[at - 1], b'a' | b'e' | b'i' | b'o' | b'u' | b'q');
        let by_consonants =
            !after_vowel && matches!(bytes.get(at + 2..at + 4), Some([first, second]) if never_begins(*first, *second));
        let by_stem = STEMS.iter().any(|stem| {
            stem.find(&word[at..at + 2]).is_some_and(|within| {
                at >= within && word.get(at - within..).is_some_and(|from| from.starts_with(stem))
            })
        });
        if by_consonants || by_stem {
            joined.push_str(&word[kept..=at]);
            kept = at + 2;
        }
    }
    joined.push_str(&word[kept..]);
    joined
}

fn is_digraph(pair: &[u8]) -> bool {
    matches!(pair, b"ae" | b"oe" | b"ue")
}

/// Whether no English syllable begins with these two consonants, and the second is not a plural s.
const fn never_begins(first: u8, second: u8) -> bool {
    let liquid = matches!(second, b'l' | b'r');
    match first {
        b'b' | b'f' | b'g' | b'k' | b'c' | b'p' => {
            is_consonant(second) && !liquid && !matches!(second, b'h' | b'n' | b's')
        }
        b't' => is_consonant(second) && !matches!(second, b'h' | b'r' | b'w' | b's'),
        b'h' | b'l' | b'm' | b'n' | b'r' => is_consonant(second) && second != b's',
        _ => false,
    }
}

const fn is_consonant(letter: u8) -> bool {
    letter.is_ascii_lowercase() && !matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(word: &str) -> Vec<String> {
        fold(&compatible(word)).keys()
    }

    #[test]
    fn folds_letters() {
        for (word, expected) in [
            ("ACME", "acme"),
            ("Straße", "strasse"),
            ("STRASSE", "strasse"),
            ("Łódź", "lodz"),
            ("Đuro", "duro"),
            ("Ægir", "aegir"),
            ("Œuvre", "oeuvre"),
            ("Encyclopædia", "encyclopaedia"),
            ("İstanbul", "istanbul"),
            ("ISPARTA", "isparta"),
            ("ısparta", "isparta"),
            ("ﬁrm", "firm"),
            ("Ａｃｍｅ", "acme"),
            ("ΟΔΌΣ", "οδοσ"),
            ("Ёлка", "елка"),
            ("Край", "край"),
            ("ガス", "ガス"),
            ("ｶﾞｽ", "ガス"),
            ("삼성전자", "삼성전자"),
            ("שָׁלוֹם", "שלום"),
            ("O’Brien", "obrien"),
            ("Acme™", "acme"),
            ("Citroën", "citroen"),
        ] {
            assert_eq!(keys(word), [expected], "{word}");
        }
    }

    #[test]
    fn writes_umlauts_out_both_ways() {
        assert_eq!(keys("Ørsted"), ["orsted", "oersted"]);
        assert_eq!(keys("Århus"), ["arhus", "aarhus"]);
        assert_eq!(keys("Bär"), ["bar", "baer"]);
        assert_eq!(keys("Müller"), ["muller"]);
    }

    #[test]
    fn joins_only_what_can_be_nothing_else() {
        for (word, expected) in [
            ("mueller", "muller"),
            ("boehm", "bohm"),
            ("juergen", "jurgen"),
            ("nuernberg", "nurnberg"),
            ("koenig", "konig"),
            ("schroeder", "schroder"),
            ("baecker", "backer"),
        ] {
            assert_eq!(keys(word), [expected], "{word}");
        }
        for word in [
            "blue",
            "bluesky",
            "true",
            "value",
            "queen",
            "guest",
            "fuel",
            "joes",
            "shoes",
            "poet",
            "michael",
            "phoenix",
            "aero",
            "boeing",
            "bauernhof",
            "neuengland",
            "maersk",
            "goethe",
            "aaron",
            "quest",
            "blues",
            "bluestar",
        ] {
            assert_eq!(keys(word), [word]);
        }
    }
}

//! What a name is compared by where no rule makes it the same as another: its words, initials and sound.
//!
//! How alike two names are is `resemblance`'s business.

use super::{
    common_words, sound, taken_apart,
    words::{self, Word},
};

/// No name has more words to compare; what is behind them is left out.
const MOST_WORDS: usize = 24;

/// No word is compared beyond so many characters.
const MOST_LETTERS: usize = 64;

/// Initials are as long as abbreviations are.
const INITIALS: std::ops::RangeInclusive<usize> = 2..=8;

/// A word of a name, or a part of one where the script changes within it: トヨタ自動車 is トヨタ and 自動車.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Folded, in its own script.
    pub(super) text: String,
    /// As written, for a person.
    pub(super) written: String,
    /// In Latin letters.
    pub(super) latin: String,
    /// Whether it has letters that are not Latin.
    pub(super) foreign: bool,
    /// Written as abbreviations are: two capitals or more, and no more small letters than capitals.
    pub(super) capitals: bool,
}

impl Piece {
    pub(super) fn is_number(&self) -> bool {
        !self.text.is_empty() && self.text.chars().all(char::is_numeric)
    }

    pub(super) fn is_joining(&self) -> bool {
        common_words::is_joining(&self.latin)
    }
}

/// A name as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The words without legal forms.
    pub(super) pieces: Vec<Piece>,
    /// The words put together, in Latin letters.
    pub(super) joined: String,
    /// The first word of the legal form: the C of INTC is the Corporation's.
    pub(super) form: String,
    /// How that sounds.
    pub(super) sound: String,
    /// The ways in which its initials may be written together; none where it has one word only.
    pub(super) initials: Vec<String>,
    /// The letters, where the name looks like an abbreviation: "IBM", "P&G", "PwC".
    pub(super) abbreviation: Option<String>,
    /// Whether any of it is not in Latin letters.
    pub(super) foreign: bool,
}

impl Profile {
    /// The profile of a name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let (words, stripped) = taken_apart(name);
        let core = &words[stripped.core.clone()];
        let mut cut = words::join(core);
        words::cut(&mut cut, stripped.cut);
        let mut pieces = Vec::new();
        let last = core.len().saturating_sub(1);
        for (at, word) in core.iter().enumerate().take(MOST_WORDS) {
            let mut folded = word.folded.clone();
            words::cut(
                &mut folded,
                (if at == 0 { stripped.cut.0 } else { 0 }, if at == last { stripped.cut.1 } else { 0 }),
            );
            by_script(word, &folded.plain, &mut pieces);
        }
        let form = words.get(stripped.core.end).map(|word| word.folded.plain.clone()).unwrap_or_default();
        let joined: String = pieces.iter().map(|piece| piece.latin.as_str()).collect();
        let foreign = pieces.iter().any(|piece| piece.foreign);
        Self {
            sound: sound::sound(&joined),
            initials: if foreign { Vec::new() } else { initials(&words, core) },
            abbreviation: abbreviation(&pieces),
            joined,
            form,
            foreign,
            pieces,
        }
    }

    /// The words that weights are learned for.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().map(|piece| piece.latin.as_str()).filter(|word| !word.is_empty())
    }
}

/// Adds the parts of a word that are of one script each.
fn by_script(word: &Word, text: &str, pieces: &mut Vec<Piece>) {
    let text: String = text.chars().take(MOST_LETTERS).collect();
    let mut starts: Vec<usize> = vec![0];
    let mut before = None;
    for (at, c) in text.char_indices() {
        let script = script(c);
        if before.is_some_and(|before| before != script) {
            starts.push(at);
        }
        before = Some(script);
    }
    starts.push(text.len());
    let whole = starts.len() == 2;
    let capitals = {
        let big = word.written.chars().filter(|c| c.is_uppercase()).count();
        let small = word.written.chars().filter(|c| c.is_lowercase()).count();
        big >= 2 && small <= big
    };
    for ends in starts.windows(2) {
        let part = &text[ends[0]..ends[1]];
        if part.is_empty() {
            continue;
        }
        pieces.push(Piece {
            text: part.to_owned(),
            written: if whole { word.written.clone() } else { part.to_owned() },
            latin: sound::latin(part),
            foreign: part.chars().any(|c| c.is_alphabetic() && !c.is_ascii()),
            capitals: capitals && part.is_ascii(),
        });
    }
}

/// Scripts that are written without spaces, so that a word may end where they change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Chinese,
    Hiragana,
    Katakana,
    Korean,
    Spaced,
}

const fn script(c: char) -> Script {
    match c {
        '\u{3400}'..='\u{9fff}' => Script::Chinese,
        '\u{3040}'..='\u{309f}' => Script::Hiragana,
        '\u{30a0}'..='\u{30ff}' => Script::Katakana,
        '\u{ac00}'..='\u{d7a3}' => Script::Korean,
        _ => Script::Spaced,
    }
}

/// With joining words and without, and with the legal form, as in TSMC, and without.
fn initials(words: &[Word], core: &[Word]) -> Vec<String> {
    let mut all = Vec::new();
    for words in [core, words] {
        for joining in [false, true] {
            let letters: String = words
                .iter()
                .filter(|word| joining || !common_words::is_joining(&word.folded.plain))
                .take(*INITIALS.end() + 1)
                .filter_map(|word| word.folded.plain.chars().next())
                .collect();
            if INITIALS.contains(&letters.chars().count()) && !all.contains(&letters) {
                all.push(letters);
            }
        }
    }
    all
}

/// One short word in capitals, or single letters: "IBM", "P & G", "AT&T".
fn abbreviation(pieces: &[Piece]) -> Option<String> {
    // "AT" of "AT&T" joins nothing, nor does "A" of "A.B.C."
    let said: Vec<&Piece> =
        pieces.iter().filter(|piece| piece.capitals || piece.latin.len() == 1 || !piece.is_joining()).collect();
    let letters: String = said.iter().map(|piece| piece.latin.as_str()).collect();
    let short = match said[..] {
        [only] => only.capitals,
        _ => said.iter().all(|piece| piece.latin.len() == 1 || (piece.capitals && piece.latin.len() <= 3)),
    };
    let fits = said.iter().all(|piece| !piece.foreign) && (2..=6).contains(&letters.len());
    (short && fits).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(name: &str) -> Vec<String> {
        Profile::of(name).pieces.into_iter().map(|piece| piece.latin).collect()
    }

    #[test]
    fn words_end_where_the_script_changes() {
        assert_eq!(pieces("The Acme Widget Company, Inc."), ["acme", "widget"]);
        assert_eq!(pieces("LG전자"), ["lg", "jeonja"]);
        assert_eq!(pieces("ソニー株式会社"), ["soni"]);
        assert_eq!(pieces("トヨタ自動車株式会社").len(), 2);
        assert_eq!(pieces("华为技术有限公司").len(), 1);
        assert_eq!(pieces("!!!"), [""; 0]);
    }

    #[test]
    fn initials_leave_out_what_joins_or_not() {
        assert_eq!(Profile::of("Bank of New York").initials, ["bny", "bony"]);
        assert_eq!(Profile::of("Western Reserve Legal, LLC").initials, ["wrl", "wrll"]);
        assert_eq!(Profile::of("Acme").initials, [""; 0]);
        assert_eq!(Profile::of("ООО Ромашка").initials, [""; 0]);
    }

    #[test]
    fn abbreviations_are_known_by_their_capitals() {
        for (name, letters) in [
            ("IBM", "ibm"),
            ("IBM Corp.", "ibm"),
            ("P&G", "pg"),
            ("AT&T Inc", "att"),
            ("PwC", "pwc"),
            ("A. B. C.", "abc"),
        ] {
            assert_eq!(Profile::of(name).abbreviation.as_deref(), Some(letters), "{name}");
        }
        for name in ["Acme", "acme", "Ernst & Young", "INTERNATIONAL", "三井", "McDonald"] {
            assert_eq!(Profile::of(name).abbreviation, None, "{name}");
        }
    }
}

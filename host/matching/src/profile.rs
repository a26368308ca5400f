//! What the similarity of two names is computed from: their words, initials and sound.

use crate::{common_words, keys::normalised_words, phonetic, words};

/// Words of a name beyond these are ignored.
const MAX_WORDS: usize = 24;

/// Letters of a word beyond these are ignored.
const MAX_LETTERS: usize = 64;

/// A word of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProfileWord {
    /// In lower-case Latin letters and digits.
    pub(crate) latin: String,
    /// As written, for display.
    pub(crate) written: String,
    /// Whether it has letters other than Latin ones.
    pub(crate) foreign: bool,
    /// Written like an abbreviation: at least two capitals, and no more small letters than capitals.
    pub(crate) capitals: bool,
}

impl ProfileWord {
    pub(crate) fn is_number(&self) -> bool {
        self.latin.bytes().all(|b| b.is_ascii_digit())
    }

    /// How much it tells names apart, from 0 to 1.
    pub(crate) fn weight(&self) -> f64 {
        common_words::weight(&self.latin)
    }
}

/// A name without its legal form and joining words, as its similarity is computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) words: Vec<ProfileWord>,
    /// The words without spaces, in Latin letters.
    pub(crate) joined: String,
    /// How that sounds.
    pub(crate) sound: String,
    /// The first letters of the words, where there are between two and eight.
    pub(crate) initials: Option<String>,
    /// The letters, where the name looks like an abbreviation: "IBM", "P&G", "PwC".
    pub(crate) abbreviation: Option<String>,
    /// Whether any of it is not in Latin letters.
    pub(crate) foreign: bool,
}

impl Profile {
    pub(crate) fn new(name: &str) -> Self {
        let (all, stripped) = normalised_words(name);
        let core = &all[stripped.core.clone()];
        let last = core.len().saturating_sub(1);
        let words: Vec<ProfileWord> = core
            .iter()
            .enumerate()
            .take(MAX_WORDS)
            .filter_map(|(at, word)| {
                let mut folded = word.folded.clone();
                let front = if at == 0 { stripped.cut.0 } else { 0 };
                let back = if at == last { stripped.cut.1 } else { 0 };
                words::cut(&mut folded, (front, back));
                profile_word(&word.written, &folded.plain)
            })
            .collect();
        let joined: String = words.iter().map(|word| word.latin.as_str()).collect();
        let foreign = words.iter().any(|word| word.foreign);
        let initials: String = words.iter().filter_map(|word| word.latin.chars().next()).collect();
        Self {
            sound: phonetic::sound(&joined),
            initials: (!foreign && (2..=8).contains(&initials.len())).then_some(initials),
            abbreviation: abbreviation(&words),
            joined,
            foreign,
            words,
        }
    }

    /// The words as written.
    pub(crate) fn written(&self) -> String {
        written(&self.words)
    }
}

/// The words as written.
pub(crate) fn written(words: &[ProfileWord]) -> String {
    words.iter().map(|word| word.written.as_str()).collect::<Vec<_>>().join(" ")
}

/// None for joining words, except where they are part of an abbreviation ("AT&T"), and for what has no Latin spelling.
fn profile_word(written: &str, folded: &str) -> Option<ProfileWord> {
    let folded: String = folded.chars().take(MAX_LETTERS).collect();
    let latin = phonetic::latin(&folded);
    let upper = written.chars().filter(|c| c.is_uppercase()).count();
    let lower = written.chars().filter(|c| c.is_lowercase()).count();
    let capitals = upper >= 2 && lower <= upper && folded.is_ascii();
    let kept = !latin.is_empty() && (capitals || latin.len() == 1 || !common_words::is_joining(&latin));
    kept.then(|| ProfileWord {
        foreign: folded.chars().any(|c| c.is_alphabetic() && !c.is_ascii()),
        written: written.to_owned(),
        latin,
        capitals,
    })
}

/// One short word in capitals, or single letters: "IBM", "P & G", "AT&T".
fn abbreviation(words: &[ProfileWord]) -> Option<String> {
    let letters: String = words.iter().map(|word| word.latin.as_str()).collect();
    let short = match words {
        [only] => only.capitals,
        _ => words.iter().all(|word| word.latin.len() == 1 || (word.capitals && word.latin.len() <= 3)),
    };
    let fits = words.iter().all(|word| !word.foreign) && (2..=6).contains(&letters.len());
    (short && fits).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(name: &str) -> Vec<String> {
        Profile::new(name).words.into_iter().map(|word| word.latin).collect()
    }

    #[test]
    fn words_have_no_legal_form_and_no_joining_words() {
        assert_eq!(words("The Acme Widget Company, Inc."), ["acme", "widget"]);
        assert_eq!(words("Bank of the West"), ["bank", "west"]);
        assert_eq!(words("ソニー株式会社"), ["soni"]);
        assert_eq!(words("!!!"), [""; 0]);
    }

    #[test]
    fn initials_skip_joining_words() {
        let initials = |name: &str| Profile::new(name).initials;
        assert_eq!(initials("Bank of New York").as_deref(), Some("bny"));
        assert_eq!(initials("Western Reserve Legal, LLC").as_deref(), Some("wrl"));
        assert_eq!(initials("Acme"), None);
        assert_eq!(initials("Новая Ромашка"), None);
    }

    #[test]
    fn abbreviations_are_recognised_by_capitals() {
        for (name, letters) in [
            ("IBM", "ibm"),
            ("IBM Corp.", "ibm"),
            ("P&G", "pg"),
            ("AT&T Inc", "att"),
            ("PwC", "pwc"),
            ("A. B. C.", "abc"),
        ] {
            assert_eq!(Profile::new(name).abbreviation.as_deref(), Some(letters), "{name}");
        }
        for name in ["Acme", "acme", "Ernst & Young", "INTERNATIONAL", "三井", "McDonald"] {
            assert_eq!(Profile::new(name).abbreviation, None, "{name}");
        }
    }
}

//! Legal forms: what a company is in law, at the end or the beginning of its name.
//!
//! The forms stand in `data/legal_forms.tsv`. Whether words are one is decided here; how forms are taken off a name,
//! in `strip`.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::words::{self, Word};

static TABLE: &str = include_str!("../../data/legal_forms.tsv");

/// No form has more words: the longest spellings have six, and single letters ("G. m. b. H. & Co. KG") make more.
pub(super) const MOST_WORDS: usize = 10;

/// Which kinds of company a form is: agreeing forms share one. Empty is neutral ("Co").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Classes([u64; 3]);

impl Classes {
    fn with(mut self, class: usize) -> Self {
        // A class beyond the last bit would be neutral; a test sees that there is none.
        if let Some(word) = self.0.get_mut(class / 64) {
            *word |= 1 << (class % 64);
        }
        self
    }

    fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    fn agree(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(ours, theirs)| ours & theirs != 0)
    }

    fn is_neutral(self) -> bool {
        self == Self::default()
    }
}

/// The classes of the legal forms that a name carries, without neutral ones.
///
/// Equal values contradict the same values, so names can be put together by them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegalForms {
    start: Vec<Classes>,
    end: Vec<Classes>,
}

impl LegalForms {
    /// Whether these may stand behind two names of one company.
    ///
    /// They may where either is empty. Otherwise one name may end with more forms than the other ("Valley Ag, LLC" and
    /// "Valley Ag"), but what either begins with must agree with a form of the other: "ООО Acme GmbH" is a company of
    /// its own beside "Acme GmbH".
    #[must_use]
    pub fn agree(&self, other: &Self) -> bool {
        let within = |these: &[Classes], those: &Self| {
            these.iter().all(|this| those.start.iter().chain(&those.end).any(|that| this.agree(*that)))
        };
        self.is_empty()
            || other.is_empty()
            || (within(&self.start, other)
                && within(&other.start, self)
                && (within(&self.end, other) || within(&other.end, self)))
    }

    const fn is_empty(&self) -> bool {
        self.start.is_empty() && self.end.is_empty()
    }

    pub(super) fn add_at_start(&mut self, form: &Form) {
        Self::add(&mut self.start, form.classes);
    }

    pub(super) fn add_at_end(&mut self, form: &Form) {
        Self::add(&mut self.end, form.classes);
    }

    fn add(side: &mut Vec<Classes>, classes: Classes) {
        if !classes.is_neutral()
            && let Err(at) = side.binary_search(&classes)
        {
            side.insert(at, classes);
        }
    }
}

/// A spelling of a legal form.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Form {
    classes: Classes,
    pub(super) at_start: bool,
    pub(super) at_end: bool,
    /// Only where dots, slashes or mixed case tell it from a common word.
    marked: bool,
    /// Spelled as several words: "Sp. k.".
    spaced: bool,
}

/// All spellings.
pub(super) struct Forms {
    by_key: HashMap<String, Form>,
    /// Forms of scripts that put no space between words, longest first.
    attached: Vec<(String, Form)>,
    /// What the last word of a form at the end may be, however its spelling is divided into words: most names end
    /// with none of them, and then there is nothing to look up.
    endings: HashSet<String>,
    /// The same of the first word of a form at the start.
    beginnings: HashSet<String>,
}

pub(super) static FORMS: LazyLock<Forms> = LazyLock::new(|| Forms::parse(TABLE));

impl Forms {
    fn parse(table: &str) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut by_key: HashMap<String, Form> = HashMap::new();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let (Some(classes), Some(place), Some(_countries), Some(spellings)) =
                (columns.next(), columns.next(), columns.next(), columns.next())
            else {
                continue;
            };
            let classes = classes.split('|').filter(|class| *class != "-").fold(Classes::default(), |all, class| {
                let next = numbers.len();
                all.with(*numbers.entry(class).or_insert(next))
            });
            let form = Form {
                classes,
                at_start: place.starts_with("start") || place.starts_with("both"),
                at_end: place.starts_with("end") || place.starts_with("both"),
                marked: place.ends_with(",marked"),
                spaced: false,
            };
            for spelling in spellings.split("; ") {
                let words = words::split(spelling);
                let form = Form { spaced: words.len() > 1, ..form };
                for key in words::join(&words).keys() {
                    by_key.entry(key).and_modify(|known| known.merge(&form)).or_insert(form);
                }
            }
        }
        let mut attached: Vec<(String, Form)> = by_key
            .iter()
            .filter(|(key, _)| key.chars().count() > 1 && key.chars().all(is_unspaced))
            .map(|(key, form)| (key.clone(), *form))
            .collect();
        attached.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        let cuts = |key: &str| key.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
        let endings = by_key
            .iter()
            .filter(|(_, form)| form.at_end)
            .flat_map(|(key, _)| cuts(key).into_iter().map(|at| key[at..].to_owned()))
            .collect();
        let beginnings = by_key
            .iter()
            .filter(|(_, form)| form.at_start)
            .flat_map(|(key, _)| cuts(key).into_iter().skip(1).chain([key.len()]).map(|at| key[..at].to_owned()))
            .collect();
        Self { by_key, attached, endings, beginnings }
    }

    /// The form that these words are, all of them together.
    pub(super) fn of(&self, words: &[Word]) -> Option<Form> {
        let joined = words::join(words);
        let form = *self.by_key.get(&joined.plain).or_else(|| self.by_key.get(&joined.digraph))?;
        let letters = words.len() > 1 && words.iter().all(Word::is_one_letter);
        let marked = letters || words.iter().any(|word| word.marked);
        // "Made in C" carries no "Inc": a short form is one word, or single letters, or as it is spelled.
        let whole = words.len() == 1 || letters || form.spaced || joined.plain.chars().count() > 3;
        (whole && (marked || !form.marked)).then_some(form)
    }

    /// Whether a form may end with this word, and the name with it.
    pub(super) fn may_end(&self, word: &Word) -> bool {
        self.endings.contains(&word.folded.plain) || self.endings.contains(&word.folded.digraph)
    }

    /// Whether a form may begin with this word, and the name with it.
    pub(super) fn may_start(&self, word: &Word) -> bool {
        self.beginnings.contains(&word.folded.plain) || self.beginnings.contains(&word.folded.digraph)
    }

    /// The longest form, of those written without spaces, that fits the word and leaves something of it.
    pub(super) fn attached(&self, word: &str, fits: impl Fn(&str, &Form) -> bool) -> Option<(&str, Form)> {
        if !word.chars().any(is_unspaced) {
            return None;
        }
        self.attached
            .iter()
            .find(|(key, form)| word.len() > key.len() && fits(key, form))
            .map(|(key, form)| (key.as_str(), *form))
    }
}

impl Form {
    /// One spelling for forms of several countries: it is any of them.
    fn merge(&mut self, other: &Self) {
        self.classes = self.classes.or(other.classes);
        self.at_start |= other.at_start;
        self.at_end |= other.at_end;
        self.marked &= other.marked;
        self.spaced |= other.spaced;
    }
}

/// Chinese, Japanese, Korean and Thai letters.
const fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        let mut classes = HashSet::new();
        let mut countries = HashSet::new();
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [kinds, place, who, spellings] = columns[..] else { panic!("not four columns: {line}") };
            classes.extend(kinds.split('|'));
            countries.extend(who.split(", "));
            assert!(
                ["end", "start", "both", "end,marked", "start,marked", "both,marked"].contains(&place),
                "no such place: {line}"
            );
            for spelling in spellings.split("; ") {
                let words = words::split(spelling);
                assert!(!words.is_empty() && words.len() <= MOST_WORDS, "{spelling}");
                assert!(FORMS.of(&words).is_some(), "{spelling} is not found as it is written");
            }
        }
        assert!(classes.len() <= 192, "{} classes, and Classes holds 192", classes.len());
        assert!(countries.len() >= 40, "{} countries", countries.len());
    }
}

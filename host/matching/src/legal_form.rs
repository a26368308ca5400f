//! Legal forms at the end or the beginning of a name: Inc, GmbH, ООО.
//!
//! They are read from `data/legal_forms.tsv`, which is reviewed and takes precedence, and `data/legal_forms_rigour.tsv`, which is maintained
//! upstream. `strip` removes them from names.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use crate::words::{self, Word};

static REVIEWED: &str = include_str!("../data/legal_forms.tsv");
static MAINTAINED: &str = include_str!("../data/legal_forms_rigour.tsv");

/// No form has more words: the longest spellings have six, and single letters ("G. m. b. H. & Co. KG") make more.
pub(super) const MAX_WORDS: usize = 10;

/// The classes of a form, as a bit set: agreeing forms share one. Empty is neutral ("Co").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Classes([u64; CLASS_WORDS]);

const CLASS_WORDS: usize = 5;

impl Classes {
    fn with(mut self, class: usize) -> Self {
        // A class beyond the last bit would be neutral; a test checks that there is none.
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
/// Equal values agree with the same values, so names can be grouped by them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegalForms {
    start: Vec<Classes>,
    end: Vec<Classes>,
}

impl LegalForms {
    /// No legal form.
    pub const NONE: Self = Self { start: Vec::new(), end: Vec::new() };

    /// Whether these may be the legal forms of one company.
    ///
    /// They may if either is empty. Otherwise one name may end with more forms than the other ("Valley Ag, LLC" and
    /// "Valley Ag"), but a form at the beginning must agree with one of the other name: "ООО Acme GmbH" is another
    /// company than "Acme GmbH".
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
    /// Recognised only with dots, slashes or mixed case, because the plain letters are also a word.
    marked: bool,
    /// Spelled as several words: "Sp. k.".
    spaced: bool,
}

/// All spellings.
pub(super) struct Forms {
    by_key: HashMap<String, Form>,
    /// Forms in scripts without spaces between words, longest first.
    attached: Vec<(String, Form)>,
    /// The possible last words of forms at the end, however they are split into words: most names end with none of
    /// them, so that nothing has to be looked up.
    endings: HashSet<String>,
    /// The possible first words of forms at the start.
    beginnings: HashSet<String>,
}

pub(super) static FORMS: LazyLock<Forms> = LazyLock::new(|| Forms::parse(REVIEWED, MAINTAINED));

impl Forms {
    /// Parses both tables. A spelling in `reviewed` is not taken from `maintained`.
    fn parse(reviewed: &'static str, maintained: &'static str) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut forms = Self {
            by_key: HashMap::with_capacity(2_048),
            attached: Vec::new(),
            endings: HashSet::with_capacity(8_192),
            beginnings: HashSet::with_capacity(4_096),
        };
        let mut known = HashSet::new();
        for line in rows(reviewed).chain(rows(maintained)) {
            let classes =
                line.classes.split('|').filter(|class| *class != "-").fold(Classes::default(), |all, class| {
                    let next = numbers.len();
                    all.with(*numbers.entry(class).or_insert(next))
                });
            let form = Form {
                classes,
                at_start: line.place.starts_with("start") || line.place.starts_with("both"),
                at_end: line.place.starts_with("end") || line.place.starts_with("both"),
                marked: line.place.ends_with(",marked"),
                spaced: false,
            };
            for spelling in line.spellings.split("; ") {
                let words = words::split(spelling);
                let form = Form { spaced: words.len() > 1, ..form };
                let joined = words::join(&words);
                if line.reviewed {
                    known.insert(joined.plain.clone());
                } else if known.contains(&joined.plain) {
                    continue;
                }
                forms.add_ends(&words, &form);
                for key in joined.keys() {
                    forms.by_key.entry(key).and_modify(|known| known.merge(&form)).or_insert(form);
                }
            }
        }
        forms.attached = forms
            .by_key
            .iter()
            .filter(|(key, form)| key.chars().count() > 1 && !form.marked && key.chars().all(is_unspaced))
            .map(|(key, form)| (key.clone(), *form))
            .collect();
        forms.attached.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms
    }

    /// Adds the words that a name with this spelling ends or begins with.
    ///
    /// The words of a short form may be joined or split in any way ("S.deR.L."); those of a long one are all separate, or
    /// all joined.
    fn add_ends(&mut self, words: &[Word], form: &Form) {
        const SHORT: usize = 10;
        let joined = words::join(words);
        let short = joined.plain.chars().count() <= SHORT;
        for key in joined.keys() {
            let cuts: Vec<usize> = if short { key.char_indices().map(|(at, _)| at).collect() } else { vec![0] };
            if form.at_end {
                self.endings.extend(cuts.iter().map(|at| key[*at..].to_owned()));
            }
            if form.at_start {
                self.beginnings.extend(cuts.iter().skip(1).chain([&key.len()]).map(|at| key[..*at].to_owned()));
            }
        }
        if !short {
            let (first, last) = (words.first(), words.last());
            if let Some(last) = last.filter(|_| form.at_end) {
                self.endings.extend(last.folded.keys());
            }
            if let Some(first) = first.filter(|_| form.at_start) {
                self.beginnings.extend(first.folded.keys());
            }
        }
    }

    /// The form that these words spell together.
    pub(super) fn of(&self, words: &[Word]) -> Option<Form> {
        let joined = words::join(words);
        let form = *self.by_key.get(&joined.plain).or_else(|| self.by_key.get(&joined.digraph))?;
        let letters = words.len() > 1 && words.iter().all(Word::is_one_letter);
        let marked = letters || words.iter().any(|word| word.marked);
        // "Made in C" has no "Inc": a short form is one word, or single letters, or split as in the table.
        let whole = words.len() == 1 || letters || form.spaced || joined.plain.chars().count() > 3;
        (whole && (marked || !form.marked)).then_some(form)
    }

    /// Whether a form at the end may have this last word.
    pub(super) fn may_end(&self, word: &Word) -> bool {
        self.endings.contains(&word.folded.plain) || self.endings.contains(&word.folded.digraph)
    }

    /// Whether a form at the start may have this first word.
    pub(super) fn may_start(&self, word: &Word) -> bool {
        self.beginnings.contains(&word.folded.plain) || self.beginnings.contains(&word.folded.digraph)
    }

    /// The longest form written without a space that fits the word and is not all of it.
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

/// A line of either table.
struct Row {
    classes: &'static str,
    place: &'static str,
    spellings: &'static str,
    reviewed: bool,
}

/// The well-formed lines; a test checks that all are.
fn rows(table: &'static str) -> impl Iterator<Item = Row> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let (classes, place, spellings) = match columns[..] {
            [classes, place, _countries, spellings] => (classes, place, spellings),
            [classes, place, spellings] => (classes, place, spellings),
            _ => return None,
        };
        Some(Row { classes, place, spellings, reviewed: columns.len() == 4 })
    })
}

impl Form {
    /// Merges forms of several countries that share a spelling.
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
    fn the_tables_are_well_formed() {
        let mut classes = HashSet::new();
        let mut countries = HashSet::new();
        for (table, columns) in [(REVIEWED, 4), (MAINTAINED, 3)] {
            for line in table.lines().filter(|line| !line.starts_with('#')) {
                let fields: Vec<&str> = line.split('\t').collect();
                assert_eq!(fields.len(), columns, "{line}");
                classes.extend(fields[0].split('|'));
                if columns == 4 {
                    countries.extend(fields[2].split(", "));
                }
                assert!(
                    ["end", "start", "both", "end,marked", "start,marked", "both,marked"].contains(&fields[1]),
                    "no such place: {line}"
                );
                for spelling in fields[columns - 1].split("; ") {
                    let words = words::split(spelling);
                    assert!(!words.is_empty() && words.len() <= MAX_WORDS, "{spelling}");
                    let marked = words.iter().any(|word| word.marked);
                    let found = FORMS.of(&words).is_some();
                    assert!(
                        found || (fields[1].ends_with("marked") && !marked),
                        "{spelling} is not found as it is written"
                    );
                }
            }
        }
        assert!(classes.len() <= 64 * CLASS_WORDS, "{} classes, and Classes holds {}", classes.len(), 64 * CLASS_WORDS);
        assert!(countries.len() >= 60, "{} countries", countries.len());
        assert!(FORMS.by_key.len() >= 900, "{} spellings", FORMS.by_key.len());
    }

    #[test]
    fn forms_of_many_scripts_are_known() {
        for spelling in [
            "GmbH",
            "S.p.A.",
            "Sp. z o.o.",
            "ООО",
            "ТОВ",
            "ЕООД",
            "д.о.о.",
            "株式会社",
            "有限公司",
            "주식회사",
            "ΕΠΕ",
            "ش م م",
            "בע\"מ",
            "บริษัท",
            "შპს",
            "ՍՊԸ",
            "प्राइवेट लिमिटेड",
            "ሃላፊነቱ የተወሰነ የግል ማህበር",
            "ххк",
        ] {
            assert!(FORMS.of(&words::split(spelling)).is_some(), "{spelling}");
        }
    }
}

//! Splits a name into words. Characters are folded in `text`, spelling variants unified in `variants`.

use super::text::{self, Folded};

/// One word of a name.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// As compared.
    pub(super) folded: Folded,
    /// As written, for display.
    pub(super) written: String,
    /// Written with dots between its letters ("S.p.A.") or with a capital after a small letter ("SpA").
    pub(super) marked: bool,
    /// The number of the bracket it is in, from 1; 0 outside brackets.
    pub(super) bracket: usize,
}

impl Word {
    fn new(written: String, marked: bool, bracket: usize) -> Self {
        let mut small = false;
        let mixed = written.chars().any(|c| {
            let behind_small = small && c.is_uppercase();
            small = c.is_lowercase();
            behind_small
        });
        let folded = text::fold(&written);
        Self { folded, written, marked: marked || mixed, bracket }
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.folded.plain == text
    }

    pub(super) fn is_one_letter(&self) -> bool {
        self.folded.plain.chars().count() == 1
    }

    pub(super) fn becomes(&mut self, text: &str) {
        self.folded = Folded::both(text);
    }
}

/// The words joined without spaces.
pub(super) fn join(words: &[Word]) -> Folded {
    let mut joined = Folded::default();
    for word in words {
        joined.push(&word.folded);
    }
    joined
}

/// The words as written, for display.
pub(super) fn written(words: &[Word]) -> String {
    words.iter().map(|word| word.written.as_str()).collect::<Vec<_>>().join(" ")
}

/// Removes bytes from either end.
pub(super) fn cut(text: &mut Folded, (front, back): (usize, usize)) {
    for part in [&mut text.plain, &mut text.digraph] {
        if let Some(left) = part.len().checked_sub(back).and_then(|end| part.get(front..end)) {
            *part = left.to_owned();
        }
    }
}

/// Splits a name into words: at spaces and punctuation, with `&` as "and".
///
/// Apostrophes join ("Fisher's"), and so do dots between short parts ("S.p.A.", "Acme.co"); a dot before a longer part
/// separates words ("St.Mary").
pub(super) fn split(name: &str) -> Vec<Word> {
    let compatible = text::compatible(name);
    let mut splitter = Splitter::default();
    let mut characters = compatible.chars().peekable();
    let mut before = ' ';
    while let Some(c) = characters.next() {
        let next = characters.peek().copied().unwrap_or(' ');
        match c {
            _ if text::is_letter(c) => splitter.part.push(c),
            // "Web 2.0" is not "Web 20".
            '.' if before.is_numeric() && next.is_numeric() => splitter.part.push(c),
            '.' if !splitter.part.is_empty() => splitter.end_part(),
            '&' => splitter.word("and"),
            // "Disney+", but "Meyer + Partner".
            '+' if before.is_alphanumeric() && !next.is_alphanumeric() => splitter.word("plus"),
            '+' if splitter.has_any() => splitter.word("and"),
            '(' | '[' | '{' | '【' | '〔' | '〖' => splitter.open(),
            ')' | ']' | '}' | '】' | '〕' | '〗' => splitter.close(),
            _ => splitter.end_word(),
        }
        before = c;
    }
    splitter.end_word();
    splitter.words
}

#[derive(Default)]
struct Splitter {
    words: Vec<Word>,
    /// The parts of the current word, between dots.
    parts: Vec<String>,
    part: String,
    brackets: usize,
    bracket: usize,
}

impl Splitter {
    fn has_any(&self) -> bool {
        !self.words.is_empty() || !self.parts.is_empty() || !self.part.is_empty()
    }

    fn end_part(&mut self) {
        if !self.part.is_empty() {
            self.parts.push(std::mem::take(&mut self.part));
        }
    }

    fn end_word(&mut self) {
        self.end_part();
        let mut whole: Option<(String, usize)> = None;
        for part in std::mem::take(&mut self.parts) {
            let short = part.chars().count() <= 2;
            whole = Some(match whole.take() {
                Some((mut word, parts)) if short => {
                    word.push_str(&part);
                    (word, parts + 1)
                }
                Some((word, parts)) => {
                    self.add(word, parts > 1);
                    (part, 1)
                }
                None => (part, 1),
            });
        }
        if let Some((word, parts)) = whole {
            self.add(word, parts > 1);
        }
    }

    fn word(&mut self, word: &str) {
        self.end_word();
        self.add(word.to_owned(), false);
    }

    fn add(&mut self, written: String, marked: bool) {
        let word = Word::new(written, marked, self.bracket);
        // A lone accent folds to nothing.
        if !word.folded.plain.is_empty() {
            self.words.push(word);
        }
    }

    fn open(&mut self) {
        self.end_word();
        self.brackets += 1;
        self.bracket = self.brackets;
    }

    fn close(&mut self) {
        self.end_word();
        self.bracket = 0;
    }
}

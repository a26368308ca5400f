//! The formats that people read, as tokens: numbers, dates, names and ids, and words for outcomes, bands and directions.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
};

use calamine::{Data, Reader as _};
use serde_json::Value;

use super::normalise::{Scrub, bare, digits, sentence};

/// Words and marks that are data in every text format.
const WORDS: [&str; 24] = [
    "measured",
    "overridden",
    "manual",
    "no data",
    "no-data",
    "unmapped",
    "not applicable",
    "not-applicable",
    "n/a",
    "failed",
    "healthy",
    "watch",
    "at risk",
    "at-risk",
    "no score",
    "improving",
    "steady",
    "declining",
    "unclear",
    "stub",
    "stale",
    "ambiguous",
    "–",
    "?",
];

/// A cell with more other words than these is prose, so a word of [`WORDS`] in it is wording.
const MAX_OTHER_WORDS: usize = 6;

/// The keys of a sheet whose strings are the program's sentences.
const SENTENCES: [&str; 5] = ["basis", "explanation", "message", "reasons", "remedy"];

/// What the text formats of one sheet may show.
pub(crate) struct Vocabulary {
    names: Vec<String>,
    /// Each with what counts of it.
    sentences: Vec<(String, String)>,
}

impl Vocabulary {
    /// Names and ids come from everywhere in the documents but from sentences; sentences from the sheets alone.
    pub(crate) fn new(documents: &[&Value]) -> Self {
        let (mut names, mut sentences) = (BTreeSet::new(), BTreeMap::new());
        for document in documents {
            gather(document, "", &mut names, &mut sentences);
        }
        let mut names: Vec<String> = names.into_iter().collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let mut sentences: Vec<(String, String)> = sentences.into_iter().collect();
        sentences.sort_by_key(|(sentence, _)| std::cmp::Reverse(sentence.len()));
        Self { names, sentences }
    }

    fn cell(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (sentence, counts) in &self.sentences {
            if text.contains(sentence.as_str()) {
                text = text.replace(sentence.as_str(), &format!(" {counts} "));
            }
        }
        let (mut kept, mut others) = (Vec::new(), 0);
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            if let Some(name) = self.names.iter().find(|name| begins_with(rest, name)) {
                kept.push((name.as_str(), true));
                rest = &rest[name.len()..];
            } else if let Some(word) = WORDS.iter().find(|word| begins_with(rest, word)) {
                kept.push((word, false));
                rest = &rest[word.len()..];
            } else {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let token = &rest[..end];
                // A bracket or a star in front of a name.
                let inner = token.find(char::is_alphanumeric).filter(|at| *at > 0 && !"+-−".contains(&token[..*at]));
                if let Some(at) = inner {
                    rest = &rest[at..];
                    continue;
                }
                let word = bare(token);
                if word.contains(|c: char| c.is_ascii_digit()) {
                    kept.push((word, true));
                } else if word == "ms" {
                    kept.pop();
                } else if !word.is_empty() {
                    others += 1;
                }
                rest = &rest[end..];
            }
            rest = rest.trim_start();
        }
        let is_prose = others > MAX_OTHER_WORDS;
        let kept = kept.into_iter().filter(|(_, data)| *data || !is_prose).map(|(token, _)| token);
        kept.collect::<Vec<_>>().join(" ")
    }

    /// Plain text: two spaces or more end a cell.
    pub(crate) fn text(&self, text: &str, scrub: &Scrub) -> String {
        let cells = |line: &str| split(line, "  ").into_iter().filter(|cell| !cell.trim().is_empty()).collect();
        self.lines(scrub.apply(text).lines().map(cells))
    }

    /// Markdown: table cells, without escapes.
    pub(crate) fn markdown(&self, text: &str, scrub: &Scrub) -> String {
        let text = scrub.apply(text).replace("\\|", "\u{1}");
        let cell = |cell: &String| decoded(&unescaped(cell)).replace('\u{1}', "|");
        self.lines(text.lines().map(|line| split(line, "|").iter().map(cell).collect()))
    }

    /// HTML: the text of each block element, and the drawn lines of the charts.
    pub(crate) fn html(&self, text: &str, scrub: &Scrub) -> String {
        let text = scrub.apply(text);
        let (_, body) = text.split_once("</style>").unwrap_or(("", &text));
        let mut plain = String::new();
        for piece in body.split_inclusive('>') {
            let (before, tag) = piece.split_once('<').unwrap_or((piece, ""));
            plain.push_str(&decoded(&before.replace('\n', " ")));
            plain.push_str(&shape(tag));
            let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
            match name {
                "td" | "th" => plain.push('\u{1}'),
                "" | "b" | "i" | "a" | "bdi" | "span" | "small" | "strong" | "em" => plain.push(' '),
                _ => plain.push('\n'),
            }
        }
        self.lines(plain.lines().map(|line| split(line, "\u{1}")))
    }

    /// A workbook: each sheet's cells, row by row, numbers exactly.
    pub(crate) fn workbook(&self, bytes: Vec<u8>, scrub: &Scrub) -> String {
        let mut workbook = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).expect("a workbook");
        let mut all = String::new();
        for name in workbook.sheet_names() {
            let range = workbook.worksheet_range(&name).expect("a sheet");
            all.push_str(&format!("sheet of {} columns\n", range.get_size().1));
            let cell = |cell: &Data| match cell {
                Data::Empty => String::new(),
                Data::String(text) => scrub.apply(text).replace('\n', " "),
                Data::Float(number) => number.to_string(),
                other => other.to_string(),
            };
            all.push_str(&self.lines(range.rows().map(|row| row.iter().map(cell).collect())));
        }
        all
    }

    fn lines(&self, lines: impl Iterator<Item = Vec<String>>) -> String {
        let mut all = String::new();
        let mut before: Vec<String> = Vec::new();
        for line in lines {
            let cells: Vec<String> = line.iter().map(|cell| self.cell(cell)).collect();
            if cells.iter().all(String::is_empty) {
                continue;
            }
            // A first cell that is the same as in the line before stands for itself.
            let same = cells.iter().zip(&before).take_while(|(cell, above)| cell == above && cells.len() > 2).count();
            let shown = cells.iter().enumerate();
            let shown = shown.map(|(at, cell)| if at < same && !cell.is_empty() { "=" } else { cell.as_str() });
            all.push_str(shown.collect::<Vec<_>>().join("|").trim_end_matches('|'));
            all.push('\n');
            before = cells;
        }
        all
    }
}

/// CSV as lists: the header and every value exactly, but for ids and sentences.
pub(crate) fn csv(text: &str, scrub: &Scrub) -> String {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut header: Vec<String> = Vec::new();
    let mut all = String::new();
    for record in reader.records() {
        let record = record.expect("a record");
        let cells: Vec<String> = record.iter().map(|cell| scrub.apply(cell)).collect();
        let shown: Vec<String> = cells
            .iter()
            .zip(header.iter().chain(std::iter::repeat(&String::new())))
            .map(
                |(cell, name)| {
                    if SENTENCES.contains(&name.as_str()) { format!("~{}", digits(cell)) } else { cell.clone() }
                },
            )
            .collect();
        if header.is_empty() {
            header = cells;
        }
        all.push_str(&Value::from(shown).to_string());
        all.push('\n');
    }
    all
}

fn gather(value: &Value, key: &str, names: &mut BTreeSet<String>, sentences: &mut BTreeMap<String, String>) {
    const NAMES: [&str; 9] = ["id", "name", "client", "source", "source_name", "provider", "sheet", "group", "type"];
    match value {
        Value::String(text) if SENTENCES.contains(&key) => {
            sentences.insert(text.clone(), sentence(key, text));
        }
        Value::String(text) if NAMES.contains(&key) && !text.is_empty() => {
            names.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, key, names, sentences)),
        Value::Object(fields) => {
            for (name, value) in fields {
                gather(value, name, names, sentences);
            }
        }
        _ => {}
    }
}

fn split(line: &str, between: &str) -> Vec<String> {
    line.split(between).map(str::to_owned).collect()
}

/// Whether the text begins with this phrase and the phrase ends there.
fn begins_with(text: &str, phrase: &str) -> bool {
    // `c-10` is no part of `c-101`, and `watch` none of `watch-list`.
    let goes_on = |rest: &str| rest.strip_prefix('-').unwrap_or(rest).starts_with(char::is_alphanumeric);
    text.strip_prefix(phrase).is_some_and(|rest| !goes_on(rest))
}

/// What a chart's element draws; empty for other tags.
fn shape(tag: &str) -> String {
    if tag.contains("class=\"frame\"") {
        return String::new();
    }
    let attribute = |name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        rest.split_once('"').map(|(value, _)| value.replace(' ', ","))
    };
    match (attribute("d"), attribute("cx"), attribute("cy")) {
        (Some(path), ..) => format!(" {path} "),
        (_, Some(x), Some(y)) => format!(" {x},{y} "),
        _ => String::new(),
    }
}

fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for (entity, plain) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#38;", "&"),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#x27;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, plain);
    }
    text
}

/// Markdown without its backslashes before punctuation.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' && chars.peek().is_some_and(char::is_ascii_punctuation) {
            continue;
        }
        plain.push(c);
    }
    plain
}

//! One table of the document: typed fields, each asked for by its key.

use std::ops::RangeInclusive;

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::document::{Document, nearest};

mod lists;
mod texts;

/// A table, with what was asked of it so far. A table that is not there has no fields.
pub(super) struct Section<'d> {
    pub(super) document: &'d Document<'d>,
    path: String,
    /// The line where it begins.
    pub(super) line: Option<usize>,
    table: Option<&'d DeTable<'d>>,
    known: Vec<&'static str>,
}

/// A text field, its variables put in.
pub(super) struct Text {
    pub(super) value: String,
    /// As it was written: what a message may repeat.
    pub(super) written: String,
}

/// An entry of a table whose names the operator chooses.
pub(super) struct Entry<'d> {
    pub(super) name: String,
    value: &'d DeValue<'d>,
    pub(super) line: Option<usize>,
}

/// A field as it stands in the document.
struct Field<'d> {
    value: &'d DeValue<'d>,
    path: String,
    line: Option<usize>,
}

impl<'d> Section<'d> {
    pub(super) fn new(
        document: &'d Document<'d>,
        path: String,
        line: Option<usize>,
        table: Option<&'d DeTable<'d>>,
    ) -> Self {
        Self { document, path, line, table, known: Vec::new() }
    }

    /// Renames the table, as soon as its own name is known: `metrics.#2` becomes `metrics.gut-instinct`.
    pub(super) fn rename(&mut self, path: String) {
        self.document.rename(&self.path, &path);
        self.document.origin(path.clone(), self.line, Vec::new());
        self.path = path;
    }

    /// The path of the table itself.
    pub(super) fn own_path(&self) -> &str {
        &self.path
    }

    /// What stands in it, known or not.
    pub(super) fn contents(&self) -> Option<&'d DeTable<'d>> {
        self.table
    }

    /// The path of a field.
    pub(super) fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn is_given(&self) -> bool {
        self.table.is_some()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// Notes a problem with a field; on the section's line where the field is not there.
    pub(super) fn problem(&self, key: &str, message: impl AsRef<str>) {
        let line = self.line_of(key).or(self.line);
        self.document.problem(line, &self.path(key), message);
    }

    /// Notes something about a field that works and should not stay so.
    pub(super) fn warn(&self, key: &str, message: &str) {
        self.document.warn(self.line_of(key).or(self.line), &self.path(key), message);
    }

    /// Notes a problem with the section as a whole.
    pub(super) fn problem_here(&self, message: impl AsRef<str>) {
        self.document.problem(self.line, &self.path, message);
    }

    /// A whole number within bounds.
    pub(super) fn integer(&mut self, key: &'static str, bounds: RangeInclusive<u32>) -> Option<u32> {
        let field = self.field(key)?;
        let DeValue::Integer(number) = field.value else {
            self.wrong_type(&field, "a whole number");
            return None;
        };
        let value = i64::from_str_radix(number.as_str(), number.radix()).ok().and_then(|n| u32::try_from(n).ok());
        match value.filter(|value| bounds.contains(value)) {
            Some(value) => {
                self.note_origin(&field);
                Some(value)
            }
            None => {
                let message = format!(
                    "{} is out of range; give a whole number from {} to {}",
                    number.as_str(),
                    bounds.start(),
                    bounds.end()
                );
                self.document.problem(field.line, &field.path, message);
                None
            }
        }
    }

    /// A number that `fits`; `right` says in words which do.
    pub(super) fn number(&mut self, key: &'static str, right: &str, fits: impl Fn(f64) -> bool) -> Option<f64> {
        let field = self.field(key)?;
        self.number_at(&field, right, fits)
    }

    fn number_at(&self, field: &Field<'_>, right: &str, fits: impl Fn(f64) -> bool) -> Option<f64> {
        let value = match field.value {
            DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number as f64)
            }
            _ => {
                self.wrong_type(field, "a number");
                return None;
            }
        };
        match value.filter(|value| fits(*value)) {
            Some(value) => {
                self.note_origin(field);
                Some(value)
            }
            None => {
                let told = value.map_or_else(|| "this number".to_owned(), |value| value.to_string());
                self.document.problem(field.line, &field.path, format!("{told} cannot be used; give {right}"));
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        let field = self.field(key)?;
        let DeValue::Boolean(value) = field.value else {
            self.wrong_type(&field, "true or false");
            return None;
        };
        self.note_origin(&field);
        Some(*value)
    }

    /// A table of known keys; empty where it is not there.
    pub(super) fn table(&mut self, key: &'static str) -> Section<'d> {
        let path = self.path(key);
        match self.field(key) {
            None => Section::new(self.document, path, self.line, None),
            Some(field) => match field.value {
                DeValue::Table(table) => {
                    self.document.origin(path.clone(), field.line, Vec::new());
                    Section::new(self.document, path, field.line, Some(table))
                }
                _ => {
                    self.wrong_type(&field, "a table");
                    Section::new(self.document, path, field.line, None)
                }
            },
        }
    }

    /// The entries of a table whose names the operator chooses, by line.
    pub(super) fn entries(&mut self, key: &'static str) -> Vec<Entry<'d>> {
        let Some(field) = self.field(key) else { return Vec::new() };
        let DeValue::Table(table) = field.value else {
            self.wrong_type(&field, "a table");
            return Vec::new();
        };
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        let entry = |(name, value): (&Spanned<DeString<'d>>, &'d Spanned<DeValue<'d>>)| Entry {
            name: name.get_ref().to_string(),
            value: value.get_ref(),
            line: self.document.line(&name.span()),
        };
        entries.into_iter().map(entry).collect()
    }

    /// An entry that must be a table.
    pub(super) fn table_of(&self, key: &str, entry: &Entry<'d>) -> Section<'d> {
        let path = format!("{}.{}", self.path(key), entry.name.escape_debug());
        self.document.origin(path.clone(), entry.line, Vec::new());
        match entry.value {
            DeValue::Table(table) => Section::new(self.document, path, entry.line, Some(table)),
            value => {
                self.wrong_type(&Field { value, path: path.clone(), line: entry.line }, "a table");
                Section::new(self.document, path, entry.line, None)
            }
        }
    }

    /// The tables of an array of tables, of which there must be one at least; `right` says how to add one.
    pub(super) fn tables(&mut self, key: &'static str, right: &str) -> Vec<Section<'d>> {
        let Some(field) = self.field(key) else {
            self.problem(key, right);
            return Vec::new();
        };
        let DeValue::Array(items) = field.value else {
            self.wrong_type(&field, &format!("tables, each under [[{key}]]"));
            return Vec::new();
        };
        if items.is_empty() {
            self.problem(key, right);
        }
        let mut sections = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let path = format!("{}.#{}", field.path, index + 1);
            let line = self.document.line(&item.span());
            match item.get_ref() {
                DeValue::Table(table) => sections.push(Section::new(self.document, path, line, Some(table))),
                other => {
                    let field = Field { value: other, path, line };
                    self.wrong_type(&field, "a table");
                }
            }
        }
        sections
    }

    /// The same, where there may be none.
    pub(super) fn tables_if_any(&mut self, key: &'static str) -> Vec<Section<'d>> {
        if self.has(key) {
            return self.tables(key, "there are none; add one, or take this away");
        }
        self.known.push(key);
        Vec::new()
    }

    /// Refuses every key that was not asked for.
    pub(super) fn finish(self) {
        let Some(table) = self.table else { return };
        for key in table.keys().filter(|key| !self.known.contains(&key.get_ref().as_ref())) {
            let word = key.get_ref().as_ref();
            let meant = match nearest(word, self.known.iter().copied()) {
                Some(meant) => format!("did you mean '{meant}'?"),
                None => format!("known here: {}", self.known.join(", ")),
            };
            let line = self.document.line(&key.span());
            self.document.problem(line, &self.path, format!("unknown key '{}'; {meant}", word.escape_debug()));
        }
    }

    /// Tells that a value is of the wrong type, and nothing else of it.
    fn wrong_type(&self, field: &Field<'_>, right: &str) {
        let told = match field.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        self.document.problem(field.line, &field.path, format!("this is {told}; give {right}"));
    }

    fn note_origin(&self, field: &Field<'_>) {
        self.document.origin(field.path.clone(), field.line, Vec::new());
    }

    fn field(&mut self, key: &'static str) -> Option<Field<'d>> {
        self.known.push(key);
        let value = self.table?.get(key)?;
        Some(Field { value: value.get_ref(), path: self.path(key), line: self.document.line(&value.span()) })
    }

    fn line_of(&self, key: &str) -> Option<usize> {
        self.document.line(&self.table?.get(key)?.span())
    }
}

//! Fields that hold several values: lists of texts, figures by name, tables that may be missing.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::{Field, Section};

impl<'d> Section<'d> {
    /// The tables of an array of tables, none where it is not there.
    pub(in crate::config) fn tables_if_any(&mut self, key: &'static str) -> Vec<Section<'d>> {
        if self.has(key) {
            self.tables(key, "the list is empty; leave it out")
        } else {
            self.known.push(key);
            Vec::new()
        }
    }

    /// A list of texts, of which none is empty and none stands twice; `right` says what one is.
    pub(in crate::config) fn texts(&mut self, key: &'static str, right: &str) -> Option<Vec<String>> {
        let field = self.field(key)?;
        let DeValue::Array(items) = field.value else {
            self.wrong_type(&field, &format!("a list of texts, {right}"));
            return None;
        };
        let mut texts: Vec<String> = Vec::new();
        for item in items.iter() {
            let line = self.document.line(&item.span());
            match item.get_ref() {
                DeValue::String(text) if !text.trim().is_empty() && !texts.iter().any(|it| it == text.trim()) => {
                    texts.push(text.trim().to_owned());
                }
                DeValue::String(_) => {
                    let message = "a text in this list is empty or stands there twice; take it out";
                    self.document.problem(line, &field.path, message);
                }
                other => self.wrong_type(&Field { value: other, path: field.path.clone(), line }, "a text"),
            }
        }
        self.note_origin(&field);
        Some(texts)
    }

    /// Figures by names that the operator chooses; `right` says in words which figures `fit`.
    pub(in crate::config) fn figures(
        &mut self,
        key: &'static str,
        right: &str,
        fits: impl Fn(f64) -> bool,
    ) -> BTreeMap<String, f64> {
        let mut figures = BTreeMap::new();
        for entry in self.entries(key) {
            let path = format!("{}.{}", self.path(key), entry.name.escape_debug());
            let field = Field { value: entry.value, path, line: entry.line };
            let value = match field.value {
                DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
                DeValue::Integer(number) => {
                    i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number as f64)
                }
                _ => {
                    self.wrong_type(&field, "a number");
                    continue;
                }
            };
            match value.filter(|value| fits(*value)) {
                Some(value) => {
                    self.note_origin(&field);
                    figures.insert(entry.name, value);
                }
                None => self.document.problem(field.line, &field.path, format!("this cannot be used; give {right}")),
            }
        }
        figures
    }
}

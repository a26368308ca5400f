//! Fields that hold several figures, by names that the operator chooses.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::{Field, Section};

impl<'d> Section<'d> {
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

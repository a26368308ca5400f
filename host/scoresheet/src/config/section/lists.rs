//! Fields that hold several figures, by names that the operator chooses.

use std::collections::BTreeMap;

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
            if let Some(value) = self.number_at(&field, right, &fits) {
                figures.insert(entry.name, value);
            }
        }
        figures
    }
}

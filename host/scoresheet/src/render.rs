//! A scoresheet for people (a table, one client in detail) and for programs (JSON, CSV). HTML, Markdown and the workbook
//! are made in a crate of their own, `scoresheet-report`.
//!
//! Everything here is a pure function from the sheet to text; where the text goes is left to the
//! caller. Names, units and explanations come from outside and are not trusted to be harmless text.

mod csv;
mod detail;
mod grid;
mod head;
mod json;
mod paint;
mod problems;
mod table;
#[cfg(test)]
mod tests;
mod text;

pub use csv::csv;
pub use detail::detail;
pub use json::{json, write_json};
pub use scoresheet_report::{ReportError, write_html, write_markdown, xlsx};
pub use table::table;
pub(crate) use text::acts_on_terminal;
pub use text::{harmless, harmless_line};

/// What a person's terminal can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableOptions {
    /// Whether colours are shown.
    pub color: bool,
    /// How many columns there are; without a limit, nothing is shortened but very long names.
    pub width: Option<u16>,
}

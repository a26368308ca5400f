//! Writes a scoresheet in any output format: table, JSON, CSV, Markdown, HTML, XLSX.
//!
//! [`Format`] lists the formats; [`Format::write`] is the only entry point. To add a format, add its module, with a
//! function `write`, and its line in `format.rs`.
//!
//! - `table` is for a terminal, `html` for a browser or a printer (one file without scripts or external resources),
//!   `md` for a wiki or a pull request.
//! - `json`, `csv` and `xlsx` are for programs and spreadsheets: they hold exact values. Only the others round.
//!
//! Each format is a pure function of the sheet and the options: the same input gives the same bytes. Text on a sheet
//! comes from outside and is not trusted: each format escapes it, and replaces or escapes control characters.
//!
//! This crate computes nothing (the domain does), and the caller decides where the bytes go.

mod client;
mod csv;
mod figures;
mod format;
mod guide;
mod html;
mod json;
mod markdown;
mod overview;
mod palette;
mod table;
mod text;
mod words;
mod xlsx;

pub use format::{Format, Options};
pub use text::harmless;

/// Writing a sheet failed.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The output could not be written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The error returned by the XLSX writer.
    #[error("the workbook could not be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// No space left for the temporary files of a large workbook.
    #[error("the workbook could not be written: there is no room for temporary files (TMPDIR names their folder)")]
    NoRoom,
}

//! A scoresheet as a document to hand out: HTML, Markdown and XLSX.
//!
//! - [`html`] is for the review meeting: one file that needs nothing else, for a browser, a printer or a screen reader.
//!   It asks for nothing outside itself and runs no script.
//! - [`markdown`] is for a wiki or a pull request: the same content as `CommonMark` with GitHub's tables.
//! - [`xlsx`] is for who goes on calculating: the exact figures in typed cells.
//!
//! Each is a pure function of the sheet: the same sheet gives the same bytes. Only what a person looks at is rounded.
//! Nothing on a sheet is trusted to be harmless text: what comes from a source is escaped for the form it stands in, and
//! marks that act on text instead of being shown are replaced.
//!
//! What is left to others: computing anything (the domain has done so, and nothing here adds up or decides), the
//! terminal's table, JSON and CSV (the facade's `render`), and where the bytes go.

mod client;
mod figures;
mod guide;
mod html;
mod markdown;
mod overview;
mod palette;
mod text;
mod words;
mod xlsx;

pub use html::{html, write_html};
pub use markdown::{markdown, write_markdown};
pub use xlsx::xlsx;

/// A document could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The library that writes it refused.
    #[error("the workbook could not be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// What waits for it outgrew its place.
    #[error("the workbook could not be written: there is no room for temporary files (TMPDIR names their folder)")]
    NoRoom,
}

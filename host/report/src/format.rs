//! The output formats of a sheet: the list of them, and writing a sheet in one.

use std::io::{self, BufWriter, Write as _};

use scoresheet_domain::{ClientId, sheet::Scoresheet};

use crate::ReportError;

/// Declares [`Format`] from one line per format.
///
/// Each names a module of this crate with a function `write(&Scoresheet, &Options, &mut dyn io::Write)`.
macro_rules! formats {
    ($($variant:ident = $module:ident, $name:literal, $kind:ident, $extension:literal, $help:literal;)+) => {
        /// An output format.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Format {
            $(#[doc = $help] $variant,)+
        }

        impl Format {
            /// All formats, in the order in which help lists them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Name on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Usual file extension, without the dot.
            #[must_use]
            pub const fn extension(self) -> &'static str {
                match self { $(Self::$variant => $extension,)+ }
            }

            /// One line of help.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)+ }
            }

            /// Whether the output is binary, so that it must not go to a terminal.
            #[must_use]
            pub const fn is_binary(self) -> bool {
                matches!(match self { $(Self::$variant => Kind::$kind,)+ }, Kind::Binary)
            }

            const fn writer(self) -> fn(&Scoresheet, &Options, &mut dyn io::Write) -> Result<(), ReportError> {
                match self { $(Self::$variant => crate::$module::write,)+ }
            }
        }
    };
}

/// Whether a format is text or binary.
enum Kind {
    Text,
    Binary,
}

formats! {
    Table = table, "table", Text, "txt", "For a person";
    Json = json, "json", Text, "json", "For a program: the contract accellis.scoresheet/1.1";
    Csv = csv, "csv", Text, "csv", "For a spreadsheet: a row a client and metric";
    Md = markdown, "md", Text, "md", "For a wiki or a pull request";
    Html = html, "html", Text, "html", "For the review meeting: one file to look at, or to print";
    Xlsx = xlsx, "xlsx", Binary, "xlsx", "For calculating on: a workbook; needs --output";
}

/// Options of [`Format::write`]. All of them concern the table; the other formats ignore them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether to color the table with ANSI escape sequences.
    pub color: bool,
    /// Terminal width in columns. Without it, only very long names are truncated.
    pub width: Option<u16>,
    /// Client whose metrics are explained in full below the table.
    pub detail: Option<ClientId>,
}

/// Size of the write buffer: most formats are written in small pieces.
const BUFFER_BYTES: usize = 64 << 10;

impl Format {
    /// Returns the format with this [`Format::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }

    /// Writes the sheet in this format, and flushes `out`.
    ///
    /// # Errors
    /// [`ReportError`]: an error of `out`, or of the XLSX writer.
    pub fn write(self, sheet: &Scoresheet, options: &Options, out: &mut dyn io::Write) -> Result<(), ReportError> {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, out);
        self.writer()(sheet, options, &mut out)?;
        Ok(out.flush()?)
    }
}

//! Data to stdout, everything else to stderr.

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::Path,
};

use scoresheet::report::ReportError;
use serde::Serialize;

use crate::exit::Failure;

/// Where output goes, and what it may look like there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// Whether JSON was asked for.
    pub(crate) json: bool,
    /// Whether stderr is to say nothing but errors.
    pub(crate) quiet: bool,
    /// Whether stdout takes colour.
    pub(crate) color: bool,
}

impl Output {
    /// Looks at the terminal once. `NO_COLOR` turns colour off, `CLICOLOR_FORCE` turns it on.
    pub(crate) fn new(json: bool, quiet: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let forced = variable("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0");
        let plain = set("NO_COLOR") || variable("TERM").as_deref() == Some("dumb");
        Self { json, quiet, color: forced || (io::stdout().is_terminal() && !plain) }
    }

    /// The terminal's width in columns, where stdout is one.
    pub(crate) fn width(self) -> Option<u16> {
        console::Term::stdout().size_checked().map(|(_, columns)| columns)
    }

    /// Prints data.
    pub(crate) fn data(self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        Ok(out.flush()?)
    }

    /// Prints a value as JSON.
    pub(crate) fn value(self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).map_err(|error| Failure::Failed(error.to_string()))?;
        self.data(&text)
    }

    /// Says something to the person, not to the program that reads stdout.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet {
            // Where stderr is closed there is nobody to tell.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Writes data to a file, whole or not at all.
    pub(crate) fn file(
        self,
        path: &Path,
        write: impl FnOnce(&mut dyn io::Write) -> Result<(), ReportError>,
    ) -> Result<(), Failure> {
        write_whole(path, write).map_err(|error| Failure::Failed(format!("{}: {error}", path.display())))?;
        self.note(&format!("wrote {}", path.display()));
        Ok(())
    }
}

/// Tells an error.
pub(crate) fn tell(failure: &Failure) {
    let _ = writeln!(io::stderr(), "error: {}", failure.to_string().trim_end());
}

fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> Result<(), ReportError>,
) -> Result<(), ReportError> {
    // A device, a pipe or a folder is no file to put another in the place of; through a link, its target is meant.
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return write(&mut std::fs::OpenOptions::new().write(true).open(path)?);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".scoresheet-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any file a person's program writes; the umask takes off what they do not want.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    write(&mut file)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Rows of plain text as columns, two spaces between them.
pub(crate) fn columns(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| harmless(cell)).collect()).collect();
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| console::measure_text_width(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - console::measure_text_width(cell) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Names come from outside: what could steer a terminal is made visible.
pub(crate) fn harmless(text: &str) -> String {
    scoresheet::report::harmless(text)
}

//! The sheet as JSON: the contract `accellis.scoresheet/1.1`.

use std::io::{self, Write};

use scoresheet_domain::{sheet::Scoresheet, shown::acts};

use crate::{Options, ReportError};

/// Writes the sheet as indented JSON, with a final newline.
pub(crate) fn write(sheet: &Scoresheet, _: &Options, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut out = Escaping(out);
    serde_json::to_writer_pretty(&mut out, sheet).map_err(io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}

/// Writes JSON with control characters that a terminal would interpret as `\u` escapes.
///
/// They occur in strings only, where an escape reads back as the same character. `serde_json` escapes those below
/// U+0020 itself, so a newline here is indentation.
struct Escaping<'a>(&'a mut dyn Write);

impl Write for Escaping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_ascii() && !bytes.contains(&0x7f) {
            self.0.write_all(bytes)?;
            return Ok(bytes.len());
        }
        // serde_json passes on whole characters.
        let text = str::from_utf8(bytes).map_err(io::Error::other)?;
        let mut rest = text;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| *c != '\n' && acts(*c)) {
            self.0.write_all(&rest.as_bytes()[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(self.0, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        self.0.write_all(rest.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        for (text, expected) in [
            ("plain\n Zoë", "plain\n Zoë"),
            ("a\u{7f}b", "a\\u007fb"),
            ("\u{202e}\u{e0041}", "\\u202e\\udb40\\udc41"),
            ("Zoë\u{9b}!", "Zoë\\u009b!"),
        ] {
            let mut written = Vec::new();
            Escaping(&mut written).write_all(text.as_bytes()).expect("memory");
            assert_eq!(String::from_utf8(written).expect("UTF-8"), expected);
        }
    }
}

//! The sheet as JSON: the contract `accellis.scoresheet/1.1`.

use std::io::{self, Write};

use scoresheet_domain::sheet::Scoresheet;

use super::acts_on_terminal;

/// So many bytes are looked at and handed on at a time.
const PIECE_BYTES: usize = 64 << 10;

/// The sheet as JSON, two spaces deep, with a line end after it.
///
/// What a terminal would act on is written as an escape, which reads back the same.
///
/// # Panics
/// Never: the sheet's keys are texts, and that is all that can fail.
#[must_use]
pub fn json(sheet: &Scoresheet) -> String {
    let mut json = Vec::new();
    write_json(sheet, &mut json).expect("a sheet has texts for keys, and memory takes what is written");
    String::from_utf8(json).expect("JSON is written as text")
}

/// Writes what [`json`] gives, a piece at a time: of a large sheet the text is several times the size.
///
/// # Errors
/// What `to` fails with.
pub fn write_json(sheet: &Scoresheet, to: impl Write) -> io::Result<()> {
    let mut harmless = Harmless { to, piece: Vec::with_capacity(PIECE_BYTES) };
    serde_json::to_writer_pretty(&mut harmless, sheet)?;
    harmless.write_all(b"\n")?;
    harmless.flush()
}

/// Writes escapes in the place of what a terminal would act on. Takes whole characters at a time.
struct Harmless<W> {
    to: W,
    piece: Vec<u8>,
}

impl<W: Write> Harmless<W> {
    fn hand_on(&mut self) -> io::Result<()> {
        // Nearly all of it is plain, which is seen many bytes at a time where none is looked at for its own sake.
        let plain =
            |bytes: &[u8]| bytes.iter().fold(true, |plain, b| plain & (matches!(b, b' '..=b'~') | (*b == b'\n')));
        if self.piece.chunks(256).all(plain) {
            self.to.write_all(&self.piece)?;
        } else {
            let text = str::from_utf8(&self.piece).map_err(io::Error::other)?;
            self.to.write_all(escaped(text).as_bytes())?;
        }
        self.piece.clear();
        Ok(())
    }
}

impl<W: Write> Write for Harmless<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() + bytes.len() > PIECE_BYTES {
            self.hand_on()?;
        }
        self.piece.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_on()?;
        self.to.flush()
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        // JSON escapes what lies below the space by itself; the line ends left are the layout's.
        if c != '\n' && acts_on_terminal(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_made_harmless_wherever_it_is_cut() {
        let mut written = Vec::new();
        let mut harmless = Harmless { to: &mut written, piece: Vec::new() };
        // Pieces of several lengths, so that the cuts fall between all of them; one is longer than a piece.
        let long = "x\u{202e}".repeat(PIECE_BYTES);
        let texts = ["plain", "Zoë", "a\u{7f}b", "\u{e0041}", "\n"];
        let expected = ["plain", "Zoë", "a\\u007fb", "\\udb40\\udc41", "\n"];
        let times = 3 * PIECE_BYTES / 16;
        for text in texts.iter().cycle().take(times).chain([&long.as_str()]) {
            harmless.write_all(text.as_bytes()).expect("memory");
        }
        harmless.flush().expect("memory");
        let wanted = expected.iter().cycle().take(times).copied().collect::<String>() + &"x\\u202e".repeat(PIECE_BYTES);
        assert!(String::from_utf8(written).expect("text") == wanted, "something was changed or left");
    }

    #[test]
    fn what_the_file_refuses_is_told() {
        let mut harmless = Harmless { to: &mut [0_u8; 3][..], piece: Vec::new() };
        harmless.write_all(b"four").expect("kept for now");
        assert_eq!(harmless.flush().expect_err("no room").kind(), io::ErrorKind::WriteZero);
    }
}

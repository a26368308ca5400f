//! The sheet as JSON: the contract `accellis.scoresheet/1.1`.

mod layout;
mod rows;

use std::io::{self, Write};

use scoresheet_domain::sheet::Scoresheet;
use serde::Serialize;

use self::layout::Layout;
use super::acts_on_terminal;

/// The sheet as JSON, spread over lines down to the keys of its metrics, with a line end after it.
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

/// Writes what [`json`] gives, some clients at a time: of a large sheet the text is several times the size.
///
/// # Errors
/// What `to` fails with.
pub fn write_json(sheet: &Scoresheet, mut to: impl Write) -> io::Result<()> {
    let frame = text(&without_rows(sheet), Layout::default())?;
    if sheet.clients.is_empty() {
        to.write_all(&frame)?;
    } else {
        // Without their place the rows would be lost in silence.
        let (before, after) = frame_around(&frame).ok_or_else(|| io::Error::other("no place for the clients"))?;
        to.write_all(before)?;
        rows::write(&sheet.clients, &mut to)?;
        to.write_all(after)?;
    }
    to.write_all(b"\n")?;
    to.flush()
}

fn without_rows(sheet: &Scoresheet) -> Scoresheet {
    let Scoresheet { schema, ref id, sheet: ref name, as_of, stub, clients: _, ref problems, ref review } = *sheet;
    Scoresheet {
        schema,
        id: id.clone(),
        sheet: name.clone(),
        as_of,
        stub,
        clients: Vec::new(),
        problems: problems.clone(),
        review: review.clone(),
    }
}

/// What stands before the rows and after them: only a key of the sheet itself begins a line so far out.
fn frame_around(frame: &[u8]) -> Option<(&[u8], &[u8])> {
    const ROWS: &[u8] = b"\n  \"clients\": []";
    let at = frame.windows(ROWS.len()).position(|window| window == ROWS)?;
    let (before, after) = frame.split_at(at + ROWS.len() - 1);
    Some((before, after))
}

/// A value as JSON, with escapes in the place of what a terminal would act on.
fn text(value: &impl Serialize, layout: Layout) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    write_text(value, layout, &mut text)?;
    Ok(harmless(text))
}

fn write_text(value: &impl Serialize, layout: Layout, to: &mut Vec<u8>) -> io::Result<()> {
    Ok(value.serialize(&mut serde_json::Serializer::with_formatter(to, layout))?)
}

fn harmless(text: Vec<u8>) -> Vec<u8> {
    // Nearly all of it is plain, which is seen many bytes at a time where none is looked at for its own sake.
    let plain = |bytes: &[u8]| bytes.iter().fold(true, |plain, b| plain & (matches!(b, b' '..=b'~') | (*b == b'\n')));
    if text.chunks(256).all(plain) {
        return text;
    }
    String::from_utf8_lossy(&text).chars().fold(String::with_capacity(text.len()), escaped).into_bytes()
}

fn escaped(mut text: String, c: char) -> String {
    // JSON escapes what lies below the space by itself; the line ends left are the layout's.
    if c != '\n' && acts_on_terminal(c) {
        for unit in c.encode_utf16(&mut [0; 2]) {
            text.push_str(&format!("\\u{unit:04x}"));
        }
    } else {
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_acts_on_is_escaped_wherever_it_stands() {
        let made = |text: &str| String::from_utf8(harmless(text.as_bytes().to_vec())).expect("text");
        assert_eq!(made("plain\n Zoë"), "plain\n Zoë");
        assert_eq!(made("a\u{7f}b\u{202e}\u{e0041}"), "a\\u007fb\\u202e\\udb40\\udc41");
        for length in [0, 1, 255, 256, 257, 600] {
            let plain = "x".repeat(length);
            assert_eq!(made(&format!("{plain}\u{202e}{plain}")), format!("{plain}\\u202e{plain}"));
            assert_eq!(made(&plain), plain);
        }
    }
}

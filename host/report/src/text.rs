//! Text from outside, made fit to be shown: one door that everything written passes, and cutting to a length.

use std::{borrow::Cow, fmt, io};

pub(crate) use scoresheet_domain::shown::{acts, one_line};

/// Replaces control characters in text of several lines with a visible '�'.
#[must_use]
pub fn harmless(text: &str) -> String {
    text.lines().map(one_line).collect::<Vec<_>>().join("\n") + if text.ends_with('\n') { "\n" } else { "" }
}

/// Replaces what acts in everything that is written through it, so that no template can forget to. Line ends stay: in
/// HTML they are spaces.
pub(crate) struct Harmless<'a, W: ?Sized> {
    inner: &'a mut W,
    failure: Option<io::Error>,
}

impl<'a, W: io::Write + ?Sized> Harmless<'a, W> {
    /// A door in front of a writer.
    pub(crate) fn new(inner: &'a mut W) -> Self {
        Self { inner, failure: None }
    }

    /// Lets something be written, and tells what the writer behind the door said.
    pub(crate) fn pass(&mut self, write: impl FnOnce(&mut Self) -> fmt::Result) -> io::Result<()> {
        match write(self) {
            Ok(()) => Ok(()),
            Err(fmt::Error) => Err(self.failure.take().unwrap_or_else(|| io::Error::other("a text cannot be written"))),
        }
    }

    fn put(&mut self, text: &str) -> fmt::Result {
        self.inner.write_all(text.as_bytes()).map_err(|error| {
            self.failure = Some(error);
            fmt::Error
        })
    }
}

impl<W: io::Write + ?Sized> fmt::Write for Harmless<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| *c != '\n' && acts(*c)) {
            self.put(&rest[..at])?;
            self.put(match c {
                '\t' => " ",
                '\r' if rest[at..].starts_with("\r\n") => "",
                _ => "\u{fffd}",
            })?;
            rest = &rest[at + c.len_utf8()..];
        }
        self.put(rest)
    }
}

/// The beginning of a text, at most so many UTF-16 units long, with '…' where something was cut off.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    // A character is never more units than bytes.
    if text.len() <= most || text.encode_utf16().count() <= most {
        return Cow::Borrowed(text);
    }
    let mut units = 0;
    let beginning = text.chars().take_while(|c| {
        units += c.len_utf16();
        units < most
    });
    Cow::Owned(beginning.chain(['…']).collect())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn what_acts_is_made_visible() {
        for (text, shown) in [
            ("Müller & Söhne, 株式会社", "Müller & Söhne, 株式会社"),
            ("\u{1b}[31mred\u{9b}0m", "\u{fffd}[31mred\u{fffd}0m"),
            ("a\u{202e}cod.exe\u{2066}", "a\u{fffd}cod.exe\u{fffd}"),
            ("tab\tnul\u{0}", "tab nul\u{fffd}"),
            ("به‌نام", "به‌نام"),
        ] {
            assert_eq!(one_line(text), shown, "{text:?}");
            let mut written = Vec::new();
            let mut door = Harmless::new(&mut written);
            door.pass(|door| door.write_str(text)).expect("memory takes it");
            assert_eq!(String::from_utf8(written).expect("UTF-8"), shown, "{text:?}");
        }
        assert_eq!(one_line("a\r\nb\rc"), "a b\u{fffd}c");
        let mut written = Vec::new();
        let mut door = Harmless::new(&mut written);
        door.pass(|door| door.write_str("a\r\nb\rc")).expect("memory takes it");
        assert_eq!(written, "a\nb\u{fffd}c".as_bytes());
    }

    #[test]
    fn line_ends_stay() {
        assert_eq!(harmless("a\u{1b}\nb\r\n"), "a\u{fffd}\nb\n");
        assert_eq!(harmless("a\n\nb"), "a\n\nb");
    }

    #[test]
    fn the_writers_own_word_comes_through_the_door() {
        struct Full;
        impl io::Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let error = Harmless::new(&mut Full).pass(|door| door.write_str("a")).expect_err("it is full");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn cut_counts_what_a_spreadsheet_counts() {
        for (text, most, shown) in
            [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("😀😀", 4, "😀😀"), ("😀😀😀", 5, "😀😀…"), ("é€", 2, "é€")]
        {
            assert_eq!(cut(text, most), shown, "{text} in {most}");
        }
    }
}

//! Cursors for sources that count their pages from 1 and say how many there are.
//!
//! The first page hands out all the others it knows of, so that the host can fetch them side by side. Only the last
//! of those looks again at how many there are now, so that a source that grows meanwhile is still read to its end,
//! and no page is handed out twice.

use crate::{Cursor, Failure, text};

/// At most so many cursors from one page, so that a source that claims a billion pages costs nothing.
pub const MAX_CURSORS: u64 = 1_000;

/// A numbered page, and the last one that has been handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageCursor {
    page: u64,
    last: u64,
}

impl PageCursor {
    /// The cursor of a call: the first page where the host gives none.
    ///
    /// # Errors
    /// [`Failure::Other`] where the bytes are no cursor that [`PageCursor::following`] makes.
    pub fn decode(cursor: Option<&[u8]>) -> Result<Self, Failure> {
        let Some(bytes) = cursor else { return Ok(Self { page: 1, last: 1 }) };
        parse(bytes).ok_or_else(|| {
            Failure::Other(format!("the cursor '{}' is none that this provider handed out", text::excerpt(bytes)))
        })
    }

    /// The page to fetch, from 1.
    #[must_use]
    pub fn page(self) -> u64 {
        self.page
    }

    /// The cursors that this page adds, where the source now has `pages` pages.
    #[must_use]
    pub fn following(self, pages: u64) -> Vec<Cursor> {
        if self.page != self.last {
            return Vec::new();
        }
        let last = pages.min(self.last.saturating_add(MAX_CURSORS));
        (self.last + 1..=last).map(|page| Self { page, last }.encode()).collect()
    }

    fn encode(self) -> Cursor {
        format!("{}/{}", self.page, self.last).into_bytes()
    }
}

fn parse(bytes: &[u8]) -> Option<PageCursor> {
    let (page, last) = std::str::from_utf8(bytes).ok()?.split_once('/')?;
    let (page, last) = (number(page)?, number(last)?);
    // The first page has no cursor, and a batch holds MAX_CURSORS pages.
    (page >= 2 && page <= last && last - page < MAX_CURSORS && last < u64::MAX).then_some(PageCursor { page, last })
}

fn number(digits: &str) -> Option<u64> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    if plain { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> PageCursor {
        PageCursor::decode(None).expect("the first page")
    }

    fn texts(cursors: &[Cursor]) -> Vec<String> {
        cursors.iter().map(|cursor| String::from_utf8(cursor.clone()).expect("ASCII")).collect()
    }

    #[test]
    fn the_first_page_hands_out_the_others() {
        assert_eq!(texts(&first().following(3)), ["2/3", "3/3"]);
        assert!(first().following(1).is_empty());
        assert!(first().following(0).is_empty());
    }

    #[test]
    fn only_the_last_page_looks_again() {
        let cursor = |text: &str| PageCursor::decode(Some(text.as_bytes())).expect("a cursor");
        assert!(cursor("2/3").following(9).is_empty());
        assert!(cursor("3/3").following(3).is_empty());
        assert_eq!(texts(&cursor("3/3").following(5)), ["4/5", "5/5"]);
    }

    #[test]
    fn a_billion_pages_come_a_thousand_at_a_time() {
        let batch = first().following(1_000_000_000);
        assert_eq!(batch.len() as u64, MAX_CURSORS);
        let last = PageCursor::decode(batch.last().map(Vec::as_slice)).expect("its own cursor");
        assert_eq!(last.page(), 1_001);
        assert_eq!(last.following(1_000_000_000).len() as u64, MAX_CURSORS);
        for cursor in &batch {
            PageCursor::decode(Some(cursor)).expect("every cursor is read again");
        }
    }

    #[test]
    fn refuses_what_it_did_not_hand_out() {
        let wrong: [&[u8]; 14] = [
            b"",
            b"/",
            b"2",
            b"1/1",
            b"0/5",
            b"5/4",
            b"2/1002",
            b"+2/3",
            b" 2/3",
            b"02/3",
            b"2/3/4",
            b"\xff/3",
            b"18446744073709551615/18446744073709551615",
            b"99999999999999999999/99999999999999999999",
        ];
        for bytes in wrong {
            assert!(matches!(PageCursor::decode(Some(bytes)), Err(Failure::Other(_))), "{:?}", text::excerpt(bytes));
        }
    }
}

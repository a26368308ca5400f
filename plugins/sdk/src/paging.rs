//! Cursors for sources that count their pages from 1 and say how many there are; unique ids within a page.
//!
//! The first page returns cursors for all others, so that the host can fetch them in parallel. Only the last of those
//! checks again how many pages there are now, so that a source that grows meanwhile is read to its end, and no page is
//! returned twice.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

/// At most so many cursors from one page, so that a source that claims a billion pages costs nothing.
pub const MAX_CURSORS: u64 = 1_000;

/// A numbered page, and the last page for which a cursor was returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(u64, u64)", try_from = "(u64, u64)")]
pub struct PageCursor {
    page: u64,
    last: u64,
}

impl Default for PageCursor {
    /// The first page.
    fn default() -> Self {
        Self { page: 1, last: 1 }
    }
}

impl PageCursor {
    /// The page to fetch, from 1.
    #[must_use]
    pub fn page(self) -> u64 {
        self.page
    }

    /// The cursors that this page adds if the source now has `pages` pages.
    #[must_use]
    pub fn following(self, pages: u64) -> Vec<Self> {
        if self.page != self.last {
            return Vec::new();
        }
        let last = pages.min(self.last.saturating_add(MAX_CURSORS));
        (self.last + 1..=last).map(|page| Self { page, last }).collect()
    }
}

impl From<PageCursor> for (u64, u64) {
    fn from(cursor: PageCursor) -> Self {
        (cursor.page, cursor.last)
    }
}

impl TryFrom<(u64, u64)> for PageCursor {
    type Error = &'static str;

    fn try_from((page, last): (u64, u64)) -> Result<Self, Self::Error> {
        // The first page has no cursor, and a batch holds MAX_CURSORS pages.
        let was_issued = page >= 2 && page <= last && last - page < MAX_CURSORS && last < u64::MAX;
        if was_issued { Ok(Self { page, last }) } else { Err("not a page of a batch") }
    }
}

/// Of each row, whether it is the last one with its id; true for a row without an id. The contract wants each id once per
/// page, and the later row counts.
#[must_use]
pub fn last_of_each_id(ids: &[Option<&str>]) -> Vec<bool> {
    // Most pages are in the order of ids: then none can be there twice, and nothing is hashed.
    let ascends = ids.windows(2).all(|pair| matches!(pair, [Some(one), Some(other)] if one < other));
    let mut is_last = vec![true; ids.len()];
    if !ascends {
        let mut seen = HashSet::with_capacity(ids.len());
        for (id, is_last) in ids.iter().zip(&mut is_last).rev() {
            *is_last = id.is_none_or(|id| seen.insert(id));
        }
    }
    is_last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(cursors: &[PageCursor]) -> Vec<String> {
        cursors.iter().map(|cursor| serde_json::to_string(cursor).expect("JSON")).collect()
    }

    fn parse(json: &str) -> Result<PageCursor, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn the_first_page_hands_out_the_others() {
        assert_eq!(json(&PageCursor::default().following(3)), ["[2,3]", "[3,3]"]);
        assert!(PageCursor::default().following(1).is_empty());
        assert!(PageCursor::default().following(0).is_empty());
    }

    #[test]
    fn only_the_last_page_looks_again() {
        let cursor = |json: &str| parse(json).expect("a cursor");
        assert!(cursor("[2,3]").following(9).is_empty());
        assert!(cursor("[3,3]").following(3).is_empty());
        assert_eq!(json(&cursor("[3,3]").following(5)), ["[4,5]", "[5,5]"]);
    }

    #[test]
    fn a_billion_pages_come_a_thousand_at_a_time() {
        let batch = PageCursor::default().following(1_000_000_000);
        assert_eq!(batch.len() as u64, MAX_CURSORS);
        let last = *batch.last().expect("a cursor");
        assert_eq!(last.page(), 1_001);
        assert_eq!(last.following(1_000_000_000).len() as u64, MAX_CURSORS);
        for (cursor, json) in batch.iter().zip(json(&batch)) {
            assert_eq!(parse(&json).expect("every cursor is parsed again"), *cursor);
        }
    }

    #[test]
    fn the_last_row_of_each_id_counts() {
        let last = |ids: &[&str]| {
            let ids: Vec<Option<&str>> = ids.iter().map(|id| (*id != "-").then_some(*id)).collect();
            last_of_each_id(&ids)
        };
        assert_eq!(last(&[]), [] as [bool; 0]);
        assert_eq!(last(&["a", "b", "c"]), [true, true, true]);
        assert_eq!(last(&["b", "a", "c"]), [true, true, true]);
        assert_eq!(last(&["a", "a"]), [false, true]);
        assert_eq!(last(&["a", "-", "b", "a", "-"]), [false, true, true, true, true]);
    }

    #[test]
    fn refuses_what_it_did_not_hand_out() {
        for wrong in [
            "",
            "2",
            "[2]",
            "[2,3,4]",
            "[1,1]",
            "[0,5]",
            "[5,4]",
            "[2,1002]",
            "[-2,3]",
            "\"2/3\"",
            "[18446744073709551615,18446744073709551615]",
            "[99999999999999999999,99999999999999999999]",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}

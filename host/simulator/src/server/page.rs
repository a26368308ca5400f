//! Which rows a page holds, and its pagination data.

use std::{fmt::Write as _, ops::Range, sync::Arc};

/// A page before it is written as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Ranges of indexes into the list.
    pub rows: Vec<Range<usize>>,
    /// The page number in the pagination data.
    pub number: u64,
    /// The capped page size.
    pub per_page: u64,
    /// The number of pages in the pagination data.
    pub total_pages: u64,
    /// The number of rows in the pagination data.
    pub total: u64,
}

/// Changes a page before it is written, given the page number of the request. As a request extension this lets tests
/// serve wrong pages.
#[derive(Clone)]
pub struct EditPage(pub Arc<PageEdit>);

type PageEdit = dyn Fn(&mut Page, u32) + Send + Sync;

impl std::fmt::Debug for EditPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EditPage")
    }
}

impl Page {
    /// The page of this number, from 1, of a list of `total` rows. Past the last page there are no rows; a list without rows has no pages.
    #[must_use]
    pub fn new(total: usize, number: u32, per_page: u32) -> Self {
        let per_page_rows = per_page.max(1) as usize;
        Self {
            rows: vec![slice(total, number, per_page_rows)],
            number: u64::from(number),
            per_page: u64::from(per_page),
            total_pages: total.div_ceil(per_page_rows) as u64,
            total: total as u64,
        }
    }

    /// The whole list, for where there are no pages.
    pub(super) fn whole(total: usize) -> Self {
        Self {
            rows: vec![slice(total, 1, total)],
            number: 1,
            per_page: total as u64,
            total_pages: 1,
            total: total as u64,
        }
    }

    /// The page as JSON: `{"data": [...], "pagination": {...}}`, or the array alone.
    /// `write` appends the row of an index.
    #[must_use]
    pub fn to_json(&self, bare: bool, mut write: impl FnMut(&mut String, usize)) -> String {
        let mut text = String::from(if bare { "[" } else { "{\"data\":[" });
        let mut first = true;
        for index in self.rows.iter().cloned().flatten() {
            if !std::mem::take(&mut first) {
                text.push(',');
            }
            write(&mut text, index);
        }
        text.push(']');
        if !bare {
            let Self { number, per_page, total_pages, total, .. } = self;
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                ",\"pagination\":{{\"page\":{number},\"per_page\":{per_page},\"total_pages\":{total_pages},\"total\":{total}}}}}"
            );
        }
        text
    }
}

fn slice(total: usize, number: u32, per_page: usize) -> Range<usize> {
    let start = (number as usize).saturating_sub(1).saturating_mul(per_page);
    start.min(total)..start.saturating_add(per_page).min(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_has_the_documented_shape() {
        let page = |number| Page::new(5, number, 2).to_json(false, |text, index| text.push_str(&index.to_string()));
        assert_eq!(page(1), r#"{"data":[0,1],"pagination":{"page":1,"per_page":2,"total_pages":3,"total":5}}"#);
        assert_eq!(page(3), r#"{"data":[4],"pagination":{"page":3,"per_page":2,"total_pages":3,"total":5}}"#);
        assert_eq!(page(9), r#"{"data":[],"pagination":{"page":9,"per_page":2,"total_pages":3,"total":5}}"#);
        assert_eq!(Page::whole(2).to_json(true, |text, index| text.push_str(&index.to_string())), "[0,1]");
        assert_eq!(Page::new(0, u32::MAX, u32::MAX).to_json(true, |_, _| ()), "[]");
    }
}

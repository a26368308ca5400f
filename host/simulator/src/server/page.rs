//! Which rows a page holds and what it says about itself, honestly or not.

use std::{fmt::Write as _, ops::Range};

use super::fault::{EchoedPage, Fault};

/// A page before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Indexes into the list, stretch after stretch.
    pub(super) rows: Vec<Range<usize>>,
    /// The number it claims.
    pub(super) number: u64,
    /// How many rows a page has, capped.
    pub(super) per_page: u64,
    /// How many pages it claims there are.
    pub(super) total_pages: u64,
    /// How many rows it claims there are.
    pub(super) total: u64,
}

impl Page {
    /// The page of this number, from 1, of a list of `total` rows. Past the last page there are no rows; a list without rows has no pages.
    pub(super) fn honest(total: usize, number: u32, per_page: u32) -> Self {
        let per_page_rows = per_page.max(1) as usize;
        Self {
            rows: vec![stretch(total, number, per_page_rows)],
            number: u64::from(number),
            per_page: u64::from(per_page),
            total_pages: total.div_ceil(per_page_rows) as u64,
            total: total as u64,
        }
    }

    /// The whole list, for where there are no pages.
    pub(super) fn whole(total: usize) -> Self {
        Self {
            rows: vec![stretch(total, 1, total)],
            number: 1,
            per_page: total as u64,
            total_pages: 1,
            total: total as u64,
        }
    }

    /// Bends the page as the fault says; most faults leave pages alone.
    pub(super) fn bend(&mut self, fault: &Fault, asked: u32) {
        let (total, per_page) = (self.total as usize, self.per_page as usize);
        match fault {
            Fault::SamePageForever { echo } => {
                self.rows = vec![stretch(total, 1, per_page)];
                self.number = if *echo == EchoedPage::First { 1 } else { u64::from(asked) };
                self.total_pages = u64::from(asked) + 1;
                self.total = self.total_pages * self.per_page;
            }
            Fault::RepeatRowsOfPreviousPage { rows } if asked > 1 => {
                let mut previous = stretch(total, asked - 1, per_page);
                if let Some(rows) = rows {
                    previous.start = previous.start.max(previous.end.saturating_sub(*rows as usize));
                }
                self.rows.insert(0, previous);
            }
            Fault::EndlessPages => {
                self.rows = vec![stretch(total, 1, per_page)];
                self.total_pages = u64::from(asked) + 1;
                self.total = self.total_pages * self.per_page;
            }
            Fault::DriftingPages { rows } => {
                let turned = asked.saturating_sub(1) as usize;
                let came = turned.saturating_mul(rows.unsigned_abs() as usize);
                let start = turned.saturating_mul(per_page);
                let (start, total_now) = if *rows < 0 {
                    (start.saturating_add(came), total.saturating_sub(came))
                } else {
                    (start.saturating_sub(came), total.saturating_add(came))
                };
                self.rows = vec![from(total, start, per_page)];
                self.total = total_now as u64;
                self.total_pages = self.total.div_ceil(self.per_page.max(1));
            }
            Fault::EmptySuccess => {
                self.rows = vec![];
                (self.total_pages, self.total) = (0, 0);
            }
            Fault::WrongTotalPages(pages) => self.total_pages = *pages,
            _ => {}
        }
    }

    /// The page as JSON: `{"data": [...], "pagination": {...}}`, or the array alone.
    /// `write` appends the row of an index.
    pub(super) fn to_json(&self, bare: bool, mut write: impl FnMut(&mut String, usize)) -> String {
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

fn stretch(total: usize, number: u32, per_page: usize) -> Range<usize> {
    from(total, (number as usize).saturating_sub(1).saturating_mul(per_page), per_page)
}

fn from(total: usize, start: usize, per_page: usize) -> Range<usize> {
    start.min(total)..start.saturating_add(per_page).min(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bent(fault: &Fault, number: u32) -> String {
        let mut page = Page::honest(5, number, 2);
        page.bend(fault, number);
        page.to_json(false, |text, index| text.push_str(&index.to_string()))
    }

    #[test]
    fn an_honest_page_is_what_the_api_documents() {
        let page = |number| Page::honest(5, number, 2).to_json(false, |text, index| text.push_str(&index.to_string()));
        assert_eq!(page(1), r#"{"data":[0,1],"pagination":{"page":1,"per_page":2,"total_pages":3,"total":5}}"#);
        assert_eq!(page(3), r#"{"data":[4],"pagination":{"page":3,"per_page":2,"total_pages":3,"total":5}}"#);
        assert_eq!(page(9), r#"{"data":[],"pagination":{"page":9,"per_page":2,"total_pages":3,"total":5}}"#);
        assert_eq!(Page::whole(2).to_json(true, |text, index| text.push_str(&index.to_string())), "[0,1]");
        assert_eq!(Page::honest(0, u32::MAX, u32::MAX).to_json(true, |_, _| ()), "[]");
    }

    #[test]
    fn drifts() {
        let came = |number| bent(&Fault::DriftingPages { rows: 1 }, number);
        assert_eq!(came(1), r#"{"data":[0,1],"pagination":{"page":1,"per_page":2,"total_pages":3,"total":5}}"#);
        assert_eq!(came(2), r#"{"data":[1,2],"pagination":{"page":2,"per_page":2,"total_pages":3,"total":6}}"#);
        assert_eq!(came(5), r#"{"data":[4],"pagination":{"page":5,"per_page":2,"total_pages":5,"total":9}}"#);
        let went = |number| bent(&Fault::DriftingPages { rows: -1 }, number);
        assert_eq!(went(2), r#"{"data":[3,4],"pagination":{"page":2,"per_page":2,"total_pages":2,"total":4}}"#);
        assert_eq!(went(9), r#"{"data":[],"pagination":{"page":9,"per_page":2,"total_pages":0,"total":0}}"#);
    }

    #[test]
    fn bends() {
        let forever = |echo| bent(&Fault::SamePageForever { echo }, 2);
        assert_eq!(
            forever(EchoedPage::First),
            r#"{"data":[0,1],"pagination":{"page":1,"per_page":2,"total_pages":3,"total":6}}"#
        );
        assert_eq!(
            forever(EchoedPage::Asked),
            r#"{"data":[0,1],"pagination":{"page":2,"per_page":2,"total_pages":3,"total":6}}"#
        );
        let repeated = |rows, number| bent(&Fault::RepeatRowsOfPreviousPage { rows }, number);
        let data = |text: String| text.split_once(']').map(|(data, _)| data[9..].to_owned());
        assert_eq!(data(repeated(None, 1)).as_deref(), Some("0,1"));
        assert_eq!(data(repeated(None, 2)).as_deref(), Some("0,1,2,3"));
        assert_eq!(data(repeated(Some(1), 3)).as_deref(), Some("3,4"));
        let endless = bent(&Fault::EndlessPages, 7);
        assert_eq!(endless, r#"{"data":[0,1],"pagination":{"page":7,"per_page":2,"total_pages":8,"total":16}}"#);
        assert_eq!(
            bent(&Fault::EmptySuccess, 1),
            r#"{"data":[],"pagination":{"page":1,"per_page":2,"total_pages":0,"total":0}}"#
        );
        assert_eq!(
            bent(&Fault::WrongTotalPages(9), 3),
            r#"{"data":[4],"pagination":{"page":3,"per_page":2,"total_pages":9,"total":5}}"#
        );
    }
}

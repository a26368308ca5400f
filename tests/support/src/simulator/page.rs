//! Faults of paging: which rows a page holds and what its pagination data say.

use std::ops::Range;

use scoresheet_simulator::Page;

use super::fault::{EchoedPage, Fault};

/// Changes the page as the fault says; most faults leave pages alone. `asked` is the page number of the request.
pub(super) fn edit(page: &mut Page, fault: &Fault, asked: u32) {
    let (total, per_page) = (page.total as usize, page.per_page as usize);
    match fault {
        Fault::SamePageForever { echo } => {
            page.rows = vec![slice(total, 0, per_page)];
            page.number = if *echo == EchoedPage::First { 1 } else { u64::from(asked) };
            page.total_pages = u64::from(asked) + 1;
            page.total = page.total_pages * page.per_page;
        }
        Fault::RepeatRowsOfPreviousPage { rows } if asked > 1 => {
            let mut previous = slice(total, (asked as usize - 2).saturating_mul(per_page), per_page);
            if let Some(rows) = rows {
                previous.start = previous.start.max(previous.end.saturating_sub(*rows as usize));
            }
            page.rows.insert(0, previous);
        }
        Fault::EndlessPages => {
            page.rows = vec![slice(total, 0, per_page)];
            page.total_pages = u64::from(asked) + 1;
            page.total = page.total_pages * page.per_page;
        }
        Fault::DriftingPages { rows } => {
            let earlier = asked.saturating_sub(1) as usize;
            let shift = earlier.saturating_mul(rows.unsigned_abs() as usize);
            let start = earlier.saturating_mul(per_page);
            let (start, total_now) = if *rows < 0 {
                (start.saturating_add(shift), total.saturating_sub(shift))
            } else {
                (start.saturating_sub(shift), total.saturating_add(shift))
            };
            page.rows = vec![slice(total, start, per_page)];
            page.total = total_now as u64;
            page.total_pages = page.total.div_ceil(page.per_page.max(1));
        }
        Fault::EmptySuccess => {
            page.rows = vec![];
            (page.total_pages, page.total) = (0, 0);
        }
        Fault::WrongTotalPages(pages) => page.total_pages = *pages,
        _ => {}
    }
}

fn slice(total: usize, start: usize, per_page: usize) -> Range<usize> {
    start.min(total)..start.saturating_add(per_page).min(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(fault: &Fault, number: u32) -> String {
        let mut page = Page::new(5, number, 2);
        edit(&mut page, fault, number);
        page.to_json(false, |text, index| text.push_str(&index.to_string()))
    }

    #[test]
    fn rows_come_or_go_between_pages() {
        let added = |number| edited(&Fault::DriftingPages { rows: 1 }, number);
        assert_eq!(added(1), r#"{"data":[0,1],"pagination":{"page":1,"per_page":2,"total_pages":3,"total":5}}"#);
        assert_eq!(added(2), r#"{"data":[1,2],"pagination":{"page":2,"per_page":2,"total_pages":3,"total":6}}"#);
        assert_eq!(added(5), r#"{"data":[4],"pagination":{"page":5,"per_page":2,"total_pages":5,"total":9}}"#);
        let removed = |number| edited(&Fault::DriftingPages { rows: -1 }, number);
        assert_eq!(removed(2), r#"{"data":[3,4],"pagination":{"page":2,"per_page":2,"total_pages":2,"total":4}}"#);
        assert_eq!(removed(9), r#"{"data":[],"pagination":{"page":9,"per_page":2,"total_pages":0,"total":0}}"#);
    }

    #[test]
    fn pages_lie_as_the_fault_says() {
        let same = |echo| edited(&Fault::SamePageForever { echo }, 2);
        assert_eq!(
            same(EchoedPage::First),
            r#"{"data":[0,1],"pagination":{"page":1,"per_page":2,"total_pages":3,"total":6}}"#
        );
        assert_eq!(
            same(EchoedPage::Asked),
            r#"{"data":[0,1],"pagination":{"page":2,"per_page":2,"total_pages":3,"total":6}}"#
        );
        let repeated = |rows, number| edited(&Fault::RepeatRowsOfPreviousPage { rows }, number);
        let data = |text: String| text.split_once(']').map(|(data, _)| data[9..].to_owned());
        assert_eq!(data(repeated(None, 1)).as_deref(), Some("0,1"));
        assert_eq!(data(repeated(None, 2)).as_deref(), Some("0,1,2,3"));
        assert_eq!(data(repeated(Some(1), 3)).as_deref(), Some("3,4"));
        let endless = edited(&Fault::EndlessPages, 7);
        assert_eq!(endless, r#"{"data":[0,1],"pagination":{"page":7,"per_page":2,"total_pages":8,"total":16}}"#);
        assert_eq!(
            edited(&Fault::EmptySuccess, 1),
            r#"{"data":[],"pagination":{"page":1,"per_page":2,"total_pages":0,"total":0}}"#
        );
        assert_eq!(
            edited(&Fault::WrongTotalPages(9), 3),
            r#"{"data":[4],"pagination":{"page":3,"per_page":2,"total_pages":9,"total":5}}"#
        );
    }
}

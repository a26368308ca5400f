//! Where a page is, in either API.

use scoresheet_sdk::paging::PageCursor;
use serde::{Deserialize, Serialize};

/// A numbered page and, for the Open API, the fingerprint of the page that led to it: a server that ignores `step` returns
/// that page again, without end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(PageCursor, Option<u64>);

impl Cursor {
    /// The page to fetch, from 1.
    pub(crate) fn page(self) -> u64 {
        self.0.page()
    }

    /// The fingerprint of the page that led to this one.
    pub(crate) fn before(self) -> Option<u64> {
        self.1
    }

    /// The cursors that this page adds if there are now `pages` pages; its own fingerprint goes with them.
    pub(crate) fn following(self, pages: u64, own: Option<u64>) -> Vec<Self> {
        self.0.following(pages).into_iter().map(|page| Self(page, own)).collect()
    }
}

//! Harm before anything is called: in a start function.

use super::Case;
use crate::common::Guest;

pub(super) fn cases() -> Vec<Case> {
    [("(loop $l (br $l))", "computed for longer"), ("unreachable", "panicked without a word")]
        .into_iter()
        .map(|(start, says)| {
            let mut guest = Guest::new();
            guest.extra = format!("(func $begin {start}) (start $begin)");
            Case::load(guest.build(), says)
        })
        .collect()
}

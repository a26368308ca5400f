//! Few bytes that would keep the compiler busy for a minute.

use super::Case;
use crate::common::Guest;

pub(super) fn cases() -> Vec<Case> {
    let mut guest = Guest::new();
    guest.extra = format!("(func {}{}{})", "(local i32) ".repeat(1000), "(loop ".repeat(400), ")".repeat(400));
    vec![Case::load(guest.build(), "too many local variables for its branches")]
}

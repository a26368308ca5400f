//! All the memory there can be, from the beginning.

use super::Case;
use crate::common::Guest;

pub(super) fn cases() -> Vec<Case> {
    let mut guest = Guest::new();
    guest.pages = 65536;
    vec![Case::load(guest.build(), "it asked for 4096 MiB, and 64 MiB are allowed")]
}

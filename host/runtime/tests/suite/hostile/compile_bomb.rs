//! Few bytes that would keep the compiler busy for a minute.

use super::Case;
use crate::common::Guest;

pub(super) fn cases() -> Vec<Case> {
    let mut guest = Guest::new();
    let (values, arguments) = ("i32 ".repeat(1000), (0..1000).map(|n| format!("local.get {n} ")).collect::<String>());
    guest.extra =
        format!("(func $bomb (param {values}) (result {values}) {arguments} {})", "(call $bomb) ".repeat(3000));
    vec![Case::load(guest.build(), "would take too long to compile: it would take about")]
}

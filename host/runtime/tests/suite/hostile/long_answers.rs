//! A string of 50 MB into the host, and a list of a million records out.

use super::Case;
use crate::common::image::Fields;

const TOO_MUCH: &str = "it gave more than 16 MiB in one go";

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::pull(TOO_MUCH, |guest| {
            guest.pages = 1024;
            "(call $log (i32.const 1) (i32.const 0) (i32.const 50000000)) unreachable".to_owned()
        }),
        Case::pull(TOO_MUCH, |guest| {
            guest.pages = 1024;
            // `read` and no `total` behind the lists
            let page = Fields::default().u8(0).align(8).list((0, 800_000)).list((0, 0)).list((0, 0)).s64(0).s64(0).s64(0);
            format!("i32.const {}", guest.image.place(&page.0))
        }),
    ]
    .into_iter()
    .map(|case| case.with(|limits| limits.memory_mib = 128))
    .collect()
}

//! Text that is none.

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::pull("utf-8", |guest| {
        let bytes = guest.image.place(b"\xff\xfe");
        format!("(call $log (i32.const 1) (i32.const {bytes}) (i32.const 2)) unreachable")
    })]
}

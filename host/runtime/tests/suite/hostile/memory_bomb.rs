//! Ever more memory.

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::pull("it ran out of memory: it asked for 65 MiB, and 64 MiB are allowed", |_| {
        "(loop $more (drop (memory.grow (i32.const 16))) (br $more)) unreachable".to_owned()
    })]
}

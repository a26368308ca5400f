//! Ever more of a table.

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::pull("it asked for a table of 10001 elements, and 10000 are allowed", |guest| {
        guest.extra = "(table $t 1 funcref)".into();
        "(loop $more (drop (table.grow $t (ref.null func) (i32.const 1000))) (br $more)) unreachable".to_owned()
    })]
}

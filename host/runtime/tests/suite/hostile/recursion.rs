//! A function that calls itself for ever.

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::pull("its call stack overflowed", |guest| {
        guest.extra = "(func $deep (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))".into();
        "(drop (call $deep (i32.const 0))) unreachable".to_owned()
    })]
}

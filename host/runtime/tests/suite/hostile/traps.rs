//! Traps in the middle of a pull. What was committed before stays, which is the engine's to try.

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::pull("it panicked without a word (an unreachable instruction)", |_| "unreachable".to_owned()),
        Case::pull("it trapped: integer divide by zero", |_| {
            "(drop (i32.div_u (i32.const 1) (i32.const 0))) unreachable".to_owned()
        }),
        Case::pull("it trapped: ", |guest| {
            guest.extra = "(table $t 1 funcref) (type $f (func))".into();
            "(call_indirect $t (type $f) (i32.const 0)) unreachable".to_owned()
        }),
    ]
}

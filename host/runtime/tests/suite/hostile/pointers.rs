//! Answers and arguments that lie outside of its memory, or nowhere.

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::pull("pointer out of bounds", |_| "i32.const -16".to_owned()),
        Case::pull("pointer not aligned", |_| "i32.const 3".to_owned()),
        Case::pull("it trapped: out of bounds memory access", |_| {
            "(drop (i32.load (i32.const -4))) unreachable".to_owned()
        }),
        Case::pull("out of bounds", |_| {
            "(call $log (i32.const 1) (i32.const -100) (i32.const 1000)) unreachable".to_owned()
        }),
        Case::pull("invalid expected discriminant", |guest| {
            let neither = guest.image.place(&[9; 64]);
            format!("i32.const {neither}")
        }),
    ]
}

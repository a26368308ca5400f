//! Log lines without end. That they are tidied and counted is in `calls`.

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::pull("it computed for longer than 0 s", |guest| {
        let line = guest.image.place(b"\x1b[31mred\x1b[0m\nINFO forged: line");
        format!("(loop $more (call $log (i32.const 2) (i32.const {line}) (i32.const 30)) (br $more)) unreachable")
    })
    .at_once()]
}

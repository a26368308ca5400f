//! Standard error without end: its tail is kept, and that is all.

use super::Case;
use crate::common::stderr;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::pull("it computed for longer than 0 s", |guest| {
        guest.imports = stderr::IMPORTS;
        guest.packages = stderr::PACKAGES;
        guest.extra = stderr::CORE.to_owned();
        "(local $stderr i32) (local.set $stderr (call $stderr))
         (loop $more
           (call $write (local.get $stderr) (i32.const 0) (i32.const 4096) (i32.const 65536)) (br $more))
         unreachable"
            .to_owned()
    })
    .at_once()]
}

//! Handles of the host's: ever more of them, one that was given back already, one that never was.

use super::Case;
use crate::common::{Guest, timers};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::pull("resource table has no free keys", |guest| {
            with_timers(guest);
            "(loop $more (drop (call $timer (i64.const 1))) (br $more)) unreachable".to_owned()
        }),
        Case::pull("unknown handle index", |guest| {
            with_timers(guest);
            "(local $timer i32)
             (local.set $timer (call $timer (i64.const 1)))
             (call $drop (local.get $timer)) (call $block (local.get $timer)) unreachable"
                .to_owned()
        }),
        Case::pull("unknown handle index", |guest| {
            with_timers(guest);
            "(call $drop (i32.const 7)) (drop (call $timer (i64.const 1))) (call $block (i32.const 1)) unreachable".to_owned()
        }),
    ]
}

fn with_timers(guest: &mut Guest) {
    guest.imports = timers::IMPORTS;
    guest.packages = timers::PACKAGES;
    guest.extra = timers::CORE.to_owned();
}

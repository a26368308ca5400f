//! Sleeping past the deadline, in a function of the host's.

use super::Case;
use crate::common::timers;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::pull("it gave no answer within 1 s", |guest| {
        guest.imports = timers::IMPORTS;
        guest.packages = timers::PACKAGES;
        guest.extra = timers::CORE.to_owned();
        "(call $block (call $timer (i64.const 3600000000000))) unreachable".to_owned()
    })
    .with(|limits| limits.deadline_secs = 1)]
}

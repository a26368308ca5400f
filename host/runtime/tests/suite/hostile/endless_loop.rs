//! Loops that never end: in its own code, and through a function of the host's.

use super::Case;

const STOPPED: &str = "it computed for longer than 0 s and was stopped";

pub(super) fn cases() -> Vec<Case> {
    [
        Case::pull(STOPPED, |_| "(loop $forever (br $forever)) unreachable".to_owned()),
        Case::pull(STOPPED, |_| "(loop $forever (drop (call $now)) (br $forever)) unreachable".to_owned()),
        Case::score("volume", STOPPED, |_| "(loop $forever (br $forever)) unreachable".to_owned()),
    ]
    .map(Case::at_once)
    .into()
}

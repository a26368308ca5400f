//! Descriptions that break the contract, never end or ask for what is not there.

use super::Case;
use crate::common::image;

pub(super) fn cases() -> Vec<Case> {
    let described = |says, metric: &'static str, kinds: &'static [&'static str]| {
        Case::describe(says, move |guest| {
            format!("i32.const {}", image::description_of(&mut guest.image, metric, kinds))
        })
    };
    vec![
        described("metrics[0].id is 'Volume': metric id", "Volume", &["ticket"]),
        described("metrics[0].kinds is 1 entries long: at most 0 are allowed", "volume", &[]),
        described("kinds[1] is 'ticket': each name may stand once", "volume", &["ticket", "ticket"]),
        described("kinds[0] is 'a b': it must not hold control characters", "volume", &["a\x1b[2J\nb"]),
        Case::describe("it computed for longer than 1 s", |_| "(loop $forever (br $forever)) unreachable".to_owned()),
        Case::describe("it called run.now", |_| "(drop (call $now)) unreachable".to_owned()),
        Case::describe("pointer not aligned", |_| "i32.const 3".to_owned()),
        Case::describe("it panicked without a word", |_| "unreachable".to_owned()),
    ]
}

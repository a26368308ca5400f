//! A record of another client than the one that was asked for.

use super::Case;
use crate::common::image;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::pull_one("items[0].client.id is 'c1': only 'c2' was asked for", |guest| {
        format!("i32.const {}", image::page(&mut guest.image, 5, 4.0))
    })]
}

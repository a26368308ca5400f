//! A metric that it does not have: nobody asks it, whatever it would say. Whose score an answer is, its place says, so
//! one answer too many is all that it could try.

use super::Case;
use crate::common::image;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::score("satisfaction", "by-hand has no metric 'satisfaction'; it has: volume", |guest| {
            format!("i32.const {}", image::measured(&mut guest.image, 4.0))
        }),
        Case::score("volume", "the list of outcomes is 0 long: one for each of 1 cases is needed", |guest| {
            format!("i32.const {}", image::no_outcome(&mut guest.image))
        }),
    ]
}

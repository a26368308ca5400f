//! Scores that no sheet has.

use super::Case;
use crate::common::image;

pub(super) fn cases() -> Vec<Case> {
    [
        (0.0, "outcomes[0].score is 0: a score lies within 1 and 5"),
        (6.0, "outcomes[0].score is 6: a score lies within 1 and 5"),
        (f64::NAN, "outcomes[0].score is NaN: a score lies within 1 and 5"),
        (f64::INFINITY, "outcomes[0].score is inf: a score lies within 1 and 5"),
        (1e308, "outcomes[0].score is 1e308: a score lies within 1 and 5"),
    ]
    .into_iter()
    .map(|(score, says)| {
        Case::score("volume", says, |guest| format!("i32.const {}", image::measured(&mut guest.image, score)))
    })
    .collect()
}

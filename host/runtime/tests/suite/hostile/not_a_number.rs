//! Figures that are none, or larger than any can be; and times outside of what was asked for.

use super::Case;
use crate::common::image;

pub(super) fn cases() -> Vec<Case> {
    [
        (5, f64::NAN, "its answer breaks the contract: items[0].value is NaN: it must be a finite number"),
        (5, f64::INFINITY, "items[0].value is inf: it must be a finite number"),
        (5, f64::NEG_INFINITY, "items[0].value is -inf: it must be a finite number"),
        (5, 1e308, "items[0].value is 1e308: it must lie within ±1e15"),
        (2_000_000, 4.0, "items[0].when is 1970-01-01T00:33:20Z: only what touches the window"),
        (i64::MIN, 4.0, "items[0].when is 0001-01-01T00:00:00Z: only what touches the window"),
    ]
    .into_iter()
    .map(|(at, value, says)| {
        Case::pull(says, |guest| format!("i32.const {}", image::page(&mut guest.image, at, value)))
    })
    .collect()
}

//! Figures of the past that are none, too many, or never come.

use super::Case;
use crate::common::image::{self, Figure};

const FIGURE: Figure = Figure { score: 4.0, samples: 0, interval: None };

pub(super) fn cases() -> Vec<Case> {
    let off_the_scale = |score| Some(Figure { score, ..FIGURE });
    let beyond = |interval| Some(Figure { interval: Some(interval), ..FIGURE });
    let wrong = [
        (vec![], "a metric's list of figures is 0 long: one for each of 2 periods of each of 1 subjects is needed"),
        (vec![Some(FIGURE); 3], "a metric's list of figures is 3 long"),
        (vec![None, off_the_scale(0.5)], "figures[1].score is 0.5: a score lies within 1 and 5"),
        (vec![off_the_scale(f64::NAN), None], "figures[0].score is NaN"),
        (vec![Some(Figure { samples: 1, ..FIGURE }), None], "figures[0].samples is 1: the subject had 0 samples"),
        (vec![beyond((f64::NEG_INFINITY, 4.0)), None], "figures[0].interval.low is -inf"),
        (vec![beyond((5.0, 4.0)), None], "figures[0].interval is from 5 to 4"),
    ];
    let mut cases: Vec<Case> = wrong
        .into_iter()
        .map(|(figures, says)| {
            Case::figures(says, |guest| format!("i32.const {}", image::figures(&mut guest.image, &figures)))
        })
        .collect();
    cases.push(
        Case::figures("it computed for longer than 0 s", |_| "(loop $forever (br $forever)) unreachable".to_owned())
            .at_once(),
    );
    // A list of two thousand million metrics, of which it was asked about one.
    cases.push(Case::figures("out of bounds", |guest| {
        let answers = guest.image.place(&[4096_u32.to_le_bytes(), 0x7fff_ffff_u32.to_le_bytes()].concat());
        format!("i32.const {answers}")
    }));
    cases
}

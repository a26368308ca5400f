//! A name in another script against its Latin transliteration: 삼성전자 and Samsung Electronics.

use super::{Evidence, Signal};
use crate::{phonetic, profile::Profile};

/// The beginning of the Latin name sounds like the beginning of the other.
#[expect(clippy::cast_precision_loss, reason = "names are short")]
pub(super) fn sounds_alike<'a>(foreign: &'a Profile, latin: &'a Profile) -> Option<Signal<'a>> {
    if !foreign.foreign || latin.foreign {
        return None;
    }
    // How many words of `latin`, from the first, sound like the beginning of `foreign`.
    let mut best: Option<(f64, usize, String)> = None;
    let mut start = String::new();
    for (at, word) in latin.words.iter().enumerate() {
        start.push_str(&word.latin);
        let part = phonetic::sound(&start);
        let enough = part.len() >= 4 || (part.len() == 3 && phonetic::consonants(&part).len() >= 2);
        if !enough && part != foreign.sound {
            continue;
        }
        let similarity = phonetic::prefix_similarity(&foreign.sound, &part);
        if similarity >= if part.len() <= 5 { 0.8 } else { 0.74 } {
            best = Some((similarity, at + 1, part));
        }
    }
    let (similarity, words, part) = best?;
    let longest = foreign.sound.len().max(latin.sound.len()).max(1);
    let covered = part.len().min(foreign.sound.len()) as f64 / longest as f64;
    let score = (0.45 * similarity + 0.2 + 0.3 * covered).min(0.93);
    Some(Signal { score, evidence: Evidence::Sound { foreign, latin, words } })
}

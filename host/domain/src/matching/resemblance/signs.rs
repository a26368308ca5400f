//! The signs that two names are one company's, one by one.

use super::{
    super::{
        profile::{Piece, Profile},
        sound,
        weights::Weights,
    },
    Sign, Weighed,
    aligned::Aligned,
    shortened::{abbreviation, blend, initials},
};

/// Every sign there is for the two; in words where the weights are given, that say how rare a word is.
pub(super) fn all(left: &Weighed<'_>, right: &Weighed<'_>, weights: Option<&Weights>) -> Vec<Sign> {
    let (first, second) = if left.order(right).is_gt() { (right, left) } else { (left, right) };
    let (left, right, told) = (first.profile, second.profile, weights.is_some());
    let both = [(left, right), (right, left)];
    let mut signs = Vec::new();
    if left.pieces.is_empty() || right.pieces.is_empty() {
        return signs;
    }
    let letters = both.iter().filter_map(|(short, long)| initials(short, long, told)).max_by(by_score);
    let shortened =
        |(short, long): &(&Profile, &Profile)| abbreviation(short, long, told).or_else(|| blend(short, long, told));
    signs.extend(letters.or_else(|| both.iter().filter_map(shortened).max_by(by_score)));
    signs.extend(spelling(left, right, told));
    signs.extend(Aligned::of(first, second).sign(weights));
    signs.extend(both.iter().filter_map(|(one, other)| spoken(one, other, told)).max_by(by_score));
    signs.extend(both.iter().filter_map(|(short, long)| written_within(short, long, told)).max_by(by_score));
    signs
}

/// The words of a sign, where they are asked for.
pub(super) fn tell(told: bool, words: impl FnOnce() -> String) -> String {
    if told { words() } else { String::new() }
}

fn by_score(a: &Sign, b: &Sign) -> std::cmp::Ordering {
    a.score.total_cmp(&b.score)
}

/// The words as written.
pub(super) fn written(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.written.as_str()).collect::<Vec<_>>().join(" ")
}

/// A slip of the pen: few letters differ of the whole.
#[expect(clippy::cast_precision_loss, reason = "names are short")]
fn spelling(left: &Profile, right: &Profile, told: bool) -> Option<Sign> {
    if left.foreign != right.foreign {
        return None;
    }
    let (ours, theirs) = (&left.joined, &right.joined);
    let longest = ours.len().max(theirs.len());
    if longest < 4 || ours.len().abs_diff(theirs.len()) > 3 {
        return None;
    }
    let changes = strsim::osa_distance(ours, theirs);
    let allowed = match longest {
        0..=5 => 1,
        6..=10 => 2,
        _ => 3,
    };
    if changes > allowed {
        return None;
    }
    let alike = 1.0 - changes as f64 / longest as f64;
    // Two letters of one short word, or the first one, make another word.
    let first = ours.as_bytes().first() == theirs.as_bytes().first();
    if alike < if first { 0.72 } else { 0.8 } || !slips(left, right) {
        return None;
    }
    // "Fund 2" is no slip for "Fund 3".
    if !numbers(left).eq(numbers(right)) {
        return None;
    }
    let evidence = tell(told, || match changes {
        0 => format!(
            "\"{}\" and \"{}\" are spelled the same in Latin letters",
            written(&left.pieces),
            written(&right.pieces)
        ),
        _ => format!(
            "spelled almost the same: {changes} {} of {longest} {}",
            if changes == 1 { "letter" } else { "letters" },
            if changes == 1 { "differs" } else { "differ" }
        ),
    });
    Some(Sign { score: (alike * 0.97).min(0.93), evidence })
}

/// Whether what differs may be slips in every word by itself: three letters of "Northfield Dental" and "Northfield
/// Legal" are another word. Where the words do not stand against each other, it may.
fn slips(left: &Profile, right: &Profile) -> bool {
    let (ours, theirs) = (&left.pieces, &right.pieces);
    if ours.len() == 1 || ours.len() != theirs.len() {
        return true;
    }
    ours.iter().zip(theirs).all(|(ours, theirs)| {
        let (ours, theirs) = (&ours.latin, &theirs.latin);
        let allowed = match ours.len().max(theirs.len()) {
            0..=3 => 0,
            4..=7 => 1,
            _ => 2,
        };
        ours == theirs || (ours.len().min(theirs.len()) >= 4 && strsim::osa_distance(ours, theirs) <= allowed)
    })
}

/// The numbers in a name.
fn numbers(profile: &Profile) -> impl Iterator<Item = &str> {
    profile.pieces.iter().filter(|piece| piece.is_number()).map(|piece| piece.text.as_str())
}

/// The beginning of one sounds like the other: 삼성전자 and Samsung Electronics.
#[expect(clippy::cast_precision_loss, reason = "names are short")]
fn spoken(one: &Profile, other: &Profile, told: bool) -> Option<Sign> {
    if !one.foreign && !other.foreign || same_script(one, other) {
        return None;
    }
    // How much of `other`, from its beginning, is the beginning of `one`.
    let mut best: Option<(f64, usize, String)> = None;
    let mut begun = String::new();
    for (at, piece) in other.pieces.iter().enumerate() {
        begun.push_str(&piece.latin);
        let part = sound::sound(&begun);
        let enough = part.len() >= 4 || (part.len() == 3 && sound::consonants(&part).len() >= 2);
        if !enough && part != one.sound {
            continue;
        }
        let alike = sound::begins_alike(&one.sound, &part);
        let needed = if part.len() <= 5 { 0.8 } else { 0.74 };
        if alike >= needed {
            best = Some((alike, at + 1, part));
        }
    }
    let (alike, pieces, part) = best?;
    let covered = part.len().min(one.sound.len()) as f64 / one.sound.len().max(other.sound.len()).max(1) as f64;
    let evidence = tell(told, || {
        format!(
            "\"{}\" sounds like \"{}\" (\"{}\" in Latin letters)",
            written(&one.pieces),
            written(&other.pieces[..pieces]),
            one.joined
        )
    });
    Some(Sign { score: (0.45 * alike + 0.2 + 0.3 * covered).min(0.93), evidence })
}

fn same_script(one: &Profile, other: &Profile) -> bool {
    let first = |profile: &Profile| {
        profile.pieces.iter().find(|piece| piece.foreign).and_then(|p| p.text.chars().next()).map(block)
    };
    one.foreign && other.foreign && first(one) == first(other)
}

/// Roughly the script of a character.
const fn block(c: char) -> u32 {
    match c {
        '\u{3040}'..='\u{30ff}' => 1,
        '\u{3400}'..='\u{9fff}' => 2,
        '\u{ac00}'..='\u{d7a3}' => 3,
        _ => 16 + (c as u32 >> 8),
    }
}

/// Of names in one script without spaces, one stands within the other: 阿里巴巴 in 阿里巴巴集团控股.
fn written_within(short: &Profile, long: &Profile, told: bool) -> Option<Sign> {
    if !short.foreign || !same_script(short, long) || short.pieces.len() > 2 {
        return None;
    }
    let text = |profile: &Profile| profile.pieces.iter().map(|piece| piece.text.as_str()).collect::<String>();
    let (ours, theirs) = (text(short), text(long));
    let length = ours.chars().count();
    if ours.len() >= theirs.len() || length < 2 {
        return None;
    }
    let score = match (theirs.starts_with(&ours), theirs.contains(&ours)) {
        (true, _) => 0.78,
        (false, true) if length >= 3 => 0.6,
        _ => return None,
    };
    let evidence = tell(told, || format!("\"{}\" stands within \"{}\"", written(&short.pieces), written(&long.pieces)));
    Some(Sign { score, evidence })
}

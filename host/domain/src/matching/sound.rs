//! How a name sounds, roughly, so that one written in two scripts can be compared: ソニー and Sony, Газпром and Gazprom.
//!
//! What a character is in Latin letters is any_ascii's word: Chinese characters are read as in Mandarin, Japanese names
//! in them too. Here spellings of one sound become one letter.

use any_ascii::any_ascii_char;

/// The text in lower-case Latin letters and digits.
pub(super) fn latin(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'a'..='z' | '0'..='9' => latin.push(c),
            // The mark of a long vowel, and the small tsu that doubles the consonant behind it.
            'ー' | 'ッ' | 'っ' => {}
            _ => latin
                .extend(any_ascii_char(c).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase())),
        }
    }
    latin
}

/// The sound of a text in Latin letters: one letter for what scripts and languages do not tell apart
/// (b, p and v; d and t; g and k; l and r; s, z, j, ch and sh), without h, and no letter twice in a row.
pub(super) fn sound(latin: &str) -> String {
    let bytes = latin.as_bytes();
    let mut sound = String::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let next = bytes.get(at + 1).copied().unwrap_or(b' ');
        let after = bytes.get(at + 2).copied().unwrap_or(b' ');
        let (letters, length) = match (bytes[at], next) {
            (b'p', b'h') => ("f", 2),
            (b'c', b'k') | (b'k', b'h') => ("k", 2),
            (b'c', b'h') if after == b'r' || after == b'l' => ("k", 2),
            (b'c' | b's' | b'z', b'h') | (b't' | b'c' | b'd', b's' | b'z') => ("s", 2),
            (b't', b'h') => ("t", 2),
            (b'n', b'g') if !is_vowel(after) => ("n", 2),
            (b'x', b'i' | b'u') | (b'c', b'e' | b'i' | b'y') | (b'q', b'i') => ("s", 1),
            (b'x', _) => ("ks", 1),
            (b'b' | b'p' | b'v', _) => ("b", 1),
            (b'd' | b't', _) => ("t", 1),
            (b'g' | b'k' | b'c' | b'q', _) => ("k", 1),
            (b'l' | b'r', _) => ("l", 1),
            (b's' | b'z' | b'j', _) => ("s", 1),
            (b'y', _) => ("i", 1),
            (b'w', _) => ("u", 1),
            (b'h', _) => ("", 1),
            (other, _) => {
                push(&mut sound, char::from(other));
                at += 1;
                continue;
            }
        };
        letters.chars().for_each(|letter| push(&mut sound, letter));
        at += length;
    }
    sound
}

fn push(sound: &mut String, letter: char) {
    if !sound.ends_with(letter) || letter.is_ascii_digit() {
        sound.push(letter);
    }
}

const fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// The consonants of a sound: scripts differ most in the vowels, and some write none.
pub(super) fn consonants(sound: &str) -> String {
    sound.chars().filter(|letter| !matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u')).collect()
}

/// How alike two sounds are, from 0 to 1, where `whole` is set against the beginning of `longer`.
pub(super) fn begins_alike(longer: &str, whole: &str) -> f64 {
    let spoken = alike_at_start(longer, whole);
    let (ours, theirs) = (consonants(longer), consonants(whole));
    let written = if theirs.len() >= 3 && ours.as_bytes().first() == theirs.as_bytes().first() {
        alike_at_start(&ours, &theirs)
    } else {
        0.0
    };
    // 현대 and Hyundai: two consonants, and vowels where the other has vowels, whichever they are.
    let (ours, theirs) = (shape(longer), shape(whole));
    let shaped = if theirs.len() >= 4 && ours.starts_with(&theirs) { ALIKE_IN_SHAPE } else { 0.0 };
    spoken.max(written).max(shaped)
}

/// How alike sounds are of which only the consonants, and where vowels stand, are the same.
const ALIKE_IN_SHAPE: f64 = 0.8;

/// The sound with any vowels in a row as one.
fn shape(sound: &str) -> String {
    let mut shape = String::with_capacity(sound.len());
    for letter in sound.chars() {
        let letter = if letter.is_ascii() && is_vowel(letter as u8) { 'a' } else { letter };
        if letter != 'a' || !shape.ends_with('a') {
            shape.push(letter);
        }
    }
    shape
}

/// One less the share of letters of `whole` that must change to make it a beginning of `longer`.
#[expect(clippy::cast_precision_loss, reason = "names are short")]
fn alike_at_start(longer: &str, whole: &str) -> f64 {
    const MOST: usize = 64;
    let whole = &whole.as_bytes()[..whole.len().min(MOST)];
    let longer = &longer.as_bytes()[..longer.len().min(whole.len() + whole.len() / 2 + 1)];
    if whole.is_empty() {
        return 0.0;
    }
    let mut row: Vec<usize> = (0..=longer.len()).collect();
    for (at, letter) in whole.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, other) in longer.iter().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    let least = row.into_iter().min().unwrap_or(whole.len());
    1.0 - least.min(whole.len()) as f64 / whole.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(text: &str) -> String {
        sound(&latin(text))
    }

    #[test]
    fn spellings_of_one_sound_meet() {
        for (ours, theirs) in [
            ("газпром", "gazprom"),
            ("яндекс", "iandex"),
            ("ソニ", "sony"),
            ("百度", "baidu"),
            ("华为", "huawei"),
            ("αθηνα", "athina"),
            ("photo", "foto"),
        ] {
            assert_eq!(spoken(ours), spoken(theirs), "{ours} {theirs}");
        }
        assert_eq!(consonants(&spoken("스타벅스")), "stbks");
    }

    #[test]
    fn a_beginning_is_enough() {
        for (longer, whole) in [
            ("삼성전자", "samsung"),
            ("トヨタ自動車", "toyota"),
            ("アディダスジャパン", "adidas"),
            ("أرامكو", "aramco"),
        ] {
            let alike = begins_alike(&spoken(longer), &spoken(whole));
            assert!(alike >= 0.75, "{longer} {whole}: {alike} ({} {})", spoken(longer), spoken(whole));
        }
        for (longer, whole) in
            [("ソニー", "panasonic"), ("小米科技", "huawei"), ("阿里巴巴", "amazon"), ("현대", "toyota")]
        {
            let alike = begins_alike(&spoken(longer), &spoken(whole));
            assert!(alike < 0.7, "{longer} {whole}: {alike} ({} {})", spoken(longer), spoken(whole));
        }
    }
}

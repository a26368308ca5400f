//! A phonetic key, to compare names written in different scripts: ソニー and Sony, Газпром and Gazprom.
//!
//! Transliteration is any_ascii's: it reads Chinese characters as Mandarin, in Japanese names too.

use any_ascii::any_ascii_char;

/// The text in lower-case Latin letters and digits.
pub(super) fn latin(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'a'..='z' | '0'..='9' => latin.push(c),
            // The long vowel mark, and the small tsu that doubles the next consonant.
            'ー' | 'ッ' | 'っ' => {}
            _ => latin
                .extend(any_ascii_char(c).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase())),
        }
    }
    latin
}

/// The phonetic key of a text in Latin letters: one letter for sounds that transliterations confuse (b, p and v; d and t;
/// g and k; l and r; s, z, j, ch and sh), without h and doubled letters.
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

/// The consonants of a phonetic key: transliterations differ most in vowels, and some scripts omit them.
pub(super) fn consonants(sound: &str) -> String {
    sound.chars().filter(|letter| !matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u')).collect()
}

/// How similar `prefix` is to the beginning of `text`, from 0 to 1, with vowels or without.
pub(super) fn prefix_similarity(text: &str, prefix: &str) -> f64 {
    let (our_consonants, their_consonants) = (consonants(text), consonants(prefix));
    let comparable =
        their_consonants.len() >= 3 && our_consonants.as_bytes().first() == their_consonants.as_bytes().first();
    let without_vowels = if comparable { prefix_edits(&our_consonants, &their_consonants) } else { 0.0 };
    prefix_edits(text, prefix).max(without_vowels)
}

/// One minus the share of letters of `prefix` that must change to make it a prefix of `text`.
#[expect(clippy::cast_precision_loss, reason = "names are short")]
fn prefix_edits(text: &str, prefix: &str) -> f64 {
    const MAX_LETTERS: usize = 64;
    let prefix = &prefix.as_bytes()[..prefix.len().min(MAX_LETTERS)];
    let text = &text.as_bytes()[..text.len().min(prefix.len() + prefix.len() / 2 + 1)];
    if prefix.is_empty() {
        return 0.0;
    }
    let mut row: Vec<usize> = (0..=text.len()).collect();
    for (at, letter) in prefix.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, other) in text.iter().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    let least = row.into_iter().min().unwrap_or(prefix.len());
    1.0 - least.min(prefix.len()) as f64 / prefix.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(text: &str) -> String {
        sound(&latin(text))
    }

    #[test]
    fn spellings_of_one_sound_have_one_key() {
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
    fn prefixes_are_similar() {
        for (text, prefix) in [
            ("삼성전자", "samsung"),
            ("トヨタ自動車", "toyota"),
            ("アディダスジャパン", "adidas"),
            ("أرامكو", "aramco"),
        ] {
            let similarity = prefix_similarity(&spoken(text), &spoken(prefix));
            assert!(similarity >= 0.75, "{text} {prefix}: {similarity} ({} {})", spoken(text), spoken(prefix));
        }
        for (text, prefix) in
            [("ソニー", "panasonic"), ("小米科技", "huawei"), ("阿里巴巴", "amazon"), ("현대", "toyota")]
        {
            let similarity = prefix_similarity(&spoken(text), &spoken(prefix));
            assert!(similarity < 0.7, "{text} {prefix}: {similarity} ({} {})", spoken(text), spoken(prefix));
        }
    }
}

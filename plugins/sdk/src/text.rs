//! Text from outside, made fit to be an id or to be shown.

/// At most so many bytes in an id that the host takes.
pub const MAX_ID_BYTES: usize = 256;

/// At most so many bytes in a client's name.
pub const MAX_NAME_BYTES: usize = 1_000;

/// At most so many characters of a source's text in a message.
const EXCERPT_CHARS: usize = 60;

/// Whether the host takes this text as the id of a client or a record: not empty, at most [`MAX_ID_BYTES`], no control
/// characters, no space at either end.
#[must_use]
pub fn is_usable_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    if text.len() > MAX_ID_BYTES {
        return false;
    }
    // Nearly every id is plain, and that is told sooner than what a character of all of Unicode is: eight bytes at
    // once, of which the last eight may be looked at twice.
    let is_plain = match bytes.last_chunk() {
        Some(last) => bytes.as_chunks().0.iter().chain([last]).all(|eight| are_printable(*eight)),
        None => bytes.iter().all(|byte| matches!(byte, b' '..=b'~')),
    };
    if is_plain { *first != b' ' && *last != b' ' } else { !text.chars().any(char::is_control) && text.trim() == text }
}

/// Whether each of eight bytes is printable ASCII.
fn are_printable(eight: [u8; 8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let eight = u64::from_le_bytes(eight);
    // The top bit of a byte is set where it is no ASCII, where DEL counts up into it, and where taking a space away
    // borrows from it. What is carried into or borrowed from the byte beside comes from one that is refused itself.
    (eight | eight.wrapping_add(ONES) | eight.wrapping_sub(u64::from(b' ') * ONES)) & (0x80 * ONES) == 0
}

/// Whether this text can be a client's name: at most [`MAX_NAME_BYTES`], and something in it besides white space and
/// control characters, which the host takes out.
#[must_use]
pub fn is_usable_name(text: &str) -> bool {
    text.len() <= MAX_NAME_BYTES && text.chars().any(|c| !c.is_whitespace() && !c.is_control())
}

/// The number that a text spells in plain digits, with spaces around it or not: `4`, `4.5`, ` 4.50 `. As in JSON, there
/// is no leading zero; no sign, exponent, comma or word either.
#[must_use]
pub fn decimal(text: &str) -> Option<f64> {
    let text = text.trim_ascii();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    // JSON's own reader, because it is in every component already.
    if is_plain { serde_json::from_str(text).ok() } else { None }
}

/// The beginning of what a source sent, fit for a message: at most 60 characters on one line, without control and
/// formatting characters, cut with `…`.
#[must_use]
pub fn excerpt(bytes: &[u8]) -> String {
    // Four bytes hold any character; a few more leave room for runs of white space.
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(EXCERPT_CHARS * 8)]);
    let mut out = String::new();
    let mut chars = 0;
    let mut gap = false;
    for c in head.chars() {
        if c.is_whitespace() {
            gap = !out.is_empty();
            continue;
        }
        if c.is_control() || is_formatting(c) {
            continue;
        }
        let needed = 1 + usize::from(gap);
        // One place is kept for the ellipsis.
        if chars + needed > EXCERPT_CHARS - 1 {
            out.push('…');
            return out;
        }
        if gap {
            out.push(' ');
            gap = false;
        }
        out.push(c);
        chars += needed;
    }
    if bytes.len() > EXCERPT_CHARS * 8 {
        out.push('…');
    }
    out
}

/// An unknown value of an enum, for [`Rejection::value`](crate::Rejection): one word, cut to 40 characters. `None` for
/// other text, which may be about a person.
#[must_use]
pub fn enum_value(text: &str) -> Option<String> {
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    (is_word && !text.is_empty()).then(|| cut(text))
}

/// A number or time that cannot be used, for [`Rejection::value`](crate::Rejection), cut to 40 characters. `None` for text
/// that is neither, which may be about a person.
#[must_use]
pub fn number_value(text: &str) -> Option<String> {
    let is_part = |byte: u8| byte.is_ascii_digit() || b"+-.,:/ TZe%".contains(&byte);
    (text.bytes().all(is_part) && text.bytes().any(|byte| byte.is_ascii_digit())).then(|| cut(text.trim_ascii()))
}

/// ASCII text of at most 40 characters.
fn cut(text: &str) -> String {
    const MAX_CHARS: usize = 40;
    if text.len() <= MAX_CHARS { text.to_owned() } else { format!("{}…", &text[..MAX_CHARS - 1]) }
}

/// Characters without a shape of their own that could reorder or hide what stands beside them.
fn is_formatting(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_ids_from_other_text() {
        let longest = "x".repeat(MAX_ID_BYTES);
        for usable in ["c-17", "17", "Acme, Inc.", "a b", "株式会社", longest.as_str()] {
            assert!(is_usable_id(usable), "{usable:?}");
        }
        let too_long = "x".repeat(MAX_ID_BYTES + 1);
        for unusable in ["", " ", " a", "a ", "a\u{a0}", "a\nb", "a\u{7f}b", "a\u{85}b", "\0", too_long.as_str()] {
            assert!(!is_usable_id(unusable), "{unusable:?}");
        }
    }

    #[test]
    fn looks_at_every_byte_of_an_id() {
        for (length, place) in (1..20).flat_map(|length| (0..length).map(move |place| (length, place))) {
            for byte in 0..=0x7f {
                let text: String = (0..length).map(|at| if at == place { char::from(byte) } else { '~' }).collect();
                let is_at_an_end = place == 0 || place + 1 == length;
                let usable = (b'!'..=b'~').contains(&byte) || (byte == b' ' && !is_at_an_end);
                assert_eq!(is_usable_id(&text), usable, "{text:?}");
            }
        }
    }

    #[test]
    fn tells_names_from_other_text() {
        assert!(is_usable_name(" Acme "));
        assert!(is_usable_name(&"x".repeat(MAX_NAME_BYTES)));
        assert!(!is_usable_name(&"x".repeat(MAX_NAME_BYTES + 1)));
        assert!(is_usable_name("\0a"));
        for unusable in ["", " \t", "\0", "\u{1b} \u{85}"] {
            assert!(!is_usable_name(unusable), "{unusable:?}");
        }
    }

    #[test]
    fn reads_decimals() {
        for (text, expected) in [
            ("4", Some(4.0)),
            ("4.5", Some(4.5)),
            ("\t4.50 ", Some(4.5)),
            ("0.1", Some(0.1)),
            ("12345678901234567890", Some(12_345_678_901_234_567_890.0)),
            ("04", None),
            ("4.", None),
            (".5", None),
            ("1.2.3", None),
            ("4 5", None),
            ("4,5", None),
            ("+4", None),
            ("-4", None),
            ("4e0", None),
            ("0x4", None),
            ("inf", None),
            ("NaN", None),
            ("", None),
        ] {
            assert_eq!(decimal(text), expected, "{text:?}");
        }
    }

    #[test]
    fn rejected_values_are_short_and_never_prose() {
        let long = "9".repeat(41);
        let shortened = format!("{}…", "9".repeat(39));
        for (text, as_enum, as_number) in [
            ("mood", Some("mood"), None),
            ("Not_a-type.2", Some("Not_a-type.2"), None),
            ("6", Some("6"), Some("6")),
            (" 4,5 ", None, Some("4,5")),
            ("2026-13-01T00:00:00Z", None, Some("2026-13-01T00:00:00Z")),
            ("1e999", Some("1e999"), Some("1e999")),
            (&long, Some(shortened.as_str()), Some(shortened.as_str())),
            ("call Jo", None, None),
            ("jo@example.com", None, None),
            ("+1 555 jo", None, None),
            ("sóon", None, None),
            ("--", Some("--"), None),
            ("", None, None),
        ] {
            assert_eq!(enum_value(text).as_deref(), as_enum, "{text:?}");
            assert_eq!(number_value(text).as_deref(), as_number, "{text:?}");
            assert!(enum_value(text).is_none_or(|value| value.chars().count() <= 40));
        }
    }

    #[test]
    fn excerpts_are_short_and_harmless() {
        assert_eq!(excerpt(b"  <!doctype\r\n\t html>\x1b[31m\0 "), "<!doctype html>[31m");
        assert_eq!(excerpt("a\u{202e}b\u{200b}c".as_bytes()), "abc");
        assert_eq!(excerpt(b""), "");
        assert_eq!(excerpt(b"\xff\xfeA"), "\u{fffd}\u{fffd}A");
        for long in ["y".repeat(61), "ü y ".repeat(400), format!("{}x", " ".repeat(500))] {
            let shown = excerpt(long.as_bytes());
            assert!(shown.chars().count() <= EXCERPT_CHARS, "{shown}");
            assert!(shown.ends_with('…'), "{shown}");
        }
    }
}

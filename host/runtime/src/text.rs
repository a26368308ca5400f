//! Making a component's text fit to be shown, logged and compared.
//!
//! A component's text, and what a source gave it, is untrusted wherever it goes. Here it
//! loses what acts on a terminal or a log; escaping for HTML, CSV or SQL is for whoever
//! writes those.

use scoresheet_domain::id;

/// One line of at most `max` characters: terminal sequences, control characters and marks that
/// reorder text are gone, white space is single spaces, what is too long ends in `…`.
pub(crate) fn line(text: &str, max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max * 4));
    let mut count = 0;
    let mut space = false;
    for c in visible(text) {
        if c.is_whitespace() {
            space = !out.is_empty();
            continue;
        }
        if count + usize::from(space) >= max {
            // The last character makes room, so that the result keeps within `max`.
            out.pop();
            out.push('…');
            return out;
        }
        if std::mem::take(&mut space) {
            out.push(' ');
            count += 1;
        }
        out.push(c);
        count += 1;
    }
    out
}

/// The same of a text that nobody needs any more. Nearly every text is such a line already, and there may be a million.
pub(crate) fn into_line(text: String, max: usize) -> String {
    let is_word = |byte: &u8| byte.is_ascii_graphic();
    // A space stands between two words.
    let is_line = text.len() <= max
        && text.as_bytes().split(|byte| *byte == b' ').all(|word| !word.is_empty() && word.iter().all(is_word));
    if is_line { text } else { line(&text, max) }
}

/// A name as a source gives it, without what no person sees in it: terminal sequences, control characters and marks
/// that reorder or hide text go, tabs and line ends count as spaces, none stand at the ends. Equal names stay equal.
pub(crate) fn name(text: String) -> String {
    if id::is_plain(&text) {
        return text;
    }
    let spaced: String = visible(&text).map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

/// Whether a text holds what no person sees: control characters, or marks that reorder or hide text.
pub(crate) fn hides(text: &str) -> bool {
    text.chars().any(|c| c.is_control() || is_mark(c))
}

/// The text in quotes, short and safe to show in a message.
pub(crate) fn quoted(text: &str) -> String {
    let shown = line(text, 80);
    if shown.is_empty() && !text.is_empty() {
        format!("'{}'", line(&text.escape_debug().to_string(), 80))
    } else {
        format!("'{shown}'")
    }
}

/// The text's characters without terminal sequences, control characters (white space stays) and
/// marks that reorder or hide text.
fn visible(text: &str) -> impl Iterator<Item = char> {
    let mut chars = text.chars().peekable();
    std::iter::from_fn(move || {
        loop {
            match chars.next()? {
                '\u{1b}' => match chars.next_if(|c| matches!(c, '[' | ']')) {
                    // A control sequence ends with a byte from '@' to '~'.
                    Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
                    // An operating-system command ends with BEL or ESC \.
                    Some(_) => {
                        while let Some(c) = chars.next() {
                            if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                                break;
                            }
                        }
                    }
                    None => {}
                },
                c if c.is_whitespace() => return Some(c),
                c if c.is_control() => {}
                c if is_mark(c) => {}
                c => return Some(c),
            }
        }
    })
}

/// Marks that reorder or hide text. The two joiners are none: some scripts cannot be written without them.
const fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_holds_nothing_that_acts() {
        for (text, expected) in [
            ("  a\r\n\tb  ", "a b"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}x \u{1b}]8;;http://e\u{1b}\\y", "x y"),
            ("\u{1b}", ""),
            ("\u{1b}[", ""),
            ("a\0b\u{8}c\u{9b}", "abc"),
            ("\u{202e}evil\u{200f}", "evil"),
            ("Ünïcödé 株式会社", "Ünïcödé 株式会社"),
        ] {
            assert_eq!(line(text, 100), expected, "{text:?}");
        }
    }

    #[test]
    fn a_line_keeps_within_its_length() {
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcde…");
        assert_eq!(line("abc defg", 6), "abc d…");
        assert_eq!(line("abcdef g", 6), "abcde…");
        assert_eq!(line(&"é".repeat(1000), 10).chars().count(), 10);
    }

    #[test]
    fn a_name_keeps_all_a_person_sees() {
        assert_eq!(name("Acme  Inc".into()), "Acme  Inc");
        assert_eq!(name(" Acme\tInc\n".into()), "Acme Inc");
        assert_eq!(name("Ac\0me".into()), "Acme");
        assert_eq!(name("\u{0}\n ".into()), "");
        assert_eq!(name("Müller  & Söhne".into()), "Müller  & Söhne");
        assert_eq!(name("A/B \\ <script>\"x\"</script>, 'C'".into()), "A/B \\ <script>\"x\"</script>, 'C'");
        assert_eq!(name("\u{202e}emcA\u{2066} \u{feff}Inc\u{200f}".into()), "emcA Inc", "as it will be compared");
        assert_eq!(name("\u{1b}[31mAcme\u{1b}[0m".into()), "Acme");
        assert_eq!(name("می\u{200c}خواهم".into()), "می\u{200c}خواهم", "joiners belong to the word");
    }

    #[test]
    fn a_quoted_text_is_never_silent() {
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("\u{0}"), r"'\0'");
        assert_eq!(quoted("a\nb"), "'a b'");
    }

    proptest! {
        #[test]
        fn a_text_becomes_the_line_that_it_is_made_into(text in "[a-z .\\u{e9}\\n\u{1b}]{0,12}", max in 0_usize..14) {
            prop_assert_eq!(into_line(text.clone(), max), line(&text, max));
        }
    }
}

//! Text from outside, made fit to be shown: what acts on the text around it is made visible.

use std::borrow::Cow;

/// Whether a character acts on the text around it, or on a terminal, instead of being shown: controls (and so every
/// escape sequence), marks that turn the direction of text, and what is not seen at all.
///
/// The joiners U+200C and U+200D stay: Persian, Hindi and emoji need them.
#[must_use]
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{feff}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text on one line, with a visible '�' for each character that acts.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let harmless = |c| match c {
        '\n' | '\t' => ' ',
        c if acts(c) => '\u{fffd}',
        c => c,
    };
    Cow::Owned(text.replace("\r\n", "\n").chars().map(harmless).collect())
}

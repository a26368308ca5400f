//! How alerts speak: one line of plain words, whatever a client is called.

/// A message has at most so many characters: channels cut what is longer.
const MAX_CHARS: usize = 1_000;

/// One line without control characters, of a length that every channel takes.
#[must_use]
pub fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut words = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((cut, _)) = words.char_indices().nth(MAX_CHARS - 1)
        && words.chars().count() > MAX_CHARS
    {
        words.truncate(cut);
        words.push('…');
    }
    words
}

/// A figure as a person reads it: two places at most.
pub(super) fn figure(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `1 client`, `2 clients`
pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_of_bounded_length() {
        assert_eq!(one_line("Acme\r\nBcc: x\u{1b}[31m\t y"), "Acme Bcc: x [31m y");
        let long = one_line(&"ü".repeat(5_000));
        assert_eq!((long.chars().count(), long.ends_with('…')), (1_000, true));
        assert_eq!(one_line(&"x".repeat(1_000)), "x".repeat(1_000));
    }

    #[test]
    fn figures_are_short() {
        assert_eq!([4.0, 2.466_666, 0.5, -1.2, 10.0].map(figure), ["4", "2.47", "0.5", "-1.2", "10"]);
        assert_eq!((count(1, "client"), count(3, "client")), ("1 client".to_owned(), "3 clients".to_owned()));
    }
}

//! Fits text to a terminal's width: truncating, wrapping, lists.

use std::borrow::Cow;

pub(super) use scoresheet_domain::shown::one_line as clean;
use unicode_width::UnicodeWidthStr as _;

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The beginning of a text, at most so many columns wide, with '…' where something was cut off.
pub(super) fn truncate(text: &str, most: usize) -> Cow<'_, str> {
    if width(text) <= most {
        return Cow::Borrowed(text);
    }
    let mut beginning = String::new();
    for c in text.chars() {
        beginning.push(c);
        if width(&beginning) + 1 > most {
            beginning.pop();
            break;
        }
    }
    // A joiner that has nothing left to join would take the '…'.
    let beginning = beginning.trim_end_matches([' ', '\u{200c}', '\u{200d}']);
    Cow::Owned(format!("{beginning}…"))
}

/// The words of a text in lines of at most so many columns; a longer word has a line of its own.
pub(super) fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A paragraph in lines of at most so many columns (as it is where there is no limit), each but
/// the first indented.
pub(super) fn paragraph(text: &str, limit: Option<u16>, first: &str, others: &str) -> String {
    let lines = match limit {
        Some(limit) => wrap(text, usize::from(limit).saturating_sub(width(first)).max(20)),
        None => vec![text.to_owned()],
    };
    format!("{first}{}", lines.join(&format!("\n{others}")))
}

/// Entries with ` · ` between, in lines of at most so many columns; an entry is broken only where it
/// is wider than a line.
pub(super) fn listed(entries: &[String], limit: Option<u16>) -> Vec<String> {
    let most = limit.map_or(usize::MAX, |limit| usize::from(limit).max(20));
    let mut lines: Vec<String> = Vec::new();
    for entry in entries {
        match lines.last_mut() {
            Some(line) if width(line) + 3 + width(entry) <= most => {
                line.push_str(" · ");
                line.push_str(entry);
            }
            _ if width(entry) > most => lines.extend(wrap(entry, most)),
            _ => lines.push(entry.clone()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_by_columns_not_by_letters() {
        for (text, most, cut) in [
            ("Acme", 4, "Acme"),
            ("Acme, Inc.", 6, "Acme,…"),
            ("Acme Inc", 6, "Acme…"),
            ("株式会社日本", 12, "株式会社日本"),
            ("株式会社日本", 8, "株式会…"),
            ("株式会社日本", 7, "株式会…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("abc", 1, "…"),
        ] {
            let shown = truncate(text, most);
            assert_eq!(shown, cut, "{text} in {most}");
            assert!(width(&shown) <= most, "{text} in {most}");
        }
    }

    #[test]
    fn wraps_at_words() {
        assert_eq!(wrap("Support Engagement Satisfaction", 12), ["Support", "Engagement", "Satisfaction"]);
        assert_eq!(wrap("Invoices / AR", 10), ["Invoices /", "AR"]);
        assert_eq!(wrap("Procurement", 4), ["Procurement"]);
        let entries = ["a = one".to_owned(), "b = two".to_owned(), "c = something much longer".to_owned()];
        assert_eq!(listed(&entries, Some(20)), ["a = one · b = two", "c = something much", "longer"]);
        assert_eq!(listed(&entries, None).len(), 1);
        assert_eq!(paragraph("a b c", Some(1), "- ", "  "), "- a b c", "never narrower than 20");
    }
}

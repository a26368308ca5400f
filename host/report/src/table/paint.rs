//! Colour, put in after the layout.
//!
//! The layout measures text, and escape sequences are no text. So a coloured span is marked with
//! two characters that take no column and that no cleaned text holds; the last step turns the marks
//! into escape sequences, or takes them away.

use anstyle::{AnsiColor, Style};
use scoresheet_domain::sheet::Band;

/// What a span of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tint {
    Good,
    Middling,
    Bad,
    Faint,
    Strong,
    Warning,
}

/// Ends a span.
const END: char = '\u{2061}';

impl Tint {
    const ALL: [Self; 6] = [Self::Good, Self::Middling, Self::Bad, Self::Faint, Self::Strong, Self::Warning];

    /// The colour of a band.
    pub(super) fn of_band(band: Band) -> Self {
        match band {
            Band::Healthy => Self::Good,
            Band::Watch => Self::Middling,
            Band::AtRisk => Self::Bad,
        }
    }

    /// The invisible character that begins a span.
    const fn mark(self) -> char {
        match self {
            Self::Good => '\u{206a}',
            Self::Middling => '\u{206b}',
            Self::Bad => '\u{206c}',
            Self::Faint => '\u{206d}',
            Self::Strong => '\u{206e}',
            Self::Warning => '\u{206f}',
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Middling => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Faint => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
            Self::Warning => AnsiColor::Black.on(AnsiColor::Yellow).bold(),
        }
    }

    /// The text as a span of this kind. It must have been cleaned.
    pub(super) fn on(self, text: &str) -> String {
        format!("{}{text}{END}", self.mark())
    }
}

/// Turns the marks into escape sequences, or takes them away.
pub(super) fn finish(text: &str, color: bool) -> String {
    let mut finished = String::with_capacity(text.len());
    let mut open = None;
    for c in text.chars() {
        if c == END {
            if let Some(style) = open.take().filter(|_| color) {
                finished.push_str(&format!("{style:#}"));
            }
        } else if let Some(tint) = Tint::ALL.into_iter().find(|tint| tint.mark() == c) {
            open = Some(tint.style());
            if color {
                finished.push_str(&tint.style().to_string());
            }
        } else {
            finished.push(c);
        }
    }
    finished
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::text::{clean, width};

    #[test]
    fn marks_take_no_column_and_come_from_nowhere_else() {
        for tint in Tint::ALL {
            let marked = tint.on("abc");
            assert_eq!(width(&marked), 3);
            assert_eq!(finish(&marked, false), "abc");
            let painted = finish(&marked, true);
            assert!(painted.starts_with("\u{1b}[") && painted.ends_with("abc\u{1b}[0m"), "{painted:?}");
            assert_eq!(finish(&clean(&marked), true), "\u{fffd}abc\u{fffd}");
        }
    }
}

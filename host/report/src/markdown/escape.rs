//! Text that Markdown shows as it is.

use std::fmt::{self, Write};

use crate::text::one_line;

/// A text on one line, in which nothing is markup, HTML, an entity or a link.
///
/// What a forge does beyond `CommonMark` and GitHub's extensions, such as telling somebody whose name stands after
/// an `@`, is not held back: no escape reaches it.
pub(super) fn escaped(text: &str) -> Escaped<'_> {
    Escaped(text)
}

/// See [`escaped`].
pub(super) struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = one_line(self.0);
        let line = line.trim();
        // A list may be begun by a number of up to nine digits.
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        for (at, c) in line.char_indices() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => {
                    f.write_char('\\')?;
                    f.write_char(c)?;
                }
                // At the beginning these make lists, headings and rules.
                '-' | '+' | '=' if at == 0 => {
                    f.write_char('\\')?;
                    f.write_char(c)?;
                }
                '.' | ')' if at > 0 && at == digits => {
                    f.write_char('\\')?;
                    f.write_char(c)?;
                }
                // GitHub makes links of addresses that stand in plain text.
                ':' if line[at..].starts_with("://") || is_scheme(&line[..at]) => f.write_str("\\:")?,
                '.' if line[..at].to_ascii_lowercase().ends_with("www") => f.write_str("\\.")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Whether a text ends with a scheme that makes a link of what follows it.
fn is_scheme(before: &str) -> bool {
    let tail = before.len().saturating_sub(6);
    let end = before.get(tail..).unwrap_or_default().to_ascii_lowercase();
    end.ends_with("mailto") || end.ends_with("xmpp")
}

#[cfg(test)]
mod tests {
    use comrak::{
        Arena, Options,
        nodes::{AstNode, NodeValue},
        parse_document,
    };

    use super::*;

    const HOSTILE: [&str; 24] = [
        "Acme, Inc.",
        "<script>alert(1)</script>",
        "a|b||c",
        "`code` ``x``",
        "[text](http://evil.example)",
        "![x](data:image/png;base64,AA)",
        "https://evil.example/a and www.evil.example WWW.EVIL.EXAMPLE",
        "<http://evil.example>",
        "*bold* _soft_ ~~gone~~ __init__",
        "# heading #",
        "- list",
        "+ list",
        "=====",
        "1. list",
        "2) list",
        "    indented",
        "line\nbreak\r\n\n> quote",
        "&amp; &lt;b&gt; &#60;",
        "back\\slash\\",
        "[ref]: http://evil.example",
        "[^1] footnote",
        "株式会社日本 & مؤسسة، ООО «Ромашка»",
        "$x^2$ !important",
        "\u{202e}evil\u{0}",
    ];

    fn options() -> Options<'static> {
        let mut options = Options::default();
        options.extension.table = true;
        options.extension.strikethrough = true;
        options.extension.autolink = true;
        options.extension.tasklist = true;
        options.extension.footnotes = true;
        options.extension.math_dollars = true;
        options
    }

    /// All the text below a node, and what else than text stands there.
    fn plain<'a>(node: &'a AstNode<'a>, text: &mut String, others: &mut Vec<String>) {
        for child in node.descendants().skip(1) {
            match &child.data.borrow().value {
                NodeValue::Text(piece) => text.push_str(piece),
                other => others.push(format!("{other:?}")),
            }
        }
    }

    #[test]
    fn what_is_escaped_is_shown_as_it_is_and_is_nothing_else() {
        for hostile in HOSTILE {
            let shown = one_line(hostile).trim().to_owned();
            for (form, document) in [
                ("paragraph", format!("{}\n", escaped(hostile))),
                ("heading", format!("## {}\n", escaped(hostile))),
                ("list", format!("- {}\n", escaped(hostile))),
                ("cell", format!("| a |\n|---|\n| {} |\n", escaped(hostile))),
            ] {
                let arena = Arena::new();
                let root = parse_document(&arena, &document, &options());
                let wanted = |node: &&AstNode<'_>| match &node.data.borrow().value {
                    NodeValue::Paragraph => form == "paragraph" || form == "list",
                    NodeValue::Heading(heading) => form == "heading" && heading.level == 2,
                    NodeValue::TableCell => form == "cell",
                    _ => false,
                };
                let node = root.descendants().filter(|node| wanted(node)).last().expect(form);
                let (mut text, mut others) = (String::new(), Vec::new());
                plain(node, &mut text, &mut others);
                assert_eq!(text, shown, "{form}: {document}");
                assert_eq!(others, Vec::<String>::new(), "{form}: {document}");
            }
        }
    }

    #[test]
    fn plain_text_stays_plain() {
        for (text, written) in [
            ("12 responses, mean 4.33, rounded to 4", "12 responses, mean 4.33, rounded to 4"),
            ("crewhu: 401 from GET /api/v1", "crewhu: 401 from GET /api/v1"),
            ("run 'scoresheet check'", "run 'scoresheet check'"),
            ("help_desk", "help\\_desk"),
        ] {
            assert_eq!(escaped(text).to_string(), written);
        }
    }
}

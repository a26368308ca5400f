//! The Markdown: what it shows, and that a parser of GitHub's finds nothing in it but what we wrote.

use comrak::{Arena, Options, nodes::NodeValue, parse_document};
use scoresheet_domain::sheet::Scoresheet;
use scoresheet_report::Format;

use crate::{
    empty,
    fixture::{EVIL, everything, hostile, msp},
    short, text,
};

fn markdown(sheet: &Scoresheet) -> String {
    text(Format::Md, sheet, &Default::default())
}

#[test]
fn a_document() {
    insta::assert_snapshot!(markdown(&short()));
}

#[test]
fn a_document_with_nothing_on_it() {
    let text = markdown(&empty());
    assert!(text.contains("There are no clients on this sheet."));
    assert!(!text.contains("## Problems") && !text.contains("STUB"));
}

#[test]
fn a_parser_finds_only_our_structure() {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    let evils = [EVIL, "| a | b |", "# x", "www.evil.example https://evil.example", "\\", "```\nx", "- [ ] x", "<!--"];
    let sheets = evils.into_iter().map(hostile).chain([everything(), msp(3, false)]);
    for sheet in sheets {
        let text = markdown(&sheet);
        let arena = Arena::new();
        let root = parse_document(&arena, &text, &options);
        let (mut tables, mut headings) = (0, 0);
        for node in root.descendants() {
            match &node.data.borrow().value {
                NodeValue::Table(table) => {
                    tables += 1;
                    for row in node.children() {
                        assert_eq!(row.children().count(), table.num_columns, "{text}");
                    }
                }
                NodeValue::Heading(_) => headings += 1,
                // Authors are known by their addresses, of which a forge makes links.
                NodeValue::Link(link) => assert!(link.url.starts_with("mailto:"), "{} in {text}", link.url),
                other @ (NodeValue::HtmlBlock(_)
                | NodeValue::HtmlInline(_)
                | NodeValue::Image(_)
                | NodeValue::Code(_)
                | NodeValue::CodeBlock(_)
                | NodeValue::ThematicBreak
                | NodeValue::TaskItem(_)
                | NodeValue::FootnoteDefinition(_)) => panic!("{other:?} in {text}"),
                _ => {}
            }
        }
        let problems = usize::from(!sheet.problems.is_empty());
        let with_months =
            |client: &&scoresheet_domain::sheet::ClientRow| client.metrics.iter().any(|it| it.trend.is_some());
        let months = sheet.clients.iter().filter(with_months).count();
        assert_eq!(tables, problems + 1 + sheet.clients.len() + months, "{text}");
        assert_eq!(headings, 1 + 2 + problems + 1 + sheet.clients.len() + 1, "{text}");
    }
}

//! The page: what it shows, that it needs nothing else, and that nothing comes through it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use scoresheet_domain::sheet::Scoresheet;
use scoresheet_report::{Format, Options};

use crate::{
    empty,
    fixture::{EVIL, everything, hostile, msp},
    short, text,
};

fn html(sheet: &Scoresheet) -> String {
    text(Format::Html, sheet, &Options::default())
}

/// The page without its style sheet.
fn body(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").expect("a style sheet");
    let (_, body) = rest.split_once("</style>").expect("the end of the style sheet");
    format!("{head}<style></style>{body}")
}

/// The values of an attribute, wherever it stands.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let begin = format!(" {name}=\"");
    page.split(&begin).skip(1).map(|rest| rest.split('"').next().unwrap_or_default()).collect()
}

/// The names of all elements that are opened or closed.
fn elements(page: &str) -> Vec<&str> {
    page.split('<')
        .skip(1)
        .map(|rest| rest.split([' ', '>', '/']).find(|name| !name.is_empty()).unwrap_or(""))
        .collect()
}

#[test]
fn a_page() {
    insta::assert_snapshot!(body(&html(&short())));
}

#[test]
fn a_page_with_nothing_on_it() {
    let page = html(&empty());
    assert!(page.contains("There are no clients on this sheet."));
    assert!(!page.contains("id=\"problems\"") && !page.contains("STUB"));
}

#[test]
fn the_page_asks_for_nothing_and_runs_nothing() {
    for sheet in [everything(), hostile(EVIL), hostile("javascript:alert(1)"), hostile("\" onclick=\"x")] {
        let page = html(&sheet);
        assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'; img-src data:"));
        assert!(!page.contains("url(") && !page.contains("@import"));
        let known: BTreeSet<&str> = [
            "!doctype", "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "bdi", "p",
            "strong", "nav", "ul", "li", "main", "section", "div", "ol", "span", "br", "table", "caption", "thead",
            "tr", "th", "td", "small", "tbody", "b", "i", "article", "svg", "desc", "path", "text", "circle", "rect",
            "details", "summary", "dl", "dt", "dd", "footer",
        ]
        .into();
        let found: BTreeSet<&str> = elements(&page).into_iter().collect();
        assert_eq!(found.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new());
        for name in ["src", "srcset", "style", "onclick", "action", "xlink:href"] {
            assert_eq!(attributes(&page, name), Vec::<&str>::new(), "{name}");
        }
        assert!(attributes(&page, "href").iter().all(|href| href.starts_with('#')));
        let acting: Vec<char> = page
            .chars()
            .filter(|c| {
                *c != '\n' && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
            })
            .collect();
        assert_eq!(acting, Vec::<char>::new());
    }
}

#[test]
fn ids_are_there_once_and_whatever_points_at_one_finds_it() {
    for sheet in [everything(), msp(4, true)] {
        let page = html(&sheet);
        let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
        for id in attributes(&page, "id") {
            *ids.entry(id).or_default() += 1;
        }
        assert_eq!(ids.iter().filter(|(_, times)| **times > 1).collect::<Vec<_>>(), Vec::new());
        let links = attributes(&page, "href").into_iter().map(|href| &href[1..]);
        let labels = attributes(&page, "aria-labelledby");
        let targets: Vec<&str> = links.chain(labels.iter().flat_map(|label| label.split(' '))).collect();
        assert!(targets.len() > 20, "{}", targets.len());
        assert_eq!(targets.iter().filter(|target| !ids.contains_key(*target)).collect::<Vec<_>>(), Vec::<&&str>::new());
    }
}

#[test]
fn headings_are_in_order_and_tables_are_told_apart() {
    let page = html(&everything());
    let levels: Vec<u32> = elements(&page)
        .into_iter()
        .filter_map(|name| name.strip_prefix('h').and_then(|level| level.parse().ok()))
        .collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 2, "opened and closed once");
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    let count = |what: &str| page.matches(what).count();
    assert_eq!(count("<table"), count("<caption"));
    assert_eq!(count("<th>"), 0, "every header says what it heads");
    assert_eq!(count("<th "), attributes(&page, "scope").len());
    assert_eq!(count("<svg"), count("role=\"img\""));
    assert_eq!(count("<svg"), count("<desc"));
}

#[test]
fn what_is_made_up_is_marked_wherever_it_stands() {
    let sheet = everything();
    let page = body(&html(&sheet));
    assert!(page.contains("<strong>STUB</strong> Some figures on this sheet are made up."));
    let parts: Vec<&str> = page.split("<article").skip(1).collect();
    assert_eq!(parts.len(), sheet.clients.len());
    for (part, client) in parts.iter().zip(&sheet.clients) {
        // The engagement score where there is one, the group's, the metric, its months.
        let group = client.groups.iter().filter(|group| group.score.is_some()).count();
        let wanted = usize::from(client.engagement.score.is_some()) + group + 2;
        assert!(part.matches(">stub</span>").count() >= wanted, "{} in {part}", client.id);
    }
    let table = page.split("<table class=\"overview").nth(1).and_then(|rest| rest.split("</table>").next());
    // A mark for each figure, one for each engagement score of which it is a part, one in the header.
    let rows = sheet.clients.len();
    let table = table.expect("the table of all clients");
    assert!(
        table.matches("<small>stub</small>").count()
            >= rows + sheet.clients.iter().filter(|it| it.engagement.score.is_some()).count()
    );
}

#[test]
fn a_client_more_is_a_part_more() {
    let length = |clients| html(&msp(clients, false)).len();
    let (ten, twenty, forty) = (length(10), length(20), length(40));
    assert!((forty - twenty) < (twenty - ten) * 5 / 2, "{ten}, {twenty}, {forty}");
}

#[test]
fn the_page_is_written_in_parts() {
    struct Parts(usize, usize);
    impl io::Write for Parts {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            (self.0, self.1) = (self.0.max(bytes.len()), self.1 + bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut parts = Parts(0, 0);
    Format::Html.write(&msp(200, false), &Options::default(), &mut parts).expect("it takes everything");
    assert!(parts.0 * 10 < parts.1, "one part of {} bytes out of {}", parts.0, parts.1);
}

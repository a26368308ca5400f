//! The formats that are plain text: table, JSON, CSV.

use scoresheet_domain::{
    ClientId, Problem, ProblemKind, ProviderName, Remedy,
    sheet::{Scoresheet, json_schema},
    shown::acts,
};
use scoresheet_report::{Format, Options};
use unicode_width::UnicodeWidthStr as _;

use crate::{
    outcomes::{every_outcome, thirteen_metrics},
    text,
};

fn plain(width: Option<u16>) -> Options {
    Options { width, ..Options::default() }
}

fn table(sheet: &Scoresheet, options: &Options) -> String {
    text(Format::Table, sheet, options)
}

/// What the table format writes below the table of this client.
fn detail(sheet: &Scoresheet, client: &ClientId, options: &Options) -> String {
    let whole = table(sheet, &Options { detail: Some(client.clone()), ..options.clone() });
    whole.strip_prefix(&format!("{}\n", table(sheet, options))).expect("the table comes first").to_owned()
}

fn csv(sheet: &Scoresheet) -> String {
    text(Format::Csv, sheet, &Options::default())
}

fn json(sheet: &Scoresheet) -> String {
    text(Format::Json, sheet, &Options::default())
}

/// The widest line of the grid and of what is wrapped; a remedy may be a command, and is not.
fn widest(shown: &str) -> usize {
    shown.lines().filter(|line| !line.trim_start().starts_with('→')).map(|line| line.width()).max().unwrap_or(0)
}

#[test]
fn a_table_without_colour() {
    insta::assert_snapshot!(table(&every_outcome(), &plain(None)));
}

#[test]
fn a_table_in_colour() {
    let shown = table(&every_outcome(), &Options { color: true, ..Options::default() });
    insta::assert_snapshot!(shown.replace('\u{1b}', "␛"));
}

#[test]
fn a_narrow_table() {
    let shown = table(&every_outcome(), &plain(Some(60)));
    assert!(widest(&shown) <= 60, "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn thirteen_metrics_fit_80_columns() {
    let shown = table(&thirteen_metrics(), &plain(Some(80)));
    assert!(widest(&shown) <= 80, "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn thirteen_metrics_fit_100_columns() {
    let shown = table(&thirteen_metrics(), &plain(Some(100)));
    assert!(widest(&shown) <= 100, "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn what_does_not_fit_side_by_side_stands_in_blocks() {
    let shown = table(&thirteen_metrics(), &plain(Some(48)));
    assert!(widest(&shown) <= 48, "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn colour_changes_nothing_but_colour() {
    for width in [None, Some(60), Some(100)] {
        let painted = table(&every_outcome(), &Options { color: true, width, detail: None });
        let mut stripped = String::new();
        let mut parts = painted.split('\u{1b}');
        stripped.push_str(parts.next().unwrap_or_default());
        for part in parts {
            stripped.push_str(part.split_once('m').expect("a colour").1);
        }
        // A line's end may hold a mark, so spaces before it stay.
        let trimmed: Vec<&str> = stripped.lines().map(str::trim_end).collect();
        assert_eq!(trimmed.join("\n"), table(&every_outcome(), &plain(width)).trim_end());
    }
}

#[test]
fn one_client_in_detail() {
    let sheet = every_outcome();
    let shown: Vec<String> = sheet.clients.iter().map(|client| detail(&sheet, &client.id, &plain(Some(100)))).collect();
    insta::assert_snapshot!(shown.join("\n----\n\n"));
}

#[test]
fn as_csv() {
    let text = csv(&every_outcome());
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<_> = reader.records().collect::<Result<_, _>>().expect("rows of equal length");
    let cells: usize = every_outcome().clients.iter().map(|client| client.metrics.len()).sum();
    assert_eq!(rows.len(), cells);
    insta::assert_snapshot!(text);
}

#[test]
fn as_json() {
    let sheet = every_outcome();
    let text = json(&sheet);
    assert!(text.ends_with("}\n"));
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let validator = jsonschema::draft202012::new(&json_schema()).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    let mut broken = value.clone();
    broken["clients"][0]["metrics"][0]["outcome"] = "excellent".into();
    assert!(!validator.is_valid(&broken), "the schema says something");
    let mut two = sheet;
    two.clients.truncate(2);
    insta::assert_snapshot!(json(&two));
}

#[test]
fn a_sheet_with_nothing_on_it() {
    let empty = Scoresheet { clients: Vec::new(), problems: Vec::new(), stub: false, ..every_outcome() };
    insta::assert_snapshot!(table(&empty, &plain(Some(80))), @"
    Client engagement · as of 2026-11-01T00:00:00Z

    There are no clients on this sheet.
    ");
    assert_eq!(csv(&empty).lines().count(), 1);
}

#[test]
fn many_problems_are_counted() {
    let problem = |n: usize| Problem {
        kind: ProblemKind::Unmapped,
        provider: Some(ProviderName::new("crewhu").expect("a name")),
        client: Some(ClientId::new(format!("c{n}")).expect("an id")),
        message: format!("Client {n}: no client of crewhu is known to be this one"),
        remedy: Remedy::Map {
            client: Some(ClientId::new(format!("c{n}")).expect("an id")),
            provider: ProviderName::new("crewhu").expect("a name"),
            source: None,
        },
    };
    let sheet = Scoresheet { problems: (0..25).map(problem).collect(), ..every_outcome() };
    let shown = table(&sheet, &plain(Some(80)));
    assert_eq!(shown.matches("    → scoresheet mapping set").count(), 10);
    assert!(shown.contains("25 problems\nunmapped · crewhu (25)\n"), "{shown}");
    assert!(shown.ends_with("and 15 more (--json shows all)\n"), "{shown}");
}

#[test]
fn nothing_that_acts_on_a_terminal_comes_through() {
    const EVIL: &str = "\u{1b}]0;owned\u{7}\u{202e}evil\u{9b}31m\r\n\u{206a}x\u{2061}";
    let mut sheet = every_outcome();
    sheet.sheet = EVIL.to_owned();
    for client in &mut sheet.clients {
        client.name = EVIL.to_owned();
        client.kind = Some(EVIL.to_owned());
        for cell in &mut client.metrics {
            cell.name = EVIL.to_owned();
            cell.unit = Some(EVIL.to_owned());
            cell.explanation = vec![EVIL.to_owned()];
            cell.rejected = [(EVIL.to_owned(), 1)].into();
            if let Some(by) = &mut cell.overridden {
                by.author = EVIL.to_owned();
                by.reason = EVIL.to_owned();
            }
        }
    }
    for problem in &mut sheet.problems {
        problem.message = EVIL.to_owned();
        let provider = ProviderName::new("crewhu").expect("a name");
        problem.remedy = Remedy::CheckCredential { provider, credential: Some(EVIL.to_owned()) };
    }
    sheet.clients[1].name = "\u{e0041}".to_owned();
    for width in [None, Some(80), Some(30)] {
        let options = &plain(width);
        let details: Vec<String> = sheet.clients.iter().map(|client| detail(&sheet, &client.id, options)).collect();
        for shown in [table(&sheet, options), details.concat()] {
            let acting: Vec<char> = shown.chars().filter(|c| *c != '\n' && acts(*c)).collect();
            assert_eq!(acting, [] as [char; 0], "{shown}");
        }
    }
    let controls = csv(&sheet).chars().filter(|c| c.is_control() && *c != '\n').count();
    assert_eq!(controls, 0);
    let text = json(&sheet);
    assert!(!text.contains(|c: char| c != '\n' && acts(c)));
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["clients"][0]["name"], EVIL);
    assert_eq!(value["clients"][1]["name"], "\u{e0041}", "beyond the first plane");
}

#[test]
fn any_width_will_do() {
    for sheet in [every_outcome(), thirteen_metrics()] {
        for width in [0, 1, 10, 20, 33, 40, 79, 120, 200, u16::MAX] {
            let shown = table(&sheet, &plain(Some(width)));
            assert!(shown.contains("clients: "), "{shown}");
            if width >= 40 {
                assert!(widest(&shown) <= usize::from(width), "{} in {width}\n{shown}", widest(&shown));
            }
        }
    }
}

//! The workbook, read back: types of cells, texts as they are, and the same bytes each time.

use std::io::{Cursor, Read as _};

use calamine::{Data, Range, Reader as _, Xlsx};
use scoresheet_domain::sheet::Scoresheet;
use scoresheet_report::{Format, Options};

use crate::{
    empty,
    fixture::{EVIL, everything, hostile, msp},
    written,
};

fn xlsx(sheet: &Scoresheet) -> Vec<u8> {
    written(Format::Xlsx, sheet, &Options::default())
}

fn read(sheet: &Scoresheet) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(xlsx(sheet))).expect("a workbook that can be read")
}

/// A file inside the workbook.
fn file(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut text = String::new();
    archive.by_name(name).expect(name).read_to_string(&mut text).expect("XML");
    text
}

/// The cell under this header, in this row of the table (the first is 1).
fn under<'a>(range: &'a Range<Data>, row: usize, header: &str) -> &'a Data {
    let at = range.rows().next().expect("a header").iter().position(|cell| *cell == Data::String(header.to_owned()));
    let row: &'a [Data] = range.rows().nth(row).expect("a row");
    &row[at.unwrap_or_else(|| panic!("no column {header}"))]
}

fn text(text: &str) -> Data {
    Data::String(text.to_owned())
}

fn day(cell: &Data) -> f64 {
    match cell {
        Data::DateTime(time) => time.as_f64(),
        other => panic!("{other:?} is no date"),
    }
}

#[test]
fn cells_are_what_they_hold() {
    let sheet = everything();
    let mut book = read(&sheet);
    assert_eq!(book.sheet_names(), ["Clients", "Metrics", "Trends", "Review", "Problems", "About"]);

    let clients = book.worksheet_range("Clients").expect("clients");
    assert_eq!(clients.height(), 1 + sheet.clients.len());
    let engagement = sheet.clients[0].engagement.score.expect("a score");
    assert_eq!(under(&clients, 1, "Engagement"), &Data::Float(engagement));
    assert_eq!(under(&clients, 1, "Band"), &text("healthy"));
    assert_eq!(under(&clients, 1, "Coverage"), &Data::Float(1.0));
    assert_eq!(under(&clients, 1, "Has stub figures"), &Data::Bool(true));
    assert_eq!(under(&clients, 1, "Help Desk Usage (stub)"), &Data::Float(4.0));
    assert_eq!(under(&clients, 2, "Client"), &text("=Beta & \"Söhne\" GmbH"));
    assert_eq!(under(&clients, 5, "Engagement"), &Data::Empty, "coverage is too low");
    let outcomes: Vec<String> =
        (1..=7).map(|row| under(&clients, row, "Support Engagement Satisfaction").to_string()).collect();
    assert_eq!(outcomes, ["4", "3", "failed", "unmapped", "no-data", "not-applicable", "4"]);

    let metrics = book.worksheet_range("Metrics").expect("metrics");
    assert_eq!(metrics.height(), 1 + 3 * sheet.clients.len());
    let first = &sheet.clients[0].metrics[0];
    let interval = first.interval.expect("an interval");
    for (header, cell) in [
        ("Client", text("Acme, Inc.")),
        ("Group", text("Service delivery")),
        ("Outcome", text("measured")),
        ("Score", Data::Float(4.0)),
        ("Value", Data::Float(13.0 / 3.0)),
        ("Samples", Data::Float(24.0)),
        ("Effective samples", Data::Float(21.5)),
        ("Interval low", Data::Float(interval.low)),
        ("Interval high", Data::Float(interval.high)),
        ("Rejected", Data::Float(3.0)),
        ("Rejected by reason", text("1 incomplete, 2 score-missing")),
        ("Stub", Data::Bool(false)),
        ("Stale", Data::Bool(false)),
        ("Trend", text("improving")),
        ("Previous window", Data::Float(3.5)),
        ("Change", Data::Float(13.0 / 3.0 - 3.5)),
        ("Target", Data::Float(4.25)),
        ("Override score", Data::Empty),
    ] {
        assert_eq!(under(&metrics, 1, header), &cell, "{header}");
    }
    // =DATE(2026,10,2), =DATE(2026,11,1) and =DATE(2026,10,20)+TIME(8,30,0)
    assert_eq!(day(under(&metrics, 1, "Window from (UTC)")), 46_297.0);
    assert_eq!(day(under(&metrics, 1, "Window until (UTC)")), 46_327.0);
    assert!((day(under(&metrics, 4, "Override set at (UTC)")) - (46_315.0 + 8.5 / 24.0)).abs() < 1e-9);
    assert_eq!(under(&metrics, 4, "Computed score"), &Data::Float(2.0));
    assert_eq!(under(&metrics, 3, "Entered by"), &text("jane@msp.example"));

    let trends = book.worksheet_range("Trends").expect("trends");
    let months: usize =
        sheet.clients.iter().flat_map(|it| &it.metrics).flat_map(|it| &it.trend).map(|it| it.months.len()).sum();
    assert_eq!(trends.height(), 1 + months);
    // =DATE(2025,12,1)
    assert_eq!(day(under(&trends, 1, "Month")), 45_992.0);
    assert_eq!(under(&trends, 1, "Value"), &Data::Float(3.1));
    assert_eq!(under(&trends, 3, "Value"), &Data::Empty, "a gap is no zero");
    assert_eq!(under(&trends, 12, "Complete"), &Data::Bool(false));

    let problems = book.worksheet_range("Problems").expect("problems");
    assert_eq!(problems.height(), 1 + sheet.problems.len());
    let about = book.worksheet_range("About").expect("about");
    assert_eq!(about.rows().nth(2).map(|row| row[1].clone()), Some(text(&sheet.id)));
    assert_eq!(day(&about.rows().nth(3).expect("the moment")[1]), 46_327.0);
    assert_eq!(about.rows().nth(6).map(|row| row[0].clone()), Some(text("STUB")));
}

#[test]
fn a_text_stays_a_text_whatever_it_begins_with() {
    for (evil, kept) in [
        ("=HYPERLINK(\"http://evil.example\")", None),
        ("+1 555 0100", None),
        ("-5", None),
        ("@SUM(A1)", None),
        ("\t=1", None),
        ("\r=1", None),
        ("＝1", None),
        ("'=1", None),
        ("00123", None),
        ("TRUE", None),
        ("2026-11-01", None),
        ("http://evil.example", None),
        ("_x0041_ _x000D_", None),
        (" kept ", None),
        ("a\u{0}b\u{1b}c\u{fffe}d\u{85}", Some("a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}")),
        (EVIL, Some(&*EVIL.replace('\u{1b}', "\u{fffd}"))),
    ] {
        let sheet = hostile(evil);
        let mut book = read(&sheet);
        for name in book.sheet_names() {
            let formulas = book.worksheet_formula(&name).expect("a worksheet");
            assert!(formulas.cells().all(|(_, _, formula)| formula.is_empty()), "{name}: {evil:?}");
        }
        let metrics = book.worksheet_range("Metrics").expect("metrics");
        let kept = kept.unwrap_or(evil);
        for header in ["Client", "Type", "Metric", "Group", "Unit", "Explanation", "Trend rests on"] {
            assert_eq!(under(&metrics, 1, header), &text(kept), "{header}: {evil:?}");
        }
        let problems = book.worksheet_range("Problems").expect("problems");
        assert_eq!(under(&problems, 1, "What is wrong"), &text(kept));
    }
}

#[test]
fn what_looks_like_a_formula_is_quoted() {
    let quoted = |sheet: &Scoresheet| {
        let bytes = xlsx(sheet);
        let styles = file(&bytes, "xl/styles.xml");
        let formats = styles.split("<cellXfs").nth(1).expect("formats");
        let quotes = |xf: &str| xf.contains("quotePrefix=\"1\"");
        let mut quoted =
            (0..).zip(formats.split("<xf ").skip(1)).filter(|(_, xf)| quotes(xf)).map(|(place, _): (u32, _)| place);
        let clients = file(&bytes, "xl/worksheets/sheet1.xml");
        assert!(!clients.contains("<f>") && !clients.contains("<hyperlink"));
        quoted.any(|place| clients.contains(&format!("<c r=\"A2\" s=\"{place}\" t=\"s\">")))
    };
    assert!(quoted(&hostile("=1+1")));
    assert!(!quoted(&hostile("Acme")));
}

#[test]
fn a_text_longer_than_a_cell_is_cut() {
    let long = "😀".repeat(20_000);
    let metrics = read(&hostile(&long)).worksheet_range("Metrics").expect("metrics");
    let kept = under(&metrics, 1, "Explanation").to_string();
    assert!(kept.encode_utf16().count() <= 32_767 && kept.starts_with("😀") && kept.ends_with('…'));
}

#[test]
fn headers_stay_and_colours_are_rules() {
    let bytes = xlsx(&msp(3, false));
    for number in 1..=6 {
        let sheet = file(&bytes, &format!("xl/worksheets/sheet{number}.xml"));
        assert!(sheet.contains("state=\"frozen\"") && sheet.contains("ySplit=\"1\""), "{number}");
        assert!(sheet.contains("<autoFilter"), "{number}");
        assert!(sheet.contains("<col "), "{number}");
    }
    let clients = file(&bytes, "xl/worksheets/sheet1.xml");
    assert!(clients.contains("<formula>\"healthy\"</formula>"), "{clients}");
    // Three rules for the band, one for the stubs, three for each of three groups and 13 metrics.
    assert_eq!(clients.matches("<cfRule").count(), 3 + 1 + 3 * (3 + 13));
}

#[test]
fn the_same_sheet_gives_the_same_bytes() {
    for sheet in [everything(), empty()] {
        let bytes = xlsx(&sheet);
        assert_eq!(bytes, xlsx(&sheet.clone()));
        let core = file(&bytes, "docProps/core.xml");
        assert_eq!(core.matches(">2026-11-01T00:00:00Z<").count(), 2, "{core}");
    }
    let mut old = empty();
    old.as_of = crate::fixture::at("0001-01-01");
    assert!(!xlsx(&old).is_empty(), "a moment that no spreadsheet knows");
}

/// The cells of a large sheet wait in files until the workbook is put together.
#[test]
fn a_large_workbook_is_as_a_small_one_but_longer() {
    let small = everything();
    let clients = small.clients.iter().cycle().take(200 * small.clients.len()).cloned().collect();
    let large = xlsx(&Scoresheet { clients, ..everything() });
    let small = xlsx(&small);
    let [mut few, mut many] = [&small, &large].map(|bytes| Xlsx::new(Cursor::new(bytes.clone())).expect("a workbook"));
    assert_eq!(few.sheet_names(), many.sheet_names());
    let mut rows = 0;
    for (number, name) in (1..).zip(few.sheet_names()) {
        let [few, many] = [&mut few, &mut many].map(|book| book.worksheet_range(&name).expect("a worksheet"));
        let grown = ["Clients", "Metrics", "Trends"].contains(&name.as_str());
        assert_eq!(many.height() - 1, (few.height() - 1) * if grown { 200 } else { 1 }, "{name}");
        assert!(few.rows().eq(many.rows().take(few.height())), "{name}");
        assert!(few.rows().skip(1).eq(many.rows().skip(1 + many.height() - few.height())), "the last of {name}");
        rows += many.height();
        // And around the cells, but for the number of the last row.
        let around = |bytes: &[u8], height: usize| {
            let sheet = file(bytes, &format!("xl/worksheets/sheet{number}.xml"));
            let (before, rest) = sheet.split_once("<sheetData>").expect("cells");
            let (cells, after) = rest.split_once("</sheetData>").expect("their end");
            let header = cells.split_once('>').expect("a row").0;
            // A hint to readers that a worksheet on disk goes without.
            let (_, header) = header.split_once("ht=").expect("a height");
            let told = format!("{before}{header}{after}").replace(" tabSelected=\"1\"", "");
            without_last_row(&told, height)
        };
        assert_eq!(around(&small, few.height()), around(&large, many.height()), "{name}");
    }
    assert!(rows > 20_000, "{rows} rows are not many");
}

/// Without the number of the last row, which stands behind a column's letters.
fn without_last_row(text: &str, last: usize) -> String {
    let letters = |before: &str| before.ends_with(|c: char| c.is_ascii_uppercase());
    let last = last.to_string();
    let mut parts = text.split(&last);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let number = letters(&whole) && !part.starts_with(|c: char| c.is_ascii_digit());
        whole.push_str(if number { "LAST" } else { &last });
        whole.push_str(part);
    }
    whole
}

//! A table on a worksheet: typed cells under a header that stays, a filter, and colours by rule.

use std::borrow::Cow;

use rust_xlsxwriter::{
    Color, ConditionalFormatCell, ConditionalFormatCellRule, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};
use scoresheet_domain::{Instant, Month, time::DAY_MS};

use crate::text::cut;

/// So many rows a worksheet holds, with its header (Excel's specification).
const MOST_ROWS: u32 = 1_048_576;
/// So many UTF-16 units a cell holds (Excel's specification).
const MOST_UNITS: usize = 32_767;
/// Points; three lines, for long names over narrow columns.
const HEADER_HEIGHT: f64 = 46.0;
/// The number by which a file names the paper (ECMA-376, 18.3.1.63).
const A4: u8 = 9;
/// The number by which a spreadsheet knows 1970-01-01.
const EPOCH: f64 = 25_569.0;
/// From 1900-03-01 on, every spreadsheet counts days alike; before, Excel knows a day that never was.
const FIRST_DAY: f64 = 61.0;

/// What stands in a cell.
pub(super) enum Cell<'a> {
    /// Nothing.
    Empty,
    /// A text, from wherever.
    Text(Cow<'a, str>),
    /// A figure, exact.
    Number(f64),
    /// A share, 0 to 1, shown as a percentage.
    Share(f64),
    /// A score of which one decimal is shown.
    Tenths(f64),
    /// Yes or no.
    Flag(bool),
    /// A moment, in UTC.
    Time(Instant),
    /// A month, as its first day.
    Month(Month),
}

impl<'a> Cell<'a> {
    /// A text.
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// A text, where there is one.
    pub(super) fn maybe(text: Option<&'a str>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }

    /// A figure, where there is one.
    pub(super) fn number(figure: Option<f64>) -> Self {
        figure.map_or(Self::Empty, Self::Number)
    }

    /// A moment, where there is one.
    pub(super) fn time(at: Option<Instant>) -> Self {
        at.map_or(Self::Empty, Self::Time)
    }
}

/// What decides on a column's colours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// None.
    Plain,
    /// The score in the cell: from 4, from 3, below.
    Score,
    /// The band in the cell.
    Band,
    /// The direction in the cell.
    Direction,
    /// Whether the cell is true.
    Flag,
}

/// A column.
pub(super) struct Column<'a> {
    /// Its header.
    pub(super) title: Cow<'a, str>,
    /// Its width, in characters.
    pub(super) width: f64,
    /// Its colours.
    pub(super) rule: Rule,
}

/// A column without colours.
pub(super) fn column<'a>(title: impl Into<Cow<'a, str>>, width: f64) -> Column<'a> {
    Column { title: title.into(), width, rule: Rule::Plain }
}

/// A column with colours.
pub(super) fn coloured<'a>(title: impl Into<Cow<'a, str>>, width: f64, rule: Rule) -> Column<'a> {
    Column { title: title.into(), width, rule }
}

/// Where cells wait until the workbook is put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cells {
    /// In memory.
    InMemory,
    /// In a temporary file a worksheet, without a name.
    OnDisk,
}

/// Writes tables into a workbook.
pub(super) struct Writer<'w> {
    workbook: &'w mut Workbook,
    cells: Cells,
    formats: Formats,
    most_rows: u32,
}

struct Formats {
    header: Format,
    header_quoted: Format,
    quoted: Format,
    share: Format,
    tenths: Format,
    time: Format,
    month: Format,
}

impl<'w> Writer<'w> {
    /// A writer into this workbook.
    pub(super) fn new(workbook: &'w mut Workbook, cells: Cells) -> Self {
        let header = Format::new()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_background_color(Color::RGB(0x00E9_EDF4))
            .set_font_color(Color::RGB(0x001B_1F27))
            .set_border_bottom(FormatBorder::Thin);
        let formats = Formats {
            header_quoted: header.clone().set_quote_prefix(),
            header,
            quoted: Format::new().set_quote_prefix(),
            share: Format::new().set_num_format("0%"),
            tenths: Format::new().set_num_format("0.0"),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            month: Format::new().set_num_format("yyyy-mm"),
        };
        Self { workbook, cells, formats, most_rows: MOST_ROWS }
    }

    /// A worksheet that is not in the workbook yet. Its cells must come row by row.
    fn worksheet(&mut self) -> Worksheet {
        match self.cells {
            Cells::InMemory => Worksheet::new(),
            Cells::OnDisk => self.workbook.new_worksheet_with_low_memory().unwrap_or_default(),
        }
    }

    /// Writes a table; what does not fit a worksheet goes on in the next one. `kept` columns stay when one scrolls to
    /// the right.
    pub(super) fn table<'a>(
        &mut self,
        name: &str,
        columns: &[Column<'_>],
        kept: u16,
        rows: impl Iterator<Item = Vec<Cell<'a>>>,
    ) -> Result<(), XlsxError> {
        let mut rows = rows.peekable();
        let mut number = 1;
        while number == 1 || rows.peek().is_some() {
            let name = if number == 1 { name.to_owned() } else { format!("{name} {number}") };
            let mut sheet = self.worksheet();
            sheet.set_name(name)?;
            header(&mut sheet, columns, kept, &self.formats)?;
            let mut last = 0;
            while let Some(row) = rows.next_if(|_| last + 1 < self.most_rows) {
                last += 1;
                for (at, cell) in (0..).zip(row) {
                    put(&mut sheet, last, at, cell, &self.formats)?;
                }
            }
            finish(&mut sheet, columns, last)?;
            self.workbook.push_worksheet(sheet);
            number += 1;
        }
        Ok(())
    }
}

fn header(sheet: &mut Worksheet, columns: &[Column<'_>], kept: u16, formats: &Formats) -> Result<(), XlsxError> {
    for (at, column) in (0..).zip(columns) {
        let format = if is_formula(&column.title) { &formats.header_quoted } else { &formats.header };
        sheet.write_string_with_format(0, at, plain(&column.title, MOST_UNITS), format)?;
        sheet.set_column_width(at, column.width)?;
    }
    sheet.set_freeze_panes(1, kept)?;
    sheet.set_row_height(0, HEADER_HEIGHT)?;
    // One page across, and no header repeated on the next: LibreOffice 7.4 crashes on the way to paper where coloured
    // columns are spread over several pages, or a tall header is repeated.
    sheet.set_landscape();
    sheet.set_paper_size(A4);
    sheet.set_print_fit_to_pages(1, 0);
    Ok(())
}

fn put(sheet: &mut Worksheet, row: u32, at: u16, cell: Cell<'_>, formats: &Formats) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) if text.is_empty() => {}
        Cell::Text(text) => {
            let text_of_cell = plain(&text, MOST_UNITS);
            if is_formula(&text) {
                sheet.write_string_with_format(row, at, text_of_cell, &formats.quoted)?;
            } else {
                sheet.write_string(row, at, text_of_cell)?;
            }
        }
        // There is no cell for what is no number.
        Cell::Number(figure) | Cell::Share(figure) | Cell::Tenths(figure) if !figure.is_finite() => {
            sheet.write_string_with_format(row, at, figure.to_string(), &formats.quoted)?;
        }
        Cell::Number(figure) => {
            sheet.write_number(row, at, figure)?;
        }
        Cell::Share(share) => {
            sheet.write_number_with_format(row, at, share, &formats.share)?;
        }
        Cell::Tenths(score) => {
            sheet.write_number_with_format(row, at, score, &formats.tenths)?;
        }
        Cell::Flag(flag) => {
            sheet.write_boolean(row, at, flag)?;
        }
        Cell::Time(moment) => match day_number(moment) {
            Some(number) => {
                sheet.write_number_with_format(row, at, number, &formats.time)?;
            }
            None => {
                sheet.write_string(row, at, moment.to_string())?;
            }
        },
        Cell::Month(month) => match day_number(month.begins()) {
            Some(number) => {
                sheet.write_number_with_format(row, at, number, &formats.month)?;
            }
            None => {
                sheet.write_string(row, at, month.to_string())?;
            }
        },
    }
    Ok(())
}

/// A moment as a spreadsheet counts: days, from a day of its own. None before the calendars agree.
fn day_number(at: Instant) -> Option<f64> {
    let number = at.millis() as f64 / DAY_MS as f64 + EPOCH;
    (number >= FIRST_DAY).then_some(number)
}

/// A text without what XML cannot hold, cut to what a cell can.
pub(super) fn plain(text: &str, most_units: usize) -> String {
    let stays = |c: char| matches!(c, '\t' | '\n' | '\r') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'));
    let visible: String = text.chars().map(|c| if stays(c) { c } else { '\u{fffd}' }).collect();
    cut(&visible, most_units).into_owned()
}

/// Whether somebody who edits the cell, or a program that reads the text again, would take it for a formula. The cell
/// is a string either way; the quote keeps it one.
fn is_formula(text: &str) -> bool {
    // Spreadsheets take the full-width forms for the same signs.
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '\''])
}

/// The filter, and the rules that colour.
fn finish(sheet: &mut Worksheet, columns: &[Column<'_>], last: u32) -> Result<(), XlsxError> {
    let end = u16::try_from(columns.len()).unwrap_or(u16::MAX).saturating_sub(1);
    sheet.autofilter(0, 0, last, end)?;
    if last == 0 {
        return Ok(());
    }
    for (at, column) in (0..).zip(columns) {
        let mut add = |rule: ConditionalFormatCell, tint: Tint| -> Result<(), XlsxError> {
            sheet.add_conditional_format(1, at, last, at, &rule.set_format(tint.format()))?;
            Ok(())
        };
        let rule = ConditionalFormatCell::new;
        match column.rule {
            Rule::Plain => {}
            // Where two hold, the first decides. An empty cell and a word are in none of them.
            Rule::Score => {
                for (low, high, tint) in [(4, 5, Tint::Good), (3, 4, Tint::Middling), (1, 3, Tint::Bad)] {
                    add(rule().set_rule(ConditionalFormatCellRule::Between(low, high)), tint)?;
                }
            }
            Rule::Band => {
                for (band, tint) in [("healthy", Tint::Good), ("watch", Tint::Middling), ("at-risk", Tint::Bad)] {
                    add(rule().set_rule(ConditionalFormatCellRule::EqualTo(band)), tint)?;
                }
            }
            Rule::Direction => {
                for (direction, tint) in [("improving", Tint::Good), ("declining", Tint::Bad)] {
                    add(rule().set_rule(ConditionalFormatCellRule::EqualTo(direction)), tint)?;
                }
            }
            Rule::Flag => add(rule().set_rule(ConditionalFormatCellRule::EqualTo(true)), Tint::Middling)?,
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Tint {
    Good,
    Middling,
    Bad,
}

impl Tint {
    fn format(self) -> Format {
        let (text, ground) = match self {
            Self::Good => (0x0014_602F, 0x00DD_F3E4),
            Self::Middling => (0x0072_4800, 0x00FD_EFCF),
            Self::Bad => (0x009C_1C1C, 0x00FD_E3E1),
        };
        Format::new().set_font_color(Color::RGB(text)).set_background_color(Color::RGB(ground))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Reader as _, Xlsx};

    use super::*;

    #[test]
    fn days_are_those_of_a_spreadsheet() {
        let number = |text| day_number(Instant::parse(text).expect("a time"));
        // =DATE(2026,11,1) and =DATE(1900,3,1)
        assert_eq!(number("2026-11-01"), Some(46_327.0));
        assert_eq!(number("2026-11-01T12:00:00Z"), Some(46_327.5));
        assert_eq!(number("1900-03-01"), Some(61.0));
        assert_eq!(number("1900-02-28"), None);
    }

    #[test]
    fn what_is_longer_than_a_worksheet_goes_on_in_the_next() {
        let mut workbook = Workbook::new();
        let mut writer = Writer { most_rows: 3, ..Writer::new(&mut workbook, Cells::OnDisk) };
        let rows = (0..5).map(|number| vec![Cell::Number(f64::from(number))]);
        writer.table("Many", &[coloured("n", 8.0, Rule::Score)], 0, rows).expect("a table");
        writer.table("None", &[column("n", 8.0)], 0, std::iter::empty()).expect("a table");
        let bytes = workbook.save_to_buffer().expect("a workbook");
        let mut read: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
        assert_eq!(read.sheet_names(), ["Many", "Many 2", "Many 3", "None"]);
        let mut figures = Vec::new();
        for name in ["Many", "Many 2", "Many 3"] {
            let range = read.worksheet_range(name).expect("a worksheet");
            figures.extend(range.rows().skip(1).map(|row| row[0].to_string()));
        }
        assert_eq!(figures, ["0", "1", "2", "3", "4"]);
    }
}

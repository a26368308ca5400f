//! A sheet as a workbook: the exact figures in typed cells, for who goes on calculating.
//!
//! Numbers are numbers, moments are dates in UTC, yes and no are booleans, and every text is a string, whatever it begins
//! with: no source can bring a formula along. Colours are rules on the cells' content, so they follow what is changed.

mod metrics;
mod overview;
mod table;

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};
use scoresheet_domain::sheet::{MetricCell, Scoresheet};

use self::table::{Cells, Writer};
use crate::{Options, ReportError, overview::Overview};

/// Up to so many rows are put together in memory, where one takes some 3 kB.
const MOST_ROWS_IN_MEMORY: usize = 20_000;

/// Writes a workbook in the format of Excel 2007 and later.
///
/// - `Clients`: a row a client: engagement, band, coverage, a column for each group's and each metric's score. Where a
///   metric has none, its outcome stands there as a word.
/// - `Metrics`: a row a client and metric, with every figure.
/// - `Trends`: a row a client, metric and month.
/// - `Review`: whom to call first, and who is doing well.
/// - `Problems`: what is wrong, and what to do about it.
/// - `About`: the sheet's name, id and moment, and how to read it.
///
/// A table longer than a worksheet may be goes on in the next (`Trends 2`). The same sheet gives the same bytes.
///
/// The cells of a large sheet wait in temporary files that nobody else can open, so that memory does not grow with
/// them; where there can be none, they wait in memory.
pub(crate) fn write(sheet: &Scoresheet, _: &Options, out: &mut dyn io::Write) -> Result<(), ReportError> {
    let cells = if rows(sheet) > MOST_ROWS_IN_MEMORY { Cells::OnDisk } else { Cells::InMemory };
    // The library panics in a thread that writes to a temporary file on a full disk.
    let workbook = catch_unwind(AssertUnwindSafe(|| workbook(sheet, cells))).unwrap_or(Err(ReportError::NoRoom))?;
    Ok(out.write_all(&workbook)?)
}

/// How many rows the workbook will have, but for the short tables.
fn rows(sheet: &Scoresheet) -> usize {
    let months = |cell: &MetricCell| cell.trend.as_ref().map_or(0, |trend| trend.months.len());
    sheet.clients.iter().map(|client| 1 + client.metrics.iter().map(|cell| 1 + months(cell)).sum::<usize>()).sum()
}

fn workbook(sheet: &Scoresheet, cells: Cells) -> Result<Vec<u8>, ReportError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(sheet)?);
    let whole = Overview::of(sheet);
    let mut writer = Writer::new(&mut workbook, cells);
    overview::clients(&mut writer, sheet, &whole)?;
    metrics::metrics(&mut writer, sheet)?;
    metrics::trends(&mut writer, sheet)?;
    overview::review(&mut writer, sheet)?;
    overview::problems(&mut writer, sheet, &whole)?;
    overview::about(&mut writer, sheet)?;
    Ok(workbook.save_to_buffer()?)
}

/// The file's own properties. Its time is the sheet's: the clock's would make every file another.
fn properties(sheet: &Scoresheet) -> Result<DocProperties, ReportError> {
    let seconds = sheet.as_of.millis().div_euclid(1000);
    // A file cannot be older than its format's calendar.
    let created = ExcelDateTime::from_timestamp(seconds).or_else(|_| ExcelDateTime::from_timestamp(0))?;
    let title = table::plain(&sheet.sheet, 255);
    Ok(DocProperties::new().set_title(title).set_comment(table::plain(&sheet.id, 255)).set_creation_datetime(&created))
}

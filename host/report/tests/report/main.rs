//! What each format writes: snapshots, and what no format may let through.

#[path = "../fixture/mod.rs"]
mod fixture;
mod html;
mod markdown;
mod outcomes;
mod text_formats;
mod xlsx;

use scoresheet_domain::sheet::Scoresheet;
use scoresheet_report::{Format, Options};

/// The sheet in a format.
fn written(format: Format, sheet: &Scoresheet, options: &Options) -> Vec<u8> {
    let mut out = Vec::new();
    format.write(sheet, options, &mut out).expect("memory takes everything");
    out
}

/// The sheet in a text format.
fn text(format: Format, sheet: &Scoresheet, options: &Options) -> String {
    String::from_utf8(written(format, sheet, options)).expect("UTF-8")
}

/// A sheet short enough to be read as a snapshot: an ordinary client, one with an override, a hostile one.
fn short() -> Scoresheet {
    let mut sheet = fixture::everything();
    sheet.clients.truncate(3);
    sheet
}

fn empty() -> Scoresheet {
    let mut sheet = fixture::everything();
    sheet.clients.clear();
    sheet.problems.clear();
    sheet.review = Default::default();
    sheet.stub = false;
    sheet
}

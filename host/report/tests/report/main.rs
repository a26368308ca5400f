//! The documents as they come out: snapshots of each form, and what no form may let through.

#[path = "../fixture/mod.rs"]
mod fixture;
mod html;
mod markdown;
mod xlsx;

use scoresheet_domain::sheet::Scoresheet;

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

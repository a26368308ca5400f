//! The sheet as a table for a terminal, with its legend, its counts and its problems.

mod detail;
mod grid;
mod head;
mod paint;
mod problems;
mod text;

use std::io;

use scoresheet_domain::sheet::{Band, Scoresheet};

use self::{
    grid::{Grid, grid},
    head::head,
    paint::{Tint, finish},
    problems::problems,
    text::{listed, paragraph},
};
use crate::{Options, ReportError, figures::counted};

/// Writes one row per client and one column per metric; below it the legend, the number of clients in each band, and
/// the problems with their remedies. Columns with made-up figures are headed `(stub)`.
pub(crate) fn write(sheet: &Scoresheet, options: &Options, out: &mut dyn io::Write) -> Result<(), ReportError> {
    let mut text = table(sheet, options);
    if let Some(client) = options.detail.as_ref().and_then(|id| sheet.clients.iter().find(|row| row.id == *id)) {
        text.push('\n');
        text.push_str(&detail::detail(client, options));
    }
    Ok(out.write_all(finish(&text, options.color).as_bytes())?)
}

fn table(sheet: &Scoresheet, options: &Options) -> String {
    let mut text = head(sheet, options);
    text.push('\n');
    if sheet.clients.is_empty() {
        text.push_str("There are no clients on this sheet.\n");
    } else {
        let grid = grid(sheet, options);
        text.push_str(&grid.text);
        text.push('\n');
        text.push_str(&legend(&grid, options));
        text.push_str(&counts(sheet, options));
    }
    let problems = problems(sheet, options);
    if !problems.is_empty() {
        text.push('\n');
        text.push_str(&problems);
    }
    text
}

/// The abbreviations and signs that were used.
fn legend(grid: &Grid, options: &Options) -> String {
    let abbreviations: Vec<String> = grid.key.iter().map(|(short, name)| format!("{short} = {name}")).collect();
    let marks: Vec<String> = grid.marks.iter().map(|(sign, meaning)| format!("{sign} = {meaning}")).collect();
    let mut legend = String::new();
    for line in listed(&abbreviations, options.width).into_iter().chain(listed(&marks, options.width)) {
        legend.push_str(&format!("{}\n", Tint::Faint.on(&line)));
    }
    legend
}

/// How many clients are in which band.
fn counts(sheet: &Scoresheet, options: &Options) -> String {
    let count = |band| sheet.clients.iter().filter(|client| client.engagement.band == band).count();
    let bands = [Band::Healthy, Band::Watch, Band::AtRisk].into_iter().filter_map(|band| {
        let clients = count(Some(band));
        (clients > 0).then(|| Tint::of_band(band).on(&format!("{clients} {}", band.as_str())))
    });
    let without = count(None);
    let without = (without > 0).then(|| format!("{without} without a score"));
    let parts: Vec<String> = bands.chain(without).collect();
    let counts = format!("{}: {}", counted(sheet.clients.len(), "client"), parts.join(", "));
    format!("{}\n", paragraph(&counts, options.width, "", ""))
}

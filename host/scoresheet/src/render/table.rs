//! The sheet as a table for a terminal, with its legend, its counts and its problems.

use scoresheet_domain::sheet::{Band, Scoresheet};

use super::{
    TableOptions,
    grid::{Grid, grid},
    head::head,
    paint::{Tint, finish},
    problems::problems,
    text::{counted, listed, paragraph},
};

/// The sheet for a person: one row a client, one column a metric.
///
/// Columns that hold made-up figures are headed `(stub)`. Beneath stand the meanings of the signs
/// that were used, how many clients are in which band, and the problems, each with what to do.
#[must_use]
pub fn table(sheet: &Scoresheet, options: TableOptions) -> String {
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
    finish(&text, options.color)
}

/// The abbreviations and signs that were used.
fn legend(grid: &Grid, options: TableOptions) -> String {
    let abbreviations: Vec<String> = grid.key.iter().map(|(short, name)| format!("{short} = {name}")).collect();
    let marks: Vec<String> = grid.marks.iter().map(|(sign, meaning)| format!("{sign} = {meaning}")).collect();
    let mut legend = String::new();
    for line in listed(&abbreviations, options.width).into_iter().chain(listed(&marks, options.width)) {
        legend.push_str(&format!("{}\n", Tint::Faint.on(&line)));
    }
    legend
}

/// How many clients are in which band.
fn counts(sheet: &Scoresheet, options: TableOptions) -> String {
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

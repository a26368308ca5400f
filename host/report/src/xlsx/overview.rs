//! The worksheets of the sheet as a whole: clients, review lists, problems, about.

use rust_xlsxwriter::XlsxError;
use scoresheet_domain::{
    review::ReviewEntry,
    sheet::{ClientRow, Scoresheet},
};

use super::{
    metrics::benchmark,
    table::{Cell, Column, Rule, Writer, coloured, column},
};
use crate::{guide::GUIDE, overview::Overview, words};

/// A row a client.
pub(super) fn clients(writer: &mut Writer<'_>, sheet: &Scoresheet, whole: &Overview<'_>) -> Result<(), XlsxError> {
    let groups = groups(sheet);
    let mut columns: Vec<Column<'_>> = vec![
        column("Client", 32.0),
        column("Client id", 14.0),
        column("Type", 12.0),
        column("Engagement", 12.0),
        coloured("Band", 10.0, Rule::Band),
        column("Coverage", 10.0),
        coloured("Has stub figures", 10.0, Rule::Flag),
        column("Target", 9.0),
        column("Among its type", 10.0),
        column("Clients of the type", 10.0),
        column("Lower quartile", 10.0),
        column("Median", 10.0),
        column("Upper quartile", 10.0),
    ];
    columns.extend(groups.iter().map(|(_, name)| coloured(format!("Group: {name}"), 13.0, Rule::Score)));
    columns.extend(whole.columns.iter().map(|metric| {
        let stub = if metric.stub { " (stub)" } else { "" };
        coloured(format!("{}{stub}", metric.name), 14.0, Rule::Score)
    }));
    let rows = sheet.clients.iter().map(|client| {
        let engagement = &client.engagement;
        let mut row = vec![
            Cell::text(&client.name),
            Cell::text(client.id.as_str()),
            Cell::maybe(client.kind.as_deref()),
            engagement.score.map_or(Cell::Empty, Cell::Tenths),
            Cell::maybe(engagement.band.map(|band| band.as_str())),
            Cell::Share(engagement.coverage),
            Cell::Flag(client.metrics.iter().any(|cell| cell.stub)),
            Cell::number(client.target),
        ];
        row.extend(benchmark(client.benchmark.as_ref()));
        row.extend(groups.iter().map(|(id, _)| {
            let score = client.groups.iter().find(|group| group.id == *id).and_then(|group| group.score);
            score.map_or(Cell::Empty, Cell::Tenths)
        }));
        row.extend(whole.cells(client).into_iter().map(|cell| {
            cell.map_or(Cell::Empty, |cell| cell.score.map_or_else(|| Cell::text(cell.outcome.as_str()), Cell::Number))
        }));
        row
    });
    writer.table("Clients", &columns, 1, rows)
}

/// Every group that a client has, with its name, in the sheet's order.
fn groups(sheet: &Scoresheet) -> Vec<(&str, &str)> {
    let mut groups: Vec<(&str, &str)> = Vec::new();
    for group in sheet.clients.iter().flat_map(|client: &ClientRow| &client.groups) {
        if !groups.iter().any(|(id, _)| *id == group.id) {
            groups.push((&group.id, &group.name));
        }
    }
    groups
}

/// Both review lists, the most pressing and the best first.
pub(super) fn review(writer: &mut Writer<'_>, sheet: &Scoresheet) -> Result<(), XlsxError> {
    let columns = [
        column("List", 14.0),
        column("Place", 8.0),
        column("Client", 32.0),
        column("Client id", 14.0),
        column("Engagement", 12.0),
        column("Why", 100.0),
    ];
    let lists = [("call first", &sheet.review.call_first), ("doing well", &sheet.review.doing_well)];
    let rows = lists.into_iter().flat_map(|(list, entries)| {
        entries.iter().enumerate().map(move |(at, entry): (usize, &ReviewEntry)| {
            vec![
                Cell::text(list),
                Cell::Number((at + 1) as f64),
                Cell::text(&entry.name),
                Cell::text(entry.client.as_str()),
                entry.score.map_or(Cell::Empty, Cell::Tenths),
                Cell::text(entry.reasons.join("; ")),
            ]
        })
    });
    writer.table("Review", &columns, 0, rows)
}

/// A row a problem.
pub(super) fn problems(writer: &mut Writer<'_>, sheet: &Scoresheet, whole: &Overview<'_>) -> Result<(), XlsxError> {
    let columns = [
        column("Kind", 16.0),
        column("Provider", 18.0),
        column("Client", 28.0),
        column("Client id", 14.0),
        column("What is wrong", 80.0),
        column("What to do", 70.0),
    ];
    let rows = sheet.problems.iter().map(|problem| {
        let client = problem.client.as_ref();
        vec![
            Cell::text(problem.kind.as_str()),
            Cell::maybe(problem.provider.as_ref().map(|provider| provider.as_str())),
            Cell::maybe(client.and_then(|id| whole.client(id)).map(|client| client.name.as_str())),
            Cell::maybe(client.map(|id| id.as_str())),
            Cell::text(&problem.message),
            Cell::text(problem.remedy.to_string()),
        ]
    });
    writer.table("Problems", &columns, 0, rows)
}

/// What the sheet is, and how to read it.
pub(super) fn about(writer: &mut Writer<'_>, sheet: &Scoresheet) -> Result<(), XlsxError> {
    let mut rows = vec![
        vec![Cell::text("Sheet"), Cell::text(&sheet.sheet)],
        vec![Cell::text("Id"), Cell::text(&sheet.id)],
        vec![Cell::text("As of (UTC)"), Cell::Time(sheet.as_of)],
        vec![Cell::text("Schema"), Cell::text(sheet.schema)],
        vec![Cell::text("Has stub figures"), Cell::Flag(sheet.stub)],
    ];
    if sheet.stub {
        rows.push(vec![Cell::text("STUB"), Cell::text(words::STUB_WARNING)]);
    }
    rows.extend(GUIDE.iter().map(|entry| vec![Cell::text(entry.term), Cell::text(entry.text)]));
    writer.table("About", &[column("What", 28.0), column("Which", 120.0)], 0, rows.into_iter())
}

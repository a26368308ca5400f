//! The worksheets of the metrics and of their months: every figure, exact.

use rust_xlsxwriter::XlsxError;
use scoresheet_domain::{
    benchmark::Benchmark,
    sheet::{ClientRow, Entered, MetricCell, Override, Scoresheet},
};

use super::table::{Cell, Rule, Writer, coloured, column};

/// A row a client and metric.
pub(super) fn metrics(writer: &mut Writer<'_>, sheet: &Scoresheet) -> Result<(), XlsxError> {
    let columns = [
        column("Client", 28.0),
        column("Client id", 14.0),
        column("Type", 12.0),
        column("Metric", 30.0),
        column("Metric id", 24.0),
        column("Group", 14.0),
        column("Provider", 16.0),
        column("Weight", 8.0),
        column("Outcome", 14.0),
        coloured("Score", 8.0, Rule::Score),
        column("Value", 12.0),
        column("Unit", 20.0),
        column("Samples", 9.0),
        column("Effective samples", 10.0),
        column("Interval low", 12.0),
        column("Interval high", 12.0),
        column("Rejected", 9.0),
        column("Rejected by reason", 24.0),
        column("Window from (UTC)", 19.0),
        column("Window until (UTC)", 19.0),
        coloured("Stub", 8.0, Rule::Flag),
        coloured("Stale", 8.0, Rule::Flag),
        coloured("Trend", 12.0, Rule::Direction),
        column("Previous window", 12.0),
        column("Change", 12.0),
        column("Trend rests on", 44.0),
        column("Among its type", 12.0),
        column("Clients of the type", 10.0),
        column("Lower quartile", 12.0),
        column("Median", 12.0),
        column("Upper quartile", 12.0),
        column("Target", 10.0),
        column("Override score", 10.0),
        column("Computed score", 10.0),
        column("Override by", 22.0),
        column("Override reason", 36.0),
        column("Override set at (UTC)", 19.0),
        column("Override from (UTC)", 19.0),
        column("Override until (UTC)", 19.0),
        column("Entered by", 22.0),
        column("Entered at (UTC)", 19.0),
        column("Entered note", 30.0),
        column("Explanation", 70.0),
    ];
    let rows = sheet.clients.iter().flat_map(|client| client.metrics.iter().map(|cell| row(client, cell)));
    writer.table("Metrics", &columns, 1, rows)
}

fn row<'a>(client: &'a ClientRow, cell: &'a MetricCell) -> Vec<Cell<'a>> {
    let group = cell
        .group
        .as_ref()
        .map(|id| client.groups.iter().find(|group| group.id == *id).map_or(id.as_str(), |group| group.name.as_str()));
    let rejected: Vec<String> = cell.rejected.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    let mut row = vec![
        Cell::text(&client.name),
        Cell::text(client.id.as_str()),
        Cell::maybe(client.kind.as_deref()),
        Cell::text(&cell.name),
        Cell::text(cell.id.as_str()),
        Cell::maybe(group),
        Cell::maybe(cell.provider.as_ref().map(|provider| provider.as_str())),
        Cell::Number(cell.weight),
        Cell::text(cell.outcome.as_str()),
        Cell::number(cell.score),
        Cell::number(cell.value),
        Cell::maybe(cell.unit.as_deref()),
        Cell::Number(f64::from(cell.samples)),
        Cell::number(cell.effective_samples),
        Cell::number(cell.interval.map(|interval| interval.low)),
        Cell::number(cell.interval.map(|interval| interval.high)),
        Cell::Number(cell.rejected.values().sum::<u64>() as f64),
        Cell::text(rejected.join(", ")),
        Cell::Time(cell.window.from),
        Cell::Time(cell.window.until),
        Cell::Flag(cell.stub),
        Cell::Flag(cell.stale),
    ];
    let trend = cell.trend.as_ref();
    row.extend([
        Cell::maybe(trend.map(|trend| trend.direction.as_str())),
        Cell::number(trend.and_then(|trend| trend.previous)),
        Cell::number(trend.and_then(|trend| trend.change)),
        Cell::maybe(trend.map(|trend| trend.basis.as_str())),
    ]);
    row.extend(benchmark(cell.benchmark.as_ref()));
    row.push(Cell::number(cell.target));
    row.extend(overridden(cell.overridden.as_ref()));
    row.extend(entered(cell.entered.as_ref()));
    row.push(Cell::text(cell.explanation.join(" | ")));
    row
}

/// Where a figure stands among those of its type, and what theirs are.
pub(super) fn benchmark(benchmark: Option<&Benchmark>) -> [Cell<'_>; 5] {
    [
        Cell::maybe(benchmark.and_then(|it| it.standing).map(|standing| standing.as_str())),
        Cell::number(benchmark.map(|it| it.clients as f64)),
        Cell::number(benchmark.map(|it| it.lower_quartile)),
        Cell::number(benchmark.map(|it| it.median)),
        Cell::number(benchmark.map(|it| it.upper_quartile)),
    ]
}

fn overridden(by: Option<&Override>) -> [Cell<'_>; 7] {
    [
        Cell::number(by.map(|it| it.score)),
        Cell::number(by.and_then(|it| it.computed)),
        Cell::maybe(by.map(|it| it.author.as_str())),
        Cell::maybe(by.map(|it| it.reason.as_str())),
        Cell::time(by.map(|it| it.at)),
        Cell::time(by.map(|it| it.from)),
        Cell::time(by.and_then(|it| it.until)),
    ]
}

fn entered(by: Option<&Entered>) -> [Cell<'_>; 3] {
    [
        Cell::maybe(by.map(|it| it.author.as_str())),
        Cell::time(by.map(|it| it.at)),
        Cell::maybe(by.and_then(|it| it.note.as_deref())),
    ]
}

/// A row a client, metric and month.
pub(super) fn trends(writer: &mut Writer<'_>, sheet: &Scoresheet) -> Result<(), XlsxError> {
    let columns = [
        column("Client", 28.0),
        column("Client id", 14.0),
        column("Metric", 30.0),
        column("Metric id", 24.0),
        column("Unit", 20.0),
        column("Month", 10.0),
        column("Complete", 10.0),
        column("Value", 12.0),
        coloured("Score", 8.0, Rule::Score),
        column("Samples", 9.0),
        column("Three-month mean", 12.0),
        coloured("Stub", 8.0, Rule::Flag),
    ];
    let cells = sheet.clients.iter().flat_map(|client| client.metrics.iter().map(move |cell| (client, cell)));
    let rows = cells.flat_map(|(client, cell)| {
        let months = cell.trend.iter().flat_map(|trend| &trend.months);
        months.map(move |month| {
            vec![
                Cell::text(&client.name),
                Cell::text(client.id.as_str()),
                Cell::text(&cell.name),
                Cell::text(cell.id.as_str()),
                Cell::maybe(cell.unit.as_deref()),
                Cell::Month(month.month),
                Cell::Flag(month.complete),
                Cell::number(month.value),
                Cell::number(month.score),
                Cell::Number(f64::from(month.samples)),
                Cell::number(month.rolling),
                Cell::Flag(cell.stub),
            ]
        })
    });
    writer.table("Trends", &columns, 1, rows)
}

//! `scoresheet trend`: a client's metrics month by month.

use std::fmt::Write as _;

use scoresheet::{
    SheetOptions,
    benchmark::Benchmark,
    sheet::{ClientRow, MetricCell},
    trend::Trend,
    views,
};

use crate::{
    args::TrendArgs,
    commands::Context,
    exit::{Done, Failure, Outcome},
    output::{columns, harmless},
};

/// Prints the months, the direction, and how the client compares with others of its type.
pub(crate) async fn run(context: &Context, args: &TrendArgs) -> Outcome {
    let app = context.open().await?;
    let options = SheetOptions { client: Some(args.client.clone()), as_of: args.as_of, ..SheetOptions::default() };
    let sheet = app.generate(&options, &context.cancel).await?;
    let row = sheet.clients.into_iter().next().ok_or_else(|| {
        Failure::Usage(format!("there is no client '{}'; 'scoresheet clients list' shows them", args.client))
    })?;
    let cells: Vec<&MetricCell> = match &args.metric {
        None => row.metrics.iter().collect(),
        Some(id) => {
            let cell = row.metrics.iter().find(|cell| cell.id.as_str() == id).ok_or_else(|| {
                let known: Vec<&str> = row.metrics.iter().map(|cell| cell.id.as_str()).collect();
                Failure::Usage(format!("the sheet has no metric '{id}'; it has: {}", known.join(", ")))
            })?;
            vec![cell]
        }
    };
    if context.output.json {
        context.output.value(&views::trend::ClientTrends::new(&row, sheet.as_of, &cells))?;
    } else {
        context.output.data(&harmless(&text(&row, &cells)))?;
    }
    Ok(Done::Well)
}

fn text(row: &ClientRow, cells: &[&MetricCell]) -> String {
    let mut text = format!("{} ({})\n", row.name, row.id);
    for cell in cells {
        // Writing to a String cannot fail.
        let _ = match &cell.trend {
            Some(trend) => {
                writeln!(text, "\n{}: {}\n  {}\n{}", cell.name, trend.direction.as_str(), trend.basis, months(trend))
            }
            None if cell.provider.is_none() => writeln!(text, "\n{}: entered by hand, so there is no trend", cell.name),
            None => {
                let why = cell.explanation.first().map_or("the sheet shows no trends", String::as_str);
                writeln!(text, "\n{}: no trend, {why}", cell.name)
            }
        };
        if let Some(benchmark) = &cell.benchmark {
            let _ = writeln!(text, "  {}", compared(benchmark));
        }
        if let Some(target) = cell.target {
            let _ = writeln!(text, "  target {target}");
        }
    }
    text
}

fn months(trend: &Trend) -> String {
    let figure = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
    let mut rows = vec![["  MONTH", "FIGURE", "3 MONTHS", "RESPONSES"].map(str::to_owned).to_vec()];
    for month in &trend.months {
        let so_far = if month.complete { "" } else { " so far" };
        rows.push(vec![
            format!("  {}{so_far}", month.month),
            figure(month.value),
            figure(month.rolling),
            month.samples.to_string(),
        ]);
    }
    columns(&rows)
}

fn compared(benchmark: &Benchmark) -> String {
    let standing = benchmark.standing.map_or("no figure to compare", |standing| standing.as_str());
    format!(
        "{standing} the middle half of {} {} clients: {:.2} to {:.2}, median {:.2}",
        benchmark.clients, benchmark.kind, benchmark.lower_quartile, benchmark.upper_quartile, benchmark.median
    )
}

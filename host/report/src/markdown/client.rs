//! One client's part of the Markdown.

use std::fmt::{self, Write};

use scoresheet_domain::sheet::{ClientRow, MetricCell};

use super::{escape::escaped, short, stub};
use crate::{
    client::{blocks, months, shared_window},
    figures::{figure, percent, window},
    overview::has_stub,
    words,
};

/// The client's score, its metrics, what is to be known about each, and its months.
pub(super) fn part(out: &mut impl Write, client: &ClientRow) -> fmt::Result {
    head(out, client)?;
    if client.metrics.is_empty() {
        return out.write_str("\nThere are no metrics.\n");
    }
    metrics(out, client)?;
    notes(out, client)?;
    timelines(out, client)
}

fn head(out: &mut impl Write, client: &ClientRow) -> fmt::Result {
    writeln!(out, "\n## {}\n", escaped(&client.name))?;
    let engagement = &client.engagement;
    match engagement.score {
        Some(score) => {
            write!(out, "**Engagement {score:.1} of 5, {}**{}", words::band(engagement), stub(has_stub(client)))?;
        }
        None => out.write_str("**No engagement score:** too little of the weight has a score")?,
    }
    writeln!(out, "; coverage {}.\n", percent(engagement.coverage))?;
    writeln!(out, "- Client {}", escaped(client.id.as_str()))?;
    if let Some(kind) = &client.kind {
        writeln!(out, "- Type: {}", escaped(kind))?;
    }
    if let Some(shared) = shared_window(client) {
        writeln!(out, "- Window: {} (UTC, the end excluded)", window(shared))?;
    }
    if let Some(benchmark) = &client.benchmark {
        writeln!(out, "- Against its type: {}", escaped(&words::standing(benchmark)))?;
    }
    if let Some(target) = client.target {
        writeln!(out, "- Engagement: {}", words::target(target, engagement.score))?;
    }
    for block in blocks(client) {
        if let Some(group) = block.group {
            let score = group.score.map_or_else(|| "no score".to_owned(), |score| format!("{score:.1}"));
            writeln!(
                out,
                "- Group {}: {score}{}, coverage {}, weight {}",
                escaped(&group.name),
                stub(block.stub),
                percent(group.coverage),
                figure(group.weight)
            )?;
        }
    }
    Ok(())
}

fn metrics(out: &mut impl Write, client: &ClientRow) -> fmt::Result {
    let groups = !client.groups.is_empty();
    out.write_str(if groups { "\n| Metric | Group " } else { "\n| Metric " })?;
    out.write_str("| Score | Outcome | Figure | Samples | Trend | Against its type |\n|---|")?;
    out.write_str(if groups { "---|--:|---|---|---|---|---|\n" } else { "--:|---|---|---|---|---|\n" })?;
    for block in blocks(client) {
        for cell in block.cells {
            write!(out, "| {} |", escaped(&cell.name))?;
            if groups {
                write!(out, " {} |", escaped(block.group.map_or("", |group| &group.name)))?;
            }
            let value = cell.value.map(figure).unwrap_or_default();
            let unit = cell.unit.as_deref().filter(|_| cell.value.is_some()).unwrap_or_default();
            let trend =
                cell.trend.as_ref().map(|it| format!("{}: {}", words::direction(it.direction), words::basis(it)));
            writeln!(
                out,
                " {} | {} | {} | {} | {} | {} |",
                if cell.score.is_some() { short(cell) } else { "–".to_owned() },
                words::outcome(cell.outcome),
                escaped(&format!("{value} {unit}")),
                escaped(&joined("; ", [words::samples(cell), words::interval(cell).unwrap_or_default()])),
                escaped(&trend.unwrap_or_default()),
                escaped(&comparison(cell))
            )?;
        }
    }
    Ok(())
}

fn comparison(cell: &MetricCell) -> String {
    let standing = cell.benchmark.as_ref().map(words::standing).unwrap_or_default();
    let target = cell.target.map(|target| words::target(target, cell.value)).unwrap_or_default();
    joined("; ", [standing, target])
}

fn joined(between: &str, parts: [String; 2]) -> String {
    let there: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    there.join(between)
}

fn notes(out: &mut impl Write, client: &ClientRow) -> fmt::Result {
    let shared = shared_window(client);
    out.write_str("\n")?;
    for block in blocks(client) {
        for cell in block.cells {
            write!(out, "- **{}** ({})", escaped(&cell.name), escaped(&words::origin(cell, shared)))?;
            for (at, note) in words::notes(cell).iter().enumerate() {
                out.write_str(if at == 0 { ": " } else { " · " })?;
                if let Some(label) = note.label {
                    write!(out, "*{label}:* ")?;
                }
                write!(out, "{}", escaped(&note.text))?;
            }
            out.write_str("\n")?;
        }
    }
    Ok(())
}

fn timelines(out: &mut impl Write, client: &ClientRow) -> fmt::Result {
    let months = months(client);
    if months.is_empty() {
        return Ok(());
    }
    out.write_str("\nFigures by month: the figure, the mean of three months, and how many samples; “–” is a month ")?;
    out.write_str("without a figure, “…” one that is not over.\n\n| Metric |")?;
    for month in &months {
        write!(out, " {month} |")?;
    }
    out.write_str("\n|---|")?;
    for _ in &months {
        out.write_str("--:|")?;
    }
    out.write_str("\n")?;
    for cell in &client.metrics {
        let Some(trend) = &cell.trend else { continue };
        write!(out, "| {}{} |", escaped(&cell.name), stub(cell.stub))?;
        for month in &months {
            let told = trend.months.iter().find(|it| it.month == *month).and_then(|it| {
                let open = if it.complete { "" } else { "…" };
                let rolling = it.rolling.map(|rolling| format!(" · {}", figure(rolling))).unwrap_or_default();
                Some(format!("{}{open}{rolling} · {}", figure(it.value?), it.samples))
            });
            write!(out, " {} |", told.as_deref().unwrap_or("–"))?;
        }
        out.write_str("\n")?;
    }
    Ok(())
}

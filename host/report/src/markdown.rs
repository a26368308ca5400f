//! A sheet as Markdown: `CommonMark` with GitHub's tables, for a wiki or a pull request.
//!
//! The content is that of the page; the charts' figures stand in tables. Every text of the sheet goes through
//! [`escaped`], so that it neither breaks a table nor brings HTML, links or pictures along.

mod client;
mod escape;

use std::{
    fmt::{self, Write},
    io,
};

use scoresheet_domain::{
    review::ReviewEntry,
    sheet::{MetricCell, Scoresheet},
};

use self::escape::escaped;
use crate::{
    Options, ReportError,
    figures::{percent, score, time},
    guide::GUIDE,
    overview::{Overview, has_stub},
    text::Harmless,
    words,
};

/// Writes the call list, the problems, all clients, a section for each, and how to read the sheet.
pub(crate) fn write(sheet: &Scoresheet, _: &Options, out: &mut dyn io::Write) -> Result<(), ReportError> {
    let written = Harmless::new(out).pass(|out| {
        let overview = Overview::of(sheet);
        head(out, sheet, &overview)?;
        list(out, "Call first", "Nothing on this sheet asks for a call.", &sheet.review.call_first, &overview)?;
        list(out, "Doing well", "Nobody is healthy without anything to mend.", &sheet.review.doing_well, &overview)?;
        problems(out, sheet, &overview)?;
        clients(out, sheet, &overview)?;
        for client in &sheet.clients {
            client::part(out, client)?;
        }
        out.write_str("\n## How to read this sheet\n\n")?;
        for entry in &GUIDE {
            writeln!(out, "- **{}.** {}", entry.term, entry.text)?;
        }
        writeln!(out, "\n{} · {}", escaped(sheet.schema), escaped(&sheet.id))
    });
    Ok(written?)
}

fn head(out: &mut impl Write, sheet: &Scoresheet, overview: &Overview<'_>) -> fmt::Result {
    writeln!(out, "# {}\n\nAs of {}. {}.", escaped(&sheet.sheet), time(sheet.as_of), overview.counts())?;
    if sheet.stub {
        writeln!(out, "\n> **STUB:** {}", words::STUB_WARNING)?;
    }
    Ok(())
}

/// The mark of a figure that is made up, or that a made-up one is part of.
fn stub(there: bool) -> &'static str {
    if there { " (stub)" } else { "" }
}

fn list(
    out: &mut impl Write,
    title: &str,
    nobody: &str,
    entries: &[ReviewEntry],
    overview: &Overview<'_>,
) -> fmt::Result {
    writeln!(out, "\n## {title}\n")?;
    if entries.is_empty() {
        writeln!(out, "{nobody}")?;
    }
    for (at, entry) in entries.iter().enumerate() {
        let mark = stub(overview.client(&entry.client).is_some_and(has_stub));
        writeln!(out, "{}. **{}** ({}){mark}", at + 1, escaped(&entry.name), escaped(entry.client.as_str()))?;
        for reason in &entry.reasons {
            writeln!(out, "    - {}", escaped(reason))?;
        }
    }
    Ok(())
}

fn problems(out: &mut impl Write, sheet: &Scoresheet, overview: &Overview<'_>) -> fmt::Result {
    if sheet.problems.is_empty() {
        return Ok(());
    }
    out.write_str(
        "\n## Problems\n\n| Kind | Provider | Client | What is wrong | What to do |\n|---|---|---|---|---|\n",
    )?;
    for problem in &sheet.problems {
        let provider = problem.provider.as_ref().map_or("", |provider| provider.as_str());
        let client = problem
            .client
            .as_ref()
            .map_or("", |id| overview.client(id).map_or(id.as_str(), |client| client.name.as_str()));
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            problem.kind.as_str(),
            escaped(provider),
            escaped(client),
            escaped(&problem.message),
            escaped(&problem.remedy.to_string())
        )?;
    }
    Ok(())
}

fn clients(out: &mut impl Write, sheet: &Scoresheet, overview: &Overview<'_>) -> fmt::Result {
    out.write_str("\n## All clients\n\n")?;
    if sheet.clients.is_empty() {
        return out.write_str("There are no clients on this sheet.\n");
    }
    out.write_str("| Client | Type | Engagement | Band | Coverage |")?;
    for column in &overview.columns {
        write!(out, " {}{} |", escaped(column.name), stub(column.stub))?;
    }
    out.write_str("\n|---|---|--:|---|--:|")?;
    for _ in &overview.columns {
        out.write_str("--:|")?;
    }
    for client in &sheet.clients {
        write!(
            out,
            "\n| {} | {} | {}{} | {} | {} |",
            escaped(&client.name),
            escaped(client.kind.as_deref().unwrap_or_default()),
            client.engagement.score.map_or_else(|| "–".to_owned(), |score| format!("{score:.1}")),
            stub(has_stub(client)),
            words::band(&client.engagement),
            percent(client.engagement.coverage)
        )?;
        for cell in overview.cells(client) {
            write!(out, " {} |", cell.map(short).unwrap_or_default())?;
        }
    }
    out.write_str("\n")
}

/// A metric's score, or what became of it, with its marks in words.
fn short(cell: &MetricCell) -> String {
    let mut told = cell.score.map_or_else(|| words::outcome(cell.outcome).to_owned(), score);
    told.push_str(stub(cell.stub && cell.score.is_some()));
    if cell.overridden.is_some() {
        told.push_str(" (overridden)");
    }
    if cell.stale {
        told.push_str(" (stale)");
    }
    told
}

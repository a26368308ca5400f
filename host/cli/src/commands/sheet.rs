//! `scoresheet run` and `scoresheet generate`.

use std::io::{BufWriter, IsTerminal as _, Write as _};

use scoresheet::{
    ClientId, OutcomeKind, Scoresheet, SheetOptions, SyncOptions,
    render::{self, TableOptions},
};

use crate::{
    args::{Format, RunArgs, SheetArgs},
    commands::{Context, alerts, health, sync},
    exit::{Done, Failure, Outcome},
    output::Output,
};

/// Sync, then generate. What a provider fails at is told; what is stored is still printed.
pub(crate) async fn run(context: &Context, args: &RunArgs) -> Outcome {
    let app = context.open_with(&args.traffic).await?;
    let replayed = args.traffic.replay.is_some();
    let args = &args.sheet;
    // Both halves look at one moment, so that the sheet ends where the sync did.
    let options = SheetOptions { as_of: Some(args.as_of.unwrap_or_else(|| app.now())), ..options(args) };
    if let Some(client) = &options.client {
        // A wrong id is told before anything is asked of a source; where the roster comes
        // from the source itself, its ids are known only afterwards.
        let roster = app.roster().await?;
        if roster.own.is_none() && !roster.clients.iter().any(|known| known.id.as_str() == client) {
            app.generate(&options, &context.cancel).await?;
        }
    }
    let sync_options =
        SyncOptions { as_of: options.as_of, lookback_days: options.lookback_days, ..SyncOptions::default() };
    let report = sync::with_progress(context, &app, &sync_options).await?;
    if report.interrupted() {
        return Err(scoresheet::EngineError::Cancelled.into());
    }
    health::warn(context, &app).await?;
    let (sheet, kept) = app.generate_and_keep(&options, &context.cancel).await?;
    if let Err(error) = kept {
        context
            .output
            .note(&format!("warning: this sheet is not kept, so 'scoresheet replay' cannot make it again: {error}"));
    }
    print(context.output, args, &sheet)?;
    // What was recorded is no news.
    let told = if replayed {
        Done::Well
    } else {
        let is_of_now = args.client.is_none() && args.as_of.is_none() && args.lookback.is_none();
        alerts::after_run(context, &app, is_of_now.then_some(&sheet)).await?
    };
    let failed = report.problems().next().is_some() || told == Done::WithFailures;
    Ok(if failed { Done::WithFailures } else { done(&sheet) })
}

/// Generate from what is stored.
pub(crate) async fn generate(context: &Context, args: &SheetArgs) -> Outcome {
    let app = context.open().await?;
    let sheet = app.generate(&options(args), &context.cancel).await?;
    print(context.output, args, &sheet)?;
    Ok(done(&sheet))
}

fn options(args: &SheetArgs) -> SheetOptions {
    SheetOptions { client: args.client.clone(), as_of: args.as_of, lookback_days: args.lookback }
}

/// Missing data is no failure; a provider that failed to score is.
fn done(sheet: &Scoresheet) -> Done {
    let failed = sheet.clients.iter().flat_map(|row| &row.metrics).any(|cell| cell.outcome == OutcomeKind::Failed);
    if failed { Done::WithFailures } else { Done::Well }
}

/// Prints the sheet as asked for.
pub(crate) fn print(output: Output, args: &SheetArgs, sheet: &Scoresheet) -> Result<(), Failure> {
    let format = args.format.unwrap_or(if output.json { Format::Json } else { Format::Table });
    let color = output.color && args.output.is_none();
    let write = |write: fn(&Scoresheet, &mut dyn std::io::Write) -> std::io::Result<()>| match &args.output {
        Some(path) => output.file(path, |out| write(sheet, out)),
        None => output.stream(|out| write(sheet, out)),
    };
    let text = match format {
        Format::Json => return write(|sheet, out| render::write_json(sheet, out)),
        Format::Md => return write(|sheet, out| buffered(out, |out| render::write_markdown(sheet, out))),
        Format::Html => return write(|sheet, out| buffered(out, |out| render::write_html(sheet, out))),
        Format::Xlsx if args.output.is_none() && std::io::stdout().is_terminal() => {
            let message = "a workbook is no text to look at; give a file: --output sheet.xlsx";
            return Err(Failure::Usage(message.to_owned()));
        }
        Format::Xlsx => {
            let workbook = render::xlsx(sheet).map_err(|error| Failure::Failed(error.to_string()))?;
            return match &args.output {
                Some(path) => output.file(path, |out| out.write_all(&workbook)),
                None => output.stream(|out| out.write_all(&workbook)),
            };
        }
        Format::Table => table(sheet, color, output.width(), args.client.as_deref()),
        Format::Csv => render::csv(sheet),
    };
    match &args.output {
        Some(path) => output.file(path, |out| out.write_all(text.as_bytes())),
        None => output.data(&text),
    }
}

/// Both write in small pieces.
fn buffered(
    out: &mut dyn std::io::Write,
    write: impl FnOnce(&mut BufWriter<&mut dyn std::io::Write>) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(64 << 10, out);
    write(&mut out)?;
    out.flush()
}

/// The table; of one client, with every metric explained.
pub(crate) fn table(sheet: &Scoresheet, color: bool, width: Option<u16>, client: Option<&str>) -> String {
    let options = TableOptions { color, width };
    let mut text = render::table(sheet, options);
    let row = client.and_then(|id| ClientId::new(id).ok()).and_then(|id| sheet.clients.iter().find(|row| row.id == id));
    if let Some(row) = row {
        text.push('\n');
        text.push_str(&render::detail(row, options));
    }
    text
}

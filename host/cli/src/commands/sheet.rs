//! `scoresheet run` and `scoresheet generate`.

use std::io::IsTerminal as _;

use scoresheet::{
    ClientId, OutcomeKind, Scoresheet, SheetOptions, SyncOptions,
    report::{Format, Options},
};

use crate::{
    args::{RunArgs, SheetArgs},
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

/// Prints the sheet in the requested format, or writes it to the requested file.
fn print(output: Output, args: &SheetArgs, sheet: &Scoresheet) -> Result<(), Failure> {
    let format = args.format.unwrap_or(if output.json { Format::Json } else { Format::Table });
    let detail = args.client.as_deref().and_then(|id| ClientId::new(id).ok());
    let options = Options { color: output.color && args.output.is_none(), width: output.width(), detail };
    match &args.output {
        Some(path) => output.file(path, |out| format.write(sheet, &options, out)),
        None if format.is_binary() && std::io::stdout().is_terminal() => {
            let extension = format.extension();
            let message = format!("a workbook is no text to look at; give a file: --output sheet.{extension}");
            Err(Failure::Usage(message))
        }
        None => Ok(format.write(sheet, &options, &mut std::io::stdout().lock())?),
    }
}

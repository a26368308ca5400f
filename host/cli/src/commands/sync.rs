//! `scoresheet sync`.

use scoresheet::{Engine, SyncOptions, SyncReport, views};

use crate::{
    args::SyncArgs,
    commands::{Context, health},
    exit::{Done, Failure, Outcome},
    progress::{self, SyncProgress},
};

/// Pulls what is new.
pub(crate) async fn run(context: &Context, args: SyncArgs) -> Outcome {
    let app = context.open_with(&args.traffic).await?;
    let options = SyncOptions { provider: args.provider, full: args.full, ..SyncOptions::default() };
    let report = with_progress(context, &app, &options).await?;
    if context.output.json {
        context.output.value(&views::sync::Sync::from(&report))?;
    } else {
        context.output.data(&progress::summary(&report).join("\n"))?;
    }
    if report.interrupted() {
        return Err(scoresheet::EngineError::Cancelled.into());
    }
    health::warn(context, &app).await?;
    Ok(if report.problems().next().is_some() { Done::WithFailures } else { Done::Well })
}

/// Syncs, with bars on a terminal.
pub(crate) async fn with_progress(
    context: &Context,
    app: &Engine,
    options: &SyncOptions,
) -> Result<SyncReport, Failure> {
    let bars = SyncProgress::new(context.output);
    let report = app.sync(options, &|event| bars.event(&event), &context.cancel).await;
    bars.finish();
    Ok(report?)
}

//! `scoresheet manual …`: the scores of metrics that have no provider.

use scoresheet::{EntryKind, NewScore};

use crate::{
    args::ManualCommand,
    commands::{Context, entered},
    exit::Outcome,
};

/// One of the manual commands. What they print is said in `entered`.
pub(crate) async fn run(context: &Context, command: ManualCommand) -> Outcome {
    match command {
        ManualCommand::Set { client, metric, score, note, at } => {
            let app = context.open().await?;
            let entry = app.enter_score(&NewScore { client, metric, score, note, at }).await?;
            entered::added(context, &app, &entry).await
        }
        ManualCommand::Clear { client, metric } => {
            let app = context.open().await?;
            let cleared = app.clear_score(&client, &metric).await?;
            entered::cleared(context, &client, &metric, cleared)
        }
        ManualCommand::List { all } => entered::list(context, EntryKind::Manual, all).await,
    }
}

//! `scoresheet override …`: a person's scores over computed ones.

use scoresheet::{EntryKind, NewOverride};

use crate::{
    args::OverrideCommand,
    commands::{Context, entered},
    exit::Outcome,
};

/// One of the override commands. What they print is said in `entered`.
pub(crate) async fn run(context: &Context, command: OverrideCommand) -> Outcome {
    match command {
        OverrideCommand::Set { client, metric, score, reason, from, until } => {
            let app = context.open().await?;
            let new = NewOverride { client, metric, score, reason, from, until };
            let entry = app.override_score(&new).await?;
            entered::added(context, &app, &entry).await
        }
        OverrideCommand::Clear { client, metric } => {
            let app = context.open().await?;
            let cleared = app.clear_override(&client, &metric).await?;
            entered::cleared(context, &client, &metric, cleared)
        }
        OverrideCommand::List { all } => entered::list(context, EntryKind::Override, all).await,
    }
}

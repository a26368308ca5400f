//! What `scoresheet override` and `scoresheet manual` share: how an entry is told, to a program and to a person.

use std::fmt::Write as _;

use scoresheet::{Engine, Entry, EntryKind, EntryState, ListedEntry, views};

use crate::{
    commands::Context,
    exit::{Done, Outcome},
    output::{columns, harmless},
};

/// Prints an entry that was just made; as text, with a warning if it does not count.
pub(super) async fn added(context: &Context, app: &Engine, entry: &Entry) -> Outcome {
    let all = app.entries(Some(entry.kind), true).await?;
    // Found unless another process has erased the client meanwhile.
    let listed = all.into_iter().find(|listed| listed.entry.id == entry.id);
    let listed = listed.unwrap_or_else(|| ListedEntry { entry: entry.clone(), state: EntryState::Cleared });
    if context.output.json {
        match entry.kind {
            EntryKind::Override => context.output.value(&views::scores::Override::from(&listed))?,
            EntryKind::Manual => context.output.value(&views::scores::Manual::from(&listed))?,
        }
        return Ok(Done::Well);
    }
    let mut text = format!("{} of {} is {}", entry.metric, entry.client, entry.score);
    if entry.kind == EntryKind::Override {
        text.push_str(" over the computed score,");
    }
    // Writing to a String cannot fail.
    let _ = write!(text, " from {}", entry.from);
    match entry.until {
        Some(until) => {
            let _ = write!(text, " until {until}");
        }
        None if entry.kind == EntryKind::Override => text.push_str(" until it is cleared"),
        None => text.push_str(" until another is entered"),
    }
    context.output.data(&harmless(&text))?;
    let list = format!("'scoresheet {} list --all' shows them", entry.kind.as_str());
    match listed.state {
        EntryState::Superseded => {
            context.output.note(&format!("warning: another that holds since later counts now; {list}"));
        }
        EntryState::Ended => {
            context.output.note("warning: its end is past, so it counts for sheets of that time alone")
        }
        EntryState::Current | EntryState::Later | EntryState::Cleared => {}
    }
    Ok(Done::Well)
}

/// Prints how many scores were cleared.
pub(super) fn cleared(context: &Context, client: &str, metric: &str, cleared: u64) -> Outcome {
    if context.output.json {
        let (client, metric) = (client.to_owned(), metric.to_owned());
        context.output.value(&views::scores::Cleared { client, metric, cleared })?;
    } else {
        let what = if cleared == 1 { "score" } else { "scores" };
        context.output.data(&harmless(&format!("took back {cleared} {what} of {metric} of {client}")))?;
    }
    Ok(Done::Well)
}

/// Lists the scores that users set.
pub(super) async fn list(context: &Context, kind: EntryKind, all: bool) -> Outcome {
    let app = context.open().await?;
    let entries = app.entries(Some(kind), all).await?;
    if context.output.json {
        let entries = entries.iter();
        match kind {
            EntryKind::Override => {
                context.output.value(&entries.map(views::scores::Override::from).collect::<Vec<_>>())?;
            }
            EntryKind::Manual => context.output.value(&entries.map(views::scores::Manual::from).collect::<Vec<_>>())?,
        }
    } else if entries.is_empty() {
        let nothing = match kind {
            EntryKind::Override => "no computed score is overridden",
            EntryKind::Manual => "no score was entered by hand",
        };
        let more = if all { "" } else { "; --all shows also what has ended or was taken back" };
        context.output.note(&format!("{nothing}{more}"));
    } else {
        context.output.data(&to_text(kind, &entries))?;
    }
    Ok(Done::Well)
}

fn to_text(kind: EntryKind, entries: &[ListedEntry]) -> String {
    let mut header = vec!["CLIENT", "METRIC", "SCORE", "STATE", "FROM"];
    if kind == EntryKind::Override {
        header.push("UNTIL");
    }
    header.extend(["BY", "ENTERED", if kind == EntryKind::Override { "REASON" } else { "NOTE" }]);
    let mut rows = vec![header.into_iter().map(str::to_owned).collect::<Vec<_>>()];
    rows.extend(entries.iter().map(|ListedEntry { entry, state }| {
        let mut row = vec![
            entry.client.to_string(),
            entry.metric.to_string(),
            entry.score.to_string(),
            state.as_str().to_owned(),
            entry.from.to_string(),
        ];
        if kind == EntryKind::Override {
            row.push(entry.until.map_or_else(|| "-".to_owned(), |until| until.to_string()));
        }
        row.extend([entry.author.clone(), entry.at.to_string(), entry.reason.clone().unwrap_or_default()]);
        row
    }));
    columns(&rows)
}

//! `scoresheet audit`.

use scoresheet::AuditEntry;

use crate::{
    args::AuditArgs,
    commands::Context,
    exit::{Done, Outcome},
    output::columns,
};

/// Who changed what and when, or whether the log of it is what was written.
pub(crate) async fn run(context: &Context, args: &AuditArgs) -> Outcome {
    let app = context.open().await?;
    if args.verify {
        let verdict = app.verify_audit().await?;
        if context.output.json {
            context.output.value(&verdict)?;
        } else {
            context.output.data(&match &verdict.broken {
                None => {
                    format!("{} entries, each as it was written; the last is {}", verdict.entries, verdict.last_hash)
                }
                Some(broken) => format!("BROKEN at entry {}: {}", broken.seq, broken.why),
            })?;
        }
        return Ok(if verdict.broken.is_some() { Done::WithFailures } else { Done::Well });
    }
    let entries = app.audit(args.since, args.limit).await?;
    if context.output.json {
        context.output.value(&entries)?;
    } else if entries.is_empty() {
        context.output.note("nothing has been changed yet");
    } else {
        context.output.data(&to_text(&entries))?;
    }
    Ok(Done::Well)
}

fn to_text(entries: &[AuditEntry]) -> String {
    let mut rows = vec![["ENTRY", "WHEN", "WHO", "WHAT", "OF WHAT", "DETAIL"].map(str::to_owned).to_vec()];
    rows.extend(entries.iter().map(|entry| {
        vec![
            entry.seq.to_string(),
            entry.at.to_string(),
            entry.actor.clone(),
            entry.action.clone(),
            entry.subject.clone(),
            entry.detail.as_ref().map_or_else(|| "(erased)".to_owned(), ToString::to_string),
        ]
    }));
    columns(&rows)
}

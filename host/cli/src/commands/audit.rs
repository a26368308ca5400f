//! `scoresheet audit`.

use scoresheet::{AuditEntry, Engine, views};

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
        let is_broken = verdict.broken.is_some();
        if context.output.json {
            context.output.value(&views::audit::Verdict::from(verdict))?;
        } else {
            context.output.data(&match &verdict.broken {
                None => {
                    format!("{} entries, each as it was written; the last is {}", verdict.entries, verdict.last_hash)
                }
                Some(broken) => format!("BROKEN at entry {}: {}", broken.seq, broken.why),
            })?;
        }
        return Ok(if is_broken { Done::WithFailures } else { Done::Well });
    }
    if args.scores {
        return scores(context, &app, args.sample as usize).await;
    }
    let entries = app.audit(args.since, args.limit).await?;
    if context.output.json {
        context.output.value(&entries.into_iter().map(views::audit::Entry::from).collect::<Vec<_>>())?;
    } else if entries.is_empty() {
        context.output.note("nothing has been changed yet");
    } else {
        context.output.data(&to_text(&entries))?;
    }
    Ok(Done::Well)
}

/// Whether what is stored is what the sources have. A difference is no failure of this command, but worth exit code 1.
async fn scores(context: &Context, app: &Engine, sample: usize) -> Outcome {
    let audits = app.audit_scores(sample, &context.cancel).await?;
    let are_same = audits.iter().all(|audit| audit.same == Some(true));
    if context.output.json {
        context.output.value(&audits.into_iter().map(views::audit::ScoreAudit::from).collect::<Vec<_>>())?;
    } else if audits.is_empty() {
        context.output.note("there is nothing to compare: no provider that was synced serves a client");
    } else {
        let mut rows = vec![["CLIENT", "METRIC", "SAME", "WHAT WAS SEEN"].map(str::to_owned).to_vec()];
        rows.extend(audits.iter().map(|audit| {
            let same = match audit.same {
                Some(true) => "yes",
                Some(false) => "NO",
                None => "?",
            };
            vec![audit.client.to_string(), audit.metric.to_string(), same.to_owned(), audit.detail.clone()]
        }));
        context.output.data(&columns(&rows))?;
    }
    Ok(if are_same { Done::Well } else { Done::WithFailures })
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

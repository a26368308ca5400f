//! `scoresheet check`.

use std::fmt::Write as _;

use scoresheet::{ConnectionCheck, views};

use crate::{
    args::CheckArgs,
    commands::Context,
    exit::{Done, Outcome},
};

/// Tests each connection, step by step.
pub(crate) async fn run(context: &Context, args: &CheckArgs) -> Outcome {
    let app = context.open().await?;
    let checks = app.check(args.provider.as_deref(), &context.cancel).await?;
    let passed = checks.iter().all(ConnectionCheck::passed);
    if context.output.json {
        context.output.value(&checks.into_iter().map(views::check::Check::from).collect::<Vec<_>>())?;
    } else {
        let all: Vec<_> = checks.iter().map(to_text).collect();
        context.output.data(&all.join("\n"))?;
    }
    Ok(if passed { Done::Well } else { Done::WithFailures })
}

fn to_text(check: &ConnectionCheck) -> String {
    let stub = if check.stub { " (stub: made-up figures)" } else { "" };
    let mut text = format!("{}{stub}, {} ms\n", check.provider, check.took.as_millis());
    for step in &check.steps {
        let (mark, said) = match &step.outcome {
            Ok(()) => ("ok    ", step.detail.clone()),
            Err(failure) if step.detail.is_empty() => ("FAILED", failure.to_string()),
            Err(_) => ("FAILED", step.detail.clone()),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {mark}  {}: {said}", step.title);
        if let Some(remedy) = step.remedy.as_ref().filter(|_| step.outcome.is_err()) {
            let _ = writeln!(text, "          → {remedy}");
        }
    }
    text
}

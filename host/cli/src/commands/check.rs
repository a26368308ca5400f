//! `scoresheet check`.

use std::fmt::Write as _;

use scoresheet::{ClientCheck, ConnectionCheck, Engine, MetricId, views};

use crate::{
    args::CheckArgs,
    commands::Context,
    exit::{Done, Outcome},
    output::harmless,
    progress::{plural, rejection},
};

/// Tests each connection, step by step.
pub(crate) async fn run(context: &Context, args: &CheckArgs) -> Outcome {
    let app = context.open().await?;
    if let Some(client) = &args.client {
        return look_up(context, &app, client, args.provider.as_deref()).await;
    }
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
        if step.outcome.is_err() && !step.costs.is_empty() {
            let costs: Vec<&str> = step.costs.iter().map(MetricId::as_str).collect();
            let _ = writeln!(text, "          cannot be measured until then: {}", costs.join(", "));
        }
    }
    text
}

/// What the sources have for one client.
async fn look_up(context: &Context, app: &Engine, client: &str, provider: Option<&str>) -> Outcome {
    let checks = app.check_client(client, provider, &context.cancel).await?;
    let passed = checks.iter().all(|check| check.problem.is_none());
    if context.output.json {
        context.output.value(&checks.into_iter().map(views::check::ClientCheck::from).collect::<Vec<_>>())?;
    } else {
        let all: Vec<_> = checks.iter().map(client_to_text).collect();
        context.output.data(&all.join("\n"))?;
    }
    Ok(if passed { Done::Well } else { Done::WithFailures })
}

fn client_to_text(check: &ClientCheck) -> String {
    let stub = if check.stub { " (stub: made-up figures)" } else { "" };
    // Writing to a String cannot fail.
    let mut text = String::new();
    let _ = writeln!(text, "{}{stub}, {} to {}", check.provider, check.window.start, check.window.end);
    if let Some(problem) = &check.problem {
        let _ = writeln!(text, "  FAILED  {}\n          → {}", problem.message, problem.remedy);
        return harmless(&text);
    }
    if check.sources.is_empty() {
        text.push_str("  the source does not know this client\n");
    }
    for (id, name) in &check.sources {
        let _ = writeln!(text, "  client  {name} ({}:{id})", check.provider);
    }
    for kind in &check.kinds {
        let last = kind.last.map_or_else(String::new, |last| format!(", the last at {last}"));
        let _ = writeln!(text, "  {}: {}{last}", kind.kind, plural(kind.count, "observation"));
    }
    for rejected in &check.rejected {
        let _ = writeln!(text, "  rejected: {}", rejection(rejected));
    }
    harmless(&text)
}

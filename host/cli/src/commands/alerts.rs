//! `scoresheet alerts …`: what is open, looking for what is new, and having seen it.

use scoresheet::{
    AlertCheck, AlertId, AlertRecord, DeliveryProblem, DeliveryReport, Engine, Scoresheet, alert::DeliveryState, views,
};

use crate::{
    args::{AlertsArgs, AlertsCommand},
    commands::Context,
    exit::{Done, Outcome},
    output::{Output, columns, harmless},
};

/// One of the alert commands; the list where none is given.
pub(crate) async fn run(context: &Context, args: AlertsArgs) -> Outcome {
    match args.command {
        None => list(context, args.list.all).await,
        Some(AlertsCommand::List(list_args)) => list(context, list_args.all).await,
        Some(AlertsCommand::Check) => check(context).await,
        Some(AlertsCommand::Ack { id, note }) => {
            let app = context.open().await?;
            let alert = app.acknowledge_alert(AlertId(id), note.as_deref()).await?;
            if context.output.json {
                context.output.value(&views::alerts::Alert::from(alert))?;
            } else {
                context.output.data(&harmless(&format!("seen: {}", alert.message)))?;
            }
            Ok(Done::Well)
        }
    }
}

/// At the end of a run, where any rule is configured. `sheet` is given where it is the one that the rules are about:
/// of every client, as of now, with each metric's own lookback.
pub(crate) async fn after_run(context: &Context, app: &Engine, sheet: Option<&Scoresheet>) -> Outcome {
    if app.alert_rules().is_empty() {
        return Ok(Done::Well);
    }
    let check = match sheet {
        Some(sheet) => app.check_alerts_on(sheet).await?,
        None => app.check_alerts(&context.cancel).await?,
    };
    if !check.alerts.fired.is_empty() || !check.alerts.resolved.is_empty() || check.deliveries.sent > 0 {
        context.output.note(&format!("alerts: {}", in_words(&check)));
    }
    tell_problems(context.output, &check.deliveries);
    Ok(done(&check.deliveries))
}

async fn check(context: &Context) -> Outcome {
    let app = context.open().await?;
    let check = app.check_alerts(&context.cancel).await?;
    let done = done(&check.deliveries);
    if context.output.json {
        context.output.value(&views::alerts::Check::from(check))?;
    } else {
        let mut text = String::new();
        for alert in &check.alerts.fired {
            text.push_str(&format!("fired     {}: {}\n", alert.id, alert.message));
        }
        for alert in &check.alerts.resolved {
            let words = alert.resolved.as_ref().map_or("", |(_, words)| words);
            text.push_str(&format!("resolved  {}: {words}\n", alert.id));
        }
        text.push_str(&in_words(&check));
        context.output.data(&harmless(&text))?;
        tell_problems(context.output, &check.deliveries);
        if app.alert_rules().is_empty() {
            context
                .output
                .note("there are no rules: add [[alerts]] to the configuration; 'scoresheet init' shows some");
        }
    }
    Ok(done)
}

/// What is tried again is no failure; what was given up is.
fn done(deliveries: &DeliveryReport) -> Done {
    let given_up = deliveries.problems.iter().any(|problem| problem.again.is_none());
    if given_up { Done::WithFailures } else { Done::Well }
}

fn in_words(check: &AlertCheck) -> String {
    format!(
        "{} fired, {} resolved, {} open; {} told",
        check.alerts.fired.len(),
        check.alerts.resolved.len(),
        check.alerts.open,
        check.deliveries.sent
    )
}

fn tell_problems(output: Output, deliveries: &DeliveryReport) {
    for DeliveryProblem { alert, event, channel, why, again } in &deliveries.problems {
        let then = match again {
            Some(again) => format!("the first check after {again} tries again"),
            None => "it is not tried again".to_owned(),
        };
        let event = event.as_str();
        output.note(&harmless(&format!(
            "warning: channel {channel} was not told that alert {alert} {event}: {why}; {then}"
        )));
    }
    if deliveries.waiting > 0 {
        output.note(&format!("{} more wait for that channel; the next check tells them", deliveries.waiting));
    }
}

async fn list(context: &Context, all: bool) -> Outcome {
    let app = context.open().await?;
    let alerts = app.alerts(all).await?;
    if context.output.json {
        context.output.value(&views::alerts::List::from(alerts))?;
    } else if alerts.is_empty() {
        context.output.note(if all { "nothing was ever fired" } else { "no alert is open" });
    } else {
        context.output.data(&to_text(&alerts))?;
    }
    Ok(Done::Well)
}

fn to_text(alerts: &[AlertRecord]) -> String {
    let mut rows = vec![["ALERT", "SINCE", "RULE", "STATE", "TOLD", "WHAT"].map(str::to_owned).to_vec()];
    rows.extend(alerts.iter().map(|record| {
        let alert = &record.alert;
        let state = match (&alert.resolved, &alert.acknowledged) {
            (Some((at, _)), _) => format!("over since {at}"),
            (None, Some(seen)) => format!("seen by {}", seen.by),
            (None, None) => "open".to_owned(),
        };
        let sent = record.deliveries.iter().filter(|delivery| delivery.state == DeliveryState::Sent).count();
        let given_up = record.deliveries.iter().filter(|delivery| delivery.state == DeliveryState::GivenUp).count();
        let lost = if given_up > 0 { format!(", {given_up} given up") } else { String::new() };
        vec![
            alert.id.to_string(),
            alert.fired.to_string(),
            alert.rule.to_string(),
            state,
            format!("{sent} of {}{lost}", record.deliveries.len()),
            alert.message.clone(),
        ]
    }));
    columns(&rows)
}

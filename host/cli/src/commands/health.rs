//! `scoresheet health`.

use std::fmt::Write as _;

use scoresheet::{
    Engine, Instant,
    views::health::{AccessEntry, ConnectionUse, DataQuality, ProviderHealth},
};

use crate::{
    args::HealthArgs,
    commands::Context,
    exit::{Done, Failure, Outcome},
    output::{columns, harmless},
};

/// How each provider does, or one provider's last requests.
pub(crate) async fn run(context: &Context, args: &HealthArgs) -> Outcome {
    let app = context.open().await?;
    if let Some(provider) = &args.requests {
        let entries = app.access_log(provider, args.limit).await?;
        let entries: Vec<AccessEntry> = entries.into_iter().map(AccessEntry::from).collect();
        if context.output.json {
            context.output.value(&entries)?;
        } else if entries.is_empty() {
            context.output.note("no requests are on record");
        } else {
            context.output.data(&requests(&entries))?;
        }
        return Ok(Done::Well);
    }
    let all = app.health().await?;
    if context.output.json {
        context.output.value(&all)?;
    } else {
        let text = |health: &ProviderHealth| {
            format!("{}{}", to_text(health), health.data.as_ref().map(of_data).unwrap_or_default())
        };
        let all: Vec<String> = all.iter().map(text).collect();
        context.output.data(&harmless(&all.join("\n")))?;
    }
    Ok(if all.iter().any(|provider| provider.failure.is_some()) { Done::WithFailures } else { Done::Well })
}

/// After a sync: what a person should see to before it fails.
pub(crate) async fn warn(context: &Context, app: &Engine) -> Result<(), Failure> {
    for warning in app.warnings().await? {
        context.output.note(&format!("warning: {warning}"));
    }
    Ok(())
}

/// What there is of a provider, and for whom.
fn of_data(data: &DataQuality) -> String {
    let rejected: u64 = data.rejected.values().sum();
    let reasons: Vec<String> = data.rejected.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    let last = match (data.last_observation, data.days_without_new) {
        (Some(at), Some(0)) => format!("the last {at}, less than a day ago"),
        (Some(at), Some(1)) => format!("the last {at}, a day ago"),
        (Some(at), Some(days)) => format!("the last {at}, {days} days ago"),
        _ => "none in 365 days".to_owned(),
    };
    format!(
        "  data        {} observations in {} days, {rejected} rejected{reasons}; {last}\n  clients     {} with data, {} \
         without, {} unmapped; at the source {} that serve nobody, with {} observations\n",
        data.observations,
        data.days,
        data.clients_with_data,
        data.clients_without_data,
        data.clients_unmapped,
        data.sources_unmapped,
        data.observations_unmapped
    )
}

fn to_text(health: &ProviderHealth) -> String {
    let stub = if health.stub { " (stub: made-up figures)" } else { "" };
    let mut text = format!("{}{stub}\n", health.provider);
    let told = |time: Option<Instant>| time.map_or_else(|| "never".to_owned(), |time| time.to_string());
    // Writing to a String cannot fail.
    let _ = match &health.failure {
        None => writeln!(text, "  last sync   {}", told(health.last_success)),
        Some(failure) => writeln!(
            text,
            "  last sync   {} FAILED: {}\n              → {}\n  last good   {}",
            told(health.last_attempt),
            failure.message,
            failure.remedy,
            told(health.last_success)
        ),
    };
    if let Some(requests) = &health.requests {
        let _ = writeln!(text, "  requests    {}", of_requests(requests));
    }
    if let Some(key) = &health.key {
        let of = key.max_age_days.map(|days| format!(" of {days}")).unwrap_or_default();
        let _ = writeln!(text, "  key         {} since {} ({}{of} days)", key.fingerprint, key.since, key.age_days);
    }
    let used: Vec<String> = health
        .limits
        .iter()
        .filter_map(|limit| Some(format!("{} {} of {} {}", limit.name, limit.used?, limit.limit, limit.unit)))
        .collect();
    if !used.is_empty() {
        let _ = writeln!(text, "  a call used {}", used.join(", "));
    }
    for warning in &health.warnings {
        let _ = writeln!(text, "  WARNING     {warning}");
    }
    text
}

fn of_requests(of: &ConnectionUse) -> String {
    let Some(rate) = of.success_rate else {
        return "none in 30 days".to_owned();
    };
    let mut text = format!(
        "{} in 30 days, {:.1} % went well, {} tried again, {} answered 429",
        of.requests,
        rate * 100.0,
        of.retries,
        of.rate_limited
    );
    if let (Some(p50), Some(p95), Some(p99)) = (of.p50_ms, of.p95_ms, of.p99_ms) {
        let _ = write!(text, "; {p50} ms (95 % within {p95}, 99 % within {p99})");
    }
    let _ = write!(text, "; {} kB received", of.bytes_received.div_ceil(1_000));
    text
}

fn requests(entries: &[AccessEntry]) -> String {
    let header = ["WHEN", "REQUEST", "STATUS", "TRY", "MS", "BYTES"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(entries.iter().map(|entry| {
        let status = match (&entry.fault, entry.status) {
            (Some(fault), _) => fault.clone(),
            (None, Some(status)) => status.to_string(),
            (None, None) => String::new(),
        };
        vec![
            entry.at.to_string(),
            format!("{} {}", entry.method, entry.path),
            status,
            entry.attempt.to_string(),
            entry.duration_ms.to_string(),
            entry.bytes_received.to_string(),
        ]
    }));
    columns(&rows)
}

//! `scoresheet provider list` and `provider info`; what of it is compiled stands in `code`.

mod code;

use std::fmt::Write as _;

use scoresheet::{
    ProviderInfo,
    config::ProcessEnvironment,
    views::{self, health::LimitHealth},
};

use crate::{
    args::ProviderCommand,
    commands::{Context, bundled},
    exit::{Done, Failure, Outcome},
    output::columns,
};

/// What there is.
pub(crate) async fn run(context: &Context, command: ProviderCommand) -> Outcome {
    match command {
        ProviderCommand::List => list(context).await,
        ProviderCommand::Info { provider } => info(context, &provider).await,
        ProviderCommand::Cache { clear } => code::cache(context, clear),
    }
}

/// A provider, and what one call of its last run used of its limits.
struct Seen {
    info: ProviderInfo,
    limits: Vec<LimitHealth>,
}

impl Seen {
    /// One that has not run.
    fn unused(info: ProviderInfo) -> Self {
        let limits = LimitHealth::all(&info.limits, None);
        Self { info, limits }
    }

    fn view(&self) -> views::provider::Provider {
        views::provider::Provider::new(&self.info, &self.limits)
    }
}

/// Configured providers, then the bundled components that no provider uses.
async fn all(context: &Context) -> Result<Vec<Seen>, Failure> {
    let mut all = match context.load_config() {
        Ok(config) => {
            let app = context.unless_interrupted(context.builder(config).open()).await?;
            let mut seen = Vec::with_capacity(app.provider_infos().len());
            for info in app.provider_infos() {
                seen.push(Seen { info: info.clone(), limits: app.limits(&info.name).await? });
            }
            seen
        }
        // Nothing is configured: what comes with the program can be looked at all the same.
        Err(_) if context.config.is_none() && !std::path::Path::new(super::DEFAULT_CONFIG).exists() => Vec::new(),
        Err(failure) => return Err(failure),
    };
    let used: Vec<&str> = all.iter().map(|seen| seen.info.component.as_str()).collect();
    let unused = bundled().without(&used);
    all.extend(
        context
            .unless_interrupted(unused.describe(scoresheet::default_cache_dir(&ProcessEnvironment)))
            .await?
            .into_iter()
            .map(Seen::unused),
    );
    Ok(all)
}

async fn list(context: &Context) -> Outcome {
    let all = all(context).await?;
    if context.output.json {
        let rows: Vec<_> = all.iter().map(Seen::view).collect();
        context.output.value(&rows)?;
        return Ok(Done::Well);
    }
    let mut rows = vec![["PROVIDER", "COMPONENT", "VERSION", "CONFIGURED", "METRICS"].map(str::to_owned).to_vec()];
    for Seen { info, .. } in &all {
        let measures = info.description.as_ref();
        let stub = if measures.is_some_and(|it| it.stub) { " (stub)" } else { "" };
        let metrics: Vec<&str> =
            measures.map(|it| it.metrics.iter().map(|metric| metric.id.as_str()).collect()).unwrap_or_default();
        rows.push(vec![
            format!("{}{stub}", info.name),
            info.component.clone(),
            info.spec.version.clone(),
            if info.configured { "yes" } else { "no" }.to_owned(),
            if measures.is_some() { metrics.join(", ") } else { "depend on its settings".to_owned() },
        ]);
    }
    context.output.data(&columns(&rows))?;
    Ok(Done::Well)
}

async fn info(context: &Context, name: &str) -> Outcome {
    let all = all(context).await?;
    let Some(seen) = all.iter().find(|seen| seen.info.name == name) else {
        let known: Vec<&str> = all.iter().map(|seen| seen.info.name.as_str()).collect();
        return Err(Failure::Usage(format!("there is no provider '{name}'; there are: {}", known.join(", "))));
    };
    if context.output.json {
        context.output.value(&seen.view())?;
    } else {
        context.output.data(&to_text(seen))?;
    }
    Ok(Done::Well)
}

fn to_text(seen: &Seen) -> String {
    let info = &seen.info;
    let (spec, measures) = (&info.spec, info.description.as_ref());
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{} {} ({})", spec.title, spec.version, spec.id);
    if measures.is_some_and(|it| it.stub) {
        let _ = writeln!(text, "STUB: its figures are made up");
    }
    let _ = writeln!(text, "component   {} {}", info.component, info.digest);
    let _ = writeln!(text, "configured  {}", if info.configured { "yes" } else { "no" });
    if let Some(base_url) = &info.base_url {
        let _ = writeln!(text, "base URL    {base_url}");
    }
    if let Some(measures) = measures {
        let _ = writeln!(text, "kinds       {}", measures.kinds.join(", "));
        if !measures.rejections.is_empty() {
            let _ = writeln!(text, "rejects     {}", measures.rejections.join(", "));
        }
    }
    let _ = writeln!(text, "\nsettings");
    settings(&mut text, &spec.settings_schema);
    for metric in measures.iter().flat_map(|it| &it.metrics) {
        let _ = writeln!(text, "\nmetric {}: {}, in {}", metric.id, metric.title, metric.unit);
        settings(&mut text, &metric.settings_schema);
    }
    if measures.is_none() {
        let _ = writeln!(text, "\nits metrics depend on its settings: configure it to see them");
    }
    text.push_str("\nlimits of one call\n");
    let rows: Vec<Vec<String>> = seen
        .limits
        .iter()
        .map(|limit| {
            let used = limit.used.map_or_else(String::new, |used| format!("the last run used {used}"));
            vec![format!("  {}", limit.name), format!("{} {}", limit.limit, limit.unit), used]
        })
        .collect();
    text.push_str(&columns(&rows));
    crate::output::harmless(&text)
}

/// A settings schema, a line a setting: name, type, default, description.
fn settings(text: &mut String, schema: &serde_json::Value) {
    let Some(properties) = schema.get("properties").and_then(serde_json::Value::as_object).filter(|p| !p.is_empty())
    else {
        let _ = writeln!(text, "  none");
        return;
    };
    let required: Vec<&str> = schema
        .get("required")
        .and_then(serde_json::Value::as_array)
        .map(|names| names.iter().filter_map(serde_json::Value::as_str).collect())
        .unwrap_or_default();
    let mut rows = Vec::new();
    for (name, property) in properties {
        let kind = match (property.get("enum"), property.get("type")) {
            (Some(values), _) => values.to_string(),
            (None, Some(kind)) => kind.as_str().map_or_else(|| kind.to_string(), str::to_owned),
            (None, None) => String::new(),
        };
        let default = match property.get("default") {
            Some(default) => format!("default {default}"),
            None if required.contains(&name.as_str()) => "required".to_owned(),
            None => "optional".to_owned(),
        };
        let said = property.get("description").and_then(serde_json::Value::as_str).unwrap_or_default();
        rows.push(vec![format!("  {name}"), kind, default, said.to_owned()]);
    }
    text.push_str(&columns(&rows));
}

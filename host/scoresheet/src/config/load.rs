//! From a source to a checked configuration: reads the text, walks its sections, gathers the problems.

use std::{
    io,
    path::{Path, PathBuf},
};

use scoresheet_engine::definition::MetricDefinition;

use super::{
    Config, ConfigErrors, ConfigProblem, ConfigSource, Origin, alerts,
    document::Document,
    environment::{Environment, VariableError, lookup, read, world_readable},
    metric, operation, provider,
    provider::{CREWHU, CREWHU_BASE_URL},
    section::Section,
    sheet::{self, RosterConfig},
};

/// More than this is no configuration, but the wrong file.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// What must be set where there is no file.
const NEEDED: [&str; 2] = ["CREWHU_API_KEY", "CREWHU_COMPANY_ID"];

const NO_METRICS: &str = "there are none, so the sheet would be empty; add a [[metrics]] section with an id and a provider, or manual = true";

struct Input {
    origin: Origin,
    text: String,
    base_dir: PathBuf,
}

pub(super) fn load(source: ConfigSource, env: &dyn Environment) -> Result<Config, ConfigErrors> {
    let input = input(source, env)?;
    let in_environment = input.origin == Origin::Environment;
    let mut document = Document::new(input.origin.to_string(), &input.text, !in_environment, env);
    let table = document.parse().map_err(|problem| ConfigErrors::Invalid(vec![problem]))?;
    document.credentials = provider::credentials(&table);
    if let Some(channels) = table.get("channels").and_then(|channels| channels.get_ref().as_table()) {
        document.credentials.extend(alerts::credentials(channels));
    }
    let config = read_sections(document.root(&table), &input);
    let findings = document.finish();
    let mut warnings: Vec<String> = findings.warnings.iter().map(ToString::to_string).collect();
    if !findings.problems.is_empty() {
        return Err(ConfigErrors::Invalid(findings.problems));
    }
    if let Origin::File(path) = &input.origin
        && findings.literal_credential
        && world_readable(path)
    {
        let path = path.display();
        let message = "every user of this machine may read the credential in it; chmod 600 it";
        warnings.push(format!("{path}: {message}"));
    }
    Ok(Config { warnings, origins: findings.origins, ..config })
}

fn input(source: ConfigSource, env: &dyn Environment) -> Result<Input, ConfigErrors> {
    match source {
        ConfigSource::Path(path) => {
            let unreadable = |reason: io::Error| ConfigErrors::Unreadable { path: path.clone(), reason };
            let bytes = read(&path, MAX_FILE_BYTES).map_err(unreadable)?;
            let origin = Origin::File(path.clone());
            let text = text(bytes, &origin)?;
            let path = std::path::absolute(&path).map_err(unreadable)?;
            let base_dir = path.parent().map_or_else(|| path.clone(), Path::to_owned);
            Ok(Input { origin, text, base_dir })
        }
        ConfigSource::Text { name, text, base_dir } => {
            Ok(Input { origin: Origin::Text(name), text, base_dir: absolute(base_dir)? })
        }
        ConfigSource::EnvironmentOnly => {
            if NEEDED.iter().all(|name| matches!(lookup(env, name), Err(VariableError::Unset { .. }))) {
                return Err(ConfigErrors::NothingConfigured);
            }
            let text = format!(
                r#"
                [providers.{CREWHU}]
                base_url = "{CREWHU_BASE_URL}"
                auth = {{ bearer = "${{CREWHU_API_KEY}}" }}
                settings = {{ company_id = "${{CREWHU_COMPANY_ID}}" }}
                [[metrics]]
                id = "support-engagement-satisfaction"
                provider = "{CREWHU}"
                "#
            );
            Ok(Input { origin: Origin::Environment, text, base_dir: absolute(PathBuf::new())? })
        }
    }
}

fn absolute(path: PathBuf) -> Result<PathBuf, ConfigErrors> {
    // An empty path is the folder in which the program runs.
    let here = if path.as_os_str().is_empty() { PathBuf::from(".") } else { path };
    std::path::absolute(&here).map_err(|reason| ConfigErrors::Unreadable { path: here, reason })
}

fn text(bytes: Vec<u8>, origin: &Origin) -> Result<String, ConfigErrors> {
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
        ConfigErrors::Invalid(vec![ConfigProblem {
            name: origin.to_string(),
            line: Some(line),
            column: None,
            message: "this is not UTF-8; save the file as UTF-8".to_owned(),
        }])
    })
}

fn read_sections(mut root: Section<'_>, input: &Input) -> Config {
    let sheet = sheet::sheet(root.table("sheet"));
    let sync = sheet::sync(root.table("sync"));
    let store = sheet::store(root.table("store"), &input.base_dir);
    let network = operation::network(root.table("network"), &input.base_dir);
    let runtime = operation::runtime(root.table("runtime"));
    let retention = operation::retention(root.table("retention"));
    let mut roster = sheet::clients(root.table("clients"), &input.base_dir);

    let entries = root.entries("providers");
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let providers: Vec<_> = entries
        .iter()
        .filter_map(|entry| provider::provider(&entry.name, root.table_of("providers", entry), &input.base_dir))
        .collect();

    let groups = sheet::groups(root.tables_if_any("groups"));
    let known = metric::Known { lookback_days: sheet.lookback_days, providers: &names, groups: &groups };
    let metrics = metric::metrics(root.tables("metrics", NO_METRICS), known);
    for group in &groups {
        if !metrics.iter().any(|metric| metric.group.as_ref() == Some(&group.id)) {
            root.document.warn(None, &format!("groups.{}", group.id), "no metric is in this group");
        }
    }
    for provider in &providers {
        let used = |metric: &MetricDefinition| metric.provider() == Some(&provider.name);
        if !metrics.iter().any(used) {
            let line = entries.iter().find(|entry| entry.name == provider.name.as_str()).and_then(|entry| entry.line);
            root.document.warn(line, &format!("providers.{}", provider.name), "no metric uses this provider");
        }
    }
    let entries = root.entries("channels");
    let channel_names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let channels =
        entries.iter().filter_map(|entry| alerts::channel(&entry.name, root.table_of("channels", entry))).collect();
    let known = alerts::Known {
        metrics: metrics.iter().map(|metric| metric.id.as_str()).collect(),
        providers: &names,
        channels: &channel_names,
    };
    let rules = alerts::rules(root.tables_if_any("alerts"), &known);
    root.finish();
    if input.origin == Origin::Environment {
        roster = RosterConfig::StoredOr(providers.first().map(|provider| provider.name.clone()));
    }
    Config {
        origin: input.origin.clone(),
        sheet,
        sync,
        store,
        network,
        runtime,
        retention,
        roster,
        providers: providers.into_iter().map(|provider| (provider.name.clone(), provider)).collect(),
        groups,
        metrics,
        alerts: rules,
        channels,
        warnings: Vec::new(),
        origins: super::document::Origins::new(),
    }
}

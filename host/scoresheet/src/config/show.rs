//! The effective configuration, as TOML with where each value comes from, or as JSON.
//!
//! Credentials and header values are told as `(set)` or `(set by NAME)`, never as what they are.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use scoresheet_engine::definition::{GroupDefinition, MetricDefinition, MetricSource};

use super::{Auth, ComponentRef, Config, Origin, ProviderConfig, RosterConfig};

mod alerts;
mod toml;

/// A table of the configuration under way.
struct Shown<'c> {
    config: &'c Config,
    /// The path under which the origins of its values are kept.
    path: String,
    entries: Vec<Entry>,
}

/// A value, by its keys from the table inwards, with where it comes from.
struct Entry {
    keys: Vec<String>,
    value: Value,
    origin: String,
}

/// As TOML; what a reader should know besides stands in comments.
pub(super) fn show(config: &Config) -> String {
    let from = match &config.origin {
        Origin::Environment => "the environment alone".to_owned(),
        origin => origin.to_string(),
    };
    let mut text = toml::comment(&format!("The effective configuration, from {from}."));
    text.push_str(&toml::comment("A value's comment says where it comes from; ${NAME} is an environment variable."));
    for (name, entries) in general(config) {
        text.push_str(&toml::table(&format!("[{name}]"), &entries));
    }
    match &config.roster {
        RosterConfig::File(_) => {}
        RosterConfig::StoredOr(None) => {
            text.push_str(&toml::comment("no file: what 'scoresheet clients import' keeps in the store"));
        }
        RosterConfig::StoredOr(Some(provider)) => text.push_str(&toml::comment(&format!(
            "no file: what is kept in the store, or else the active clients of {provider}"
        ))),
    }
    for provider in config.providers.values() {
        text.push_str(&toml::table(&format!("[providers.{}]", provider.name), &of_provider(config, provider)));
    }
    for group in &config.groups {
        text.push_str(&toml::table("[[groups]]", &of_group(config, group)));
    }
    for metric in &config.metrics {
        text.push_str(&toml::table("[[metrics]]", &of_metric(config, metric)));
    }
    for (name, channel) in &config.channels {
        text.push_str(&toml::table(&format!("[channels.{name}]"), &alerts::of_channel(config, name, channel)));
    }
    for rule in &config.alerts {
        text.push_str(&toml::table("[[alerts]]", &alerts::of_rule(config, rule)));
    }
    text
}

/// As JSON: the same values without their origins, then the warnings.
pub(super) fn show_json(config: &Config) -> Value {
    let mut shown = Map::new();
    shown.insert("origin".to_owned(), config.origin.to_string().into());
    for (name, entries) in general(config) {
        shown.insert(name.to_owned(), nested(entries));
    }
    let providers = config.providers.values();
    let providers: Map<String, Value> =
        providers.map(|provider| (provider.name.to_string(), nested(of_provider(config, provider)))).collect();
    shown.insert("providers".to_owned(), providers.into());
    let groups: Vec<Value> = config.groups.iter().map(|group| nested(of_group(config, group))).collect();
    shown.insert("groups".to_owned(), groups.into());
    let metrics: Vec<Value> = config.metrics.iter().map(|metric| nested(of_metric(config, metric))).collect();
    shown.insert("metrics".to_owned(), metrics.into());
    let channels = config.channels.iter();
    let channels: Map<String, Value> =
        channels.map(|(name, it)| (name.to_string(), nested(alerts::of_channel(config, name, it)))).collect();
    shown.insert("channels".to_owned(), channels.into());
    let rules: Vec<Value> = config.alerts.iter().map(|rule| nested(alerts::of_rule(config, rule))).collect();
    shown.insert("alerts".to_owned(), rules.into());
    shown.insert("warnings".to_owned(), json!(config.warnings));
    shown.into()
}

fn general(config: &Config) -> [(&'static str, Vec<Entry>); 7] {
    let composition = config.sheet.composition;
    let mut sheet = Shown::new(config, "sheet");
    sheet.value("name", config.sheet.name.as_str());
    sheet.value("lookback_days", config.sheet.lookback_days);
    sheet.value("min_coverage", composition.min_coverage);
    sheet.value("bands.healthy", composition.healthy);
    sheet.value("bands.watch", composition.watch);
    sheet.value("trend_months", config.sheet.trend.months);
    sheet.value("trend_min_responses", config.sheet.trend.min_samples);
    sheet.named("targets", &config.sheet.targets);
    let mut sync = Shown::new(config, "sync");
    sync.value("backfill_days", config.sync.backfill_days);
    sync.value("overlap_days", config.sync.overlap_days);
    let mut store = Shown::new(config, "store");
    store.value("url", config.store.url());
    let mut clients = Shown::new(config, "clients");
    if let RosterConfig::File(path) = &config.roster {
        clients.value("file", path.display().to_string());
    }
    let mut network = Shown::new(config, "network");
    if let Some(path) = &config.network.ca_file {
        network.value("ca_file", path.display().to_string());
    }
    let mut runtime = Shown::new(config, "runtime");
    runtime.value("max_component_mib", config.runtime.max_component_mib);
    runtime.value("max_compile_secs", config.runtime.max_compile_secs);
    let mut retention = Shown::new(config, "retention");
    if let Some(days) = config.retention.observations_days {
        retention.value("observations_days", days);
    }
    retention.value("access_days", config.retention.access_days);
    if let Some(days) = config.retention.sheets_days {
        retention.value("sheets_days", days);
    }
    [
        ("sheet", sheet.entries),
        ("sync", sync.entries),
        ("store", store.entries),
        ("network", network.entries),
        ("runtime", runtime.entries),
        ("retention", retention.entries),
        ("clients", clients.entries),
    ]
}

fn of_provider(config: &Config, provider: &ProviderConfig) -> Vec<Entry> {
    let mut shown = Shown::new(config, &format!("providers.{}", provider.name));
    match &provider.component {
        ComponentRef::Bundled(name) => shown.value("component", name.as_str()),
        ComponentRef::Path(path) => shown.value("component", path.display().to_string()),
    }
    if let Some(url) = &provider.base_url {
        shown.value("base_url", url.to_string().trim_end_matches('/'));
    }
    match &provider.auth {
        None => {}
        Some(Auth::Bearer(secret)) => shown.value("auth.bearer", secret.shown()),
        Some(Auth::Basic { user, password }) => {
            shown.value("auth.basic.user", user.shown());
            shown.value("auth.basic.password", password.shown());
        }
        Some(Auth::Header { name, value }) => {
            shown.value("auth.header.name", name.as_str());
            shown.value("auth.header.value", value.shown());
        }
    }
    for (name, value) in &provider.headers {
        let origin = shown.origin(&format!("{}.headers.{name}", shown.path));
        shown.entry(vec!["headers".to_owned(), name.clone()], value.shown().into(), origin);
    }
    if let Some(days) = provider.max_key_age_days {
        shown.value("max_key_age_days", days);
    }
    shown.value("allow_insecure", provider.allow_insecure);
    shown.value("allow_private_addresses", provider.allow_private_addresses);
    for (name, limit) in provider.limits.entries() {
        shown.value(&format!("limits.{name}"), limit);
    }
    shown.settings(&provider.settings);
    shown.entries
}

fn of_group(config: &Config, group: &GroupDefinition) -> Vec<Entry> {
    let mut shown = Shown::new(config, &format!("groups.{}", group.id));
    shown.value("id", group.id.as_str());
    shown.value("name", group.name.as_str());
    shown.value("weight", group.weight);
    shown.entries
}

fn of_metric(config: &Config, metric: &MetricDefinition) -> Vec<Entry> {
    let mut shown = Shown::new(config, &format!("metrics.{}", metric.id));
    shown.value("id", metric.id.as_str());
    shown.value("name", metric.name.as_str());
    match &metric.source {
        MetricSource::Manual { stale_after_days } => {
            shown.value("manual", true);
            shown.value("stale_after_days", *stale_after_days);
        }
        MetricSource::Provider { provider, metric, .. } => {
            shown.value("provider", provider.as_str());
            shown.value("metric", metric.as_str());
        }
    }
    shown.value("weight", metric.weight);
    if let Some(group) = &metric.group {
        shown.value("group", group.as_str());
    }
    if !metric.client_types.is_empty() {
        shown.value("client_types", metric.client_types.clone());
    }
    shown.named("targets", &metric.targets);
    let own = format!("{}.lookback_days", shown.path);
    let lookback = if config.origins.contains_key(&own) { own } else { "sheet.lookback_days".to_owned() };
    let origin = shown.origin(&lookback);
    shown.entry(vec!["lookback_days".to_owned()], metric.lookback_days.into(), origin);
    if let MetricSource::Provider { settings, .. } = &metric.source {
        shown.settings(settings);
    }
    shown.entries
}

/// The entries as a JSON object.
fn nested(entries: Vec<Entry>) -> Value {
    let mut object = Map::new();
    for entry in entries {
        insert(&mut object, &entry.keys, entry.value);
    }
    object.into()
}

fn insert(object: &mut Map<String, Value>, keys: &[String], value: Value) {
    match keys {
        [] => {}
        [key] => {
            object.insert(key.clone(), value);
        }
        [key, inner @ ..] => {
            let table = object.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(table) = table {
                insert(table, inner, value);
            }
        }
    }
}

impl<'c> Shown<'c> {
    fn new(config: &'c Config, path: &str) -> Self {
        Self { config, path: path.to_owned(), entries: Vec::new() }
    }

    /// A value under known keys, with dots between.
    fn value(&mut self, keys: &str, value: impl Into<Value>) {
        let origin = self.origin(&format!("{}.{keys}", self.path));
        self.entry(keys.split('.').map(str::to_owned).collect(), value.into(), origin);
    }

    /// Figures under names that the operator chose.
    fn named(&mut self, key: &str, figures: &BTreeMap<String, f64>) {
        for (name, figure) in figures {
            let origin = self.origin(&format!("{}.{key}.{name}", self.path));
            self.entry(vec![key.to_owned(), name.clone()], (*figure).into(), origin);
        }
    }

    fn settings(&mut self, settings: &Value) {
        for (name, value) in settings.as_object().into_iter().flatten() {
            let pointer = format!("{}.settings/{}", self.path, name.replace('~', "~0").replace('/', "~1"));
            let origin = self.origin(&pointer);
            self.entry(vec!["settings".to_owned(), name.clone()], value.clone(), origin);
        }
    }

    fn entry(&mut self, keys: Vec<String>, value: Value, origin: String) {
        self.entries.push(Entry { keys, value, origin });
    }

    /// `line 4`, `line 4, ${NAME}`, `default`; empty for what follows from the environment alone.
    fn origin(&self, path: &str) -> String {
        let Some(provenance) = self.config.origins.get(path) else { return "default".to_owned() };
        let line = provenance.line.map(|line| format!("line {line}"));
        line.into_iter().chain(provenance.variables.iter().cloned()).collect::<Vec<_>>().join(", ")
    }
}

//! From a configuration to what the engine takes: components loaded, settings completed, connections made.

use std::{collections::BTreeMap, num::NonZeroU32, path::PathBuf, sync::Arc};

use scoresheet_domain::{Description, Digest, MetricId, ProviderName, ProviderSpec, SettingsProblem, digest::Hasher};
use scoresheet_engine::{
    Scope,
    definition::{MetricDefinition, MetricSource, ProviderInstance, Providers, SheetDefinition},
};
use scoresheet_gateway::{
    Connection, ConnectionLimits, ConnectionSpec, Credential, CredentialSource, Gateway, Outbound, Recorder, Replayer,
};
use scoresheet_runtime::{Component, ConfigureError, Limits, Runtime};
use secrecy::ExposeSecret as _;

use crate::{
    components::{Components, Registered},
    config::{self, Auth, ComponentRef, Config, Environment, ProviderConfig, SettingsOf, settings},
    error::SetupProblem,
    info::ProviderInfo,
    traffic::Traffic,
    usage::UsageLog,
};

/// What providers are set up from.
pub(crate) struct Setup<'a> {
    pub(crate) config: &'a Config,
    pub(crate) components: &'a Components,
    pub(crate) environment: &'a Arc<dyn Environment>,
    pub(crate) traffic: &'a Traffic,
}

/// What the engine is made of, but for the store and the roster.
pub(crate) struct Wired {
    pub(crate) providers: Providers,
    pub(crate) sheet: SheetDefinition,
    pub(crate) infos: Vec<ProviderInfo>,
    /// The provider whose own clients stand in where there is no roster: the sheet's first that is no stub.
    pub(crate) own_roster: Option<ProviderName>,
    /// The bytes of the components.
    pub(crate) components: BTreeMap<Digest, Arc<[u8]>>,
}

/// Loads and checks everything that the configuration names.
pub(crate) async fn wire(
    setup: &Setup<'_>,
    runtime: &Runtime,
    gateway: &Gateway,
    usage: &UsageLog,
) -> Result<Wired, Vec<SetupProblem>> {
    let config = setup.config;
    let mut problems = Vec::new();
    let mut providers = Providers::new();
    let mut descriptions: BTreeMap<ProviderName, Description> = BTreeMap::new();
    let mut infos = Vec::new();
    let mut components = BTreeMap::new();
    for (name, provider) in &config.providers {
        let (label, component, bytes) = match find_and_load(setup, runtime, name, provider).await {
            Ok(found) => found,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        components.insert(component.digest(), bytes);
        match set_up(setup, gateway, usage, name, provider, label, &component).await {
            Ok((instance, info)) => {
                descriptions.insert(name.clone(), instance.provider.description().clone());
                providers.insert(name.clone(), instance);
                infos.push(info);
            }
            Err(more) => {
                problems.extend(more);
                // So that problems of its metrics are reported together with its own.
                if let Some(description) = provisional_description(&component).await {
                    descriptions.insert(name.clone(), description);
                }
            }
        }
    }
    let mut metrics = Vec::new();
    for metric in &config.metrics {
        let source = match &metric.source {
            MetricSource::Manual { .. } => metric.source.clone(),
            MetricSource::Provider { provider, metric: wanted, settings } => {
                // A provider that could not be set up is told already.
                let Some(description) = descriptions.get(provider) else { continue };
                match complete_metric(config, &metric.id, provider, description, wanted, settings) {
                    Ok(settings) => {
                        MetricSource::Provider { provider: provider.clone(), metric: wanted.clone(), settings }
                    }
                    Err(more) => {
                        problems.extend(more);
                        continue;
                    }
                }
            }
        };
        metrics.push(MetricDefinition { source, ..metric.clone() });
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let own_roster = metrics
        .iter()
        .filter_map(MetricDefinition::provider)
        .find(|provider| descriptions.get(*provider).is_some_and(|description| !description.stub))
        .cloned();
    let sheet = SheetDefinition {
        name: config.sections.sheet.name.clone(),
        composition: config.sections.sheet.composition(),
        metrics,
        groups: config.groups.clone(),
        trend: config.sections.sheet.trend(),
        targets: config.sections.sheet.targets.clone(),
    };
    Ok(Wired { providers, sheet, infos, own_roster, components })
}

/// What registered components say of themselves.
pub(crate) async fn registered_infos(
    components: &Components,
    runtime: &Runtime,
) -> Result<Vec<ProviderInfo>, SetupProblem> {
    let mut infos = Vec::new();
    for (name, registered) in &components.0 {
        let (component, _) = load(runtime, &format!("component {name}"), registered).await?;
        infos.push(ProviderInfo {
            name: name.clone(),
            component: name.clone(),
            configured: false,
            digest: component.digest(),
            base_url: None,
            limits: Limits::default(),
            max_key_age_days: None,
            spec: component.spec().clone(),
            description: provisional_description(&component).await,
        });
    }
    Ok(infos)
}

/// What a component measures with its defaults, and placeholders for texts without one, if it can say so: what is shown
/// of a component without settings, or with invalid ones.
async fn provisional_description(component: &Component) -> Option<Description> {
    let schema = &component.spec().settings_schema;
    let mut settings = settings::defaults(schema);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let types = property["type"].as_array().map_or(std::slice::from_ref(&property["type"]), Vec::as_slice);
        if types.iter().any(|it| it == "string") {
            settings.entry(name.clone()).or_insert_with(|| "placeholder".into());
        }
    }
    Some(component.configure(&settings.into()).await.ok()?.description().clone())
}

/// `at` says where the component is named.
async fn load(runtime: &Runtime, at: &str, registered: &Registered) -> Result<(Component, Arc<[u8]>), SetupProblem> {
    let bytes = match registered {
        Registered::Bytes(bytes) => Arc::clone(bytes),
        Registered::File(path) => std::fs::read(path).map(Arc::from).map_err(|source| SetupProblem::File {
            at: at.to_owned(),
            path: path.clone(),
            source,
        })?,
    };
    let component = runtime.load(Arc::clone(&bytes)).await;
    Ok((component.map_err(|source| SetupProblem::Component { at: at.to_owned(), source })?, bytes))
}

async fn find_and_load(
    setup: &Setup<'_>,
    runtime: &Runtime,
    name: &ProviderName,
    provider: &ProviderConfig,
) -> Result<(String, Component, Arc<[u8]>), SetupProblem> {
    let (label, registered) = find(setup, name, &provider.component)?;
    let at = setup.config.place(SettingsOf::Provider(name), "/component").to_string();
    let (component, bytes) = load(runtime, &at, &registered).await?;
    Ok((label, component, bytes))
}

async fn set_up(
    setup: &Setup<'_>,
    gateway: &Gateway,
    usage: &UsageLog,
    name: &ProviderName,
    provider: &ProviderConfig,
    label: String,
    component: &Component,
) -> Result<(ProviderInstance, ProviderInfo), Vec<SetupProblem>> {
    let spec = component.spec().clone();
    let mut problems = Vec::new();
    let of = SettingsOf::Provider(name);
    let given = provider.section.settings.clone().into();
    let written = setup.config.settings_as_written(of, &given);
    let wrong = |problem: &SettingsProblem| SetupProblem::Configuration(setup.config.settings_problem(of, problem));
    let configured = match settings::complete(&spec.settings_schema, &given, &written) {
        Err(found) => {
            problems.extend(found.iter().map(wrong));
            None
        }
        Ok(settings) => match component.configure(&settings).await {
            Ok(configured) => Some((settings, configured)),
            Err(ConfigureError::Settings(found)) => {
                problems.extend(found.iter().map(wrong));
                None
            }
            Err(error) => {
                let problem = setup.config.problem_at(of, "", &error.to_string());
                problems.push(SetupProblem::Configuration(problem));
                None
            }
        },
    };
    let connection = connect(gateway, name, provider, setup.environment).map_err(|message| {
        let problem = setup.config.problem_at(SettingsOf::Provider(name), "/base_url", &message);
        problems.push(SetupProblem::Configuration(problem));
    });
    let (Some((settings, configured)), Ok(connection)) = (configured, connection) else { return Err(problems) };
    let outbound = match &connection {
        None => None,
        Some(connection) => Some(outbound(setup, name, connection).map_err(|problem| vec![problem])?),
    };
    let limits = provider.section.limits.runtime();
    let description = configured.description().clone();
    let scope = Scope { provider: name.clone(), settings: scope_digest(&spec, description.data_version, &settings) };
    let info = ProviderInfo {
        name: name.to_string(),
        component: label,
        configured: true,
        digest: component.digest(),
        base_url: connection.as_ref().map(|connection| connection.base_url().to_string()),
        limits,
        max_key_age_days: provider.section.max_key_age_days,
        spec,
        description: Some(description),
    };
    let running = Arc::new(configured.instance(outbound, limits));
    usage.watch(name.clone(), connection.filter(|_| provider.section.auth.is_some()), Arc::clone(&running));
    let instance = ProviderInstance {
        provider: running,
        settings,
        credential: provider.section.auth.as_ref().and_then(Auth::variables),
        requests_per_minute: provider.base_url.is_some().then_some(provider.section.limits.requests_per_minute),
        scope,
    };
    Ok((instance, info))
}

fn find(
    setup: &Setup<'_>,
    provider: &ProviderName,
    component: &ComponentRef,
) -> Result<(String, Registered), SetupProblem> {
    match component {
        ComponentRef::Path(path) => Ok((path.display().to_string(), Registered::File(PathBuf::clone(path)))),
        ComponentRef::Bundled(name) => {
            setup.components.0.get(name).map(|registered| (name.clone(), registered.clone())).ok_or_else(|| {
                let known: Vec<&str> = setup.components.0.keys().map(String::as_str).collect();
                let of = SettingsOf::Provider(provider);
                let shown = setup.config.shown(of, "/component", name);
                let message =
                    format!("unknown component {shown}; give one of {}, or the path of a .wasm file", known.join(", "));
                SetupProblem::Configuration(setup.config.problem_at(of, "/component", &message))
            })
        }
    }
}

fn complete_metric(
    config: &Config,
    id: &MetricId,
    provider: &ProviderName,
    description: &Description,
    wanted: &MetricId,
    given: &serde_json::Value,
) -> Result<serde_json::Value, Vec<SetupProblem>> {
    let Some(metric) = description.metric(wanted.as_str()) else {
        let known: Vec<&str> = description.metrics.iter().map(|metric| metric.id.as_str()).collect();
        let of = SettingsOf::Metric(id);
        let shown = config.shown(of, if wanted == id { "/id" } else { "/metric" }, wanted.as_str());
        let message = format!("provider '{provider}' has no metric {shown}; give one of {}", known.join(", "));
        return Err(vec![SetupProblem::Configuration(config.problem_at(of, "/metric", &message))]);
    };
    let written = config.settings_as_written(SettingsOf::Metric(id), given);
    settings::complete(&metric.settings_schema, given, &written).map_err(|wrong| {
        wrong
            .iter()
            .map(|problem| SetupProblem::Configuration(config.settings_problem(SettingsOf::Metric(id), problem)))
            .collect()
    })
}

/// Where a provider's requests go: over its connection, written down on the way where that was asked for, or to what
/// was written down earlier.
fn outbound(
    setup: &Setup<'_>,
    name: &ProviderName,
    connection: &Connection,
) -> Result<Arc<dyn Outbound>, SetupProblem> {
    let connection = Arc::new(connection.clone());
    let problem = |source| SetupProblem::Recording { provider: name.clone(), source };
    Ok(match setup.traffic {
        Traffic::Live => connection,
        Traffic::Record(folder) => Arc::new(Recorder::create(connection, folder.join(name.as_str())).map_err(problem)?),
        Traffic::Replay(folder) => {
            Arc::new(Replayer::open(folder.join(name.as_str()), connection.base_url().clone()).map_err(problem)?)
        }
    })
}

/// A header's value that comes from the environment is taken for a secret from so many bytes on, and then out of whatever
/// the source answers. What is shorter is a region or a version, which may be a word of the answers too.
const SHORTEST_SECRET: usize = 16;

/// The provider's one connection; none where it has no base URL.
fn connect(
    gateway: &Gateway,
    name: &ProviderName,
    provider: &ProviderConfig,
    environment: &Arc<dyn Environment>,
) -> Result<Option<Connection>, String> {
    let Some(base_url) = provider.base_url.clone() else { return Ok(None) };
    let credential: Arc<dyn CredentialSource> = match &provider.section.auth {
        None => Arc::new(Credential::None),
        Some(auth) => Arc::new(Configured { auth: auth.clone(), environment: Arc::clone(environment) }),
    };
    let (mut headers, mut secret_headers) = (Vec::new(), Vec::new());
    for (header, source) in &provider.section.headers {
        let value = source.resolve(environment.as_ref()).map_err(|error| format!("header {header}: {error}"))?;
        let text = value.expose_secret();
        if source.variables().is_empty() || text.len() < SHORTEST_SECRET {
            headers.push((header.clone(), text.to_owned()));
        } else {
            secret_headers.push((header.clone(), value));
        }
    }
    let defaults = ConnectionLimits::default();
    let limits = ConnectionLimits {
        requests_per_minute: NonZeroU32::new(provider.section.limits.requests_per_minute)
            .unwrap_or(defaults.requests_per_minute),
        max_body_bytes: u64::from(provider.section.limits.max_body_mib) << 20,
        ..defaults
    };
    gateway
        .connect(ConnectionSpec {
            name: name.to_string(),
            base_url,
            credential,
            headers,
            secret_headers,
            limits,
            allow_private_addresses: provider.section.allow_private_addresses,
            allow_post: provider.section.allow_post,
        })
        .map(Some)
        .map_err(|error| error.to_string())
}

/// A credential as the configuration writes it, read anew for every request.
struct Configured {
    auth: Auth,
    environment: Arc<dyn Environment>,
}

impl CredentialSource for Configured {
    fn current(&self) -> Result<Credential, String> {
        let read = |secret: &config::SecretSource| {
            secret.resolve(self.environment.as_ref()).map_err(|error| error.to_string())
        };
        Ok(match &self.auth {
            Auth::Bearer(token) => Credential::Bearer(read(token)?),
            Auth::Basic { user, password } => Credential::Basic { user: read(user)?, password: read(password)? },
            Auth::Header { name, value } => Credential::Header { name: name.clone(), value: read(value)? },
        })
    }
}

/// What a provider's data is stored under: the component's id, its data version and its settings in any order, except
/// those that only tune how data is fetched.
fn scope_digest(spec: &ProviderSpec, data_version: u32, settings: &serde_json::Value) -> Digest {
    let mut identity = settings.clone();
    remove_tuning(&spec.settings_schema, &mut identity);
    let mut hasher = Hasher::new();
    hasher.field(&spec.id).number(i64::from(data_version));
    hash_json(&mut hasher, &identity);
    hasher.finish()
}

/// Removes the settings that the schema marks `"x-tuning": true`.
fn remove_tuning(schema: &serde_json::Value, settings: &mut serde_json::Value) {
    let (Some(properties), Some(settings)) = (schema["properties"].as_object(), settings.as_object_mut()) else {
        return;
    };
    for (name, property) in properties {
        if property["x-tuning"] == serde_json::Value::Bool(true) {
            settings.remove(name);
        } else if let Some(setting) = settings.get_mut(name) {
            remove_tuning(property, setting);
        }
    }
}

fn hash_json(hasher: &mut Hasher, value: &serde_json::Value) {
    match value {
        serde_json::Value::Array(items) => {
            hasher.field("[").number(items.len() as i64);
            for item in items {
                hash_json(hasher, item);
            }
        }
        serde_json::Value::Object(members) => {
            let sorted: BTreeMap<_, _> = members.iter().collect();
            hasher.field("{").number(sorted.len() as i64);
            for (key, member) in sorted {
                hasher.field(key);
                hash_json(hasher, member);
            }
        }
        scalar => {
            hasher.field(scalar.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scope_depends_on_identity_settings_and_data_version_alone() {
        let schema = json!({"properties": {
            "page_size": {"x-tuning": true},
            "b": {"properties": {"d": {}, "e": {"x-tuning": true}}},
        }});
        let spec = |id: &str| ProviderSpec {
            id: id.to_owned(),
            title: String::new(),
            version: "1".to_owned(),
            settings_schema: schema.clone(),
        };
        let digest = |settings: serde_json::Value| scope_digest(&spec("crewhu"), 1, &settings);
        let first = digest(json!({ "a": 1, "b": { "c": [1, 2], "d": "x" } }));
        assert_eq!(first, digest(json!({ "b": { "d": "x", "c": [1, 2] }, "a": 1 })));
        assert_eq!(first, digest(json!({ "a": 1, "page_size": 5, "b": { "c": [1, 2], "d": "x", "e": 9 } })));
        assert_ne!(first, digest(json!({ "b": { "d": "x", "c": [2, 1] }, "a": 1 })));
        let settings = json!({ "a": 1, "b": { "c": [1, 2], "d": "x" } });
        assert_ne!(first, scope_digest(&spec("other"), 1, &settings));
        assert_ne!(first, scope_digest(&spec("crewhu"), 2, &settings));
    }
}

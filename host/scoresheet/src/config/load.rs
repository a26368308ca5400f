//! Reads a configuration from its source: file, text, or the environment alone.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use serde_json::Map;

use super::{
    Config, ConfigErrors, ConfigProblem, ConfigSource, Origin,
    check::{self, CREWHU},
    document::{Document, Provenance},
    environment::{Environment, VariableError, lookup, read, world_readable},
    sections::{Auth, MetricSection, ProviderSection, Sections},
};

/// A larger file is not a configuration.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// Variables of which at least one must be set if there is no file.
const REQUIRED: [&str; 2] = ["CREWHU_API_KEY", "CREWHU_COMPANY_ID"];

pub(super) fn load(source: ConfigSource, env: &dyn Environment) -> Result<Config, ConfigErrors> {
    let (origin, text, base_dir) = match source {
        ConfigSource::Path(path) => {
            let unreadable = |reason: io::Error| ConfigErrors::Unreadable { path: path.clone(), reason };
            let bytes = read(&path, MAX_FILE_BYTES).map_err(unreadable)?;
            let origin = Origin::File(path.clone());
            let text = text(bytes, &origin)?;
            let path = std::path::absolute(&path).map_err(unreadable)?;
            let base_dir = path.parent().map_or_else(|| path.clone(), Path::to_owned);
            (origin, text, base_dir)
        }
        ConfigSource::Text { name, text, base_dir } => (Origin::Text(name), text, absolute(base_dir)?),
        ConfigSource::EnvironmentOnly => {
            if REQUIRED.iter().all(|name| matches!(lookup(env, name), Err(VariableError::Unset { .. }))) {
                return Err(ConfigErrors::NothingConfigured);
            }
            let mut document = Document::empty(Origin::Environment.to_string(), env);
            let sections = from_environment(&mut document);
            return finish(document, sections, Origin::Environment, &absolute(PathBuf::new())?);
        }
    };
    let mut document =
        Document::parse(origin.to_string(), &text, env).map_err(|problem| ConfigErrors::Invalid(vec![problem]))?;
    let sections = document.sections();
    finish(document, sections, origin, &base_dir)
}

fn finish(
    mut document: Document<'_>,
    mut sections: Sections,
    origin: Origin,
    base_dir: &Path,
) -> Result<Config, ConfigErrors> {
    let checked = check::check(&mut document, &mut sections, base_dir);
    let problems = document.problems();
    if !problems.is_empty() {
        return Err(ConfigErrors::Invalid(problems));
    }
    let mut warnings: Vec<String> = document.warnings.iter().map(ToString::to_string).collect();
    if let Origin::File(path) = &origin
        && document.literal_credential
        && world_readable(path)
    {
        warnings.push(format!("{}: every user can read the credential in this file; chmod 600 it", path.display()));
    }
    Ok(Config {
        sync: sections.sync.policy(),
        origin,
        sections,
        providers: checked.providers,
        groups: checked.groups,
        metrics: checked.metrics,
        alerts: checked.alerts,
        channels: checked.channels,
        warnings,
        origins: document.origins,
    })
}

/// CrewHu with Support Engagement Satisfaction, from `CREWHU_API_KEY`, `CREWHU_COMPANY_ID` and `CREWHU_BASE_URL`.
fn from_environment(document: &mut Document<'_>) -> Sections {
    let id = "support-engagement-satisfaction";
    let company = document.expand_text("/providers/crewhu/settings/company_id", "${CREWHU_COMPANY_ID}");
    let auth = document.secret("/providers/crewhu/auth/bearer", "${CREWHU_API_KEY}").map(Auth::Bearer);
    for place in ["/metrics/0/id", "/metrics/0/provider"] {
        document.origins.insert(place.to_owned(), Provenance::default());
    }
    let settings = company.map(|company| ("company_id".to_owned(), company.into()));
    let provider =
        ProviderSection { auth, settings: settings.into_iter().collect::<Map<_, _>>(), ..ProviderSection::default() };
    let metric = MetricSection { id: id.to_owned(), provider: Some(CREWHU.to_owned()), ..MetricSection::default() };
    Sections {
        providers: BTreeMap::from([(CREWHU.to_owned(), provider)]),
        metrics: vec![metric],
        ..Sections::default()
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
            message: "not UTF-8; save the file as UTF-8".to_owned(),
        }])
    })
}

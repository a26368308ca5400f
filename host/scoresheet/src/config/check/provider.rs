//! `[providers.NAME]`: component, URL, credential and headers.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use scoresheet_domain::ProviderName;
use scoresheet_gateway::{BaseUrl, BaseUrlError, check_credential_header, check_fixed_header};

use crate::config::{
    document::Document,
    sections::{Auth, ProviderSection},
    settings::words::extend,
};

/// The bundled component for CrewHu.
pub(in crate::config) const CREWHU: &str = "crewhu";
/// Base URL of the component `crewhu`.
pub(in crate::config) const CREWHU_BASE_URL: &str = "${CREWHU_BASE_URL:-https://api.crewhu.com}";

/// A provider of the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderConfig {
    /// Component that it runs.
    pub component: ComponentRef,
    /// URL that its requests go to; without one, it can make none.
    pub base_url: Option<BaseUrl>,
    /// The section as declared.
    pub section: ProviderSection,
}

/// Component that a provider runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComponentRef {
    /// A bundled one.
    Bundled(String),
    /// A file; the path is absolute.
    Path(PathBuf),
}

/// Checks every provider; completes component and base URL.
pub(super) fn providers(
    document: &mut Document<'_>,
    sections: &mut BTreeMap<String, ProviderSection>,
    base_dir: &Path,
) -> BTreeMap<ProviderName, ProviderConfig> {
    let mut providers = BTreeMap::new();
    for (name, section) in sections {
        let pointer = extend("/providers", name);
        let component = component(document, section, name, &pointer, base_dir);
        let base_url = base_url(document, section, &component, &pointer);
        auth(document, section, &pointer);
        headers(document, section, &pointer);
        if let Ok(name) = ProviderName::new(name.as_str()) {
            providers.insert(name, ProviderConfig { component, base_url, section: section.clone() });
        }
    }
    providers
}

/// What looks like a path is one; anything else is the name of a bundled component.
fn component(
    document: &mut Document<'_>,
    section: &mut ProviderSection,
    name: &str,
    pointer: &str,
    base_dir: &Path,
) -> ComponentRef {
    let place = extend(pointer, "component");
    if section.component.contains(['/', '\\']) || section.component.ends_with(".wasm") {
        let path = base_dir.join(&section.component);
        section.component = path.display().to_string();
        return ComponentRef::Path(path);
    }
    if !document.has(&place) {
        section.component = name.to_owned();
    } else if ProviderName::new(section.component.as_str()).is_err() {
        let shown = document.shown(&place);
        let fix = "give the name of a bundled component, as \"crewhu\", or the path of a .wasm file";
        document.problem(&place, format!("{shown} is not valid; {fix}"));
    }
    ComponentRef::Bundled(section.component.clone())
}

fn base_url(
    document: &mut Document<'_>,
    section: &mut ProviderSection,
    component: &ComponentRef,
    pointer: &str,
) -> Option<BaseUrl> {
    let place = extend(pointer, "base_url");
    if section.base_url.is_none() && !document.has(&place) && *component == ComponentRef::Bundled(CREWHU.to_owned()) {
        section.base_url = document.expand_text(&place, CREWHU_BASE_URL);
    }
    match BaseUrl::parse(section.base_url.as_deref()?, section.allow_insecure) {
        Ok(url) => {
            if !url.is_https() && !url.is_loopback() {
                let message = "requests and the credential cross the network unencrypted";
                document.warn(&extend(pointer, "allow_insecure"), message);
            }
            section.base_url = Some(url.to_string().trim_end_matches('/').to_owned());
            Some(url)
        }
        // The URL is not repeated: it may carry a password.
        Err(why) => {
            let how = if why == BaseUrlError::Userinfo { " (auth)" } else { "" };
            document.problem(&place, format!("{why}{how}"));
            None
        }
    }
}

fn auth(document: &mut Document<'_>, section: &ProviderSection, pointer: &str) {
    let place = extend(pointer, "auth");
    if document.has(&place) && section.base_url.is_none() && !document.has(&extend(pointer, "base_url")) {
        document.problem(&place, "there is no base_url to send this credential to; give base_url = \"https://…\"");
    }
    let (secret, place) = match &section.auth {
        None => return,
        Some(Auth::Bearer(secret)) => (secret, extend(&place, "bearer")),
        Some(Auth::Basic { user, .. }) => {
            if user.expand(document.env).is_ok_and(|user| user.text.contains(':')) {
                let message = "contains ':', which basic authentication does not allow in a user; check the value";
                document.problem(&format!("{place}/basic/user"), message);
            }
            return;
        }
        Some(Auth::Header { name, value }) => {
            if let Err(why) = check_credential_header(name) {
                document.problem(&format!("{place}/header/name"), format!("this header {why}"));
            }
            (value, format!("{place}/header/value"))
        }
    };
    if secret.expand(document.env).is_ok_and(|secret| !secret.text.is_ascii()) {
        document.problem(&place, "contains characters outside ASCII, which a header does not allow; check the value");
    }
}

fn headers(document: &mut Document<'_>, section: &ProviderSection, pointer: &str) {
    let pointer = extend(pointer, "headers");
    let mut names: Vec<String> = Vec::new();
    for name in section.headers.keys() {
        let place = extend(&pointer, name);
        if let Err(why) = check_fixed_header(name) {
            document.problem(&place, format!("this header {why}"));
        } else if names.contains(&name.to_ascii_lowercase()) {
            document.problem(&place, "this header is given twice; keep one of them");
        }
        names.push(name.to_ascii_lowercase());
    }
}

//! The sections `[providers.NAME]`: a component, its connection, its credential and its limits.

use std::path::{Path, PathBuf};

use scoresheet_domain::ProviderName;
use scoresheet_gateway::BaseUrl;

use super::{
    metric::KEBAB,
    secret::SecretSource,
    section::{Section, Text},
};

mod auth;
mod connection;

pub use auth::Auth;
pub(super) use auth::credentials;

/// The component that comes with the program and speaks to CrewHu.
pub(super) const CREWHU: &str = "crewhu";
/// CrewHu's own address, unless the environment says otherwise.
pub(super) const CREWHU_BASE_URL: &str = "${CREWHU_BASE_URL:-https://api.crewhu.com}";

/// `[providers.NAME]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderConfig {
    /// The NAME: lower-case letters, digits, '-' and '_'.
    pub name: ProviderName,
    /// The component that it runs. Default: the bundled one called NAME.
    pub component: ComponentRef,
    /// Where its requests go: http or https, without user, query or fragment. The bundled `crewhu`
    /// has a default; without one, the provider can make no requests.
    pub base_url: Option<BaseUrl>,
    /// The credential that the host attaches.
    pub auth: Option<Auth>,
    /// Further fixed headers, by name as it was written; values are kept like credentials.
    pub headers: Vec<(String, SecretSource)>,
    /// After so many days with the same key there is a word of warning: 1 to 3650, none by default.
    pub max_key_age_days: Option<u32>,
    /// Whether plain http may go to another machine. Default: no.
    pub allow_insecure: bool,
    /// Whether `base_url` may lead to a private address: into the operator's own network. Default: no, unless
    /// `base_url` itself gives such an address or this machine's.
    pub allow_private_addresses: bool,
    /// Whether the component may send POST requests.
    pub allow_post: bool,
    /// What it may use.
    pub limits: Limits,
    /// A JSON object, as it stands in the file; the component's schema has not been applied.
    pub settings: serde_json::Value,
}

/// Which component a provider runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComponentRef {
    /// One that comes with the program.
    Bundled(String),
    /// A file; the path is absolute.
    Path(PathBuf),
}

/// `limits = { … }`: what a provider may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a minute to the source, 1 to 60000. Default 600: neither CrewHu nor ConnectWise
    /// publishes a limit, and both answer 429, which is honoured.
    pub requests_per_minute: u32,
    /// Requests that one call of the component may make, 1 to 10000. Default 64.
    pub requests_per_call: u32,
    /// The largest answer to a request, decoded, in MiB, 1 to 1024. Default 8.
    pub max_body_mib: u32,
    /// The component's memory in MiB, 1 to 4096. Default 64.
    pub memory_mib: u32,
    /// How long one call may compute, in seconds, 1 to 600. Default 30.
    pub compute_secs: u32,
    /// How long one call may take, its requests and their retries included, in seconds, 1 to 3600. Default 120.
    pub deadline_secs: u32,
    /// Elements of one table of the component, 1 to 20,000. Default 10,000.
    pub table_elements: u32,
    /// Handles of the host's that the component may hold, 1 to 100,000. Default 1,000.
    pub handles: u32,
    /// The bodies of one call's requests and answers together, in MiB, 1 to 4096. Default 64.
    pub http_mib: u32,
    /// What may cross from the component to the host in one go, in MiB, 1 to 1024. Default 16.
    pub answer_mib: u32,
    /// Items, and rejected records, of one page, 1 to 10,000,000 each. Default 100,000.
    pub page_items: u32,
    /// Lines that one call may log, 0 to 100,000; further ones are counted and dropped. Default 100.
    pub log_lines: u32,
    /// Those lines together, in KiB, 0 to 65,536. Default 64.
    pub log_kib: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_minute: 600,
            requests_per_call: 64,
            max_body_mib: 8,
            memory_mib: 64,
            compute_secs: 30,
            deadline_secs: 120,
            table_elements: 10_000,
            handles: 1_000,
            http_mib: 64,
            answer_mib: 16,
            page_items: 100_000,
            log_lines: 100,
            log_kib: 64,
        }
    }
}

impl Limits {
    fn read(mut section: Section<'_>) -> Self {
        let defaults = Self::default();
        let mut limit = |key, bounds, default| section.integer(key, bounds).unwrap_or(default);
        let limits = Self {
            requests_per_minute: limit("requests_per_minute", 1..=60_000, defaults.requests_per_minute),
            requests_per_call: limit("requests_per_call", 1..=10_000, defaults.requests_per_call),
            max_body_mib: limit("max_body_mib", 1..=1024, defaults.max_body_mib),
            memory_mib: limit("memory_mib", 1..=4096, defaults.memory_mib),
            compute_secs: limit("compute_secs", 1..=600, defaults.compute_secs),
            deadline_secs: limit("deadline_secs", 1..=3600, defaults.deadline_secs),
            table_elements: limit("table_elements", 1..=20_000, defaults.table_elements),
            handles: limit("handles", 1..=100_000, defaults.handles),
            http_mib: limit("http_mib", 1..=4096, defaults.http_mib),
            answer_mib: limit("answer_mib", 1..=1024, defaults.answer_mib),
            page_items: limit("page_items", 1..=10_000_000, defaults.page_items),
            log_lines: limit("log_lines", 0..=100_000, defaults.log_lines),
            log_kib: limit("log_kib", 0..=65_536, defaults.log_kib),
        };
        section.finish();
        limits
    }

    /// The limits by the names under which they stand in the file.
    #[must_use]
    pub fn entries(&self) -> [(&'static str, u32); 13] {
        [
            ("requests_per_minute", self.requests_per_minute),
            ("requests_per_call", self.requests_per_call),
            ("max_body_mib", self.max_body_mib),
            ("memory_mib", self.memory_mib),
            ("compute_secs", self.compute_secs),
            ("deadline_secs", self.deadline_secs),
            ("table_elements", self.table_elements),
            ("handles", self.handles),
            ("http_mib", self.http_mib),
            ("answer_mib", self.answer_mib),
            ("page_items", self.page_items),
            ("log_lines", self.log_lines),
            ("log_kib", self.log_kib),
        ]
    }
}

/// Reads one provider; none where something is wrong with it.
pub(super) fn provider(name: &str, mut section: Section<'_>, base_dir: &Path) -> Option<ProviderConfig> {
    let parsed = ProviderName::new(name).ok();
    if parsed.is_none() {
        section.problem_here(format!("'{}' is no provider's name; {KEBAB}", name.escape_debug()));
    }
    let component = match section.text("component") {
        Some(text) => component(&section, &text, base_dir),
        None => Some(ComponentRef::Bundled(name.to_owned())),
    };
    let allow_insecure = section.flag("allow_insecure").unwrap_or(false);
    let allow_private_addresses = section.flag("allow_private_addresses").unwrap_or(false);
    let allow_post = section.flag("allow_post").unwrap_or(false);
    let auth = auth::read(&mut section);
    let base_url = connection::base_url(&mut section, component.as_ref(), allow_insecure);
    if base_url.is_none() && !section.has("base_url") && section.has("auth") {
        section.problem("auth", "there is no base_url for this credential to go to; give base_url = \"https://…\"");
    }
    let headers = connection::headers(&mut section);
    let max_key_age_days = section.integer("max_key_age_days", 1..=3650);
    let limits = Limits::read(section.table("limits"));
    let settings = section.settings("settings");
    section.finish();
    Some(ProviderConfig {
        name: parsed?,
        component: component?,
        base_url,
        auth,
        headers,
        max_key_age_days,
        allow_insecure,
        allow_private_addresses,
        allow_post,
        limits,
        settings,
    })
}

/// What looks like a path is one; anything else is the name of a bundled component.
fn component(section: &Section<'_>, text: &Text, base_dir: &Path) -> Option<ComponentRef> {
    let value = text.value.as_str();
    if value.contains(['/', '\\']) || value.ends_with(".wasm") {
        return Some(ComponentRef::Path(base_dir.join(value)));
    }
    if ProviderName::new(value).is_err() {
        let message = format!(
            "'{}' is no component; give the name of a bundled one, as \"crewhu\", or the path of a .wasm file",
            text.written.escape_debug()
        );
        section.problem("component", message);
        return None;
    }
    Some(ComponentRef::Bundled(value.to_owned()))
}

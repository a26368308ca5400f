//! `[providers.NAME]`: a component, its connection, credential, limits and settings.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use scoresheet_gateway::ConnectionLimits;
use scoresheet_runtime::Limits;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::secret::SecretSource;

/// `[providers.NAME]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderSection {
    /// Bundled component, or the path of a `.wasm` file. Default: the bundled component NAME.
    pub component: String,
    /// URL that requests go to. http or https, without user, query and fragment. The component `crewhu` has a default;
    /// without a URL, other components make no requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"https://api.crewhu.com")]
    pub base_url: Option<String>,
    /// Credential that the host attaches to each request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// Further fixed headers. A value of at least 16 characters from `${NAME}` is kept secret like a credential.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(example = serde_json::json!({"clientId": "0b5c"}))]
    pub headers: BTreeMap<String, SecretSource>,
    /// Age in days at which a key is reported as old.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650), example = 90)]
    pub max_key_age_days: Option<u32>,
    /// Allow plain http to another machine.
    pub allow_insecure: bool,
    /// Allow a host name in `base_url` that resolves to a private address. A private address written in `base_url` is
    /// always allowed.
    pub allow_private_addresses: bool,
    /// Allow the component to send POST requests. Reading needs none in most APIs.
    pub allow_post: bool,
    /// What the provider may use. `scoresheet provider info NAME` shows what the last run used.
    pub limits: ProviderLimits,
    /// Settings of the component. `scoresheet provider info NAME` lists them.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub settings: Map<String, Value>,
}

/// The credential that the host attaches to each request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
#[schemars(extend("x-valid" =
    "{ bearer = \"…\" }, { basic = { user = \"…\", password = \"…\" } } or { header = { name = \"…\", value = \"…\" } }"))]
pub enum Auth {
    /// `Authorization: Bearer …`
    Bearer(
        /// Bearer token.
        #[schemars(extend("format" = "password"))]
        SecretSource,
    ),
    /// `Authorization: Basic …`
    Basic {
        /// User. For ConnectWise, company and public key with a '+' between.
        user: SecretSource,
        /// Password. For ConnectWise, the private key.
        #[schemars(extend("format" = "password"))]
        password: SecretSource,
    },
    /// A header of the source's own.
    Header {
        /// Name of the header.
        name: String,
        /// Value of the header.
        #[schemars(extend("format" = "password"))]
        value: SecretSource,
    },
}

impl Auth {
    /// The variables that the credential is made from, for messages. None if it is written in the file.
    #[must_use]
    pub fn variables(&self) -> Option<String> {
        let secret = match self {
            Self::Bearer(secret) | Self::Basic { password: secret, .. } | Self::Header { value: secret, .. } => secret,
        };
        (!secret.variables().is_empty()).then(|| secret.variables().join(" and "))
    }
}

/// `[providers.NAME] limits`: what a provider may use. Limits "per call" apply to one call of the component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderLimits {
    /// Requests per minute to the source.
    #[schemars(range(min = 1, max = 60_000))]
    pub requests_per_minute: u32,
    /// Requests per call.
    #[schemars(range(min = 1, max = 10_000))]
    pub requests_per_call: u32,
    /// Largest response, decoded, in MiB.
    #[schemars(range(min = 1, max = 1024))]
    pub max_body_mib: u32,
    /// Memory of the component, in MiB.
    #[schemars(range(min = 1, max = Limits::MAX_MEMORY_MIB))]
    pub memory_mib: u32,
    /// CPU time per call, in seconds.
    #[schemars(range(min = 1, max = 600))]
    pub compute_secs: u32,
    /// Duration of a call including requests and retries, in seconds.
    #[schemars(range(min = 1, max = 3600))]
    pub deadline_secs: u32,
    /// Elements in each table of the component.
    #[schemars(range(min = 1, max = Limits::MAX_TABLE_ELEMENTS))]
    pub table_elements: u32,
    /// Host handles that the component may hold.
    #[schemars(range(min = 1, max = 100_000))]
    pub handles: u32,
    /// Bodies of all requests and responses per call, in MiB.
    #[schemars(range(min = 1, max = 4096))]
    pub http_mib: u32,
    /// Largest value that the component passes to the host, in MiB.
    #[schemars(range(min = 1, max = 1024))]
    pub answer_mib: u32,
    /// Items in a page, and rejected records in a page.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub page_items: u32,
    /// Log lines per call; further lines are counted and dropped.
    #[schemars(range(min = 0, max = 100_000))]
    pub log_lines: u32,
    /// Size of the log lines per call, in KiB.
    #[schemars(range(min = 0, max = 65_536))]
    pub log_kib: u32,
}

impl Default for ProviderLimits {
    fn default() -> Self {
        const fn small(count: u64) -> u32 {
            assert!(count <= u32::MAX as u64);
            count as u32
        }
        let (runtime, connection) = (Limits::default(), ConnectionLimits::default());
        Self {
            requests_per_minute: connection.requests_per_minute.get(),
            requests_per_call: runtime.http_calls,
            max_body_mib: small(connection.max_body_bytes >> 20),
            memory_mib: runtime.memory_mib,
            compute_secs: runtime.compute_secs,
            deadline_secs: runtime.deadline_secs,
            table_elements: runtime.table_elements,
            handles: runtime.handles,
            http_mib: small(runtime.http_bytes >> 20),
            answer_mib: runtime.answer_bytes >> 20,
            page_items: runtime.page_items,
            log_lines: runtime.log_lines,
            log_kib: runtime.log_bytes >> 10,
        }
    }
}

impl ProviderLimits {
    /// The limits that the runtime enforces.
    #[must_use]
    pub fn runtime(&self) -> Limits {
        Limits {
            memory_mib: self.memory_mib,
            table_elements: self.table_elements,
            handles: self.handles,
            compute_secs: self.compute_secs,
            deadline_secs: self.deadline_secs,
            http_calls: self.requests_per_call,
            http_bytes: u64::from(self.http_mib) << 20,
            log_lines: self.log_lines,
            log_bytes: self.log_kib << 10,
            answer_bytes: self.answer_mib << 20,
            page_items: self.page_items,
        }
    }
}

//! What a provider is, for whoever asks.

use scoresheet_domain::{Description, Digest, ProviderSpec};
use scoresheet_runtime::Limits;

/// A configured provider, or a component that could be one.
#[derive(Clone, Debug)]
pub struct ProviderInfo {
    /// The provider, as the configuration names it; the component's name where it is not configured.
    pub name: String,
    /// A registered component's name, or a file.
    pub component: String,
    /// Whether the configuration sets it up.
    pub configured: bool,
    /// The digest of the component's bytes.
    pub digest: Digest,
    /// Where it may send requests to.
    pub base_url: Option<String>,
    /// What a call of it may use.
    pub limits: Limits,
    /// After how many days its key should be another one, where that is set.
    pub max_key_age_days: Option<u32>,
    /// What the component says of itself.
    pub spec: ProviderSpec,
    /// What it measures with its settings. None for a component that is not configured and measures nothing with its
    /// defaults alone.
    pub description: Option<Description>,
}

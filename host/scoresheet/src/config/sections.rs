//! The declaration of every setting: one struct per section of `scoresheet.toml`.
//!
//! Type, default, range and doc of a setting are declared here and nowhere else. The JSON Schema is derived from it, and
//! from the schema the check of the file, the file that `init` writes and the reference page in docs/. `config show`
//! prints the same structs. The first sentence of a doc comment is what `init` writes beside the key.

use std::{collections::BTreeMap, path::PathBuf};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use scoresheet_domain::{compose::Composition, trend::TrendPolicy};
use scoresheet_engine::definition::{RetentionPolicy, SyncPolicy};
use scoresheet_runtime::RuntimeOptions;
use serde::{Deserialize, Serialize};

mod alerts;
mod metrics;
mod provider;

pub use alerts::{AlertSection, ChannelSection, EmailSection, WebhookSection};
pub use metrics::{GroupSection, MetricSection};
pub use provider::{Auth, ProviderLimits, ProviderSection};

/// Longest lookback, in days.
pub const MAX_LOOKBACK_DAYS: u32 = 3650;

/// The configuration file of scoresheet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "scoresheet.toml", extend("required" = ["metrics"]))]
pub struct Sections {
    /// What holds for the sheet as a whole.
    pub sheet: SheetSection,
    /// How much a sync pulls.
    pub sync: SyncSection,
    /// Where the data is stored.
    pub store: StoreSection,
    /// What applies to every connection.
    pub network: NetworkSection,
    /// Which components are too large to load.
    pub runtime: RuntimeSection,
    /// How long data is kept. Data past its retention is pruned after a sync.
    pub retention: RetentionSection,
    /// Where the roster comes from.
    pub clients: ClientsSection,
    /// A provider: a component with its connection, credential, limits and settings.
    #[schemars(extend("propertyNames" = name_schema()))]
    pub providers: BTreeMap<String, ProviderSection>,
    /// Metrics that are weighted together: the group has its weight whatever the weights of its metrics add up to.
    #[schemars(length(min = 1))]
    pub groups: Vec<GroupSection>,
    /// A metric of the sheet: computed by a provider, or scored by a user.
    #[schemars(length(min = 1), extend("x-valid" = "at least one [[metrics]] section with an id and a provider, or manual = true"))]
    pub metrics: Vec<MetricSection>,
    /// Where alerts are sent.
    #[schemars(extend("propertyNames" = name_schema()))]
    pub channels: BTreeMap<String, ChannelSection>,
    /// An alert rule. It fires once and resolves once.
    #[schemars(length(min = 1))]
    pub alerts: Vec<AlertSection>,
}

/// `[sheet]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SheetSection {
    /// Name at the top of the sheet.
    #[schemars(regex(pattern = r"\S"), extend("x-valid" = "a name that is not blank"))]
    pub name: String,
    /// Days before the sheet's date that a metric covers. 30, 60 or 90 are usual.
    #[schemars(range(min = 1, max = MAX_LOOKBACK_DAYS))]
    pub lookback_days: u32,
    /// Smallest share of the weight that must have a score. Below it there is no engagement score.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_coverage: f64,
    /// Engagement scores at which the bands begin.
    pub bands: Bands,
    /// Calendar months (UTC) in a trend; 0 turns trends off.
    #[schemars(range(min = 0, max = 120))]
    pub trend_months: u32,
    /// Minimum responses in each window to report a direction.
    #[schemars(range(min = 1, max = 100_000))]
    pub trend_min_responses: u32,
    /// Target engagement score by client type.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "scores_by_type", example = serde_json::json!({"legal": 4.2}))]
    pub targets: BTreeMap<String, f64>,
}

/// Engagement scores at which the bands begin; a client below `watch` is at risk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Bands {
    /// Engagement score from which a client is healthy.
    #[schemars(range(min = 1.0, max = 5.0))]
    pub healthy: f64,
    /// Engagement score from which a client is on watch; below it, at risk.
    #[schemars(range(min = 1.0, max = 5.0))]
    pub watch: f64,
}

/// `[sync]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SyncSection {
    /// Days that the first sync reaches back, so that trends have a past.
    #[schemars(range(min = 0, max = 3650))]
    pub backfill_days: u32,
    /// Days that each sync pulls again, for late edits.
    #[schemars(range(min = 0, max = 365))]
    pub overlap_days: u32,
}

/// `[store]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSection {
    /// SQLite database as `sqlite://PATH`.
    pub url: String,
}

/// `[network]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkSection {
    /// PEM file of CA certificates to trust in addition to the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), extend("x-valid" = "the path of a PEM file of CA certificates"), example = &"ca.pem")]
    pub ca_file: Option<PathBuf>,
}

/// `[runtime]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RuntimeSection {
    /// Largest component that is loaded, in MiB.
    #[schemars(range(min = 1, max = 1024))]
    pub max_component_mib: u32,
    /// Longest time that compiling a component may take on two processors, in seconds. It is estimated from the
    /// component's code before it is compiled; compiling for 20 seconds takes up to 1 GB of memory.
    #[schemars(range(min = 1, max = 3600))]
    pub max_compile_secs: u32,
}

/// `[retention]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionSection {
    /// Days that observations are kept; forever if not set. Trends do not reach back further.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 31, max = 36_500), example = 1100)]
    pub observations_days: Option<u32>,
    /// Days that the access log is kept.
    #[schemars(range(min = 1, max = 3650))]
    pub access_days: u32,
    /// Days that a stored sheet can be replayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 36_500))]
    pub sheets_days: Option<u32>,
}

/// `[clients]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClientsSection {
    /// CSV file with the roster, read at each run. Columns: id, name, type, active, domain, aliases (`;` between), seats
    /// and any others; only id and name are required. Without a file, the roster is what `scoresheet clients import` stored,
    /// or else the active clients of the sheet's first provider that is not a stub.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), extend("x-valid" = "the path of a CSV file with at least the columns id and name"), example = &"clients.csv")]
    pub file: Option<PathBuf>,
}

impl Default for SheetSection {
    fn default() -> Self {
        let (composition, trend) = (Composition::default(), TrendPolicy::default());
        Self {
            name: "Client engagement".to_owned(),
            lookback_days: 30,
            min_coverage: composition.min_coverage,
            bands: Bands::default(),
            trend_months: trend.months,
            trend_min_responses: trend.min_samples,
            targets: BTreeMap::new(),
        }
    }
}

impl SheetSection {
    /// How the metrics make one engagement score.
    #[must_use]
    pub const fn composition(&self) -> Composition {
        Composition { min_coverage: self.min_coverage, healthy: self.bands.healthy, watch: self.bands.watch }
    }

    /// How trends are computed.
    #[must_use]
    pub const fn trend(&self) -> TrendPolicy {
        TrendPolicy { months: self.trend_months, min_samples: self.trend_min_responses }
    }
}

impl Default for Bands {
    fn default() -> Self {
        let Composition { healthy, watch, .. } = Composition::default();
        Self { healthy, watch }
    }
}

impl Default for SyncSection {
    fn default() -> Self {
        let SyncPolicy { backfill_days, overlap_days, .. } = SyncPolicy::default();
        Self { backfill_days, overlap_days }
    }
}

impl SyncSection {
    /// How much a sync pulls.
    #[must_use]
    pub fn policy(&self) -> SyncPolicy {
        SyncPolicy { backfill_days: self.backfill_days, overlap_days: self.overlap_days, ..SyncPolicy::default() }
    }
}

impl Default for StoreSection {
    fn default() -> Self {
        Self { url: "sqlite://scoresheet.db".to_owned() }
    }
}

impl Default for RuntimeSection {
    fn default() -> Self {
        let RuntimeOptions { max_component_mib, max_compile_secs, .. } = RuntimeOptions::default();
        Self { max_component_mib, max_compile_secs }
    }
}

impl Default for RetentionSection {
    fn default() -> Self {
        let RetentionPolicy { observations_days, access_days, sheets_days, .. } = RetentionPolicy::default();
        Self { observations_days, access_days, sheets_days }
    }
}

impl RetentionSection {
    /// How long data is kept.
    #[must_use]
    pub fn policy(&self) -> RetentionPolicy {
        let Self { observations_days, access_days, sheets_days } = *self;
        RetentionPolicy { observations_days, access_days, sheets_days, ..RetentionPolicy::default() }
    }
}

/// The form of an id or name, in words.
pub(super) const NAME: &str =
    "a name of lower-case letters, digits, '-' and '_', at most 256, starting with a letter or digit";

fn name_schema() -> Schema {
    json_schema!({"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,255}$", "x-valid": NAME})
}

/// An id or name.
fn name(_: &mut SchemaGenerator) -> Schema {
    name_schema()
}

/// Scores from 1 to 5 by client type.
fn scores_by_type(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "additionalProperties": {"type": "number", "minimum": 1, "maximum": 5}})
}

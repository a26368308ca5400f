//! What the program answers to `--json`: public, serialisable types, one file per command family.
//!
//! They are made from the results of the engine and are its only JSON. Conventions: keys are always present, in the
//! order of the fields, null if there is no value; times are RFC 3339 in UTC. [`schemas`] lists all of them. The sheet
//! itself is [`Scoresheet`], and the review list is part of it.

pub mod alerts;
pub mod audit;
pub mod check;
pub mod clients;
pub mod config;
pub mod health;
pub mod mapping;
pub mod provider;
pub mod replay;
pub mod scores;
pub mod sync;
pub mod trend;

use std::collections::BTreeMap;

use schemars::{JsonSchema, generate::SchemaSettings};
use scoresheet_domain::{review::Review, sheet::Scoresheet};
use serde_json::Value;

/// Declares a view whose fields are those of an engine type, and the conversion from it.
macro_rules! view {
    ($(#[$doc:meta])* $name:ident from $source:ty { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl From<$source> for $name {
            fn from(source: $source) -> Self {
                Self { $($field: source.$field,)* }
            }
        }
    };
}
use view;

/// JSON Schema (draft 2020-12) of each answer, by command.
#[must_use]
pub fn schemas() -> BTreeMap<&'static str, Value> {
    BTreeMap::from([
        ("alerts ack", schema::<alerts::Alert>()),
        ("alerts check", schema::<alerts::Check>()),
        ("alerts list", schema::<alerts::List>()),
        ("audit", schema::<Vec<audit::Entry>>()),
        ("audit --scores", schema::<Vec<audit::ScoreAudit>>()),
        ("audit --verify", schema::<audit::Verdict>()),
        ("check", schema::<Vec<check::Check>>()),
        ("check --client", schema::<Vec<check::ClientCheck>>()),
        ("clients erase", schema::<clients::Erasure>()),
        ("clients import", schema::<clients::Import>()),
        ("clients list", schema::<Vec<clients::Client>>()),
        ("clients restore", schema::<clients::Restore>()),
        ("config show", schema::<config::Effective>()),
        ("generate", schema::<Scoresheet>()),
        ("health", schema::<Vec<health::ProviderHealth>>()),
        ("health --requests", schema::<Vec<health::AccessEntry>>()),
        ("init", schema::<config::Init>()),
        ("manual clear", schema::<scores::Cleared>()),
        ("manual list", schema::<Vec<scores::Manual>>()),
        ("manual set", schema::<scores::Manual>()),
        ("mapping clear", schema::<mapping::Cleared>()),
        ("mapping evaluate", schema::<mapping::Evaluation>()),
        ("mapping explain", schema::<mapping::Comparison>()),
        ("mapping list", schema::<BTreeMap<String, mapping::ProviderMapping>>()),
        ("mapping reject", schema::<mapping::Decision>()),
        ("mapping set", schema::<mapping::Decision>()),
        ("mapping suggest", schema::<BTreeMap<String, Vec<mapping::NamedSuggestion>>>()),
        ("override clear", schema::<scores::Cleared>()),
        ("override list", schema::<Vec<scores::Override>>()),
        ("override set", schema::<scores::Override>()),
        ("provider cache", schema::<Vec<provider::CompiledCode>>()),
        ("provider cache --clear", schema::<provider::CacheCleared>()),
        ("provider info", schema::<provider::Provider>()),
        ("provider list", schema::<Vec<provider::Provider>>()),
        ("replay", schema::<Vec<replay::StoredSheet>>()),
        ("replay ID", schema::<replay::Replay>()),
        ("review", schema::<Review>()),
        ("sync", schema::<sync::Sync>()),
        ("trend", schema::<trend::ClientTrends>()),
    ])
}

fn schema<T: JsonSchema>() -> Value {
    // For what is written: there every key is present.
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>().to_value()
}

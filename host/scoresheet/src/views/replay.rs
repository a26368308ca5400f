//! `replay`.

use schemars::JsonSchema;
use scoresheet_domain::Instant;
use scoresheet_engine::{InputsGone, SheetSummary};
use serde::Serialize;

use crate::{ReplayOutcome, Replayed};

/// A stored sheet.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StoredSheet {
    /// The sheet's id.
    pub id: String,
    /// When its windows end.
    pub as_of: Instant,
    /// When it was made.
    pub made: Instant,
    /// Why its inputs were removed; null if they are stored.
    pub gone: Option<String>,
    /// Size of its inputs in bytes.
    pub bytes: u64,
}

impl From<&SheetSummary> for StoredSheet {
    fn from(sheet: &SheetSummary) -> Self {
        Self {
            id: sheet.id.clone(),
            as_of: sheet.as_of,
            made: sheet.made,
            gone: sheet.gone.map(reason),
            bytes: sheet.bytes,
        }
    }
}

/// A stored sheet compared with what its saved inputs give now.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Replay {
    /// The sheet's id.
    pub id: String,
    /// When its windows end.
    pub as_of: Instant,
    /// When it was made.
    pub made: Instant,
    /// Whether both are the same; null if the inputs were removed.
    pub same: Option<bool>,
    /// Why its inputs were removed; null if they are stored.
    pub gone: Option<String>,
}

impl From<&Replayed> for Replay {
    fn from(replayed: &Replayed) -> Self {
        let (same, gone) = match &replayed.outcome {
            ReplayOutcome::Same(_) => (Some(true), None),
            ReplayOutcome::Differs(_) => (Some(false), None),
            ReplayOutcome::Gone(gone) => (None, Some(reason(*gone))),
        };
        Self { id: replayed.id.clone(), as_of: replayed.as_of, made: replayed.made, same, gone }
    }
}

fn reason(gone: InputsGone) -> String {
    gone.as_str().to_owned()
}

//! `override` and `manual`: scores that users set.

use schemars::JsonSchema;
use scoresheet_domain::{ClientId, EntryState, Instant, MetricId};
use scoresheet_engine::ListedEntry;
use serde::Serialize;
use serde_json::Number;

/// A user's score that replaces a computed one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Override {
    /// Number within the store.
    pub id: i64,
    /// The client.
    pub client: ClientId,
    /// The metric.
    pub metric: MetricId,
    /// 1 to 5.
    pub score: Number,
    /// Who set it.
    pub author: String,
    /// Why.
    pub reason: Option<String>,
    /// When it was set.
    pub at: Instant,
    /// Start of its validity.
    pub from: Instant,
    /// End of its validity.
    pub until: Option<Instant>,
    /// When it was cleared.
    pub cleared: Option<Instant>,
    /// `current`, `later`, `superseded`, `ended` or `cleared`.
    #[schemars(with = "String")]
    pub state: EntryState,
}

impl From<&ListedEntry> for Override {
    fn from(ListedEntry { entry, state }: &ListedEntry) -> Self {
        Self {
            id: entry.id,
            client: entry.client.clone(),
            metric: entry.metric.clone(),
            score: score(entry.score),
            author: entry.author.clone(),
            reason: entry.reason.clone(),
            at: entry.at,
            from: entry.from,
            until: entry.until,
            cleared: entry.cleared,
            state: *state,
        }
    }
}

/// A user's score of a metric without a provider.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Manual {
    /// Number within the store.
    pub id: i64,
    /// The client.
    pub client: ClientId,
    /// The metric.
    pub metric: MetricId,
    /// 1 to 5.
    pub score: Number,
    /// Who set it.
    pub author: String,
    /// Note of that user.
    pub note: Option<String>,
    /// When it was set.
    pub at: Instant,
    /// Start of its validity.
    pub from: Instant,
    /// When it was cleared.
    pub cleared: Option<Instant>,
    /// `current`, `later`, `superseded` or `cleared`.
    #[schemars(with = "String")]
    pub state: EntryState,
}

impl From<&ListedEntry> for Manual {
    fn from(ListedEntry { entry, state }: &ListedEntry) -> Self {
        Self {
            id: entry.id,
            client: entry.client.clone(),
            metric: entry.metric.clone(),
            score: score(entry.score),
            author: entry.author.clone(),
            note: entry.reason.clone(),
            at: entry.at,
            from: entry.from,
            cleared: entry.cleared,
            state: *state,
        }
    }
}

/// Whole scores are written as `4`, not `4.0`.
fn score(score: f64) -> Number {
    let whole = Number::from(score as i64);
    if score.fract() == 0.0 { whole } else { Number::from_f64(score).unwrap_or(whole) }
}

/// `override clear` and `manual clear`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Cleared {
    /// The client.
    pub client: String,
    /// The metric.
    pub metric: String,
    /// How many scores were cleared.
    pub cleared: u64,
}

//! What stops a use case, grouped by what can be done about it.

use scoresheet_domain::{ClientId, Instant, MetricId, ProviderName, SourceId, alert::AlertId};

use crate::{entries::EntryRefusal, ports::StoreError};

/// Why a use case did nothing, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No client of this id stands in the roster: mend the id.
    #[error("there is no client '{id}'{}", near_clients(.near))]
    UnknownClient {
        /// What was asked for.
        id: String,
        /// Ids that look like it.
        near: Vec<ClientId>,
    },
    /// No erasure of the client is on record: mend the id.
    #[error("no erasure of a client '{0}' is on record; give the id that it was erased by")]
    NotErased(String),
    /// The client is in the roster but not active: it stands on no sheet.
    #[error("client '{0}' is inactive in the roster, so it stands on no sheet")]
    InactiveClient(ClientId),
    /// No provider of this name is configured: mend the name.
    #[error("there is no provider '{name}'; configured: {}", list(.known))]
    UnknownProvider {
        /// What was asked for.
        name: String,
        /// The providers there are.
        known: Vec<ProviderName>,
    },
    /// The source has no such client: mend the id, or sync first.
    #[error("{provider} has no client '{id}'{}", if *.synced { near_sources(.near) } else { "; nothing has been synced from it yet: run 'scoresheet sync' first".to_owned() })]
    UnknownSourceClient {
        /// The provider.
        provider: ProviderName,
        /// What was asked for.
        id: String,
        /// Whether any source client is known.
        synced: bool,
        /// Ids that look like it.
        near: Vec<SourceId>,
    },
    /// The sheet has no metric of this id: mend the id.
    #[error("there is no metric '{id}' on the sheet{}", near_metrics(.near, .known))]
    UnknownMetric {
        /// What was asked for.
        id: String,
        /// Ids that look like it.
        near: Vec<MetricId>,
        /// The sheet's.
        known: Vec<MetricId>,
    },
    /// What a person wants to enter cannot be entered: mend it.
    #[error(transparent)]
    Entry(#[from] EntryRefusal),
    /// There is no alert of this number: mend it.
    #[error("there is no alert {0}; 'scoresheet alerts --all' shows them")]
    UnknownAlert(AlertId),
    /// The sheet would look into the future.
    #[error("as-of {as_of} lies in the future: it is {now} now")]
    Future {
        /// What was asked for.
        as_of: Instant,
        /// The clock.
        now: Instant,
    },
    /// Retention would remove what a sheet needs: keep it longer, or look back less far.
    #[error(
        "observations cannot be removed after {days} days: metric '{metric}' looks back {lookback_days} days; keep them \
         for {lookback_days} days at least"
    )]
    Retention {
        /// What was asked for.
        days: u32,
        /// The metric that looks back the longest.
        metric: MetricId,
        /// How far.
        lookback_days: u32,
    },
    /// What a sheet was made from could not be put into a form that is kept.
    #[error("what the sheet was made from could not be kept: {0}")]
    Inputs(String),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A person gave up; what was committed stays.
    #[error("interrupted; what was fetched so far is kept, and the next sync goes on from there")]
    Cancelled,
}

fn near_clients(ids: &[ClientId]) -> String {
    suggest(ids.iter().map(ClientId::as_str), "clients list")
}

fn near_sources(ids: &[SourceId]) -> String {
    suggest(ids.iter().map(SourceId::as_str), "mapping list")
}

fn near_metrics(near: &[MetricId], known: &[MetricId]) -> String {
    if near.is_empty() {
        return format!(", which has: {}", known.iter().map(MetricId::as_str).collect::<Vec<_>>().join(", "));
    }
    suggest(near.iter().map(MetricId::as_str), "")
}

fn suggest<'a>(ids: impl Iterator<Item = &'a str>, command: &str) -> String {
    let ids: Vec<String> = ids.map(|id| format!("'{id}'")).collect();
    if ids.is_empty() {
        format!("; 'scoresheet {command}' shows them")
    } else {
        format!("; did you mean {}?", ids.join(" or "))
    }
}

fn list(names: &[ProviderName]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.iter().map(ProviderName::as_str).collect::<Vec<_>>().join(", ")
}

/// The ids closest to what was typed, at most three, by edit distance.
pub(crate) fn closest<'a, T>(typed: &str, ids: impl IntoIterator<Item = &'a T>) -> Vec<T>
where
    T: std::borrow::Borrow<str> + Clone + 'a,
{
    let typed = typed.to_lowercase();
    let mut scored: Vec<(f64, &T)> = ids
        .into_iter()
        .map(|id| (strsim::normalized_damerau_levenshtein(&typed, &id.borrow().to_lowercase()), id))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.borrow().cmp(b.1.borrow())));
    scored.into_iter().take(3).map(|(_, id)| id.clone()).collect()
}

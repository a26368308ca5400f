//! Series: what many records share, under one number.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;
use rusqlite::Connection;
use scoresheet_domain::ClientRef;

use super::{
    error::{Failed, damaged},
    query::placeholders,
};
use crate::sql;

/// Whose a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Owner<'a> {
    Id(&'a str),
    Name(&'a str),
    /// The source does not say; of rejections alone.
    Nobody,
}

impl<'a> From<&'a ClientRef> for Owner<'a> {
    fn from(client: &'a ClientRef) -> Self {
        match client {
            ClientRef::Id(id) => Self::Id(id.as_str()),
            ClientRef::Name(name) => Self::Name(name),
        }
    }
}

impl<'a> Owner<'a> {
    /// As two columns keep it.
    pub(super) const fn columns(self) -> (&'static str, &'a str) {
        match self {
            Self::Id(id) => ("id", id),
            Self::Name(name) => ("name", name),
            Self::Nobody => ("nobody", ""),
        }
    }
}

/// The kind of an observation, or the reason of a rejection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Label<'a> {
    Kind(&'a str),
    Reason(&'a str),
}

impl<'a> Label<'a> {
    /// As two columns keep it: whether it is a reason, and its text.
    pub(super) const fn columns(self) -> (bool, &'a str) {
        match self {
            Self::Kind(kind) => (false, kind),
            Self::Reason(reason) => (true, reason),
        }
    }
}

/// Names a series within its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct SeriesKey<'a> {
    pub(super) owner: Owner<'a>,
    pub(super) label: Label<'a>,
}

/// The series that pages lately named, so that a page of known clients asks for none. Series are
/// never removed while a lease is held, so what is here is true until another takes it.
#[derive(Default)]
pub(super) struct Cache(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// By scope, whether a reason, and label; then by client.
    by_label: HashMap<(i64, bool, String), ByOwner>,
    count: usize,
}

#[derive(Default)]
struct ByOwner {
    ids: HashMap<String, i64>,
    names: HashMap<String, i64>,
    nobody: Option<i64>,
}

impl ByOwner {
    fn get(&self, owner: Owner<'_>) -> Option<i64> {
        match owner {
            Owner::Id(id) => self.ids.get(id).copied(),
            Owner::Name(name) => self.names.get(name).copied(),
            Owner::Nobody => self.nobody,
        }
    }

    fn insert(&mut self, client_by: &'static str, client: String, series: i64) {
        match client_by {
            "id" => drop(self.ids.insert(client, series)),
            "name" => drop(self.names.insert(client, series)),
            _ => self.nobody = Some(series),
        }
    }
}

/// Cached series at most, about 100 bytes each; beyond that all are forgotten.
const CACHED_SERIES: usize = 200_000;

/// Series that a transaction looked up, to be cached once it is committed.
pub(super) struct Learned {
    scope: i64,
    series: Vec<LearnedSeries>,
}

struct LearnedSeries {
    rejected: bool,
    label: String,
    client_by: &'static str,
    client: String,
    id: i64,
}

impl LearnedSeries {
    fn new(key: &SeriesKey<'_>, id: i64) -> Self {
        let ((rejected, label), (client_by, client)) = (key.label.columns(), key.owner.columns());
        Self { rejected, label: label.to_owned(), client_by, client: client.to_owned(), id }
    }
}

const SERIES_PER_STATEMENT: usize = 250;
const COLUMNS_PER_SERIES: usize = 5;

/// Ordinal, the client's two columns, the label's two columns.
static ROWS: LazyLock<String> = LazyLock::new(|| placeholders(2, COLUMNS_PER_SERIES, SERIES_PER_STATEMENT));
static INSERT: LazyLock<String> = LazyLock::new(|| sql::insert_series(&ROWS));
static SELECT: LazyLock<String> = LazyLock::new(|| sql::select_series(&ROWS));

impl Cache {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything, because another process may have written since.
    pub(super) fn forget(&self) {
        *self.known() = Known::default();
    }

    /// Caches what a transaction learned that is now committed.
    pub(super) fn keep(&self, learned: Learned) {
        let mut known = self.known();
        if known.count + learned.series.len() > CACHED_SERIES {
            *known = Known::default();
        }
        known.count += learned.series.len();
        for LearnedSeries { rejected, label, client_by, client, id } in learned.series {
            known.by_label.entry((learned.scope, rejected, label)).or_default().insert(client_by, client, id);
        }
    }

    /// The ids of these series, in their order; those that were not there yet are inserted.
    pub(super) fn resolve<'a>(
        &self,
        connection: &Connection,
        scope: i64,
        keys: impl Iterator<Item = SeriesKey<'a>> + Clone,
    ) -> Result<(Vec<i64>, Learned), Failed> {
        let (cached, missing) = self.look_up(scope, keys.clone());
        let mut found: HashMap<SeriesKey<'a>, i64> = HashMap::with_capacity(missing.len());
        for chunk in missing.chunks(SERIES_PER_STATEMENT) {
            for (ordinal, id) in insert_and_select(connection, scope, chunk)? {
                if let Some(key) = usize::try_from(ordinal).ok().and_then(|ordinal| chunk.get(ordinal)) {
                    found.insert(*key, id);
                }
            }
        }
        let ids = cached
            .into_iter()
            .zip(keys)
            .map(|(cached, key)| {
                cached
                    .or_else(|| found.get(&key).copied())
                    .ok_or_else(|| damaged("a series that is not found under its own name"))
            })
            .collect::<Result<_, _>>()?;
        let series = found.iter().map(|(key, id)| LearnedSeries::new(key, *id)).collect();
        Ok((ids, Learned { scope, series }))
    }

    /// What is cached of each, and what is not, each once.
    fn look_up<'a>(
        &self,
        scope: i64,
        keys: impl Iterator<Item = SeriesKey<'a>>,
    ) -> (Vec<Option<i64>>, Vec<SeriesKey<'a>>) {
        let known = self.known();
        // A description has a handful of them.
        let mut by_label: Vec<(Label<'a>, Option<&ByOwner>)> = Vec::new();
        let mut missing = HashMap::new();
        let cached = keys
            .map(|key| {
                let by_owner = match by_label.iter().find(|(label, _)| *label == key.label) {
                    Some((_, by_owner)) => *by_owner,
                    None => {
                        let (rejected, label) = key.label.columns();
                        let by_owner = known.by_label.get(&(scope, rejected, label.to_owned()));
                        by_label.push((key.label, by_owner));
                        by_owner
                    }
                };
                let cached = by_owner.and_then(|by_owner| by_owner.get(key.owner));
                if cached.is_none() {
                    let ordinal = missing.len();
                    missing.entry(key).or_insert(ordinal);
                }
                cached
            })
            .collect();
        // In the order of the page, so that the same pages always give the same ids.
        let mut missing: Vec<(SeriesKey<'a>, usize)> = missing.into_iter().collect();
        missing.sort_unstable_by_key(|(_, ordinal)| *ordinal);
        (cached, missing.into_iter().map(|(key, _)| key).collect())
    }
}

/// The ordinals of these keys and their ids.
fn insert_and_select(connection: &Connection, scope: i64, keys: &[SeriesKey<'_>]) -> Result<Vec<(i64, i64)>, Failed> {
    let mut insert = connection.prepare_cached(&INSERT)?;
    let mut select = connection.prepare_cached(&SELECT)?;
    for statement in [&mut insert, &mut select] {
        statement.clear_bindings();
        statement.raw_bind_parameter(1, scope)?;
        for (ordinal, key) in keys.iter().enumerate() {
            let (client_by, client) = key.owner.columns();
            let (rejected, label) = key.label.columns();
            let index = 2 + ordinal * COLUMNS_PER_SERIES;
            statement.raw_bind_parameter(index, ordinal as i64)?;
            statement.raw_bind_parameter(index + 1, client_by)?;
            statement.raw_bind_parameter(index + 2, client)?;
            statement.raw_bind_parameter(index + 3, rejected)?;
            statement.raw_bind_parameter(index + 4, label)?;
        }
    }
    insert.raw_execute()?;
    let mut rows = select.raw_query();
    let mut ids = Vec::with_capacity(keys.len());
    while let Some(row) = rows.next()? {
        ids.push((row.get(0)?, row.get(1)?));
    }
    Ok(ids)
}

//! Series: what many records share, under one number.

use std::sync::LazyLock;

use hashbrown::HashMap;
use rusqlite::Connection;
use scoresheet_domain::ClientRef;

use super::{
    error::{Failed, damaged},
    query::{column, one, placeholders},
};
use crate::sql;

/// Whose a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Owner<'a> {
    Id(&'a str),
    Name(&'a str),
    /// The source does not say; of rejections alone.
    Nobody,
}

impl<'a> From<&'a ClientRef> for Owner<'a> {
    fn from(client: &'a ClientRef) -> Self {
        match (client.id(), client.name()) {
            (Some(id), _) => Self::Id(id.as_str()),
            (None, Some(name)) => Self::Name(name),
            (None, None) => Self::Nobody,
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
    /// Whether the record gives a name. The same series either way, but one that was only seen without a name counts as
    /// uncached with one, so that the name is stored.
    pub(super) named: bool,
}

/// The series that pages named lately, so that a page of known clients looks up none. Valid for the writing connection
/// while no other connection writes and no series is deleted.
#[derive(Default)]
pub(super) struct Cache {
    /// `PRAGMA data_version` at the last use: another value means that another connection wrote since.
    version: i64,
    /// By scope, whether a reason, label, and whether named; then by client.
    by_label: HashMap<(i64, bool, String, bool), ByOwner>,
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

/// The series of some records.
pub(super) struct Resolved<'a> {
    /// Their ids, in the order of the keys.
    pub(super) ids: Vec<i64>,
    /// Those that were not cached.
    pub(super) uncached: HashMap<SeriesKey<'a>, i64>,
}

const SERIES_PER_STATEMENT: usize = 250;
const COLUMNS_PER_SERIES: usize = 5;

/// Ordinal, the client's two columns, the label's two columns.
static ROWS: LazyLock<String> = LazyLock::new(|| placeholders(2, COLUMNS_PER_SERIES, SERIES_PER_STATEMENT));
static INSERT: LazyLock<String> = LazyLock::new(|| sql::insert_series(&ROWS));
static SELECT: LazyLock<String> = LazyLock::new(|| sql::select_series(&ROWS));

impl Cache {
    /// The ids of these series; those that were not there yet are inserted. Call it inside the writing transaction.
    pub(super) fn resolve<'a>(
        &mut self,
        connection: &Connection,
        scope: i64,
        keys: impl Iterator<Item = SeriesKey<'a>> + Clone,
    ) -> Result<Resolved<'a>, Failed> {
        let version = one(connection, "PRAGMA data_version", [], column)?;
        if version != self.version {
            *self = Self { version, ..Self::default() };
        }
        let (cached, missing) = self.look_up(scope, keys.clone());
        let mut uncached: HashMap<SeriesKey<'a>, i64> = HashMap::with_capacity(missing.len());
        for chunk in missing.chunks(SERIES_PER_STATEMENT) {
            for (ordinal, id) in insert_and_select(connection, scope, chunk)? {
                if let Some(key) = usize::try_from(ordinal).ok().and_then(|ordinal| chunk.get(ordinal)) {
                    uncached.insert(*key, id);
                }
            }
        }
        let ids = cached
            .into_iter()
            .zip(keys)
            .map(|(cached, key)| {
                cached
                    .or_else(|| uncached.get(&key).copied())
                    .ok_or_else(|| damaged("a series that is not found under its own name"))
            })
            .collect::<Result<_, _>>()?;
        self.insert(scope, &uncached);
        Ok(Resolved { ids, uncached })
    }

    fn insert(&mut self, scope: i64, series: &HashMap<SeriesKey<'_>, i64>) {
        if self.count + series.len() > CACHED_SERIES {
            *self = Self { version: self.version, ..Self::default() };
        }
        self.count += series.len();
        for (key, id) in series {
            let ((rejected, label), (client_by, client)) = (key.label.columns(), key.owner.columns());
            let by_owner = self.by_label.entry((scope, rejected, label.to_owned(), key.named)).or_default();
            by_owner.insert(client_by, client.to_owned(), *id);
        }
    }

    /// What is cached of each, and what is not, each once.
    fn look_up<'a>(
        &self,
        scope: i64,
        keys: impl Iterator<Item = SeriesKey<'a>>,
    ) -> (Vec<Option<i64>>, Vec<SeriesKey<'a>>) {
        // A description has a handful of them.
        let mut by_label: Vec<((Label<'a>, bool), Option<&ByOwner>)> = Vec::new();
        let mut missing = HashMap::new();
        let cached = keys
            .map(|key| {
                let by_owner = match by_label.iter().find(|(known, _)| *known == (key.label, key.named)) {
                    Some((_, by_owner)) => *by_owner,
                    None => {
                        let (rejected, label) = key.label.columns();
                        let by_owner = self.by_label.get(&(scope, rejected, label.to_owned(), key.named));
                        by_label.push(((key.label, key.named), by_owner));
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

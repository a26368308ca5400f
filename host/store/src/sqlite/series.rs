//! Series: what many records share, under one number.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;
use scoresheet_domain::ClientRef;
use scoresheet_engine::StoreError;
use sqlx::{Arguments, AssertSqlSafe, SqliteConnection, sqlite::SqliteArguments};

use super::{
    error::{damaged, failed},
    page::{COMMITTING, placeholders},
};

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
    const fn columns(self) -> (&'static str, &'a str) {
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
    const fn columns(self) -> (bool, &'a str) {
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

    fn insert(&mut self, owner: Owner<'_>, series: i64) {
        match owner {
            Owner::Id(id) => {
                self.ids.insert(id.to_owned(), series);
            }
            Owner::Name(name) => {
                self.names.insert(name.to_owned(), series);
            }
            Owner::Nobody => self.nobody = Some(series),
        }
    }
}

/// So many series are remembered at most, some 100 bytes each; then all are forgotten.
const CACHED_SERIES: usize = 200_000;

/// Series that a transaction looked up, to be remembered once it is committed.
pub(super) struct Learned<'a> {
    scope: i64,
    series: HashMap<SeriesKey<'a>, i64>,
}

const SERIES_PER_STATEMENT: usize = 250;
const COLUMNS_PER_SERIES: usize = 5;

/// Ordinal, client's two columns, label's two columns.
static ROWS: LazyLock<String> = LazyLock::new(|| placeholders(COLUMNS_PER_SERIES, SERIES_PER_STATEMENT));

static INSERT: LazyLock<Arc<str>> = LazyLock::new(|| {
    Arc::from(format!(
        "INSERT INTO series (scope, client_by, client, rejected, label)
         SELECT ?, column2, column3, column4, column5 FROM (VALUES {}) WHERE column1 IS NOT NULL
         ON CONFLICT DO NOTHING",
        *ROWS
    ))
});

/// The joins go from the values to the table, never the other way round.
static SELECT: LazyLock<Arc<str>> = LazyLock::new(|| {
    Arc::from(format!(
        "SELECT column1, id FROM (SELECT ? AS wanted), (VALUES {}) CROSS JOIN series
         WHERE scope = wanted AND client_by = column2 AND client = column3 AND rejected = column4 AND label = column5",
        *ROWS
    ))
});

impl Cache {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything, because another process may have written since.
    pub(super) fn forget(&self) {
        *self.known() = Known::default();
    }

    /// Remembers what a transaction learned that is now committed.
    pub(super) fn keep(&self, learned: Learned<'_>) {
        let mut known = self.known();
        if known.count + learned.series.len() > CACHED_SERIES {
            *known = Known::default();
        }
        known.count += learned.series.len();
        for (key, id) in learned.series {
            let (rejected, label) = key.label.columns();
            known.by_label.entry((learned.scope, rejected, label.to_owned())).or_default().insert(key.owner, id);
        }
    }

    /// The ids of these series, in their order; those that were not there yet are inserted.
    pub(super) async fn resolve<'a>(
        &self,
        connection: &mut SqliteConnection,
        scope: i64,
        keys: impl Iterator<Item = SeriesKey<'a>> + Clone,
    ) -> Result<(Vec<i64>, Learned<'a>), StoreError> {
        let (cached, missing) = self.look_up(scope, keys.clone());
        let mut learned = Learned { scope, series: HashMap::with_capacity(missing.len()) };
        for chunk in missing.chunks(SERIES_PER_STATEMENT) {
            let ids = insert_and_select(connection, scope, chunk).await.map_err(failed(COMMITTING))?;
            for (ordinal, id) in ids {
                if let Some(key) = usize::try_from(ordinal).ok().and_then(|ordinal| chunk.get(ordinal)) {
                    learned.series.insert(*key, id);
                }
            }
        }
        let ids = cached
            .into_iter()
            .zip(keys)
            .map(|(cached, key)| {
                cached
                    .or_else(|| learned.series.get(&key).copied())
                    .ok_or_else(|| damaged(COMMITTING, "a series that is not found under its own name"))
            })
            .collect::<Result<_, _>>()?;
        Ok((ids, learned))
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

async fn insert_and_select(
    connection: &mut SqliteConnection,
    scope: i64,
    keys: &[SeriesKey<'_>],
) -> Result<Vec<(i64, i64)>, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(1 + keys.len() * COLUMNS_PER_SERIES, 0);
    let mut bind = || {
        arguments.add(scope)?;
        for (ordinal, key) in (0_i64..).zip(keys) {
            let (client_by, client) = key.owner.columns();
            let (rejected, label) = key.label.columns();
            arguments.add(ordinal)?;
            arguments.add(client_by)?;
            arguments.add(client)?;
            arguments.add(rejected)?;
            arguments.add(label)?;
        }
        Ok(())
    };
    bind().map_err(sqlx::Error::Encode)?;
    sqlx::query_with(AssertSqlSafe(Arc::clone(&INSERT)), arguments.clone()).execute(&mut *connection).await?;
    sqlx::query_as_with(AssertSqlSafe(Arc::clone(&SELECT)), arguments).fetch_all(connection).await
}

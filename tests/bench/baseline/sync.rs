//! A sync as a program would do it that knows this one source: reqwest, eight pages side by side, serde_json, and the
//! same rows inserted into the same tables, a page a transaction, as safe against a crash as the real one.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use hashbrown::HashMap;
use rusqlite::{Connection, TransactionBehavior};

use super::parse::{self, KINDS};
use crate::{
    Failed,
    server::{API_KEY, COMPANY},
};

/// Rows of one statement.
const ROWS: usize = 1_000;

const PAGES_IN_FLIGHT: usize = 8;

/// The role `native-sync URL FILE`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failed> {
    let [url, file] = arguments else { return Err("native-sync wants an address and a file".into()) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(sync(url, file.as_ref()))
}

async fn sync(url: &str, file: &Path) -> Result<(), Failed> {
    let client = super::client()?;
    let mut store = Inserts::open(file)?;
    let first = fetch(client.clone(), url.to_owned(), 1).await?;
    let pages = store.page(&first)?;
    let mut fetched = stream::iter(2..=pages)
        .map(|page| tokio::spawn(fetch(client.clone(), url.to_owned(), page)))
        .buffered(PAGES_IN_FLIGHT);
    while let Some(body) = fetched.next().await {
        store.page(&body??)?;
    }
    Ok(())
}

/// Fetches every page and throws it away: what no sync can be faster than here.
pub(crate) fn only_fetch(url: &str) -> Result<u64, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = super::client()?;
        let first = fetch(client.clone(), url.to_owned(), 1).await?;
        let pages = parse::page(&first)?.pages;
        let mut fetched = stream::iter(2..=pages)
            .map(|page| tokio::spawn(fetch(client.clone(), url.to_owned(), page)))
            .buffer_unordered(PAGES_IN_FLIGHT);
        while let Some(body) = fetched.next().await {
            body??;
        }
        Ok(pages)
    })
}

async fn fetch(client: reqwest::Client, url: String, page: u64) -> Result<Bytes, Failed> {
    let page = page.to_string();
    let query = [("company_id", COMPANY), ("page", page.as_str()), ("per_page", "1000")];
    let url = reqwest::Url::parse_with_params(&format!("{url}/api/v1/csat/scores"), query)?;
    let response = client.get(url).bearer_auth(API_KEY).send().await?.error_for_status()?;
    Ok(response.bytes().await?)
}

/// The database, and what is known of it.
struct Inserts {
    connection: Connection,
    /// The number of each client's answers of a kind, or refusals for a reason.
    series: HashMap<(String, &'static str), i64>,
    insert: Arc<str>,
}

impl Inserts {
    fn open(file: &Path) -> Result<Self, Failed> {
        let connection = Connection::open(file)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "CREATE TABLE series (id INTEGER NOT NULL PRIMARY KEY, client TEXT NOT NULL, label TEXT NOT NULL) STRICT;
             CREATE TABLE record (scope INTEGER NOT NULL, id TEXT NOT NULL, series INTEGER NOT NULL,
                 start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, value REAL, seen INTEGER NOT NULL,
                 PRIMARY KEY (scope, id)) STRICT, WITHOUT ROWID;",
        )?;
        let rows = vec!["(1,?,?,?,?,?,1)"; ROWS].join(",");
        let insert = format!(
            "INSERT INTO record (scope, id, series, start_ms, end_ms, value, seen) VALUES {rows}
             ON CONFLICT (scope, id) DO UPDATE SET series = excluded.series, start_ms = excluded.start_ms,
                 end_ms = excluded.end_ms, value = excluded.value, seen = excluded.seen"
        );
        Ok(Self { connection, series: HashMap::new(), insert: insert.into() })
    }

    /// Reads a page, keeps it, and says how many pages there are.
    fn page(&mut self, body: &Bytes) -> Result<u64, Failed> {
        let page = parse::page(body)?;
        let mut rows = Vec::with_capacity(page.answers.len() + page.refused.len());
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for answer in &page.answers {
            let key = (answer.client, KINDS[usize::from(answer.kind)]);
            let series = series(&mut self.series, &transaction, key)?;
            rows.push((answer.id, series, answer.at_ms, Some(answer.score)));
        }
        for refused in &page.refused {
            let series = series(&mut self.series, &transaction, (refused.client, refused.reason))?;
            rows.push((refused.id, series, refused.at_ms, None));
        }
        for rows in rows.chunks(ROWS) {
            let shorter = (rows.len() < ROWS).then(|| shorter(&self.insert, rows.len()));
            let mut statement = match &shorter {
                None => transaction.prepare_cached(&self.insert)?,
                Some(sql) => transaction.prepare_cached(sql)?,
            };
            for (row, (id, series, at_ms, score)) in rows.iter().enumerate() {
                let index = 1 + row * 5;
                statement.raw_bind_parameter(index, *id)?;
                statement.raw_bind_parameter(index + 1, series)?;
                statement.raw_bind_parameter(index + 2, at_ms)?;
                statement.raw_bind_parameter(index + 3, at_ms)?;
                statement.raw_bind_parameter(index + 4, score)?;
            }
            statement.raw_execute()?;
        }
        transaction.commit()?;
        Ok(page.pages)
    }
}

/// The statement for fewer rows.
fn shorter(insert: &str, rows: usize) -> Arc<str> {
    let all = vec!["(1,?,?,?,?,?,1)"; ROWS].join(",");
    insert.replace(&all, &vec!["(1,?,?,?,?,?,1)"; rows].join(",")).into()
}

/// The number of a series, which is given one where it is new.
fn series(
    known: &mut HashMap<(String, &'static str), i64>,
    connection: &Connection,
    (client, label): (&str, &'static str),
) -> Result<i64, Failed> {
    if let Some(series) = known.get(&Named(client, label)) {
        return Ok(*series);
    }
    let sql = "INSERT INTO series (client, label) VALUES (?1, ?2) RETURNING id";
    let series = connection.prepare_cached(sql)?.query_row((client, label), |row| row.get(0))?;
    known.insert((client.to_owned(), label), series);
    Ok(series)
}

/// A series' name without owning it.
#[derive(Hash)]
struct Named<'a>(&'a str, &'a str);

impl hashbrown::Equivalent<(String, &'static str)> for Named<'_> {
    fn equivalent(&self, (client, label): &(String, &'static str)) -> bool {
        self.0 == client && self.1 == *label
    }
}

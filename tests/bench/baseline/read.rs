//! Reading a window's rows from SQLite, and nothing else.

use futures_util::TryStreamExt as _;
use sqlx::{Connection as _, Row as _, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::Failed;

/// The role `native-read HOW FILE ROWS`: reads every stored value, and fails where there are not so many. HOW is `rows`,
/// each handed over by the driver, or `inside`, where SQLite adds them up and nothing leaves it.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failed> {
    let [how, file, expected] = arguments else { return Err("native-read wants a way, a file and a number".into()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (count, sum) = match how.as_str() {
        "rows" => runtime.block_on(read(file))?,
        "inside" => runtime.block_on(add_up(file))?,
        other => return Err(format!("there is no way '{other}'").into()),
    };
    if count.to_string() != *expected {
        return Err(format!("{count} rows were read, and {expected} expected").into());
    }
    println!("{sum}");
    Ok(())
}

async fn add_up(file: &str) -> Result<(u64, f64), Failed> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let (count, sum, _, _): (i64, f64, i64, i64) = sqlx::query_as(
        "SELECT count(*), sum(value), max(series), max(end_ms) FROM record
         WHERE scope = 1 AND value IS NOT NULL AND start_ms < ?2 AND (start_ms >= ?1 OR end_ms > ?1)",
    )
    .bind(0_i64)
    .bind(i64::MAX)
    .fetch_one(&mut connection)
    .await?;
    Ok((count.unsigned_abs(), sum))
}

async fn read(file: &str) -> Result<(u64, f64), Failed> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).row_buffer_size(512);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let (mut count, mut sum) = (0, 0.0);
    let mut rows = sqlx::query(
        "SELECT series, start_ms, end_ms, value FROM record
         WHERE scope = 1 AND value IS NOT NULL AND start_ms < ?2 AND (start_ms >= ?1 OR end_ms > ?1)",
    )
    .bind(0_i64)
    .bind(i64::MAX)
    .fetch(&mut connection);
    while let Some(row) = rows.try_next().await? {
        let series: i64 = row.try_get_unchecked(0)?;
        let start_ms: i64 = row.try_get_unchecked(1)?;
        let end_ms: i64 = row.try_get_unchecked(2)?;
        let value: f64 = row.try_get_unchecked(3)?;
        std::hint::black_box((series, start_ms, end_ms));
        count += 1;
        sum += value;
    }
    Ok((count, sum))
}

//! Reading a window's rows from SQLite, and nothing else.

use rusqlite::{Connection, OpenFlags};

use crate::Failed;

/// The role `native-read HOW FILE ROWS`: reads every stored value, and fails where there are not so many. HOW is `rows`,
/// each stepped in a Rust loop, or `inside`, where SQLite adds them up and nothing leaves it.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failed> {
    let [how, file, expected] = arguments else { return Err("native-read wants a way, a file and a number".into()) };
    let (count, sum) = match how.as_str() {
        "rows" => read(file)?,
        "inside" => add_up(file)?,
        other => return Err(format!("there is no way '{other}'").into()),
    };
    if count.to_string() != *expected {
        return Err(format!("{count} rows were read, and {expected} expected").into());
    }
    println!("{sum}");
    Ok(())
}

fn open(file: &str) -> Result<Connection, Failed> {
    Ok(Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
}

fn add_up(file: &str) -> Result<(u64, f64), Failed> {
    let sql = "SELECT count(*), sum(value), max(series), max(end_ms) FROM record
         WHERE scope = 1 AND value IS NOT NULL AND start_ms < ?2 AND (start_ms >= ?1 OR end_ms > ?1)";
    let (count, sum): (i64, f64) =
        open(file)?.query_row(sql, (0_i64, i64::MAX), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((count.unsigned_abs(), sum))
}

fn read(file: &str) -> Result<(u64, f64), Failed> {
    let connection = open(file)?;
    let (mut count, mut sum) = (0, 0.0);
    let mut statement = connection.prepare(
        "SELECT series, start_ms, end_ms, value FROM record
         WHERE scope = 1 AND value IS NOT NULL AND start_ms < ?2 AND (start_ms >= ?1 OR end_ms > ?1)",
    )?;
    let mut rows = statement.query((0_i64, i64::MAX))?;
    while let Some(row) = rows.next()? {
        let (series, start_ms, end_ms): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let value: f64 = row.get(3)?;
        std::hint::black_box((series, start_ms, end_ms));
        count += 1;
        sum += value;
    }
    Ok((count, sum))
}

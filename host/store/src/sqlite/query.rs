//! Runs cached statements on a connection.

use rusqlite::{Connection, Params, Row};

use super::error::Failed;

/// Every row, in the statement's order.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, Failed>,
) -> Result<Vec<T>, Failed> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(row)?);
    }
    Ok(all)
}

/// The first row, if there is one.
pub(super) fn first<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, Failed>,
) -> Result<Option<T>, Failed> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

/// The only row of a statement that always has one.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, Failed>,
) -> Result<T, Failed> {
    first(connection, sql, params, read)?.ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
}

/// How many rows the statement changed.
pub(super) fn execute(connection: &Connection, sql: &str, params: impl Params) -> Result<u64, Failed> {
    Ok(connection.prepare_cached(sql)?.execute(params)? as u64)
}

/// A row of one column.
pub(super) fn column<T: rusqlite::types::FromSql>(row: &Row<'_>) -> Result<T, Failed> {
    Ok(row.get(0)?)
}

/// A row as a tuple.
pub(super) fn tuple<T>(row: &Row<'_>) -> Result<T, Failed>
where
    T: for<'row> TryFrom<&'row Row<'row>, Error = rusqlite::Error>,
{
    Ok(T::try_from(row)?)
}

/// The placeholders of `rows` rows of `columns` values each, numbered from `first`.
pub(super) fn placeholders(first: usize, columns: usize, rows: usize) -> String {
    let row = |row: usize| {
        let numbers: Vec<String> = (0..columns).map(|column| format!("?{}", first + row * columns + column)).collect();
        format!("({})", numbers.join(","))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(",")
}

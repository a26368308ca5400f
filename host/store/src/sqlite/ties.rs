//! The ties that rules had made when a source was last synced.

use scoresheet_domain::{
    ClientId, ProviderName, SourceId,
    mapping::{FormerTie, Rule},
};
use scoresheet_engine::StoreError;
use sqlx::{QueryBuilder, Sqlite, SqlitePool, Transaction};

use super::{
    error::{damaged, failed},
    source::ROWS_PER_STATEMENT,
};

const READING: &str = "reading the ties that were";
pub(super) const KEEPING: &str = "keeping the ties that are";

/// In order of client and source client.
pub(super) async fn ties(readers: &SqlitePool, provider: &ProviderName) -> Result<Vec<FormerTie>, StoreError> {
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT client, source, rule FROM tie WHERE provider = ? ORDER BY client, source")
            .bind(provider.as_str())
            .fetch_all(readers)
            .await
            .map_err(failed(READING))?;
    rows.into_iter()
        .map(|(client, source, rule)| {
            Ok(FormerTie {
                client: ClientId::new(client).map_err(|error| damaged(READING, error))?,
                source: SourceId::new(source).map_err(|error| damaged(READING, error))?,
                rule: Rule::ALL
                    .into_iter()
                    .find(|known| known.as_str() == rule)
                    .ok_or_else(|| damaged(READING, "a rule that is none"))?,
            })
        })
        .collect()
}

pub(super) async fn keep(
    mut transaction: Transaction<'static, Sqlite>,
    provider: &ProviderName,
    ties: &[FormerTie],
) -> Result<(), StoreError> {
    let failed = failed(KEEPING);
    sqlx::query("DELETE FROM tie WHERE provider = ?")
        .bind(provider.as_str())
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    for chunk in ties.chunks(ROWS_PER_STATEMENT) {
        let mut insert = QueryBuilder::new("INSERT OR REPLACE INTO tie (provider, client, source, rule) ");
        insert.push_values(chunk, |mut row, tie| {
            row.push_bind(provider.as_str())
                .push_bind(tie.client.as_str())
                .push_bind(tie.source.as_str())
                .push_bind(tie.rule.as_str());
        });
        insert.build().persistent(false).execute(&mut *transaction).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)
}

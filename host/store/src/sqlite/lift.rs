//! Taking back that an erased client is skipped. What was removed is not here any more; the sources may give it again.

use std::collections::{BTreeMap, BTreeSet};

use scoresheet_domain::{AuditAction, ClientId, Digest};
use scoresheet_engine::StoreError;
use serde_json::{Value, json};
use sqlx::{Sqlite, Transaction};

use super::{audit, erase, error::failed, lease::Attribution};

pub(super) const LIFTING: &str = "lifting an erasure";

/// Forgets what the client's erasures remembered; gives how much that was, none where no erasure of it is on record.
/// The audit log knows what was remembered of whom: it has a hash of the client, and the hashes of what is skipped.
pub(super) async fn lift(
    (mut transaction, by): (Transaction<'static, Sqlite>, Attribution),
    client: &ClientId,
) -> Result<Option<u64>, StoreError> {
    let failed = failed(LIFTING);
    let salt = erase::salt(&mut transaction).await?;
    let client = Digest::from(erase::of_client(&salt, client)).hex();
    let entries: Vec<(String, String)> =
        sqlx::query_as("SELECT action, detail FROM audit WHERE action IN (?, ?) AND detail IS NOT NULL ORDER BY seq")
            .bind(AuditAction::ClientErased.as_str())
            .bind(AuditAction::ErasureLifted.as_str())
            .fetch_all(&mut *transaction)
            .await
            .map_err(failed)?;
    let mut remembered = remembered(&entries);
    let Some(its) = remembered.remove(&client) else { return Ok(None) };
    let mut sources = 0;
    // What another erased client goes by as well stays skipped for that one's sake.
    for hash in its.iter().filter(|hash| !remembered.values().any(|others| others.contains(*hash))) {
        sources += sqlx::query("DELETE FROM erased WHERE hex(source) = upper(?)")
            .bind(hash)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?
            .rows_affected();
    }
    if !its.is_empty() {
        let detail = json!({"client": client, "sources": sources});
        audit::append(&mut transaction, &by, AuditAction::ErasureLifted, "client", &detail).await?;
        transaction.commit().await.map_err(failed)?;
    }
    Ok(Some(sources))
}

/// What is remembered of each client, by the log: of one whose erasure was lifted since, nothing.
fn remembered(entries: &[(String, String)]) -> BTreeMap<String, BTreeSet<String>> {
    let mut remembered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (action, detail) in entries {
        let detail: Value = serde_json::from_str(detail).unwrap_or_default();
        // One that was written before this was kept says nothing that could be taken back.
        let (Some(client), hashes) = (detail["client"].as_str(), detail["remembered"].as_array()) else { continue };
        let of_client = remembered.entry(client.to_owned()).or_default();
        if action == AuditAction::ErasureLifted.as_str() {
            of_client.clear();
        } else {
            of_client.extend(hashes.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        }
    }
    remembered
}

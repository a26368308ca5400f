//! Deletes what is older than retention keeps.

use rusqlite::{Connection, params};
use scoresheet_domain::{AuditAction, Digest, Instant, ProviderName};
use scoresheet_engine::{Attribution, InputsGone, PruneLimits, Pruned, Scope};
use serde_json::json;

use super::{
    audit,
    error::{Failed, damaged},
    query::{all, column, execute, first, one},
    sheets::{self, Taken},
    source::{find_scope, uncover_before},
};
use crate::sql;

/// Every scope that anything was stored for, former settings among them.
pub(super) fn scopes(connection: &Connection) -> Result<Vec<Scope>, Failed> {
    all(connection, sql::SCOPES, [], |row| {
        let provider = ProviderName::new(row.get::<_, String>(0)?).map_err(damaged)?;
        Ok(Scope { provider, settings: Digest::from(row.get::<_, [u8; 32]>(1)?) })
    })
}

pub(super) fn prune_scope(
    connection: &Connection,
    by: &Attribution,
    scope: &Scope,
    before: Instant,
) -> Result<Pruned, Failed> {
    let Some(id) = find_scope(connection, scope)? else { return Ok(Pruned::default()) };
    let until = first(connection, sql::PRUNED, params![id], column)?;
    if until.is_some_and(|until: i64| until >= before.millis()) {
        return Ok(Pruned::default());
    }
    let limit = params![id, before.millis()];
    let observations = one(connection, sql::COUNT_OBSERVATIONS_BEFORE, limit, column::<i64>)?.unsigned_abs();
    let removed = execute(connection, sql::DELETE_RECORDS_BEFORE, limit)?;
    let without_id = all(connection, sql::DELETE_WITHOUT_ID_BEFORE, limit, column::<i64>)?;
    uncover_before(connection, id, before)?;
    let pruned = Pruned {
        observations,
        rejected: removed.saturating_sub(observations) + without_id.iter().sum::<i64>().unsigned_abs(),
        // A pull that reaches back further could not tell pruned records from those deleted at the source.
        pulls: execute(connection, sql::DELETE_PULLS_BEFORE, limit)?,
        // A sheet that reaches back further could not be recomputed from the time that is kept.
        sheets: sheets::take_inputs(connection, Taken::ReachingBefore(before), InputsGone::Retention)?,
        ..Pruned::default()
    };
    execute(connection, sql::PUT_PRUNED, limit)?;
    // What no record needs any more names clients that may be gone.
    execute(connection, sql::DELETE_UNUSED_SERIES, params![id])?;
    execute(connection, sql::DELETE_UNUSED_CLIENTS, params![id])?;
    if pruned != Pruned::default() {
        let detail = json!({
            "before": before,
            "observations": pruned.observations,
            "rejected": pruned.rejected,
            "pulls": pruned.pulls,
            "sheets": pruned.sheets,
        });
        audit::append(connection, by, AuditAction::Pruned, scope.provider.as_str(), &detail)?;
    }
    Ok(pruned)
}

/// The access log, the audit log and the saved inputs of sheets.
pub(super) fn prune_logs(connection: &Connection, by: &Attribution, limits: &PruneLimits) -> Result<Pruned, Failed> {
    let mut pruned = Pruned {
        access: execute(connection, sql::DELETE_ACCESS_BEFORE, params![limits.access_before.millis()])?,
        ..Pruned::default()
    };
    let entries = i64::try_from(limits.access_entries).unwrap_or(i64::MAX);
    for provider in all(connection, sql::PROVIDERS_OVER_LIMIT, params![entries], column::<String>)? {
        pruned.access += execute(connection, sql::DELETE_ACCESS_OVER_LIMIT, params![provider, entries])?;
    }
    if let Some(before) = limits.sheets_before {
        pruned.sheets = sheets::take_inputs(connection, Taken::MadeBefore(before), InputsGone::Retention)?;
        if pruned.sheets > 0 {
            let detail = json!({"before": before, "sheets": pruned.sheets});
            audit::append(connection, by, AuditAction::Pruned, "sheets", &detail)?;
        }
    }
    if let Some(before) = limits.audit_before {
        pruned.audit = audit::prune(connection, by, before)?;
    }
    Ok(pruned)
}

/// The sum of two steps.
pub(super) const fn sum(a: Pruned, b: Pruned) -> Pruned {
    Pruned {
        observations: a.observations + b.observations,
        rejected: a.rejected + b.rejected,
        access: a.access + b.access,
        audit: a.audit + b.audit,
        pulls: a.pulls + b.pulls,
        sheets: a.sheets + b.sheets,
    }
}

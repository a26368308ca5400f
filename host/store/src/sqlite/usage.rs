//! What runs used: the access log, credentials' fingerprints, components' digests and their use of limits.

use rusqlite::{Connection, Row, params};
use scoresheet_domain::{AuditAction, Digest, Instant, ProviderName};
use scoresheet_engine::{AccessEntry, Attribution, ConnectionUse, Credential, ProviderUsage, Scope, UsageUpdate};
use serde_json::json;

use super::{
    audit,
    error::{Failed, damaged},
    query::{all, column, execute, first, one},
};
use crate::sql;

pub(super) fn write(connection: &Connection, by: &Attribution, update: &UsageUpdate) -> Result<(), Failed> {
    for entry in &update.access {
        add_access(connection, entry)?;
    }
    for used in &update.providers {
        execute(connection, sql::PUT_COMPONENT_USAGE, params![used.provider.as_str(), used.limits])?;
        if let Some(fingerprint) = &used.credential {
            put_credential(connection, by, &used.provider, fingerprint)?;
        }
    }
    Ok(())
}

pub(super) fn read(
    connection: &Connection,
    provider: &ProviderName,
    since: Option<Instant>,
    log: u32,
) -> Result<ProviderUsage, Failed> {
    Ok(ProviderUsage {
        requests: since.map(|since| connection_use(connection, provider, since)).transpose()?,
        log: access_log(connection, provider, log)?,
        credential: credential(connection, provider)?,
        limits: first(connection, sql::COMPONENT_USAGE, params![provider.as_str()], column)?,
        salt: salt(connection)?,
    })
}

fn add_access(connection: &Connection, entry: &AccessEntry) -> Result<(), Failed> {
    execute(
        connection,
        sql::ADD_ACCESS,
        params![
            entry.provider.as_str(),
            entry.at.millis(),
            entry.method,
            entry.path,
            entry.status,
            entry.fault,
            entry.attempt,
            whole(entry.duration_ms),
            whole(entry.bytes_sent),
            whole(entry.bytes_received)
        ],
    )?;
    Ok(())
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn natural(row: &Row<'_>, index: usize) -> Result<u64, Failed> {
    Ok(row.get::<_, i64>(index)?.unsigned_abs())
}

/// A connection's newest requests, newest first.
fn access_log(connection: &Connection, provider: &ProviderName, limit: u32) -> Result<Vec<AccessEntry>, Failed> {
    all(connection, sql::ACCESS_LOG, params![provider.as_str(), limit], |row| {
        Ok(AccessEntry {
            provider: ProviderName::new(row.get::<_, String>(0)?).map_err(damaged)?,
            at: Instant::from_millis(row.get(1)?),
            method: row.get(2)?,
            path: row.get(3)?,
            status: row.get(4)?,
            fault: row.get(5)?,
            attempt: row.get(6)?,
            duration_ms: natural(row, 7)?,
            bytes_sent: natural(row, 8)?,
            bytes_received: natural(row, 9)?,
        })
    })
}

fn connection_use(connection: &Connection, provider: &ProviderName, since: Instant) -> Result<ConnectionUse, Failed> {
    let instant = |row: &Row<'_>, index| Ok::<_, Failed>(row.get::<_, Option<i64>>(index)?.map(Instant::from_millis));
    let mut usage = one(connection, sql::CONNECTION_USE, params![provider.as_str(), since.millis()], |row| {
        Ok(ConnectionUse {
            requests: natural(row, 0)?,
            bytes_sent: natural(row, 1)?,
            bytes_received: natural(row, 2)?,
            retries: natural(row, 3)?,
            rate_limited: natural(row, 4)?,
            failures: natural(row, 5)?,
            last_success: instant(row, 6)?,
            last_failure: instant(row, 7)?,
            ..ConnectionUse::default()
        })
    })?;
    let percentile = |percent| {
        let rank = nearest_rank(usage.requests, percent);
        let duration = |rank| {
            one(connection, sql::NTH_DURATION, params![provider.as_str(), since.millis(), whole(rank)], |row| {
                natural(row, 0)
            })
        };
        rank.map(duration).transpose()
    };
    (usage.p50_ms, usage.p95_ms, usage.p99_ms) = (percentile(50)?, percentile(95)?, percentile(99)?);
    let succeeded = usage.requests - usage.failures;
    usage.success_rate = (usage.requests > 0).then(|| succeeded as f64 / usage.requests as f64);
    Ok(usage)
}

/// The index of a percentile among so many sorted values, by the nearest-rank method.
fn nearest_rank(count: u64, percent: u64) -> Option<u64> {
    (count > 0).then(|| count.saturating_mul(percent).div_ceil(100) - 1)
}

fn credential(connection: &Connection, provider: &ProviderName) -> Result<Option<Credential>, Failed> {
    first(connection, sql::CREDENTIAL, params![provider.as_str()], |row| {
        Ok(Credential {
            fingerprint: row.get(0)?,
            first_seen: Instant::from_millis(row.get(1)?),
            last_seen: Instant::from_millis(row.get(2)?),
        })
    })
}

fn put_credential(
    connection: &Connection,
    by: &Attribution,
    provider: &ProviderName,
    fingerprint: &str,
) -> Result<(), Failed> {
    let former = credential(connection, provider)?;
    let changed = former.as_ref().is_some_and(|former| former.fingerprint != fingerprint);
    let since = match &former {
        Some(former) if !changed => former.first_seen,
        _ => by.at,
    };
    let row = params![provider.as_str(), fingerprint, since.millis(), by.at.millis()];
    execute(connection, sql::PUT_CREDENTIAL, row)?;
    if changed {
        let former = former.map(|former| former.fingerprint);
        let detail = json!({"fingerprint": fingerprint, "former": former});
        audit::append(connection, by, AuditAction::CredentialChanged, provider.as_str(), &detail)?;
    }
    Ok(())
}

/// Stores which component and settings a provider was synced with. Each that changed has an audit entry.
pub(super) fn put_component(
    connection: &Connection,
    by: &Attribution,
    scope: &Scope,
    component: Digest,
) -> Result<(), Failed> {
    let provider = scope.provider.as_str();
    let digest = |row: &Row<'_>, index| Ok::<_, Failed>(Digest::from(row.get::<_, [u8; 32]>(index)?));
    let former =
        first(connection, sql::COMPONENT_SEEN, params![provider], |row| Ok((digest(row, 0)?, digest(row, 1)?)))?;
    if former == Some((component, scope.settings)) {
        return Ok(());
    }
    execute(connection, sql::PUT_COMPONENT_SEEN, params![provider, component.bytes(), scope.settings.bytes()])?;
    let Some((former_component, former_settings)) = former else { return Ok(()) };
    for (action, former, now) in [
        (AuditAction::ComponentChanged, former_component, component),
        (AuditAction::SettingsChanged, former_settings, scope.settings),
    ] {
        if former != now {
            let detail = json!({"digest": now.hex(), "former": former.hex()});
            audit::append(connection, by, action, provider, &detail)?;
        }
    }
    Ok(())
}

/// This store's random bytes.
pub(super) fn salt(connection: &Connection) -> Result<[u8; 32], Failed> {
    first(connection, sql::SALT, [], column)?.ok_or_else(|| damaged("no salt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_use_the_nearest_rank() {
        for (count, percent, rank) in [
            (0, 50, None),
            (1, 50, Some(0)),
            (1, 99, Some(0)),
            (2, 50, Some(0)),
            (3, 50, Some(1)),
            (100, 95, Some(94)),
            (100, 99, Some(98)),
            (101, 99, Some(99)),
        ] {
            assert_eq!(nearest_rank(count, percent), rank, "{percent} per cent of {count}");
        }
    }
}

//! Who may write: one row, taken and given back.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, params};
use scoresheet_domain::{AuditAction, Instant};
use scoresheet_engine::{Attribution, LeaseHolder, StoreError, ports::LEASE_SECS};
use serde_json::json;

use super::{
    audit,
    error::{Failed, damaged},
    query::{execute, first},
};
use crate::sql;

/// What this store object took the lease with: the token, and for whom.
#[derive(Default)]
pub(super) struct Held(Mutex<Option<(String, Attribution)>>);

impl Held {
    fn lock(&self) -> MutexGuard<'_, Option<(String, Attribution)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self) -> Option<(String, Attribution)> {
        self.lock().clone()
    }

    pub(super) fn set(&self, holder: &LeaseHolder, now: Instant) {
        let by = Attribution { actor: format!("{}@{}", holder.user, holder.host), at: now };
        *self.lock() = Some((holder.token.clone(), by));
    }

    pub(super) fn clear(&self, token: &str) {
        self.lock().take_if(|(held, _)| held == token);
    }
}

/// Fails unless the lease is held under this token; the transaction keeps others from taking it.
pub(super) fn check(connection: &Connection, token: &str) -> Result<(), Failed> {
    match standing(connection)? {
        Some(lease) if lease.token == token => Ok(()),
        _ => Err(StoreError::LeaseLost.into()),
    }
}

pub(super) fn acquire(connection: &Connection, holder: &LeaseHolder, now: Instant) -> Result<(), Failed> {
    let mut since = now;
    let mut continued = false;
    if let Some(lease) = standing(connection)? {
        if lease.token == holder.token {
            since = Instant::from_millis(lease.since_ms);
            continued = true;
        } else if now.millis() <= lease.until_ms {
            let pid = u32::try_from(lease.pid).map_err(|_| damaged("a process id"))?;
            if lease.host != holder.host || !process_is_gone(pid) {
                let since = Instant::from_millis(lease.since_ms);
                return Err(StoreError::Held { task: lease.task, pid, host: lease.host, since }.into());
            }
        }
    }
    if !continued {
        // Nobody can resume a pull of one client that another process left behind: such pulls are not listed.
        let dropped = execute(connection, sql::DELETE_CLIENT_PULLS, [])?;
        if dropped > 0 {
            let by = Attribution { actor: format!("{}@{}", holder.user, holder.host), at: now };
            let detail = json!({"pulls": dropped, "why": "of one client, left behind by another process"});
            audit::append(connection, &by, AuditAction::PullAbandoned, "store", &detail)?;
        }
    }
    execute(
        connection,
        sql::PUT_LEASE,
        params![
            holder.token,
            holder.host,
            holder.pid,
            holder.task,
            holder.user,
            since.millis(),
            now.plus_millis(LEASE_SECS * 1000).millis()
        ],
    )?;
    Ok(())
}

pub(super) fn renew(connection: &Connection, token: &str, now: Instant) -> Result<(), Failed> {
    let renewed = execute(connection, sql::RENEW_LEASE, params![now.plus_millis(LEASE_SECS * 1000).millis(), token])?;
    if renewed == 1 { Ok(()) } else { Err(StoreError::LeaseLost.into()) }
}

pub(super) struct Lease {
    token: String,
    pub(super) host: String,
    pub(super) pid: i64,
    pub(super) task: String,
    since_ms: i64,
    until_ms: i64,
}

pub(super) fn standing(connection: &Connection) -> Result<Option<Lease>, Failed> {
    first(connection, sql::LEASE, [], |row| {
        Ok(Lease {
            token: row.get(0)?,
            host: row.get(1)?,
            pid: row.get(2)?,
            task: row.get(3)?,
            since_ms: row.get(4)?,
            until_ms: row.get(5)?,
        })
    })
}

/// Whether this host certainly runs no such process; where it cannot be told, the lease's end decides.
fn process_is_gone(pid: u32) -> bool {
    let processes = Path::new("/proc");
    cfg!(target_os = "linux") && processes.join("self").exists() && !processes.join(pid.to_string()).exists()
}

//! Who may write: one row, taken and given back.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use scoresheet_domain::{AuditAction, Instant};
use scoresheet_engine::{LeaseHolder, StoreError, ports::LEASE_SECS};
use serde_json::json;
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::{
    audit,
    error::{damaged, failed, is_busy},
};

/// To whom the audit log puts down what is changed, and when that is.
#[derive(Clone, Debug)]
pub(super) struct Attribution {
    pub(super) actor: String,
    pub(super) at_ms: i64,
}

impl Attribution {
    fn of(holder: &LeaseHolder, now: Instant) -> Self {
        Self { actor: format!("{}@{}", holder.user, holder.host), at_ms: now.millis() }
    }
}

/// What this store object took the lease with: the token, and for whom.
#[derive(Default)]
pub(super) struct Held(Mutex<Option<(String, Attribution)>>);

impl Held {
    fn lock(&self) -> MutexGuard<'_, Option<(String, Attribution)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn token(&self) -> Option<String> {
        self.lock().as_ref().map(|(token, _)| token.clone())
    }

    /// Whether the lease was taken and not given back; whether another took it over meanwhile is not known here.
    pub(super) fn is_held(&self) -> bool {
        self.lock().is_some()
    }

    fn set(&self, held: Option<(String, Attribution)>) {
        *self.lock() = held;
    }

    /// It is later now.
    fn told(&self, token: &str, now: Instant) {
        if let Some((held, by)) = self.lock().as_mut()
            && held == token
        {
            by.at_ms = now.millis();
        }
    }
}

/// Begins a transaction that may write, which it may only as long as the lease is held: the
/// transaction keeps others from taking it, so one look at its beginning is enough.
pub(super) async fn begin_write(
    writer: &SqlitePool,
    readers: &SqlitePool,
    held: &Held,
    doing: &'static str,
) -> Result<(Transaction<'static, Sqlite>, Attribution), StoreError> {
    let (held, by) = held.lock().clone().ok_or(StoreError::LeaseLost)?;
    let mut transaction = begin_immediate(writer, readers, doing).await?;
    let token: Option<String> =
        sqlx::query_scalar("SELECT token FROM lease").fetch_optional(&mut *transaction).await.map_err(failed(doing))?;
    if token.as_ref() == Some(&held) { Ok((transaction, by)) } else { Err(StoreError::LeaseLost) }
}

/// Waits for whoever writes; where that takes too long, says who that may be.
async fn begin_immediate(
    writer: &SqlitePool,
    readers: &SqlitePool,
    doing: &'static str,
) -> Result<Transaction<'static, Sqlite>, StoreError> {
    match writer.begin_with("BEGIN IMMEDIATE").await {
        Ok(transaction) => Ok(transaction),
        Err(error) if is_busy(&error) => {
            let message = match readers.acquire().await {
                Ok(mut reader) => match standing(&mut reader).await {
                    Ok(Some(Lease { task, pid, host, .. })) => {
                        format!("it stayed locked for too long: {task} by process {pid} on {host} holds it; try again")
                    }
                    Ok(None) => "it stayed locked for too long, and not by this program, of which nobody holds its \
                                 lease: close what has the file open, then try again"
                        .to_owned(),
                    Err(_) => return Err(failed(doing)(error)),
                },
                Err(_) => return Err(failed(doing)(error)),
            };
            Err(StoreError::Database { doing, message })
        }
        Err(error) => Err(failed(doing)(error)),
    }
}

pub(super) async fn acquire(
    writer: &SqlitePool,
    readers: &SqlitePool,
    held: &Held,
    holder: &LeaseHolder,
    now: Instant,
) -> Result<(), StoreError> {
    const DOING: &str = "taking its lease";
    let failed = failed(DOING);
    let mut transaction = begin_immediate(writer, readers, DOING).await?;
    let by = Attribution::of(holder, now);
    let mut since = now;
    let mut continued = false;
    if let Some(lease) = standing(&mut transaction).await.map_err(failed)? {
        if lease.token == holder.token {
            since = Instant::from_millis(lease.since_ms);
            continued = true;
        } else if now.millis() <= lease.until_ms {
            let pid = u32::try_from(lease.pid).map_err(|_| damaged(DOING, "a process id that is none"))?;
            if lease.host != holder.host || !process_is_gone(pid) {
                let since = Instant::from_millis(lease.since_ms);
                return Err(StoreError::Held { task: lease.task, pid, host: lease.host, since });
            }
        }
    }
    if !continued {
        // Nobody can go on with a pull of one client that another left behind: such pulls are not listed.
        let dropped = sqlx::query("DELETE FROM pull WHERE client IS NOT NULL")
            .execute(&mut *transaction)
            .await
            .map_err(failed)?
            .rows_affected();
        if dropped > 0 {
            let detail = json!({"pulls": dropped, "why": "of one client, left behind by another process"});
            audit::append(&mut transaction, &by, AuditAction::PullAbandoned, "store", &detail).await?;
        }
    }
    sqlx::query(
        "INSERT OR REPLACE INTO lease (slot, token, host, pid, task, user, since_ms, until_ms)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&holder.token)
    .bind(&holder.host)
    .bind(i64::from(holder.pid))
    .bind(&holder.task)
    .bind(&holder.user)
    .bind(since.millis())
    .bind(end(now))
    .execute(&mut *transaction)
    .await
    .map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    held.set(Some((holder.token.clone(), by)));
    Ok(())
}

pub(super) async fn renew(
    writer: &SqlitePool,
    held: &Held,
    holder: &LeaseHolder,
    now: Instant,
) -> Result<(), StoreError> {
    let renewed = sqlx::query("UPDATE lease SET until_ms = ? WHERE token = ?")
        .bind(end(now))
        .bind(&holder.token)
        .execute(writer)
        .await
        .map_err(failed("renewing its lease"))?;
    if renewed.rows_affected() == 1 {
        held.told(&holder.token, now);
        Ok(())
    } else {
        Err(StoreError::LeaseLost)
    }
}

pub(super) async fn release(writer: &SqlitePool, held: &Held, holder: &LeaseHolder) -> Result<(), StoreError> {
    let failed = failed("giving its lease back");
    if held.token().as_ref() == Some(&holder.token) {
        held.set(None);
    }
    let released = sqlx::query("DELETE FROM lease WHERE token = ?")
        .bind(&holder.token)
        .execute(writer)
        .await
        .map_err(failed)?
        .rows_affected();
    if released > 0 {
        // Brings what was written from the log into the database's file, as far as readers allow,
        // so that a copy of that one file is whole.
        sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(writer).await.map_err(failed)?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Lease {
    token: String,
    host: String,
    pid: i64,
    task: String,
    since_ms: i64,
    until_ms: i64,
}

async fn standing(connection: &mut SqliteConnection) -> Result<Option<Lease>, sqlx::Error> {
    sqlx::query_as("SELECT token, host, pid, task, since_ms, until_ms FROM lease").fetch_optional(connection).await
}

fn end(now: Instant) -> i64 {
    now.plus_millis(LEASE_SECS * 1000).millis()
}

/// Whether this host certainly runs no such process; where it cannot be told, the lease's end decides.
fn process_is_gone(pid: u32) -> bool {
    let processes = Path::new("/proc");
    cfg!(target_os = "linux") && processes.join("self").exists() && !processes.join(pid.to_string()).exists()
}

//! Locks: which instance syncs a provider, one row per provider.

use rusqlite::{Connection, params};
use scoresheet_domain::{Instant, ProviderName};
use scoresheet_engine::{LOCK_SECS, StoreError, SyncLock};

use super::{
    error::Failed,
    query::{all, column, execute, one, tuple},
};
use crate::sql;

fn expiry(now: Instant) -> i64 {
    now.plus_millis(LOCK_SECS * 1000).millis()
}

/// Takes the lock if it is free, expired, or this instance's own, which keeps its start.
pub(super) fn lock(connection: &Connection, lock: &SyncLock, now: Instant) -> Result<(), Failed> {
    let provider = lock.provider.as_str();
    let row = params![provider, lock.instance, lock.by.actor, now.millis(), expiry(now), now.millis()];
    if execute(connection, sql::PUT_LOCK, row)? > 0 {
        return Ok(());
    }
    let (actor, since, until): (String, i64, i64) = one(connection, sql::LOCK, params![provider], tuple)?;
    let (since, until) = (Instant::from_millis(since), Instant::from_millis(until));
    Err(StoreError::Locked { provider: lock.provider.clone(), actor, since, until }.into())
}

pub(super) fn renew(connection: &Connection, lock: &SyncLock, now: Instant) -> Result<(), Failed> {
    match execute(connection, sql::RENEW_LOCK, params![expiry(now), lock.provider.as_str(), lock.instance])? {
        0 => Err(StoreError::LockLost { provider: lock.provider.clone() }.into()),
        _ => Ok(()),
    }
}

/// Fails unless the provider is locked by this lock's instance. A lock that expired and that nobody took is still held.
pub(super) fn check(connection: &Connection, provider: &ProviderName, lock: &SyncLock) -> Result<(), Failed> {
    if one(connection, sql::HAS_LOCK, params![provider.as_str(), lock.instance], column)? {
        Ok(())
    } else {
        Err(StoreError::LockLost { provider: provider.clone() }.into())
    }
}

/// Returns whether it was held.
pub(super) fn unlock(connection: &Connection, lock: &SyncLock) -> Result<bool, Failed> {
    Ok(execute(connection, sql::DELETE_LOCK, params![lock.provider.as_str(), lock.instance])? > 0)
}

/// The locked providers, each with whoever syncs it.
pub(super) fn holders(connection: &Connection) -> Result<Vec<(String, String)>, Failed> {
    all(connection, sql::LOCKS, [], tuple)
}

//! Locks of providers: one sync of a provider at a time, for as long as it renews its lock.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use scoresheet_domain::{Instant, ProviderName};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    engine::Engine,
    ports::{LOCK_SECS, Store, StoreError, SyncLock},
};

/// A provider's lock, renewed in the background until it is released.
pub(crate) struct Locked {
    store: Arc<dyn Store>,
    pub(crate) lock: SyncLock,
    /// Milliseconds from when it was taken to when it was last renewed.
    renewed_ms: Arc<AtomicI64>,
    _renewing: AbortOnDropHandle<()>,
}

impl Locked {
    /// The lock at the time of its last renewal, so that the audit log stays in order.
    pub(crate) fn renewed(&self) -> SyncLock {
        let mut lock = self.lock.clone();
        lock.by.at = lock.by.at.plus_millis(self.renewed_ms.load(Ordering::Relaxed));
        lock
    }

    /// Releases the lock. If that fails it expires by itself, so a failure is only logged.
    pub(crate) async fn release(self) {
        if let Err(error) = self.store.unlock(&self.lock).await {
            tracing::warn!(%error, "the lock could not be released; it expires in {LOCK_SECS} s");
        }
    }
}

impl Engine {
    /// Locks a provider. `cancel` is triggered if the lock is lost meanwhile.
    pub(crate) async fn lock(
        &self,
        provider: &ProviderName,
        now: Instant,
        cancel: &CancellationToken,
    ) -> Result<Locked, StoreError> {
        // RandomState is seeded by the system, which is all the randomness an instance needs.
        let instance =
            format!("{:016x}{:016x}", RandomState::new().hash_one(provider), RandomState::new().hash_one(now));
        let lock = SyncLock { provider: provider.clone(), instance, by: self.attribution(now) };
        self.store.lock(&lock, now).await?;
        let renewed_ms = Arc::new(AtomicI64::new(0));
        let renewing = renew(Arc::clone(&self.store), lock.clone(), Arc::clone(&renewed_ms), cancel.clone());
        let renewing = AbortOnDropHandle::new(tokio::spawn(renewing));
        Ok(Locked { store: Arc::clone(&self.store), lock, renewed_ms, _renewing: renewing })
    }
}

/// Renews a lock well before it expires. Its clock is the run's plus what has passed since.
async fn renew(store: Arc<dyn Store>, lock: SyncLock, renewed_ms: Arc<AtomicI64>, cancel: CancellationToken) {
    let every = Duration::from_secs(LOCK_SECS.unsigned_abs() / 3);
    let mut passed_ms = 0_i64;
    loop {
        tokio::time::sleep(every).await;
        passed_ms += i64::try_from(every.as_millis()).unwrap_or(i64::MAX);
        match store.renew_lock(&lock, lock.by.at.plus_millis(passed_ms)).await {
            Ok(()) => renewed_ms.store(passed_ms, Ordering::Relaxed),
            Err(StoreError::LockLost { .. }) => {
                tracing::error!(provider = %lock.provider, "another sync took the lock over");
                cancel.cancel();
                return;
            }
            Err(error) => tracing::warn!(%error, "the lock could not be renewed"),
        }
    }
}

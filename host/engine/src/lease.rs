//! Writing to a store: one process at a time, for as long as it says that it still lives.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
    time::Duration,
};

use scoresheet_domain::Instant;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    engine::{Engine, Identity},
    ports::{LEASE_SECS, LeaseHolder, Store, StoreError},
};

/// The lease, kept alive in the background until it is given back.
pub(crate) struct Lease {
    store: Arc<dyn Store>,
    holder: LeaseHolder,
    _renewing: AbortOnDropHandle<()>,
}

impl Lease {
    /// Gives the lease back. Where that fails it runs out by itself, so a failure is only logged.
    pub(crate) async fn release(self) {
        if let Err(error) = self.store.release_lease(&self.holder).await {
            tracing::warn!(%error, "the lease could not be given back; it runs out in {LEASE_SECS} s");
        }
    }
}

impl Engine {
    /// Takes the lease for a task. `cancel` is pulled where the lease is lost meanwhile.
    pub(crate) async fn lease(
        &self,
        task: &str,
        now: Instant,
        cancel: &CancellationToken,
    ) -> Result<Lease, StoreError> {
        let holder = holder(&self.identity, &self.user, task, now);
        self.store.acquire_lease(&holder, now).await?;
        let renewing = tokio::spawn(renew(Arc::clone(&self.store), holder.clone(), now, cancel.clone()));
        Ok(Lease { store: Arc::clone(&self.store), holder, _renewing: AbortOnDropHandle::new(renewing) })
    }

    /// One short write under the lease. A future does nothing before it is awaited, so `write` begins when the lease is held.
    pub(crate) async fn holding_lease<T>(
        &self,
        task: &str,
        now: Instant,
        write: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let lease = self.lease(task, now, &CancellationToken::new()).await?;
        let written = write.await;
        lease.release().await;
        written
    }
}

fn holder(identity: &Identity, user: &str, task: &str, now: Instant) -> LeaseHolder {
    // RandomState is seeded by the system, which is all the uniqueness a token needs.
    let token = format!("{:016x}", RandomState::new().hash_one((identity.pid, now.millis())));
    LeaseHolder { token, host: identity.host.clone(), pid: identity.pid, task: task.to_owned(), user: user.to_owned() }
}

/// Renews well before the lease runs out. The clock it tells is the run's plus what has passed since.
async fn renew(store: Arc<dyn Store>, holder: LeaseHolder, began: Instant, cancel: CancellationToken) {
    let every = Duration::from_secs(LEASE_SECS.unsigned_abs() / 3);
    let mut passed_ms = 0_i64;
    loop {
        tokio::time::sleep(every).await;
        passed_ms += i64::try_from(every.as_millis()).unwrap_or(i64::MAX);
        match store.renew_lease(&holder, began.plus_millis(passed_ms)).await {
            Ok(()) => {}
            Err(StoreError::LeaseLost) => {
                tracing::error!("another process took the store's lease over");
                cancel.cancel();
                return;
            }
            Err(error) => tracing::warn!(%error, "the lease could not be renewed"),
        }
    }
}

//! Whoever sits around the engine and has something to write down while the lease is held: what the gateway and the
//! components tell of, which the engine does not see.

use async_trait::async_trait;
use scoresheet_domain::Instant;

use super::{Store, StoreError};

/// Called at the end of every sync and of every check, under the lease.
#[async_trait]
pub trait Attendant: Send + Sync {
    /// Writes down what there is. Where that fails the sync went well all the same.
    ///
    /// # Errors
    /// [`StoreError`] as the store tells it.
    async fn attend(&self, store: &dyn Store, now: Instant) -> Result<(), StoreError>;
}

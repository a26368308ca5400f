//! What the surroundings of the engine record after a sync or check: requests and use of limits, which only the gateway
//! and the components see.

use async_trait::async_trait;

use super::{Attribution, MaintenanceStore, StoreError};

/// Runs at the end of every sync and every check.
#[async_trait]
pub trait PostSyncHook: Send + Sync {
    /// Stores what there is. A failure is logged and fails nothing.
    ///
    /// # Errors
    /// [`StoreError`] as the store reports it.
    async fn run(&self, store: &dyn MaintenanceStore, by: &Attribution) -> Result<(), StoreError>;
}

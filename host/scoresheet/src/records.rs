//! What the store has on record: who changed what, which requests were made; and erasing what names a client.

use scoresheet_domain::{AuditEntry, AuditVerdict, Instant};
use scoresheet_engine::{AccessEntry, EngineError, ErasureReport};

use crate::facade::Engine;

impl Engine {
    /// Who changed what and when, at most `limit` entries, the newest last; from `since` on where that is given.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn audit(&self, since: Option<Instant>, limit: u32) -> Result<Vec<AuditEntry>, EngineError> {
        Ok(self.inner.store().audit(since, limit).await?)
    }

    /// Whether the audit log is what was written: none of its entries changed, taken out or put in.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn verify_audit(&self) -> Result<AuditVerdict, EngineError> {
        Ok(self.inner.store().verify_audit().await?)
    }

    /// A provider's last requests, at most `limit`, the newest first.
    ///
    /// # Errors
    /// [`EngineError::UnknownProvider`], [`EngineError::Store`].
    pub async fn access_log(&self, provider: &str, limit: u32) -> Result<Vec<AccessEntry>, EngineError> {
        let (name, _) = self.inner.provider(provider)?;
        Ok(self.inner.store().usage(name, None, limit).await?.log)
    }

    /// Removes everything that names a client from the store; the report says what was removed and what is left to do.
    ///
    /// # Errors
    /// [`EngineError`] where nobody of this id is known, or the store is in use or fails; then nothing was erased.
    pub async fn erase_client(&self, id: &str) -> Result<ErasureReport, EngineError> {
        self.inner.erase_client(id, self.now()).await
    }

    /// Takes back that an erased client is skipped at every sync; gives how many of its ids and names at the sources that
    /// were. What was removed comes back with the next full sync, as far as the sources have it.
    ///
    /// # Errors
    /// [`EngineError::NotErased`] where no erasure of this id is on record, [`EngineError::Store`].
    pub async fn restore_client(&self, id: &str) -> Result<u64, EngineError> {
        self.inner.restore_client(id, self.now()).await
    }
}

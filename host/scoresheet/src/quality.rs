//! Compares stored figures with the sources.

use scoresheet_engine::{EngineError, ScoreAudit};
use tokio_util::sync::CancellationToken;

use crate::facade::Engine;

impl Engine {
    /// Fetches `sample` mapped clients of each provider again and compares every figure with the stored one. Which
    /// clients changes from day to day. Writes nothing to the store.
    ///
    /// # Errors
    /// [`EngineError`] where nothing could be compared; that a source fails is in the result.
    pub async fn audit_scores(
        &self,
        sample: usize,
        cancel: &CancellationToken,
    ) -> Result<Vec<ScoreAudit>, EngineError> {
        self.inner.audit_scores(sample, self.now(), cancel).await
    }
}

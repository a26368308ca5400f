//! How good the data is: what there is of each provider, and whether it is what the source has.

use std::collections::BTreeMap;

use scoresheet_domain::ProviderName;
use scoresheet_engine::{DataQuality, EngineError, ScoreAudit};
use tokio_util::sync::CancellationToken;

use crate::facade::Engine;

impl Engine {
    /// How good each provider's data is, by provider. Asks no source.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn quality(&self) -> Result<BTreeMap<ProviderName, DataQuality>, EngineError> {
        self.inner.quality(self.now()).await
    }

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

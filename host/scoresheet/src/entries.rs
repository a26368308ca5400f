//! What persons enter: scores over computed ones, and those of manual metrics.

use scoresheet_domain::{Entry, EntryKind};
use scoresheet_engine::{EngineError, ListedEntry, NewOverride, NewScore};

use crate::facade::Engine;

impl Engine {
    /// Puts a score over the computed one, from now on where nothing else is said. No sync takes it away.
    ///
    /// # Errors
    /// [`EngineError`]; then nothing was entered.
    pub async fn override_score(&self, new: &NewOverride) -> Result<Entry, EngineError> {
        self.inner.override_score(new, self.now()).await
    }

    /// Takes all scores back that stand over a computed one; gives how many there were.
    ///
    /// # Errors
    /// [`EngineError`]; then nothing was taken back.
    pub async fn clear_override(&self, client: &str, metric: &str) -> Result<u64, EngineError> {
        self.inner.clear_override(client, metric, self.now()).await
    }

    /// Enters a score of a manual metric.
    ///
    /// # Errors
    /// [`EngineError`]; then nothing was entered.
    pub async fn enter_score(&self, new: &NewScore) -> Result<Entry, EngineError> {
        self.inner.enter_score(new, self.now()).await
    }

    /// Takes all scores of a manual metric back that were entered for a client; gives how many there were.
    ///
    /// # Errors
    /// [`EngineError`]; then nothing was taken back.
    pub async fn clear_score(&self, client: &str, metric: &str) -> Result<u64, EngineError> {
        self.inner.clear_score(client, metric, self.now()).await
    }

    /// What was entered, of one kind or of both, by client and metric: what holds or will; where all is asked for, also
    /// what has ended or was taken back.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn entries(&self, kind: Option<EntryKind>, all: bool) -> Result<Vec<ListedEntry>, EngineError> {
        self.inner.entries(kind, all, self.now()).await
    }
}

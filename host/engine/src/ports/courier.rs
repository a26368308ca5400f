//! Whoever brings a notice to its channel, and one that only remembers.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use scoresheet_domain::alert::Notice;

/// Why a channel did not take a notice, grouped by what can be done. In words without a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// It may take it later: nobody answered, the answer was lost, or the channel has too much to do.
    #[error("{why}")]
    Later {
        /// What went wrong.
        why: String,
        /// What the channel asked to wait, in seconds.
        after_secs: Option<u64>,
    },
    /// It will not take it.
    #[error("{0}")]
    Never(String),
}

/// Brings notices to their channels.
#[async_trait]
pub trait Courier: Send + Sync {
    /// Brings one to its channel, once. Where the answer does not come, whether it arrived is not known: it is brought
    /// again later under the same id.
    ///
    /// # Errors
    /// [`DeliveryError`]
    async fn deliver(&self, notice: &Notice) -> Result<(), DeliveryError>;
}

/// A courier for tests: remembers what it was given, and answers as it is told.
#[derive(Debug, Default)]
pub struct FakeCourier {
    taken: Mutex<Vec<Notice>>,
    refusal: Mutex<Option<DeliveryError>>,
    once: Mutex<Option<DeliveryError>>,
}

impl FakeCourier {
    /// From now on it answers so.
    pub fn refuse(&self, refusal: Option<DeliveryError>) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
    }

    /// The next one it answers so.
    pub fn refuse_once(&self, refusal: DeliveryError) {
        *self.once.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
    }

    /// What it was given since it was last asked, refused or not.
    #[must_use]
    pub fn take(&self) -> Vec<Notice> {
        std::mem::take(&mut *self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Courier for FakeCourier {
    async fn deliver(&self, notice: &Notice) -> Result<(), DeliveryError> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(notice.clone());
        if let Some(refusal) = self.once.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(refusal);
        }
        match &*self.refusal.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(refusal) => Err(refusal.clone()),
            None => Ok(()),
        }
    }
}

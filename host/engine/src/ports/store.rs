//! The store: five narrow traits, one per group of use cases. Whatever implements them passes the contract test in the
//! store crate.
//!
//! Reading never waits for a writer. Every write is one short transaction that includes its audit entry; the actor is an
//! argument. What a sync writes is refused unless its [`SyncLock`](super::SyncLock) is held.

use scoresheet_domain::{Digest, Instant, ProviderName};

use super::{AlertStore, MaintenanceStore, SheetStore, SyncStore, UserStore};

/// All five together: what a store implements and an engine is made with. No use case takes it.
pub trait Store: SheetStore + SyncStore + UserStore + AlertStore + MaintenanceStore {}

impl<T: SheetStore + SyncStore + UserStore + AlertStore + MaintenanceStore> Store for T {}

/// Whose data: a provider with certain settings. Other settings start from scratch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The provider, as the configuration names it.
    pub provider: ProviderName,
    /// The digest of the component's id, its data version and its identity settings.
    pub settings: Digest,
}

/// Who changes something, and when: what the audit log records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// The user and the host: `ada@mail-1`.
    pub actor: String,
    /// When.
    pub at: Instant,
}

/// What went wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another sync of the provider holds its lock.
    #[error(
        "{provider} is being synced by {actor} since {since}; wait for it (its lock expires at {until} unless renewed)"
    )]
    Locked {
        /// The provider.
        provider: ProviderName,
        /// Who holds the lock.
        actor: String,
        /// Since when.
        since: Instant,
        /// When it expires, unless it is renewed.
        until: Instant,
    },
    /// The lock expired and another sync took it: nothing more may be written.
    #[error("lost the lock of {provider}: another sync took it over")]
    LockLost {
        /// The provider.
        provider: ProviderName,
    },
    /// The store was written by a newer version of this program.
    #[error("the store has schema {found}, newer than the {known} this version knows: use the newer version")]
    NewerSchema {
        /// The store's.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// The address names no store this program can open.
    #[error("{0}")]
    Address(String),
    /// The database failed.
    #[error("the store failed while {doing}: {message}")]
    Database {
        /// What was tried.
        doing: &'static str,
        /// What the database said.
        message: String,
    },
}

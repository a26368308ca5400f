//! What the use cases need from outside: providers to call, a store, and a way to send alerts.

mod alerts;
mod courier;
mod hook;
mod maintenance;
mod provider;
mod sheets;
mod store;
mod sync;
mod users;

pub use alerts::{AlertChanges, AlertRecord, AlertStore, Delivery, DeliveryId, DeliveryUpdate, DueDelivery};
pub use courier::{Courier, DeliveryError, FakeCourier};
pub use hook::PostSyncHook;
pub use maintenance::{
    ACCESS_ENTRIES, AccessEntry, ConnectionUse, Credential, Erased, Erasure, MaintenanceStore, ProviderUsage,
    ProviderUse, PruneLimits, Pruned, UsageUpdate,
};
pub use provider::{Provider, RunContext, ScoreRequest};
pub use sheets::{ClientSamples, InputsGone, ProviderData, RejectionCount, SavedSheet, SheetStore, SheetSummary};
pub use store::{Attribution, Scope, Store, StoreError};
pub use sync::{
    AuditNote, CommittedPage, LOCK_SECS, NewPull, OpenPull, PullAction, PullEnd, PullId, Skipped, SyncFailure,
    SyncLock, SyncOutcome, SyncRecord, SyncStore,
};
pub use users::{UserChange, UserStore};

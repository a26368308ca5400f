//! The use cases: sync, map, generate, check; and the ports they need.
//!
//! What is behind the ports (wasmtime, SQL, HTTP) is not known here. Every use case
//! takes `now` from its caller, tells its progress through a callback, can be
//! cancelled, prints nothing and keeps no global state.

mod accuracy;
mod alerts;
mod check;
pub mod definition;
mod engine;
mod entries;
mod error;
mod lock;
pub mod mapping;
mod memory_pull;
mod plan;
pub mod ports;
mod quality;
mod remedy;
mod retention;
mod sheet;
mod sync;

pub use accuracy::ScoreAudit;
pub use alerts::{AlertReport, DeliveryProblem, DeliveryReport};
pub use check::{ClientCheck, ConnectionCheck, KindCheck};
pub use engine::{Engine, Parts, Roster};
pub use entries::{EntryRefusal, ListedEntry, MAX_TEXT_CHARS, NewOverride, NewScore};
pub use error::EngineError;
pub use mapping::{MappingOverview, ProviderMapping};
pub use ports::{
    ACCESS_ENTRIES, AccessEntry, AlertChanges, AlertRecord, AlertStore, Attribution, AuditNote, ClientSamples,
    CommittedPage, ConnectionUse, Courier, Credential, Delivery, DeliveryError, DeliveryId, DeliveryUpdate,
    DueDelivery, Erased, Erasure, FakeCourier, InputsGone, LOCK_SECS, MaintenanceStore, NewPull, OpenPull,
    PostSyncHook, Provider, ProviderData, ProviderUsage, ProviderUse, PruneLimits, Pruned, PullAction, PullEnd, PullId,
    RejectionCount, RunContext, SavedSheet, Scope, ScoreRequest, SheetStore, SheetSummary, Skipped, Store, StoreError,
    SyncFailure, SyncLock, SyncOutcome, SyncRecord, SyncStore, UsageUpdate, UserChange, UserStore,
};
pub use quality::DataQuality;
pub use retention::{ErasedSource, ErasureReport};
pub use sheet::{GenerateRequest, SheetInputs};
pub use sync::{Progress, ProviderSync, RejectedValue, SyncEvent, SyncReport, SyncRequest};

//! The use cases: sync, map, generate, check; and the ports they need.
//!
//! What is behind the ports (wasmtime, SQL, HTTP) is not known here. Every use case
//! takes `now` from its caller, tells its progress through a callback, can be
//! cancelled, prints nothing and keeps no global state.

mod alerts;
mod check;
pub mod definition;
mod engine;
mod error;
mod generate;
mod lease;
mod mapping;
mod plan;
pub mod ports;
mod remedy;
mod retention;
mod sync;

pub use alerts::{AlertReport, DeliveryProblem, DeliveryReport};
pub use check::ConnectionCheck;
pub use engine::{Engine, Identity, Parts, Roster};
pub use error::EngineError;
pub use generate::GenerateRequest;
pub use mapping::{MappingOverview, ProviderMapping};
pub use ports::{
    AccessEntry, AlertChanges, AlertRecord, Alerts, Attendant, AuditLog, AuditNote, BooksLimits, ClientScope,
    CommittedPage, ConnectionUse, Courier, Credential, CredentialAge, Delivery, DeliveryError, DeliveryId,
    DeliveryOutcome, DueDelivery, Erased, Erasure, EventSample, FakeCourier, Journal, LEASE_SECS, LeaseHolder, Month,
    OpenPull, Provider, Pruned, PullEnd, PullId, RejectionCount, Retention, RunContext, Samples, Scope, Series,
    Skipped, StateSample, Store, StoreError, SyncRecord,
};
pub use retention::{ErasedSource, ErasureReport};
pub use sync::{Progress, ProviderSync, SyncEvent, SyncReport, SyncRequest};

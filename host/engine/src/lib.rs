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
mod generate;
mod history;
mod lease;
pub mod mapping;
mod plan;
pub mod ports;
mod quality;
mod remedy;
mod replay;
mod retention;
mod sync;

pub use accuracy::ScoreAudit;
pub use alerts::{AlertReport, DeliveryProblem, DeliveryReport};
pub use check::ConnectionCheck;
pub use engine::{Engine, Identity, Parts, Roster};
pub use entries::{EntryRefusal, ListedEntry, MAX_TEXT_CHARS, NewOverride, NewScore};
pub use error::EngineError;
pub use generate::GenerateRequest;
pub use history::figures_by_scoring;
pub use mapping::{MappingOverview, ProviderMapping};
pub use ports::{
    AccessEntry, AlertChanges, AlertRecord, Alerts, Ask, Attendant, Attribution, AuditLog, AuditNote, BooksLimits,
    ClientScope, CommittedPage, ConnectionUse, Courier, Credential, CredentialAge, Delivery, DeliveryError, DeliveryId,
    DeliveryOutcome, DueDelivery, Entries, Erased, Erasure, EventSample, Events, Facts, FakeCourier, Figures,
    InputsGone, Journal, KeptFacts, KeptSheet, LEASE_SECS, LeaseHolder, OpenPull, Provider, Pruned, PullEnd, PullId,
    RejectionCount, Retention, RunContext, Samples, Scope, Series, SheetSummary, Sheets, Skipped, StateSample, Store,
    StoreError, SyncRecord,
};
pub use quality::DataQuality;
pub use remedy::from_stored as stored_remedy;
pub use replay::{KeptProvider, SheetInputs};
pub use retention::{ErasedSource, ErasureReport};
pub use sync::{Progress, ProviderSync, SyncEvent, SyncReport, SyncRequest};

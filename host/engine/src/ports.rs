//! What the use cases need from outside: a provider to call, and a store.

mod alerts;
mod attendant;
mod audit;
mod courier;
mod entries;
mod events;
mod facts;
mod journal;
mod kept;
mod provider;
mod retention;
mod sheets;
mod store;

pub use alerts::{AlertChanges, AlertRecord, Alerts, Delivery, DeliveryId, DeliveryOutcome, DueDelivery};
pub use attendant::Attendant;
pub use audit::{Attribution, AuditLog, AuditNote};
pub use courier::{Courier, DeliveryError, FakeCourier};
pub use entries::Entries;
pub use events::Events;
pub use facts::Facts;
pub use journal::{ACCESS_ENTRIES, AccessEntry, ConnectionUse, Credential, CredentialAge, Journal};
pub use kept::KeptFacts;
pub(crate) use kept::Recording;
pub use provider::{Ask, Figures, Provider, RunContext};
pub use retention::{BooksLimits, Erased, Erasure, Pruned, Retention};
pub use sheets::{InputsGone, KeptSheet, SheetSummary, Sheets};
pub use store::{
    ClientScope, CommittedPage, EventSample, LEASE_SECS, LeaseHolder, OpenPull, PullEnd, PullId, RejectionCount,
    Samples, Scope, Series, Skipped, StateSample, Store, StoreError, SyncRecord,
};

//! What the use cases need from outside: a provider to call, and a store.

mod provider;
mod store;

pub use provider::{Provider, RunContext};
pub use store::{
    ClientScope, CommittedPage, EventSample, LEASE_SECS, LeaseHolder, OpenPull, PullEnd, PullId, RejectionCount,
    Samples, Scope, Series, StateSample, Store, StoreError, SyncRecord,
};

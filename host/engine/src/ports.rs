//! What the use cases need from outside: a provider to call, and a store.

mod provider;
mod store;

pub use provider::{Provider, RunContext};
pub use store::{
    ClientScope, CommittedPage, LEASE_SECS, LeaseHolder, OpenPull, PullEnd, PullId, RefSample, RejectionCount, Samples,
    Scope, Store, StoreError, SyncRecord,
};

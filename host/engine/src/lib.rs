//! The use cases: sync, map, generate, check; and the ports they need.
//!
//! What is behind the ports (wasmtime, SQL, HTTP) is not known here. Every use case
//! takes `now` from its caller, tells its progress through a callback, can be
//! cancelled, prints nothing and keeps no global state.

pub mod definition;
pub mod ports;

pub use ports::{
    ClientScope, CommittedPage, LeaseHolder, OpenPull, Provider, PullEnd, PullId, RefSample, RejectionCount,
    RunContext, Samples, Scope, Store, StoreError, SyncRecord,
};

//! For authors of metric providers in Rust.
//!
//! A provider is a type that implements [`Provider`]: a half that reads a source through a [`Host`], and a pure half
//! that turns observations into scores. [`export_provider!`] makes it a component where the target is WebAssembly and
//! does nothing elsewhere, so that a provider is one ordinary library, tested natively against
//! [`testing::ScriptedHost`].
//!
//! What stands here is what several providers need: requests and what their failures mean ([`fetch`]), pages of JSON
//! read without building a tree ([`json`]), cursors ([`paging`]), times ([`time`]), exact arithmetic ([`numbers`]), the
//! Beta distribution ([`beta`]), figures of the past ([`history`]) and settings ([`settings`]). Retry, rate limits,
//! credentials and caching are the host's.

pub mod beta;
/// Bindings of the world `metric-provider-with-history`, generated from wit/scoresheet.wit (CONTRIBUTING.md has the command).
/// They are checked in because generating them in each build takes most of the time that an author waits.
#[expect(
    missing_docs,
    unsafe_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated"
)]
pub mod bindings;
pub mod fetch;
pub mod history;
mod host;
pub mod json;
pub mod numbers;
pub mod paging;
mod provider;
pub mod settings;
pub mod stub;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
pub mod text;
pub mod time;

pub use bindings::accellis::scoresheet::{
    http::{HttpError, Method, Request, Response},
    run::Level,
    types::{
        CheckStep, ClientPage, ClientRef, Cursor, Description, Failure, Instant, Interval, Metric, Observation,
        ObservationPage, Outcome, Pair, Problem, Rejection, Sample, Score, Shortfall, SourceClient, Subject, When,
        Window,
    },
};
pub use bindings::exports::accellis::scoresheet::history::{Figure, Past, Period};
pub use host::{Host, Http, Imports, Run};
pub use provider::{Component, Provider, touches, unknown_metric};

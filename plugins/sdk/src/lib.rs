//! For authors of metric providers in Rust.
//!
//! A provider is a type that implements [`Provider`]: one half reads a source through a [`Host`], the other is pure and
//! turns observations into scores. Settings, kinds of observation and cursors are Rust types of the provider
//! ([`Settings`], [`Kind`], [`Provider::Cursor`]). [`export_provider!`] makes a component of it for WebAssembly targets
//! and does nothing elsewhere, so a provider is an ordinary library, tested natively with [`testing`].
//!
//! The other modules hold what several providers need: requests and what their failures mean ([`fetch`]), pages of JSON
//! read without building a tree ([`json`]), cursors ([`paging`]), times ([`time`]), exact arithmetic ([`numbers`]) and the
//! Beta distribution ([`beta`]). Retry, rate limits and credentials are the host's.

pub mod beta;
/// Bindings of the world `metric-provider`, generated from wit/scoresheet.wit (CONTRIBUTING.md has the command). They are
/// checked in because generating them in each build takes most of an author's build time.
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
mod component;
pub mod fetch;
mod host;
pub mod json;
mod kind;
pub mod numbers;
pub mod paging;
mod provider;
mod score;
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
        Case as CaseColumns, CheckStep, ClientRef, Cursor, Description, Failure, Instant, Interval, Metric,
        Observation, Outcome, Pair, Problem, Rejection, Score, Shortfall, SourceClient, Subject, When, Window,
    },
};
pub use component::Component;
pub use host::{Host, Http, Imports, Run};
pub use kind::Kind;
pub use provider::{ClientPage, ObservationPage, Provider, Spec, touches};
pub use score::{Case, Sample, ScoreRequest};
pub use settings::Settings;

//! The facade an embedder takes: configuration, wiring, views.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use scoresheet::{CancellationToken, Engine, SheetOptions, SyncOptions};
//! use scoresheet::report::{Format, Options};
//! use scoresheet::config::{Config, ConfigSource, ProcessEnvironment};
//!
//! let config = Config::load(ConfigSource::Path("scoresheet.toml".into()), &ProcessEnvironment)?;
//! let engine = Engine::builder(config).component_file("crewhu", "crewhu.wasm").open().await?;
//! let cancel = CancellationToken::new();
//! engine.sync(&SyncOptions::default(), &|event| println!("{event:?}"), &cancel).await?;
//! let sheet = engine.generate(&SheetOptions::default(), &cancel).await?;
//! Format::Json.write(&sheet, &Options::default(), &mut std::io::stdout())?;
//! # Ok(())
//! # }
//! ```
//!
//! It keeps no global state, prints nothing and never ends the process. Its errors say
//! what can be done: [`config::ConfigErrors`] and [`OpenError`] before anything is
//! touched, [`EngineError`] for a use case; what a source or a component fails at is in
//! the report or on the sheet, as a [`Problem`] with its remedy.

mod alerting;
mod builder;
mod clock;
mod components;
pub mod config;
mod entries;
mod error;
mod facade;
mod health;
mod info;
mod quality;
mod records;
mod replay;
mod traffic;
mod usage;
pub mod views;
mod wiring;

pub use alerting::AlertCheck;
pub use builder::{Builder, default_cache_dir};
pub use clock::{Clock, FixedClock, SystemClock};
pub use components::Components;
pub use error::{OpenError, SetupProblem};
pub use facade::{Engine, RosterReport, SheetOptions, SyncOptions};
pub use info::ProviderInfo;
pub use replay::{ReplayError, ReplayOutcome, Replayed};
pub use scoresheet_domain::{
    AuditBreak, AuditEntry, AuditVerdict, ChannelName, Client, ClientId, Digest, Entry, EntryKind, EntryState, Failure,
    Instant, MetricId, Month, Problem, ProblemKind, ProviderName, Remedy, SourceId, Window,
    alert::{self, Alert, AlertId},
    benchmark, compose, entry,
    mapping::{Decision, Rule, Verdict},
    review, roster,
    sheet::{self, OutcomeKind, Scoresheet},
    time::DAY_MS,
    trend,
};
pub use scoresheet_engine::{
    AccessEntry, AlertRecord, AlertReport, ClientCheck, ConnectionCheck, Courier, DeliveryError, DeliveryProblem,
    DeliveryReport, EngineError, EntryRefusal, ErasureReport, FakeCourier, InputsGone, KindCheck, ListedEntry,
    MAX_TEXT_CHARS, MappingOverview, NewOverride, NewScore, Progress, ProviderMapping, ProviderSync, RejectedValue,
    Roster, ScoreAudit, SheetSummary, Store, StoreError, SyncEvent, SyncReport,
    mapping::{self, ClientMapping},
};
pub use scoresheet_matching as matching;
pub use scoresheet_report as report;
pub use scoresheet_runtime::{Cleared, CodeFolder, CompiledCode, Limits};
pub use tokio_util::sync::CancellationToken;

//! The pure core: clients, windows, observations, outcomes, composing.
//!
//! Nothing here does I/O, reads a clock or waits: `now` and bytes come in as
//! arguments, so nothing here can fail for reasons outside its input.

pub mod alert;
pub mod audit;
pub mod benchmark;
pub mod client;
pub mod compose;
pub mod digest;
pub mod entry;
pub mod failure;
pub mod id;
pub mod mapping;
pub mod month;
pub mod observation;
pub mod outcome;
pub mod problem;
pub mod provider;
pub mod remedy;
pub mod review;
pub mod roster;
pub mod sheet;
pub mod shown;
pub mod time;
pub mod trend;

pub use audit::{AuditAction, AuditBreak, AuditEntry, AuditVerdict};
pub use client::{Client, SourceClient};
pub use digest::Digest;
pub use entry::{Entry, EntryKind, EntryState};
pub use failure::{Failure, SettingsProblem};
pub use id::{ChannelName, ClientId, InvalidId, MetricId, ProviderName, RecordId, RuleId, SourceId};
pub use month::Month;
pub use observation::{Case, ClientRef, Observation, ObservationPage, Rejection, Sample, Samples, Subject, When};
pub use outcome::{Figure, Interval, MetricOutcome, Score, Shortfall};
pub use problem::{Problem, ProblemKind};
pub use provider::{CheckStep, ClientPage, Cursor, Description, MetricDescription, ProviderSpec};
pub use remedy::Remedy;
pub use time::{Instant, Intervals, Window};

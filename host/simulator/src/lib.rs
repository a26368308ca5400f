//! A simulated CrewHu over real HTTP, for `demo` and for tests.
//!
//! - [`data`] makes a [`World`]: clients, their responses (dirty rows among them) and the MSP's own roster. It is pure,
//!   and the same options give the same bytes. A world also says what its rows *mean*, so that a test can compare an
//!   engine's arithmetic with figures that never went over the wire.
//! - [`server`] serves a world in CrewHu's `guide` dialect, its `open` dialect, or both: API key, company, permissions,
//!   pages, rate limit, latency. [`Server`] listens on a free loopback port; [`Api`] is the same without a listener.
//!
//! This crate is part of the release binary, so everything it serves is correct. The faults that tests need are in
//! `scoresheet-test-support`, which wraps [`Api::router`].

pub mod data;
pub mod server;

pub use data::{
    Expected, ExpectedSurveys, Meaning, Reason, ResponseType, RosterClient, Row, SimClient, Survey, SurveyMeaning, Tie,
    World, WorldOptions,
};
pub use server::{
    Api, Dialect, EditPage, Envelope, Page, Permission, Permissions, Server, SimulatorOptions, StartError,
};

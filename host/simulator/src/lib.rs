//! A stand-in for CrewHu over real HTTP, with faults on demand: for `demo` and for the tests.
//!
//! Two halves that know little of each other:
//! - [`data`] makes a [`World`]: clients, their answers, dirty rows among them, and the MSP's own
//!   roster. It is pure, and the same options give the same bytes. A world also tells what its rows
//!   *mean*, so that a test compares an engine's arithmetic with something that never read the wire.
//! - [`server`] serves a world on a free loopback port in CrewHu's `guide` dialect: bearer key,
//!   company, permissions, pages, a rate limit, latency, and [`Fault`]s down to a connection that is reset.
//!
//! What a client should make of all that is left to the client: nothing here retries, maps or scores.

pub mod data;
pub mod server;

pub use data::{Expected, Meaning, Reason, ResponseType, RosterClient, Row, SimClient, Tie, World, WorldOptions};
pub use server::{
    EchoedPage, Fault, FaultRule, LoggedRequest, Permissions, Server, SimulatorOptions, StartError, Times,
};

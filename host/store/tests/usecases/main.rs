//! The engine over a real store and a provider that does as it is told: what is on record after a sync that went
//! badly, what retention and an erasure leave, and what a clock that goes back does.

mod alerts;
mod clock;
mod entries;
mod erasing;
mod fake;
mod kinds;
mod mapping;
mod refused;
mod retention;
mod trends;

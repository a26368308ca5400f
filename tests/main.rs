//! The end-to-end tests, one binary. Each file is about one part of what users see.

mod alerts;
mod cli;
mod common;
mod contract;
mod cut;
mod docs;
mod engine;
mod entries;
mod faults;
mod golden;
mod mapping;
mod open_dialect;
mod run;
mod secrets;
mod sheets;
mod start;
mod trends;
mod trust;
mod views;

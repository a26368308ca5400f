//! The target `configuration` under libFuzzer; what it asserts stands in `src/configuration.rs`.

#![no_main]

#[path = "../src/configuration.rs"]
mod configuration;

libfuzzer_sys::fuzz_target!(|data: &[u8]| configuration::configuration(data));

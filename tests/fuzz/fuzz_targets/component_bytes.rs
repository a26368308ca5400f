//! The target `component_bytes` under libFuzzer; what it asserts stands in `src/component_bytes.rs`.

#![no_main]

#[path = "../src/component_bytes.rs"]
mod component_bytes;
#[path = "../src/guest.rs"]
mod guest;
#[path = "../src/memory.rs"]
mod memory;

libfuzzer_sys::fuzz_target!(|data: &[u8]| component_bytes::component_bytes(data));

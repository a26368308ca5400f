//! The target `path` under libFuzzer; what it asserts stands in `src/path.rs`.

#![no_main]

#[path = "../src/loopback.rs"]
mod loopback;
#[path = "../src/path.rs"]
mod path;

libfuzzer_sys::fuzz_target!(|data: &[u8]| path::path(data));

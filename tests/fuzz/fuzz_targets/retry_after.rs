//! The target `retry_after` under libFuzzer; what it asserts stands in `src/retry_after.rs`.

#![no_main]

#[path = "../src/loopback.rs"]
mod loopback;
#[path = "../src/retry_after.rs"]
mod retry_after;

libfuzzer_sys::fuzz_target!(|data: &[u8]| retry_after::retry_after(data));

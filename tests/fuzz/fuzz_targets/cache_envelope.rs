//! The target `cache_envelope` under libFuzzer; what it asserts stands in `src/cache_envelope.rs`.

#![no_main]

#[path = "../src/cache_envelope.rs"]
mod cache_envelope;

libfuzzer_sys::fuzz_target!(|data: &[u8]| cache_envelope::cache_envelope(data));

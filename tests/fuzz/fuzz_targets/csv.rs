//! The target `csv` under libFuzzer; what it asserts stands in `src/csv.rs`.

#![no_main]

#[path = "../src/csv.rs"]
mod csv;

libfuzzer_sys::fuzz_target!(|data: &[u8]| csv::csv(data));

//! The target `guest_output` under libFuzzer; what it asserts stands in `src/guest_output.rs`.

#![no_main]

#[path = "../src/answer.rs"]
mod answer;
#[path = "../src/guest.rs"]
mod guest;
#[path = "../src/guest_output.rs"]
mod guest_output;
#[path = "../src/memory.rs"]
mod memory;

libfuzzer_sys::fuzz_target!(|data: &[u8]| guest_output::guest_output(data));

//! The target `crewhu_page` under libFuzzer; what it asserts stands in `src/crewhu_page.rs`.

#![no_main]

#[path = "../src/crewhu_page.rs"]
mod crewhu_page;

libfuzzer_sys::fuzz_target!(|data: &[u8]| crewhu_page::crewhu_page(data));

//! The binary `scoresheet`.
fn main() {}

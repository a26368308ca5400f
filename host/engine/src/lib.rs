//! Ports only, while the use cases are rewritten.
pub mod ports;
pub use ports::*;

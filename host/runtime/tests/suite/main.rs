//! The runtime from the outside: one program, so that wasmtime is linked once.

mod bundle;
#[cfg(unix)]
mod cache;
mod common;
#[cfg(unix)]
mod compiler;
mod hostile;
mod http;
mod load;
mod sandbox;
mod usage;

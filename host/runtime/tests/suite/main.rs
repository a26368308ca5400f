//! The runtime from the outside: one program, so that wasmtime is linked once.

mod bundle;
#[cfg(unix)]
mod cache;
mod common;
mod hostile;
mod http;
mod load;
mod sandbox;

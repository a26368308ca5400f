//! The runtime from the outside: one program, so that wasmtime is linked once.

mod bundle;
#[cfg(unix)]
mod cache;
mod calls;
mod common;
mod compile_time;
mod damaged;
mod hostile;
mod http;
mod load;
mod network;
mod rust_guest;
mod sandbox;
mod usage;

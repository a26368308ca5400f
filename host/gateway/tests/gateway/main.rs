//! The gateway over real sockets on this machine: servers that fail in every way, clocks that do not wait.

mod addresses;
mod cache;
mod faults;
mod hostile;
mod journal;
mod limits;
mod origins;
mod policy;
mod recording;
mod retry;
mod secrets;
mod support;
mod tls;
mod versions;

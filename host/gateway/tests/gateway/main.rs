//! The gateway over real sockets on this machine: servers that fail in every way, clocks that do not wait.

mod addresses;
mod faults;
mod hostile;
mod journal;
mod limits;
mod policy;
mod recording;
mod retry;
mod retry_budget;
mod secrets;
mod support;
mod tls;
mod versions;

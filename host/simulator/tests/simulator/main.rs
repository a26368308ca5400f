//! The simulator as a client sees it, over real connections on the loopback interface.

mod access;
mod faults;
mod paging;
mod support;
mod wire;
mod world;

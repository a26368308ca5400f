//! The simulator as a client sees it, over real connections on the loopback interface.

mod access;
mod answers;
mod faults;
mod open;
mod paging;
mod rows;
mod support;
mod wire;
mod world;

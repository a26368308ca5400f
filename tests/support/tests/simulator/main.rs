//! The simulator and its faults as a client sees them, over real connections on the loopback interface.

mod access;
mod answers;
mod faults;
mod open;
mod paging;
mod rows;
mod support;
mod wire;

//! Generated worlds, and the server without faults. The server's details are tested with its faults, in
//! `scoresheet-test-support`.

mod server;
mod world;

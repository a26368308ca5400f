//! The command scoresheet.

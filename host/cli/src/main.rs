//! The binary `scoresheet`. Everything is in the library, so that it can be tested.

use std::process::ExitCode;

fn main() -> ExitCode {
    scoresheet_cli::main()
}

//! A compiler of components, for tests and for programs that cannot run themselves again: compiles the one component
//! that stands on standard input, under the limits that stand before it, and ends. See
//! [`scoresheet_runtime::Compiler`].

use std::{io, process::ExitCode};

fn main() -> ExitCode {
    scoresheet_runtime::compile_child::serve(io::stdin().lock(), io::stdout().lock())
}

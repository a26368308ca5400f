//! `cargo bench`: what the program costs beside the best plain Rust for the same work, each a ratio in one run.
//!
//! A run builds its own data and serves it from a process of its own over loopback. What is measured as a whole
//! process is started as one: this program again with a role (the server, the baselines), or `scoresheet` itself.
//! What each row measures stands in BENCHMARKS.md beside this file, and at the head of its module in `cases/`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people, that prints its results")]

mod args;
mod baseline;
mod cases;
mod compare;
mod data;
mod embed;
mod measure;
mod place;
mod report;
mod server;

use std::process::ExitCode;

/// What a part of this program fails with; it is told and ends the run.
type Failed = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failed> {
    match args::read()? {
        args::Asked::Help => {
            print!("{}", args::HELP);
            Ok(())
        }
        args::Asked::Bench(wanted) => {
            let mut report = report::Report::begin();
            for case in cases::ALL {
                if wanted.includes(case.id) {
                    eprintln!("{}: {} ...", case.id, case.what);
                    let began = std::time::Instant::now();
                    (case.run)(&wanted, &mut report.case(case))?;
                    eprintln!("{}: measured in {:.0} s", case.id, began.elapsed().as_secs_f64());
                }
            }
            print!("{report}");
            report.save(wanted.save.as_deref())
        }
        args::Asked::Role(role, rest) => match role.as_str() {
            "serve" => server::run(&rest),
            "compare" => compare::run(&rest),
            "measure" => measure::run(&rest),
            "native-sync" => baseline::sync::run(&rest),
            "native-read" => baseline::read::run(&rest),
            other => Err(format!("there is no role '{other}'").into()),
        },
    }
}

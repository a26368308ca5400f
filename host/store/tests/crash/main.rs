//! What a store is after the process that wrote to it was killed, ran out of room, or met another.
//!
//! This binary is the parent and, called with `child`, the process that is killed. The number of kills and their seed
//! may be given: `cargo test --release -p scoresheet-store --test crash -- kills=10000 seed=7 in=/dev/shm`.

mod child;
mod creating;
mod kills;
mod room;
mod support;
mod two;

use std::{
    io::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
};

use support::Options;

type Case = (&'static str, fn(&Options));

const CASES: [Case; 7] = [
    ("kills::at_random_lose_nothing_that_was_acknowledged", kills::at_random_lose_nothing_that_was_acknowledged),
    ("creating::killed_at_any_moment_leaves_nothing_or_a_store", creating::killed_at_any_moment),
    ("room::a_file_that_may_not_grow_keeps_what_was_acknowledged", room::a_file_that_may_not_grow),
    ("room::a_disk_that_is_full_keeps_what_was_acknowledged", room::a_disk_that_is_full),
    ("room::a_disk_that_became_read_only_is_told_as_such", room::a_disk_that_became_read_only),
    ("two::second_sync_is_refused", two::second_sync_is_refused),
    ("two::lock_of_a_killed_process_expires", two::lock_of_a_killed_process_expires),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, rest @ ..] = &arguments[..]
        && first == "child"
    {
        return child::main(rest);
    }
    let options = Options::read(&arguments);
    let mut out = std::io::stdout();
    if arguments.iter().any(|argument| argument == "--list") {
        for (name, _) in CASES {
            writeln!(out, "{name}: test").expect("somebody reads");
        }
        return ExitCode::SUCCESS;
    }
    let mut failed = false;
    for (name, case) in CASES.into_iter().filter(|(name, _)| options.chooses(name)) {
        let passed = catch_unwind(AssertUnwindSafe(|| case(&options))).is_ok();
        failed |= !passed;
        writeln!(out, "test {name} ... {}", if passed { "ok" } else { "FAILED" }).expect("somebody reads");
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

//! All cases again and again: nothing is left behind, neither a file nor memory.

use std::{fs, io::Write as _, process::Command, sync::Arc};

use super::{Ready, all, all_is_well, neighbour, runtime};

/// How many runs the usual tests make; `SCORESHEET_HOSTILE_RUNS` asks for another number.
const RUNS: usize = 300;

/// How many are under way at once.
const SIDE_BY_SIDE: usize = 8;

/// How much memory may have grown from the first half of the runs to the end: what allocators keep back varies.
const GROWTH: usize = 4 << 20;

#[expect(clippy::disallowed_methods, reason = "a test's parameter, which has no other way in")]
fn runs() -> usize {
    std::env::var("SCORESHEET_HOSTILE_RUNS").map_or(RUNS, |runs| runs.parse().expect("a number of runs"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test below, in a process where nothing else happens"]
async fn again_and_again() {
    let runtime = runtime();
    let mut ready = Vec::new();
    for case in all().into_iter().filter(super::Case::is_small) {
        ready.push(Ready::new(&runtime, case).await);
    }
    let (ready, neighbour) = (Arc::new(ready), neighbour(&runtime).await);
    let meet = async |from: usize, to: usize| {
        let mut tasks = tokio::task::JoinSet::new();
        for lane in 0..SIDE_BY_SIDE {
            let (ready, runtime) = (Arc::clone(&ready), runtime.clone());
            tasks.spawn(async move {
                for run in (from..to).skip(lane).step_by(SIDE_BY_SIDE) {
                    ready[run % ready.len()].meet(&runtime).await;
                }
            });
        }
        while let Some(task) = tasks.join_next().await {
            task.expect("each ended as it must");
        }
        all_is_well(&neighbour).await;
    };
    let runs = runs();
    meet(0, runs / 2).await;
    let (files, memory) = (open_files(), resident());
    meet(runs / 2, runs).await;
    let (files_after, memory_after) = (open_files(), resident());
    let figures = format!(
        "{runs} runs of {} cases: {files} files open after half of them and {files_after} at the end, {} and {} KiB resident",
        ready.len(),
        memory >> 10,
        memory_after >> 10
    );
    writeln!(std::io::stderr(), "{figures}").expect("somebody may read it");
    assert_eq!(files, files_after, "{figures}");
    assert!(memory_after < memory + GROWTH, "{figures}");
}

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").expect("a list of open files").count()
}

fn resident() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").expect("what the process uses");
    pages.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("a number of pages") * 4096
}

#[cfg(target_os = "linux")]
#[test]
fn many_runs_leave_nothing_behind() {
    let own = std::env::current_exe().expect("this test's program");
    let output = Command::new(own)
        .args(["--exact", "hostile::endless_runs::again_and_again", "--ignored", "--nocapture"])
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

//! What a piece of work or a process costs: wall time, CPU time, the most memory it had.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::resource::{UsageWho, getrusage},
    time::{ClockId, clock_gettime},
};
use serde::{Deserialize, Serialize};

use crate::Failed;

/// What a process cost.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// From its start to its end, in seconds.
    pub(crate) wall_s: f64,
    /// In all its threads, user and system, in seconds.
    pub(crate) cpu_s: f64,
    /// The most memory it had in use (resident), in MiB.
    pub(crate) peak_mib: f64,
}

/// Runs a program to its end and measures it as a whole. What it prints is dropped; where it fails, that is told.
pub(crate) fn process(command: &Command) -> Result<Cost, Failed> {
    // Of a process that is gone only its parent can tell the peak, and only the largest of all its children: so each
    // has a parent of its own, small enough to be smaller than its child.
    let output = Command::new(std::env::current_exe()?)
        .args(["--role", "measure"])
        .arg(command.get_program())
        .args(command.get_args())
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .current_dir(command.get_current_dir().unwrap_or(".".as_ref()))
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{:?} failed: {}", command.get_program(), told.trim_end()).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The role `measure PROGRAM ARGUMENT...`: prints what it cost as JSON.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failed> {
    let [program, arguments @ ..] = arguments else { return Err("measure wants a program".into()) };
    let began = Instant::now();
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status()?;
    let wall_s = began.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    if !status.success() {
        return Err(status.to_string().into());
    }
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    let cost = Cost {
        wall_s,
        cpu_s: seconds(usage.user_time()) + seconds(usage.system_time()),
        peak_mib: usage.max_rss() as f64 / 1024.0,
    };
    println!("{}", serde_json::to_string(&cost)?);
    Ok(())
}

/// CPU time of this process so far, in all threads.
pub(crate) fn cpu() -> Result<Duration, Failed> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}

/// The middle of several measurements.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        count if count.is_multiple_of(2) => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
        count => sorted[count / 2],
    }
}

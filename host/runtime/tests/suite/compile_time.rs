//! Which components are refused because they would take too long to compile, and what the worst accepted ones take.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement run by hand: it takes parameters and prints figures"
)]

mod encode;
mod shapes;

use std::{
    process::{Command, Stdio},
    time::Instant,
};

use scoresheet_runtime::{LoadError, Runtime, RuntimeOptions};
use shapes::{SHAPES, Shape};

use crate::common::options;

fn runtime(max_compile_secs: u32) -> Runtime {
    Runtime::new(RuntimeOptions { max_compile_secs, ..options() }).expect("a runtime")
}

fn shape(name: &str) -> &'static Shape {
    SHAPES.iter().find(|shape| shape.name == name).expect("a shape of this name")
}

/// Whether the estimate lets a component through, found without compiling it: its last export names an instance that is
/// not there, which only wasmtime notices.
async fn accepted(runtime: &Runtime, mut bytes: Vec<u8>) -> bool {
    let index = bytes.len() - 2;
    bytes[index] = 9;
    match runtime.load(bytes).await.expect_err("invalid or too complex") {
        LoadError::Invalid(_) => true,
        LoadError::TooComplex(_) => false,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn slow_to_compile_is_refused_before_compiling() {
    let runtime = runtime(20);
    for (name, size) in [
        ("tiny functions", 300_000),
        ("loads", 200_000),
        ("calls", 500_000),
        ("wide calls", 400),
        ("indirect calls", 30_000),
        ("wide conditions", 200),
        ("wide branch tables", 40),
        ("branches", 60_000),
        ("nested loops", 30_000),
        ("stack over loops", 8_000),
        ("locals set in conditions", 800),
        ("locals set in a table", 8_000),
        ("50,000 locals in many functions", 5_000),
        ("different types", 100_000),
        ("exported wide functions", 2_000),
        ("doubled instances", 40),
        ("sparse data in many memories", 9),
        ("large tables", 65),
    ] {
        let bytes = (shape(name).build)(size);
        assert!(!accepted(&runtime, bytes).await, "{name}");
        assert!(accepted(&runtime, (shape(name).build)(1)).await, "{name} of size 1");
    }
}

#[tokio::test]
async fn raised_limit_accepts_what_the_default_refuses() {
    let bytes = (shape("loads").build)(200_000);
    let refused = runtime(20).load(bytes.clone()).await.expect_err("too long").to_string();
    assert_eq!(
        refused,
        "the component would take too long to compile: function 0 of a module would take about 6 s, and one function may \
         take 3 s; split the function, or raise max_compile_secs in [runtime] to 33"
    );
    assert!(accepted(&runtime(33), bytes).await);
    let many = runtime(20).load((shape("tiny functions").build)(200_000)).await.expect_err("too long").to_string();
    assert_eq!(
        many,
        "the component would take too long to compile: it would take about 29 s, and 20 s are allowed; remove code that \
         is not used, or raise max_compile_secs in [runtime] to 29"
    );
}

#[tokio::test]
async fn larger_than_the_limit_is_refused() {
    let runtime = Runtime::new(RuntimeOptions { max_component_mib: 1, ..options() }).expect("a runtime");
    let refused = runtime.load((shape("data").build)(1 << 20)).await.expect_err("too large").to_string();
    assert!(
        refused.contains("more than the 1 MiB allowed") && refused.contains("raise max_component_mib"),
        "{refused}"
    );
}

/// Prints what the largest accepted component of each shape takes, each in a process of its own. `SHAPE` selects one.
#[ignore = "takes minutes: run it on a quiet machine with --ignored --nocapture after a change of wasmtime or of a limit"]
#[tokio::test]
async fn worst_accepted_components_stay_within_20_s_and_1_gb() {
    let wanted = std::env::var("SHAPE").ok();
    let runtime = runtime(20);
    let mut exceeded = Vec::new();
    for shape in SHAPES.iter().filter(|shape| wanted.as_deref().is_none_or(|wanted| wanted == shape.name)) {
        let (mut low, mut high) = (1, 2);
        while high < 400_000 && accepted(&runtime, (shape.build)(high)).await {
            (low, high) = (high, high * 2);
        }
        while high - low > low / 16 + 1 {
            let middle = low.midpoint(high);
            if accepted(&runtime, (shape.build)(middle)).await { low = middle } else { high = middle }
        }
        let child = Command::new(std::env::current_exe().expect("a path"))
            .args(["--ignored", "--exact", "compile_time::compile_one", "--nocapture"])
            .envs([("SHAPE", shape.name), ("SIZE", &low.to_string())])
            .stderr(Stdio::inherit())
            .output()
            .expect("it runs");
        let output = String::from_utf8_lossy(&child.stdout);
        let figures = output.lines().find_map(|line| line.split_once("figures ")).expect("figures").1;
        println!("{:<34} {low:>7} {figures}", shape.name);
        let mut numbers = figures.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
        let (secs, mib) = (numbers.next().expect("seconds"), numbers.nth(1).expect("MiB"));
        if secs > 20.0 || mib > 1024.0 {
            exceeded.push(shape.name);
        }
    }
    assert!(exceeded.is_empty(), "{exceeded:?}");
}

/// The measured child process of the test above; by hand, `SHAPE` may also be the path of a component.
#[cfg(target_os = "linux")]
#[ignore = "started by worst_accepted_components_stay_within_20_s_and_1_gb"]
#[tokio::test]
async fn compile_one() {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let bytes = match variable("SIZE").parse() {
        Ok(size) => (shape(&variable("SHAPE")).build)(size),
        Err(_) => std::fs::read(variable("SHAPE")).expect("a file"),
    };
    let (len, start) = (bytes.len(), Instant::now());
    let result = runtime(3600).load(bytes).await;
    let wall = start.elapsed().as_secs_f64();
    // Linked only after it was compiled.
    assert!(matches!(result, Ok(_) | Err(LoadError::Link { .. } | LoadError::Describe(_))), "{result:?}");
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let ticks = stat.rsplit(')').next().expect("fields").split_whitespace().skip(11).take(2);
    let cpu = ticks.map(|ticks| ticks.parse::<f64>().expect("ticks")).sum::<f64>() / 100.0;
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    let mib = peak.trim().trim_end_matches(" kB").parse::<u64>().expect("kB") / 1024;
    println!("figures {wall:.2} s wall, {cpu:.2} s CPU, {mib} MiB peak, {len} bytes");
}

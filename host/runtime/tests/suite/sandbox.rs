//! What a component's standard library finds: nothing, and always the same.

use crate::common::{Guest, configured, image, run, score_request};
use scoresheet_domain::{Failure, Instant, MetricOutcome};
use scoresheet_engine::{Provider, RunContext};
use scoresheet_runtime::{Limits, Runtime, RuntimeOptions};

const IMPORTS: &str = "
    import wasi:cli/environment@0.2.0; import wasi:cli/stderr@0.2.0; import wasi:cli/exit@0.2.0;
    import wasi:clocks/wall-clock@0.2.0; import wasi:random/random@0.2.0; import wasi:filesystem/preopens@0.2.0;";

const PACKAGES: &str = "
    package wasi:io@0.2.0 {
      interface error { resource error; }
      interface streams {
        use error.{error};
        variant stream-error { last-operation-failed(error), closed }
        resource output-stream { blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>; }
      }
    }
    package wasi:cli@0.2.0 {
      interface environment { get-environment: func() -> list<tuple<string, string>>; get-arguments: func() -> list<string>; }
      interface stderr { use wasi:io/streams@0.2.0.{output-stream}; get-stderr: func() -> output-stream; }
      interface exit { exit: func(status: result); }
    }
    package wasi:clocks@0.2.0 {
      interface wall-clock { record datetime { seconds: u64, nanoseconds: u32 } now: func() -> datetime; }
    }
    package wasi:random@0.2.0 { interface random { get-random-u64: func() -> u64; } }
    package wasi:filesystem@0.2.0 {
      interface types { resource descriptor; }
      interface preopens { use types.{descriptor}; get-directories: func() -> list<tuple<descriptor, string>>; }
    }";

const CORE: &str = r#"
    (import "wasi:cli/environment@0.2.0" "get-environment" (func $environment (param i32)))
    (import "wasi:cli/environment@0.2.0" "get-arguments" (func $arguments (param i32)))
    (import "wasi:filesystem/preopens@0.2.0" "get-directories" (func $directories (param i32)))
    (import "wasi:clocks/wall-clock@0.2.0" "now" (func $clock (param i32)))
    (import "wasi:random/random@0.2.0" "get-random-u64" (func $random (result i64)))
    (import "wasi:cli/exit@0.2.0" "exit" (func $exit (param i32)))"#;

fn guest() -> Guest {
    let mut guest = Guest::new();
    guest.imports = IMPORTS;
    guest.packages = PACKAGES;
    guest.extra = CORE.to_owned();
    guest
}

/// Runs a body as `check`; it gives no steps where the body ends well.
async fn check(body: &str, run: &RunContext) -> Result<(), Failure> {
    let mut guest = guest();
    guest.check = format!("{body} i32.const 64");
    let provider = configured(guest.build()).await.instance(None, Limits::default());
    provider.check(run).await.map(|steps| assert!(steps.is_empty()))
}

#[tokio::test]
async fn there_is_no_environment_no_argument_and_no_folder() {
    for import in ["$environment", "$arguments", "$directories"] {
        let body = format!("(call {import} (i32.const 0)) (if (i32.load (i32.const 4)) (then unreachable))");
        assert_eq!(check(&body, &run()).await, Ok(()), "{import}");
    }
}

#[tokio::test]
async fn the_clock_stands_at_the_runs_beginning() {
    let run = run();
    let seconds = run.now.millis() / 1000;
    let body = format!(
        "(call $clock (i32.const 0)) (if (i64.ne (i64.load (i32.const 0)) (i64.const {seconds})) (then unreachable))"
    );
    assert_eq!(check(&body, &run).await, Ok(()));
    let later = RunContext { now: run.now.plus_days(1), ..run };
    assert!(check(&body, &later).await.is_err());
}

#[tokio::test]
async fn randomness_comes_from_a_fixed_seed() {
    // The first eight bytes of SHA-256 over four zero bytes, and the next.
    let body = "(if (i64.ne (call $random) (i64.const 0xdf3f619804a92fdb)) (then unreachable))
                (if (i64.ne (call $random) (i64.const 0x4057192dc43dd748)) (then unreachable))";
    assert_eq!(check(body, &run()).await, Ok(()));
}

#[tokio::test]
async fn ending_itself_is_a_failure() {
    let failure = check("(call $exit (i32.const 1)) unreachable", &run()).await.expect_err("it ended itself");
    assert_eq!(failure, Failure::Component("it ended itself with status 1".into()));
}

#[tokio::test]
async fn a_panics_text_reaches_the_error() {
    let mut guest = guest();
    let text = b"thread 'main' panicked at src/lib.rs:7:9:\n\x1b[31mno such month\nnote: run with `RUST_BACKTRACE=1`\n";
    let address = guest.image.place(text);
    guest.extra.push_str(
        r#"(import "wasi:cli/stderr@0.2.0" "get-stderr" (func $stderr (result i32)))
           (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
             (func $write (param i32 i32 i32 i32)))"#,
    );
    guest.check = format!(
        "(call $write (call $stderr) (i32.const {address}) (i32.const {}) (i32.const 0)) unreachable",
        text.len()
    );
    let provider = configured(guest.build()).await.instance(None, Limits::default());
    let failure = provider.check(&run()).await.expect_err("it panics");
    assert_eq!(
        failure,
        Failure::Component("it panicked: thread 'main' panicked at src/lib.rs:7:9: no such month".into())
    );
}

#[tokio::test]
async fn scoring_does_not_see_when_it_runs() {
    let mut guest = guest();
    let measured = image::measured(&mut guest.image, 3.0);
    // The clock shows 1970, whatever the run's own time and the cases' windows.
    guest.score = format!(
        "(call $clock (i32.const 0)) (if (i64.ne (i64.load (i32.const 0)) (i64.const 0)) (then unreachable))
         i32.const {measured}"
    );
    let provider = configured(guest.build()).await.instance(None, Limits::default());
    for now in ["2026-11-01", "2031-01-01"] {
        let run = RunContext { now: Instant::parse(now).expect("a date"), ..run() };
        let outcomes = provider.score(&run, score_request(1)).await.expect("a score");
        assert!(matches!(&outcomes[0], MetricOutcome::Measured(score) if score.score == 3.0));
    }
}

#[tokio::test]
#[ignore = "run by the test below, in a process with little address space"]
async fn works_where_there_is_little_room() {
    let component = Runtime::new(RuntimeOptions::default()).expect("a runtime").load(Guest::new().build()).await;
    assert_eq!(component.expect("it loads").spec().id, "by-hand");
}

#[cfg(target_os = "linux")]
#[test]
fn little_address_space_is_borne() {
    let own = std::env::current_exe().expect("this test's program");
    let output = std::process::Command::new("sh")
        .args(["-c", r#"ulimit -v 4000000 && exec "$0" --exact sandbox::works_where_there_is_little_room --ignored"#])
        .arg(own)
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

//! Compiling in a process of its own: what it gives, and how each way in which it can end is told.

use std::{path::Path, sync::Arc, time::Duration};

use scoresheet_bundle::components;
use scoresheet_engine::Provider;
use scoresheet_runtime::{Compiler, LoadError, Quarantine, Runtime, RuntimeOptions};

use crate::common::{Guest, options, run};

/// A real compiler with the usual limits.
fn compiler() -> Compiler {
    Compiler::new(env!("CARGO_BIN_EXE_scoresheet-compile"), [] as [&str; 0])
}

/// A program that does as a shell script says.
fn script(script: &str) -> Compiler {
    Compiler::new("/bin/sh", ["-c", script])
}

/// Greets as a compiler does, and then does as a shell script says.
fn greeting(then: &str) -> Compiler {
    script(&format!("printf scoresheet-comp1; {then}"))
}

fn runtime(compiler: Compiler, cache_dir: Option<&Path>) -> Runtime {
    let cache_dir = cache_dir.map(Path::to_owned);
    Runtime::new(RuntimeOptions { compiler: Some(compiler), cache_dir, ..options() }).expect("a runtime")
}

/// Takes a while to compile: so many additions one after the other, in functions that no complexity stands out of.
fn long(additions: usize) -> Vec<u8> {
    let mut guest = Guest::new();
    let addition = "(local.set 0 (i32.mul (i32.add (local.get 0) (local.get 1)) (local.get 1)))";
    guest.extra =
        format!("(func (export \"long\") (param i32 i32) (result i32) {} (local.get 0))", addition.repeat(additions));
    guest.imports = "export long: func(a: u32, b: u32) -> u32;";
    guest.build()
}

async fn refused(compiler: Compiler, bytes: Vec<u8>) -> LoadError {
    runtime(compiler, None).load(bytes).await.expect_err("it must be refused")
}

#[tokio::test]
async fn what_another_process_compiles_runs_here_and_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut guest = Guest::new();
    guest.check = "i32.const 64".into();
    let bytes = guest.build();
    let runtime = runtime(compiler(), Some(folder.path()));
    for from_cache in [false, true] {
        let component = runtime.load(bytes.clone()).await.expect("it loads");
        assert_eq!(component.from_cache(), from_cache);
        let provider = component.instance(None, scoresheet_runtime::Limits::default());
        assert_eq!(provider.check(&run(), "{}").await, Ok(Vec::new()));
    }
    assert!(runtime.quarantine().expect("with a cache").list().expect("readable").is_empty());
}

#[tokio::test]
async fn both_ways_of_compiling_give_code_for_either() {
    let (folder, bytes) = (tempfile::tempdir().expect("a folder"), Guest::new().build());
    let here =
        Runtime::new(RuntimeOptions { cache_dir: Some(folder.path().to_owned()), ..options() }).expect("a runtime");
    assert!(!here.load(bytes.clone()).await.expect("it loads").from_cache());
    // A compiler that cannot be started would be told, were it asked.
    let there = runtime(Compiler::new("/nonexistent", [] as [&str; 0]), Some(folder.path()));
    assert!(there.load(bytes).await.expect("it loads").from_cache());
}

#[tokio::test]
async fn real_components_compile_within_the_usual_limits() {
    let runtime = runtime(compiler(), None);
    for bundled in components() {
        let component = runtime.load(bundled.bytes).await.expect(bundled.name);
        assert_eq!(component.description().id, bundled.name);
    }
}

#[tokio::test]
async fn an_invalid_component_is_told_as_in_this_process_and_not_put_in_quarantine() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = runtime(compiler(), Some(folder.path()));
    // A wrong index in the middle: well-formed to a parser, and refused by validation.
    let mut guest = Guest::new();
    guest.check = "i32.const 64".into();
    let bytes = guest.build();
    let mut refusals = 0;
    for index in (bytes.len() / 4..bytes.len()).step_by(41) {
        let mut wrong = bytes.clone();
        wrong[index] ^= 0x55;
        let here = crate::common::runtime().load(wrong.clone()).await.map_err(|error| error.to_string());
        let there = runtime.load(wrong).await.map_err(|error| error.to_string());
        assert_eq!(here.as_ref().err(), there.as_ref().err(), "byte {index}");
        refusals += usize::from(here.is_err());
    }
    assert!(refusals > 5, "{refusals} refusals try nothing");
    assert!(Quarantine::at(folder.path()).list().expect("readable").is_empty());
}

#[tokio::test]
async fn computing_is_bounded_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = long(600_000);
    let runtime = runtime(Compiler { cpu_secs: 1, ..compiler() }, Some(folder.path()));
    let now = scoresheet_domain::Instant::parse("2026-11-01").expect("a date");
    let refused = runtime.load_at(bytes.clone(), now).await.expect_err("too long");
    assert!(matches!(&refused, LoadError::TooComplex(_)), "{refused}");
    assert!(refused.to_string().contains("the compiler was stopped after 1 s of computing"), "{refused}");

    // Once is enough, also for another process, and until it is released.
    let another = self::runtime(compiler(), Some(folder.path()));
    let told = another.load(bytes.clone()).await.expect_err("in quarantine").to_string();
    assert!(
        told.starts_with("the component is in quarantine since 2026-11-01T00:00:00Z: the component would take"),
        "{told}"
    );
    let digest = scoresheet_domain::Digest::of(&bytes);
    assert!(told.ends_with(&format!("`scoresheet provider release {digest}` lets it be tried again")), "{told}");
    let quarantine = another.quarantine().expect("with a cache");
    let listed = quarantine.list().expect("readable");
    assert_eq!((listed[0].digest, listed[0].since, listed[0].bytes), (digest, Some(now), bytes.len() as u64));
    assert!(quarantine.release(digest).expect("released"));
    let again = self::runtime(Compiler { cpu_secs: 1, ..compiler() }, Some(folder.path()));
    assert!(matches!(again.load(bytes).await, Err(LoadError::TooComplex(_))), "it is tried again");
}

#[tokio::test]
async fn memory_is_bounded_and_told() {
    let refused = refused(Compiler { memory_mib: 150, ..compiler() }, long(600_000)).await;
    assert!(matches!(&refused, LoadError::CompilerMemory { allowed_mib: 150 }), "{refused}");
    assert!(refused.to_string().contains("more than 150 MiB to compile"), "{refused}");
}

#[tokio::test]
async fn a_crash_is_told_and_remembered() {
    for (how, expected) in [
        ("kill -SEGV $$", "it was ended by SIGSEGV"),
        (
            "echo 'thread main panicked at x.rs' >&2; kill -ABRT $$",
            "it was ended by SIGABRT: thread main panicked at x.rs",
        ),
        ("kill -KILL $$", "it was ended by SIGKILL, as a system does that runs out of memory"),
        ("exit 101", "it gave no answer (exit status: 101)"),
        (r"printf '\0\377\0\0\0\0\0\0\0half'", "it gave no answer (exit status: 0)"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = runtime(greeting(how), Some(folder.path()));
        let bytes = Guest::new().build();
        let refused = runtime.load(bytes.clone()).await.expect_err("it crashed");
        assert!(matches!(&refused, LoadError::CompilerCrashed(_)), "{refused}");
        assert_eq!(refused.to_string(), format!("the compiler crashed over the component: {expected}"));
        assert!(matches!(runtime.load(bytes).await, Err(LoadError::Quarantined { since: None, .. })), "{how}");
    }
}

#[tokio::test]
async fn what_is_not_the_components_fault_condemns_nothing() {
    for (compiler, expected) in [
        (script("echo 'Usage: something else'; exit 2"), "it does not answer as one (exit status: 2)"),
        (script("echo 'no such option' >&2; exit 2"), "(exit status: 2) no such option"),
        (script("kill -SEGV $$"), "it does not answer as one (signal: 11 (SIGSEGV)"),
        (greeting("kill -TERM $$"), "the compiler was ended from outside by SIGTERM"),
        // Not SIGINT or SIGHUP: whoever runs the tests in the background has them ignored, and so has the shell then.
        (greeting("kill -PIPE $$"), "the compiler was ended from outside by SIGPIPE"),
        (greeting(r"printf '\2\3\0\0\0\0\0\0\0old'"), "cannot use /bin/sh as a compiler: old"),
        (greeting(r"printf '\0\3\0\0\0\0\0\0\0odd'"), "what the compiler gave does not fit"),
        (
            Compiler::new("/nonexistent/compiler", [] as [&str; 0]),
            "cannot start /nonexistent/compiler as a compiler: No such",
        ),
        (Compiler::new("sh", [] as [&str; 0]), "cannot start sh as a compiler: its path must be absolute"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let refused = runtime(compiler, Some(folder.path())).load(Guest::new().build()).await.expect_err(expected);
        assert!(matches!(&refused, LoadError::Host(_)), "{refused}");
        assert!(refused.to_string().contains(expected), "{refused}\nshould say\n{expected}");
        assert!(Quarantine::at(folder.path()).list().expect("readable").is_empty(), "{expected}");
    }
}

#[tokio::test]
async fn another_version_is_found_out() {
    // Asks the real compiler for code that fits something else.
    let program = env!("CARGO_BIN_EXE_scoresheet-compile");
    let another =
        script(&format!("(head -c 25; printf ffffffffffffffffffffffffffffffff; tail -c +33) | exec {program}"));
    let refused = refused(another, Guest::new().build()).await;
    assert!(matches!(&refused, LoadError::Host(_)), "{refused}");
    assert!(refused.to_string().contains("it is another version of this program"), "{refused}");
}

#[tokio::test]
async fn the_environment_is_empty_and_the_folder_is_the_root() {
    let shown = refused(script("env; pwd"), Guest::new().build()).await.to_string();
    assert!(shown.contains("does not answer as one"), "{shown}");
    // What it prints is no answer; so it prints on standard error, which is told.
    let shown = refused(script("{ env; pwd; } >&2"), Guest::new().build()).await.to_string();
    assert!(shown.contains("RAYON_NUM_THREADS=") && shown.contains("MALLOC_ARENA_MAX=2"), "{shown}");
    assert!(!shown.contains("HOME=") && !shown.contains("CARGO"), "{shown}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_process_takes_its_limits_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (program, limits) = (env!("CARGO_BIN_EXE_scoresheet-compile"), folder.path().join("limits"));
    // Looks at the compiler while it works.
    let watched = script(&format!(
        "exec 3<&0; {program} <&3 & tries=0
         until grep -q 'Max cpu time  *7 ' /proc/$!/limits || [ $tries -gt 2000 ]; do tries=$((tries+1)); done
         cat /proc/$!/limits > {}; wait $!",
        limits.display()
    ));
    let compiler = Compiler { cpu_secs: 7, memory_mib: 1500, ..watched };
    runtime(compiler, None).load(long(100_000)).await.expect("it loads");
    let limits = std::fs::read_to_string(limits).expect("they were seen");
    for (name, expected) in [
        ("Max cpu time", ["7", "8"]),
        ("Max address space", ["1572864000", "1572864000"]),
        ("Max core file size", ["0", "0"]),
        ("Max file size", ["0", "0"]),
        ("Max open files", ["3", "3"]),
    ] {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        assert_eq!(line.split_whitespace().take(2).collect::<Vec<_>>(), expected, "{name}");
    }
}

#[tokio::test]
async fn the_wait_is_bounded_and_the_process_goes_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let pid = folder.path().join("pid");
    let sleeps = greeting(&format!("echo $$ > {0}.new; mv {0}.new {0}; exec sleep 600", pid.display()));
    let options = RuntimeOptions { compiler: Some(sleeps), compile_secs: 1, cache_dir: None, ..options() };
    let runtime = Arc::new(Runtime::new(options).expect("a runtime"));
    let refused = runtime.load(Guest::new().build()).await.expect_err("it never ends");
    assert!(matches!(&refused, LoadError::Host(_)), "{refused}");
    assert!(refused.to_string().contains("the compiler was not done after 1 s"), "{refused}");
    gone(&pid).await;

    // The same where nobody waits any more.
    let _ = std::fs::remove_file(&pid);
    let waits = tokio::spawn({
        let runtime = Arc::clone(&runtime);
        async move { runtime.load(Guest::new().build()).await.map(|_| ()) }
    });
    while !pid.exists() && !waits.is_finished() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    waits.abort();
    let _ = waits.await;
    gone(&pid).await;
}

/// Waits until the process whose number stands in the file has been ended and waited for.
async fn gone(pid: &Path) {
    let Ok(pid) = std::fs::read_to_string(pid) else { panic!("it never began") };
    let process = Path::new("/proc").join(pid.trim());
    let waited = async {
        while process.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waited).await.expect("it is gone");
}

//! Why a guest was stopped, in words.
//!
//! wasmtime says how the machine stopped; what an operator needs is which limit was
//! reached, or what the component said as it panicked.

use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

use crate::{limits::Limits, text};

/// Why the host itself stopped a guest. Travels through wasmtime as an error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// It asked for more memory than it may have.
    #[error("it ran out of memory: it asked for {asked_mib} MiB, and {allowed_mib} MiB are allowed")]
    OutOfMemory { asked_mib: u64, allowed_mib: u64 },
    /// It asked for a table larger than it may have.
    #[error("it asked for a table of {asked} elements, and {allowed} are allowed")]
    TableTooLarge { asked: u64, allowed: u64 },
    /// It used an import where there is none.
    #[error("it called {0}: spec, describe and score are pure, and http and run are not there for them")]
    Impure(&'static str),
}

/// Why a guest stopped, for a sentence that begins "the component failed:".
pub(crate) fn reason(error: &wasmtime::Error, stderr: &str, limits: &Limits) -> String {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return refusal.to_string();
    }
    if let Some(I32Exit(status)) = error.downcast_ref::<I32Exit>() {
        return match last_words(stderr) {
            Some(words) => format!("it ended itself with status {status}: {words}"),
            None => format!("it ended itself with status {status}"),
        };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => format!("it computed for longer than {} s and was stopped", limits.compute_secs),
        Some(Trap::StackOverflow) => "its call stack overflowed".to_owned(),
        Some(Trap::UnreachableCodeReached) => match last_words(stderr) {
            Some(words) => format!("it panicked: {words}"),
            None => "it panicked without a word (an unreachable instruction)".to_owned(),
        },
        Some(trap) => {
            let trap = trap.to_string();
            format!("it trapped: {}", trap.strip_prefix("wasm trap: ").unwrap_or(&trap))
        }
        None => {
            let root = error.root_cause().to_string();
            if root.contains("fuel allocated for hostcalls has been exhausted") {
                format!("it gave more than {} MiB in one go", limits.answer_bytes >> 20)
            } else {
                text::line(&root, 500)
            }
        }
    }
}

/// The lines about a panic in what was written to standard error, or else the last ones.
fn last_words(stderr: &str) -> Option<String> {
    let lines: Vec<&str> = stderr
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("note: run with `RUST_BACKTRACE"))
        .collect();
    let first = lines.iter().rposition(|line| line.contains("panicked at")).unwrap_or(lines.len().saturating_sub(3));
    let words = text::line(&lines[first..].iter().take(4).copied().collect::<Vec<_>>().join(" "), 400);
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_found_among_other_lines() {
        let stderr = "debug: 1\n\nthread '<unnamed>' (1) panicked at src/lib.rs:3:5:\nindex \u{1b}[31mout\u{1b}[0m of bounds\n\
                      note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";
        assert_eq!(
            last_words(stderr).as_deref(),
            Some("thread '<unnamed>' (1) panicked at src/lib.rs:3:5: index out of bounds")
        );
        assert_eq!(last_words("a\nb\nc\nd\n").as_deref(), Some("b c d"));
        assert_eq!(last_words("\n"), None);
    }

    #[test]
    fn each_stop_has_its_words() {
        let limits = Limits::default();
        let reason = |error: wasmtime::Error, stderr: &str| reason(&error, stderr, &limits);
        assert_eq!(reason(Trap::Interrupt.into(), ""), "it computed for longer than 30 s and was stopped");
        assert_eq!(reason(Trap::StackOverflow.into(), ""), "its call stack overflowed");
        assert_eq!(reason(Trap::MemoryOutOfBounds.into(), "ignored"), "it trapped: out of bounds memory access");
        assert_eq!(reason(Trap::UnreachableCodeReached.into(), "boom"), "it panicked: boom");
        assert_eq!(
            reason(wasmtime::Error::new(I32Exit(3)).context("while calling"), ""),
            "it ended itself with status 3"
        );
        let refused =
            wasmtime::Error::new(Refusal::OutOfMemory { asked_mib: 65, allowed_mib: 64 }).context("in a frame");
        assert_eq!(reason(refused, ""), "it ran out of memory: it asked for 65 MiB, and 64 MiB are allowed");
        assert_eq!(reason(wasmtime::format_err!("odd\n\u{1b}[1mthing"), ""), "odd thing");
    }
}

//! The binary `scoresheet`. Everything is in the library, so that it can be tested.

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    limit_arenas();
    scoresheet_cli::main()
}

/// Threads get arenas of their own from glibc's allocator, and each keeps what was given back to it: of a sync of a
/// million answers, a tenth. So many serve two processors hardly more slowly.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the setting is a C function")]
fn limit_arenas() {
    const ARENAS: libc::c_int = 3;
    // SAFETY: it sets a number, and there is no other thread yet. Where it is refused, there are more arenas.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, ARENAS) };
}

//! The log on stderr: `-v`, `-vv` and `RUST_LOG`.

use tracing_subscriber::{EnvFilter, fmt};

/// Begins to log. Without `-v` and `RUST_LOG`, only what a person should not miss. Colour only on a terminal, and not where it is `plain`.
pub(crate) fn start(verbose: u8, quiet: bool, rust_log: Option<String>, plain: bool) {
    let default = match (quiet, verbose) {
        (true, _) => "error",
        (false, 0) => "error",
        (false, 1) => {
            "warn,scoresheet=info,scoresheet_engine=info,scoresheet_gateway=info,scoresheet_runtime=info,scoresheet_store=info"
        }
        (false, _) => {
            "info,scoresheet=debug,scoresheet_engine=debug,scoresheet_gateway=debug,scoresheet_runtime=debug,scoresheet_store=debug"
        }
    };
    let filter = match rust_log.filter(|directives| !directives.trim().is_empty()) {
        Some(directives) => EnvFilter::try_new(directives).unwrap_or_else(|_| EnvFilter::new(default)),
        None => EnvFilter::new(default),
    };
    // Another subscriber may be there already, in a test: then it keeps the log.
    let color = !plain && console::Term::stderr().is_term();
    let _ = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(color).try_init();
}

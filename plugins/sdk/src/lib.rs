//! For authors of metric providers in Rust: bindings, export macro, helpers, a test host.

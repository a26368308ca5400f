//! The facade an embedder takes: configuration, wiring, rendering.

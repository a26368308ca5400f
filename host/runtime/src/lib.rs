//! Loads, verifies, compiles, limits and calls metric-provider components.

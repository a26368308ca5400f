//! How wasmtime is set up: what guests may use, how memory is laid out.

use std::hash::{Hash, Hasher};

use scoresheet_domain::Digest;
use sha2::{Digest as _, Sha256};
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::{error::RuntimeError, limits::Limits};

/// How many calls run at once. Further ones wait for one of these to end.
pub(crate) const SLOTS: u32 = 64;

/// The most linear memories of one component; it takes as many slots while it runs.
pub(crate) const MAX_MEMORIES: u32 = 8;

/// Tables for each slot: a component in Rust has two or three.
pub(crate) const TABLES_PER_SLOT: u32 = 8;

/// How linear memories lie in address space, which compiled code depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// 4 GiB each, so that most bounds checks are left out.
    Roomy,
    /// Where a process may not have as much.
    Narrow,
}

/// An engine with pooled memory where this process's address space allows (about 260 GiB
/// of it, reserved and not used), or else one that maps memory as it is asked for.
pub(crate) fn engine(pooling: bool) -> Result<Engine, RuntimeError> {
    if pooling {
        let mut config = guest_config(Layout::Roomy);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
        match Engine::new(&config) {
            Ok(engine) => return Ok(engine),
            Err(error) => tracing::warn!(
                reason = %error,
                "no room for pooled memory: components start a little more slowly; raise the limit on address space"
            ),
        }
    }
    // Where 260 GiB do not fit, several times 4 GiB may not either.
    let layout = if pooling { Layout::Narrow } else { Layout::Roomy };
    Engine::new(&guest_config(layout)).map_err(|error| RuntimeError::Engine(error.to_string()))
}

/// What code compiled by this engine depends on, in 32 hexadecimal digits: wasmtime's version, its settings, this
/// machine's processor.
pub(crate) fn compatibility(engine: &Engine) -> String {
    let mut hasher = Sha(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    Digest::of(hasher.0.finalize()).hex()[..32].to_owned()
}

fn guest_config(layout: Layout) -> Config {
    let mut config = Config::new();
    if layout == Layout::Narrow {
        config.memory_reservation(64 << 20).memory_guard_size(64 << 10);
    }
    config
        .epoch_interruption(true)
        // Without it a call costs a quarter; nothing here runs two tasks in one instance.
        .concurrency_support(false)
        // The same input gives the same bits on every machine.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        // What no provider needs is nothing to attack. These stay compiled in: without
        // them this version of wasmtime aborts.
        .gc_support(false)
        .wasm_gc(false)
        .wasm_function_references(false)
        .wasm_exceptions(false)
        .wasm_threads(false)
        .wasm_shared_everything_threads(false)
        .wasm_memory64(false)
        .max_wasm_stack(1 << 20)
        .async_stack_size(2 << 20);
    config
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(SLOTS)
        .total_stacks(SLOTS)
        .total_memories(SLOTS)
        .max_memories_per_component(MAX_MEMORIES)
        .total_tables(SLOTS * TABLES_PER_SLOT)
        .table_elements(Limits::MAX_TABLE_ELEMENTS as usize)
        // Core instances are counted, not reserved; a component in Python has dozens.
        .total_core_instances(SLOTS * 64)
        .max_core_instances_per_component(64)
        .total_gc_heaps(0)
        // What a call leaves behind is zeroed in place up to here: faster than giving the
        // pages back and faulting them in again.
        .linear_memory_keep_resident(1 << 20)
        .table_keep_resident(1 << 16)
        .async_stack_keep_resident(1 << 16)
        .pagemap_scan(Enabled::Auto);
    pool
}

/// Lets what implements `Hash` be digested by SHA-256, which stays the same from one version of
/// Rust to the next.
struct Sha(Sha256);

impl Hasher for Sha {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        u64::from_le_bytes(digest[..8].try_into().expect("eight bytes"))
    }
}

//! What the host keeps for one call: the sandbox, what was used of the limits, the way out.

use std::sync::Arc;

use scoresheet_domain::Instant;
use scoresheet_gateway::Outbound;
use tokio_util::sync::CancellationToken;
use wasmtime::{
    ResourceLimiter,
    component::{HasData, ResourceTable},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::{
    engine,
    limits::Limits,
    refusal::Refusal,
    sandbox::{self, StderrTail},
};

/// What a store carries.
pub(crate) struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    /// What the guest wrote to standard error.
    pub(crate) stderr: StderrTail,
    /// The memory it uses.
    pub(crate) memory: Memory,
    /// Its way out.
    pub(crate) http: Http,
    /// What it may still log.
    pub(crate) log: Log,
    /// The wall clock when the run began.
    pub(crate) now: Instant,
}

/// What a call is given.
pub(crate) struct Given<'a> {
    /// The component's id, for the log.
    pub(crate) provider: &'a str,
    /// What the clocks show.
    pub(crate) now: Instant,
    /// Where requests go.
    pub(crate) connection: Option<Arc<dyn Outbound>>,
    /// Until when requests may take.
    pub(crate) http_deadline: tokio::time::Instant,
    /// Ends requests early.
    pub(crate) cancel: CancellationToken,
}

impl State {
    /// The state of a fresh store.
    pub(crate) fn new(given: Given<'_>, limits: &Limits) -> Self {
        let stderr = StderrTail::default();
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.handles as usize);
        Self {
            wasi: sandbox::sandbox(given.now, stderr.clone()),
            table,
            stderr,
            memory: Memory::new(limits),
            http: Http {
                connection: given.connection,
                deadline: given.http_deadline,
                cancel: given.cancel,
                calls: Budget::new(u64::from(limits.http_calls)),
                bytes: Budget::new(limits.http_bytes),
                gave_up: None,
            },
            log: Log {
                provider: given.provider.to_owned(),
                lines: Budget::new(u64::from(limits.log_lines)),
                bytes: Budget::new(u64::from(limits.log_bytes)),
                dropped: 0,
            },
            now: given.now,
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl HasData for State {
    type Data<'a> = &'a mut Self;
}

/// Requests of one call.
pub(crate) struct Http {
    /// Where they go; none for a component that is loaded without a connection.
    pub(crate) connection: Option<Arc<dyn Outbound>>,
    /// Until when they may take.
    pub(crate) deadline: tokio::time::Instant,
    /// Ends them early.
    pub(crate) cancel: CancellationToken,
    /// How many are left.
    pub(crate) calls: Budget,
    /// How many bytes are left.
    pub(crate) bytes: Budget,
    /// Why the host refused to carry on, where it did: what a guest's bare `cancelled` means.
    pub(crate) gave_up: Option<GaveUp>,
}

/// Why the host gave up on a guest's requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GaveUp {
    /// They took too long.
    Deadline,
    /// The component asked for too many, or too much.
    Budget(String),
    /// The connection's own limits left no room.
    Connection(String),
    /// Somebody ended the run.
    Cancelled,
}

/// Log lines of one call.
pub(crate) struct Log {
    /// The component's id.
    pub(crate) provider: String,
    /// How many are left.
    pub(crate) lines: Budget,
    /// How many bytes are left.
    pub(crate) bytes: Budget,
    /// How many were dropped.
    pub(crate) dropped: u64,
}

/// A number that only goes down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    left: u64,
    whole: u64,
}

impl Budget {
    pub(crate) const fn new(whole: u64) -> Self {
        Self { left: whole, whole }
    }

    /// Takes so much. What is not there is not taken, and nothing more can be.
    #[must_use]
    pub(crate) fn take(&mut self, amount: u64) -> bool {
        match self.left.checked_sub(amount) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.left = 0;
                false
            }
        }
    }

    /// What was taken.
    pub(crate) const fn used(&self) -> u64 {
        self.whole - self.left
    }

    /// What there was at the beginning.
    pub(crate) const fn whole(&self) -> u64 {
        self.whole
    }
}

/// Counts all linear memories together. Where a limit is met the guest is stopped: if it
/// were only told "no", running out of memory would look like a panic.
pub(crate) struct Memory {
    used: usize,
    allowed: usize,
    largest_table: usize,
    table_elements: usize,
}

impl Memory {
    fn new(limits: &Limits) -> Self {
        Self {
            used: 0,
            allowed: limits.memory_bytes(),
            largest_table: 0,
            table_elements: limits.table_elements as usize,
        }
    }

    /// Bytes of all linear memories; they never shrink, so this is their peak.
    pub(crate) const fn used(&self) -> usize {
        self.used
    }

    /// Elements of the largest table.
    pub(crate) const fn largest_table(&self) -> usize {
        self.largest_table
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let asked = self.used.saturating_sub(current).saturating_add(desired);
        let allowed = self.allowed.min(maximum.unwrap_or(usize::MAX));
        if asked > self.allowed || desired > allowed {
            return Err(Refusal::OutOfMemory { asked_mib: mib_up(asked), allowed_mib: (allowed >> 20) as u64 }.into());
        }
        self.used = asked;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(error.context("the machine has no more memory to give"))
    }

    fn table_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = self.table_elements.min(maximum.unwrap_or(usize::MAX));
        if desired > allowed {
            return Err(Refusal::TableTooLarge { asked: desired as u64, allowed: allowed as u64 }.into());
        }
        self.largest_table = self.largest_table.max(desired);
        Ok(true)
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(error.context("the machine has no more memory to give"))
    }

    fn memories(&self) -> usize {
        engine::MAX_MEMORIES as usize
    }

    fn tables(&self) -> usize {
        (engine::MAX_MEMORIES * engine::TABLES_PER_SLOT) as usize
    }
}

fn mib_up(bytes: usize) -> u64 {
    bytes.div_ceil(1 << 20) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_that_was_exceeded_is_spent() {
        let mut budget = Budget::new(10);
        assert!(budget.take(4) && budget.take(6) && budget.take(0));
        assert!(!budget.take(1));
        let mut budget = Budget::new(10);
        assert!(!budget.take(11));
        assert!(!budget.take(5), "what did not fit has spent it");
        assert_eq!((budget.whole(), budget.used()), (10, 10));
    }

    #[test]
    fn all_memories_count_together() {
        let mut memory = Memory::new(&Limits { memory_mib: 3, table_elements: 10, ..Limits::default() });
        assert!(memory.memory_growing(0, 1 << 20, None).is_ok());
        assert!(memory.memory_growing(1 << 20, 2 << 20, None).is_ok());
        assert!(memory.memory_growing(0, 1 << 20, None).is_ok());
        let refused = memory.memory_growing(1 << 20, (1 << 20) + 65536, None).expect_err("over the limit");
        let refusal = refused.downcast_ref::<Refusal>().expect("a refusal");
        assert_eq!(refusal.to_string(), "it ran out of memory: it asked for 4 MiB, and 3 MiB are allowed");
        assert!(memory.memory_growing(0, 65536, Some(0)).is_err(), "its own maximum counts too");
        assert!(memory.table_growing(0, 10, None).is_ok());
        assert!(memory.table_growing(0, 11, None).is_err());
        assert_eq!((memory.used(), memory.largest_table()), (3 << 20, 10), "what was refused was not used");
    }
}

//! What one call of a component may use.

use std::time::Duration;

/// What one call of a component may use. Every call starts with the whole of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory of all the component's linear memories together, in MiB; 64. At most [`Limits::MAX_MEMORY_MIB`] mean anything.
    pub memory_mib: u32,
    /// How long the whole call may take, HTTP included, in seconds of wall clock; 120.
    pub deadline_secs: u32,
    /// How long the component itself may compute in the call, host calls not counted, in seconds; 30.
    pub compute_secs: u32,
    /// Elements of one table; 10,000.
    pub table_elements: u32,
    /// Requests through `http.send`; 64.
    pub http_calls: u32,
    /// Bytes of the requests' and the responses' bodies together; 64 MiB.
    pub http_bytes: u64,
    /// Lines through `run.log`; 100. Further ones are counted and dropped.
    pub log_lines: u32,
    /// Bytes of those lines together; 64 KiB.
    pub log_bytes: u32,
    /// Bytes that may cross from the component to the host in one go, an answer or an import's arguments; 16 MiB.
    pub answer_bytes: u32,
    /// Items, and rejected records, of one page; 100,000 each.
    pub page_items: u32,
}

impl Limits {
    /// What a 32-bit component can address.
    pub const MAX_MEMORY_MIB: u32 = 4096;

    pub(crate) fn memory_bytes(&self) -> usize {
        usize::try_from(u64::from(self.memory_mib) << 20).unwrap_or(usize::MAX)
    }

    pub(crate) fn deadline(&self) -> Duration {
        Duration::from_secs(u64::from(self.deadline_secs))
    }

    /// How long requests may take: a little less than the call, so that a component
    /// whose source hangs still has the time to say so.
    pub(crate) fn http_deadline(&self) -> Duration {
        let call = self.deadline();
        call - (call / 20).min(Duration::from_secs(2))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_mib: 64,
            deadline_secs: 120,
            compute_secs: 30,
            table_elements: 10_000,
            http_calls: 64,
            http_bytes: 64 << 20,
            log_lines: 100,
            log_bytes: 64 << 10,
            answer_bytes: 16 << 20,
            page_items: 100_000,
        }
    }
}

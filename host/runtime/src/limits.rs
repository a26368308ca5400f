//! What one call of a component may use.

use std::time::Duration;

/// What one call of a component may use. Every call starts with the whole of it. The defaults are those of
/// [`Limits::default`]; [`Limits::rows`] lists them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory of all the component's linear memories together, in MiB. At most [`Limits::MAX_MEMORY_MIB`] mean anything.
    pub memory_mib: u32,
    /// Elements of one table. At most [`Limits::MAX_TABLE_ELEMENTS`] mean anything.
    pub table_elements: u32,
    /// Handles of the host's (streams, timers) that it may hold; of its own it may hold ten times as many.
    pub handles: u32,
    /// How long the component itself may compute in the call, host calls not counted, in seconds; 0: until the clock's next tick.
    pub compute_secs: u32,
    /// How long the whole call may take, HTTP included, in seconds of wall clock.
    pub deadline_secs: u32,
    /// Requests through `http.send`.
    pub http_calls: u32,
    /// Bytes of the requests' and the responses' bodies together.
    pub http_bytes: u64,
    /// Lines through `run.log`. Further ones are counted and dropped.
    pub log_lines: u32,
    /// Bytes of those lines together.
    pub log_bytes: u32,
    /// Bytes that may cross from the component to the host in one go, an answer or an import's arguments.
    pub answer_bytes: u32,
    /// Items of one page, and as many rejected records.
    pub page_items: u32,
}

/// A limit, or what was used of it: [`Limits::rows`], [`crate::Usage::rows`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The limit's name: the field's.
    pub name: &'static str,
    /// How much.
    pub value: u64,
    /// Of what.
    pub unit: &'static str,
}

impl Row {
    pub(crate) const fn new(name: &'static str, value: u64, unit: &'static str) -> Self {
        Self { name, value, unit }
    }
}

impl Limits {
    /// What a 32-bit component can address.
    pub const MAX_MEMORY_MIB: u32 = 4096;

    /// What a table's place in pooled memory holds.
    pub const MAX_TABLE_ELEMENTS: u32 = 20_000;

    /// Every limit, for whoever lists them.
    #[must_use]
    pub fn rows(&self) -> [Row; 11] {
        // Taken apart, so that a limit which is added is listed.
        let Self {
            memory_mib,
            table_elements,
            handles,
            compute_secs,
            deadline_secs,
            http_calls,
            http_bytes,
            log_lines,
            log_bytes,
            answer_bytes,
            page_items,
        } = *self;
        [
            Row::new("memory_mib", memory_mib.into(), "MiB"),
            Row::new("table_elements", table_elements.into(), "elements"),
            Row::new("handles", handles.into(), "handles"),
            Row::new("compute_secs", compute_secs.into(), "s"),
            Row::new("deadline_secs", deadline_secs.into(), "s"),
            Row::new("http_calls", http_calls.into(), "requests"),
            Row::new("http_bytes", http_bytes, "bytes"),
            Row::new("log_lines", log_lines.into(), "lines"),
            Row::new("log_bytes", log_bytes.into(), "bytes"),
            Row::new("answer_bytes", answer_bytes.into(), "bytes"),
            Row::new("page_items", page_items.into(), "items"),
        ]
    }

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
            table_elements: 10_000,
            handles: 1_000,
            compute_secs: 30,
            deadline_secs: 120,
            http_calls: 64,
            http_bytes: 64 << 20,
            log_lines: 100,
            log_bytes: 64 << 10,
            answer_bytes: 16 << 20,
            page_items: 100_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_these() {
        let rows: Vec<String> =
            Limits::default().rows().iter().map(|row| format!("{} {} {}", row.name, row.value, row.unit)).collect();
        let expected = [
            "memory_mib 64 MiB",
            "table_elements 10000 elements",
            "handles 1000 handles",
            "compute_secs 30 s",
            "deadline_secs 120 s",
            "http_calls 64 requests",
            "http_bytes 67108864 bytes",
            "log_lines 100 lines",
            "log_bytes 65536 bytes",
            "answer_bytes 16777216 bytes",
            "page_items 100000 items",
        ];
        assert_eq!(rows, expected);
    }
}

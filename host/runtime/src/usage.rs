//! How much of its limits a component has used.
//!
//! An operator who sets limits wants to know what is usual. So each call leaves behind how far it went, and what is
//! kept is the most of all calls. What is counted is what the limits are held against, but for the time: that is
//! measured around the guest instead of in ticks of the interrupting clock.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::limits::Row;

/// The most that one call has used, over all calls of a component so far, also the ones that failed. Never goes down.
/// What was asked for and refused is not used; but a number of requests, lines or bytes that was exceeded counts as
/// used up.
///
/// Nothing is known of what a call gave in one go ([`crate::Limits::answer_bytes`]): that is refused where it is too
/// much, and not counted otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many calls there were; not a maximum.
    pub calls: u64,
    /// Bytes of all linear memories together.
    pub memory_bytes: u64,
    /// Elements of the largest table.
    pub table_elements: u64,
    /// Time in the component itself, and in carrying values in and out of it; host calls that wait do not count.
    pub compute: Duration,
    /// Wall clock, from the first instruction to the last.
    pub wall: Duration,
    /// Requests through `http.send`.
    pub http_calls: u64,
    /// Bytes of the requests' and the responses' bodies together.
    pub http_bytes: u64,
    /// Lines through `run.log`.
    pub log_lines: u64,
    /// Bytes of those lines together.
    pub log_bytes: u64,
    /// Items, or rejected records, of one page, whichever are more.
    pub page_items: u64,
}

impl Usage {
    /// The figures in the units of the limits that they are held against, under the limits' names, in the order of
    /// [`crate::Limits::rows`]. Rounded up: what was used at all is not nothing.
    #[must_use]
    pub fn rows(&self) -> [Row; 9] {
        let secs = |time: Duration| time.as_nanos().div_ceil(1_000_000_000).try_into().unwrap_or(u64::MAX);
        [
            Row::new("memory_mib", self.memory_bytes.div_ceil(1 << 20), "MiB"),
            Row::new("table_elements", self.table_elements, "elements"),
            Row::new("compute_secs", secs(self.compute), "s"),
            Row::new("deadline_secs", secs(self.wall), "s"),
            Row::new("http_calls", self.http_calls, "requests"),
            Row::new("http_bytes", self.http_bytes, "bytes"),
            Row::new("log_lines", self.log_lines, "lines"),
            Row::new("log_bytes", self.log_bytes, "bytes"),
            Row::new("page_items", self.page_items, "items"),
        ]
    }
}

/// Keeps the maxima of calls that run side by side.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    calls: AtomicU64,
    memory_bytes: AtomicU64,
    table_elements: AtomicU64,
    compute_nanos: AtomicU64,
    wall_nanos: AtomicU64,
    http_calls: AtomicU64,
    http_bytes: AtomicU64,
    log_lines: AtomicU64,
    log_bytes: AtomicU64,
    page_items: AtomicU64,
}

impl Meter {
    /// Adds one call, of which nothing is known yet about pages.
    pub(crate) fn add(&self, call: &Usage) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        for (most, one) in [
            (&self.memory_bytes, call.memory_bytes),
            (&self.table_elements, call.table_elements),
            (&self.compute_nanos, nanos(call.compute)),
            (&self.wall_nanos, nanos(call.wall)),
            (&self.http_calls, call.http_calls),
            (&self.http_bytes, call.http_bytes),
            (&self.log_lines, call.log_lines),
            (&self.log_bytes, call.log_bytes),
        ] {
            most.fetch_max(one, Ordering::Relaxed);
        }
    }

    /// Adds what a call gave.
    pub(crate) fn page(&self, items: usize) {
        self.page_items.fetch_max(items as u64, Ordering::Relaxed);
    }

    /// What is known so far. A call that ends meanwhile may be in one figure and not yet in another.
    pub(crate) fn read(&self) -> Usage {
        let read = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        Usage {
            calls: read(&self.calls),
            memory_bytes: read(&self.memory_bytes),
            table_elements: read(&self.table_elements),
            compute: Duration::from_nanos(read(&self.compute_nanos)),
            wall: Duration::from_nanos(read(&self.wall_nanos)),
            http_calls: read(&self.http_calls),
            http_bytes: read(&self.http_bytes),
            log_lines: read(&self.log_lines),
            log_bytes: read(&self.log_bytes),
            page_items: read(&self.page_items),
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    #[test]
    fn the_most_of_each_figure_is_kept() {
        let meter = Meter::default();
        let one = Usage { memory_bytes: 5 << 20, http_calls: 1, compute: Duration::from_millis(3), ..Usage::default() };
        let other = Usage { memory_bytes: 1, http_calls: 7, wall: Duration::from_secs(2), ..Usage::default() };
        meter.add(&one);
        meter.page(40);
        meter.add(&other);
        meter.page(30);
        let expected = Usage {
            calls: 2,
            memory_bytes: 5 << 20,
            http_calls: 7,
            compute: Duration::from_millis(3),
            wall: Duration::from_secs(2),
            page_items: 40,
            ..Usage::default()
        };
        assert_eq!(meter.read(), expected);
        assert_eq!(meter.read(), expected, "reading changes nothing");
    }

    #[test]
    fn rows_have_the_limits_names_and_units() {
        let usage = Usage { memory_bytes: 1, compute: Duration::from_nanos(1), ..Usage::default() };
        let limits = Limits::default().rows();
        let mut expected = limits.iter();
        for row in usage.rows() {
            let limit = expected.find(|limit| limit.name == row.name).expect("a limit of that name, in that order");
            assert_eq!(limit.unit, row.unit);
        }
        assert_eq!(usage.rows().map(|row| row.value), [1, 0, 1, 0, 0, 0, 0, 0, 0]);
    }
}

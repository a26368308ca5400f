//! Every request in the order of arrival, for tests that ask what a client really did.

use std::collections::VecDeque;

/// One request. Never holds a header's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// `GET`.
    pub method: String,
    /// `/api/v1/csat/scores`, as it came, percent-encoded.
    pub path: String,
    /// The query's pairs, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// What was answered; none while it is being answered, where the client went away before that, and
    /// where the connection was reset instead.
    pub status: Option<u16>,
    /// Whether it carried the key that was valid on arrival.
    pub authorization_ok: bool,
}

impl LoggedRequest {
    /// The first value of a query parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// So many requests are kept, the last ones: a long-running demo must not grow.
pub(super) const KEPT: usize = 100_000;

/// The requests so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<LoggedRequest>,
    forgotten: u64,
}

impl Log {
    /// Notes a request that arrived, and gives the number under which to finish it.
    pub(super) fn begin(&mut self, request: LoggedRequest) -> u64 {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
            self.forgotten += 1;
        }
        self.entries.push_back(request);
        self.forgotten + self.entries.len() as u64 - 1
    }

    /// Notes what a request was answered.
    pub(super) fn finish(&mut self, number: u64, status: u16) {
        let entry = number.checked_sub(self.forgotten).and_then(|index| self.entries.get_mut(index as usize));
        if let Some(entry) = entry {
            entry.status = Some(status);
        }
    }

    pub(super) fn entries(&self) -> Vec<LoggedRequest> {
        self.entries.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_the_oldest_and_finishes_the_right_one() {
        let request = LoggedRequest {
            method: "GET".into(),
            path: "/".into(),
            query: vec![],
            status: None,
            authorization_ok: true,
        };
        let mut log = Log::default();
        let first = log.begin(request.clone());
        let second = log.begin(request.clone());
        for _ in 1..KEPT {
            log.begin(request.clone());
        }
        log.finish(first, 500);
        log.finish(second, 200);
        let entries = log.entries();
        assert_eq!((entries.len(), entries[0].status, entries[1].status), (KEPT, Some(200), None));
    }
}

//! The retry budget of each origin, shared by all connections to it. When a request is retried is left to `retry`.
//!
//! Retries help one request and hurt a server that fails all of them. So each retry takes a token from a bucket that
//! only successful responses refill: in a total outage, 1,000 requests cause 1,000 attempts plus at most
//! [`CAPACITY`] retries.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base_url::BaseUrl;

/// Retries in a full bucket, as it is at first.
const CAPACITY: u32 = 10;

/// A response that needs no retry adds one tenth of a token, so a flaky server gets at most 1.1 times the load.
const RESPONSES_PER_RETRY: u32 = 10;

/// The budget of every origin of one gateway.
#[derive(Default)]
pub(crate) struct RetryBudgets {
    /// As many as there are servers in the configuration, so none is ever evicted.
    by_origin: Mutex<HashMap<String, Arc<RetryBudget>>>,
}

impl RetryBudgets {
    /// The budget of a base URL's origin (scheme, host and port).
    pub(crate) fn get(&self, base: &BaseUrl) -> Arc<RetryBudget> {
        let mut by_origin = self.by_origin.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(by_origin.entry(base.origin()).or_default())
    }
}

/// A token bucket: retries take from it, responses refill it.
pub(crate) struct RetryBudget {
    tenths: Mutex<u32>,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self { tenths: Mutex::new(CAPACITY * RESPONSES_PER_RETRY) }
    }
}

impl RetryBudget {
    /// Takes one retry, if there is one.
    pub(crate) fn take(&self) -> bool {
        let mut tenths = self.tenths.lock().unwrap_or_else(PoisonError::into_inner);
        match tenths.checked_sub(RESPONSES_PER_RETRY) {
            Some(left) => {
                *tenths = left;
                true
            }
            None => false,
        }
    }

    /// Adds the tenth of a retry that a response is worth.
    pub(crate) fn refill(&self) {
        let mut tenths = self.tenths.lock().unwrap_or_else(PoisonError::into_inner);
        *tenths = (*tenths + 1).min(CAPACITY * RESPONSES_PER_RETRY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_responses_pay_for_one_retry() {
        let budget = RetryBudget::default();
        let drain = || (0..100).take_while(|_| budget.take()).count();
        assert_eq!(drain(), 10);
        for _ in 0..9 {
            budget.refill();
        }
        assert_eq!(drain(), 0, "nine tenths are no retry");
        budget.refill();
        assert_eq!(drain(), 1);
        for _ in 0..1_000 {
            budget.refill();
        }
        assert_eq!(drain(), 10, "the bucket holds no more");
    }

    #[test]
    fn connections_to_one_origin_share_a_budget() {
        let budgets = RetryBudgets::default();
        let get = |text: &str| budgets.get(&BaseUrl::parse(text, true).expect(text));
        assert!(Arc::ptr_eq(&get("https://a.example/x"), &get("https://A.example:443/y")));
        for other in ["https://a.example:8443", "http://a.example", "https://b.example"] {
            assert!(!Arc::ptr_eq(&get("https://a.example"), &get(other)), "{other}");
        }
    }
}

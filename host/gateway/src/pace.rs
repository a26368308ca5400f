//! Holds a connection's requests to its rate and to its number in flight. Both waits end by the deadline.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::clock::Clock;
use crate::error::HttpError;
use crate::limits::ConnectionLimits;

/// One connection's pace, shared by all who hold it.
pub(crate) struct Pace {
    clock: Arc<dyn Clock>,
    slots: Semaphore,
    rate: RateLimiter<NotKeyed, InMemoryState, RateClock, NoOpMiddleware<Duration>>,
    requests_per_minute: NonZeroU32,
}

impl Pace {
    pub(crate) fn new(limits: &ConnectionLimits, clock: Arc<dyn Clock>) -> Self {
        let rate_clock = RateClock { start: clock.now(), clock: Arc::clone(&clock) };
        let slots = usize::try_from(limits.max_in_flight.get()).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self {
            slots: Semaphore::new(slots),
            rate: RateLimiter::direct_with_clock(Quota::per_minute(limits.requests_per_minute), rate_clock),
            requests_per_minute: limits.requests_per_minute,
            clock,
        }
    }

    /// Waits for a slot, then for the rate: so those who wait for the rate stand in their
    /// order of arrival, and a request goes out at the moment it was let through.
    pub(crate) async fn admit(&self, deadline: Instant) -> Result<SemaphorePermit<'_>, HttpError> {
        let left = deadline.saturating_duration_since(self.clock.now());
        let slot = match tokio::time::timeout(left, self.slots.acquire()).await {
            Ok(Ok(slot)) => slot,
            // The semaphore is never closed, so only time can run out.
            Ok(Err(_)) | Err(_) => return Err(HttpError::Timeout),
        };
        loop {
            let now = self.clock.now();
            let Err(not_yet) = self.rate.check() else { return Ok(slot) };
            let wait = not_yet.wait_time_from(self.rate_now());
            if now.checked_add(wait).is_none_or(|then| then >= deadline) {
                return Err(HttpError::BudgetExceeded(format!(
                    "the connection's limit of {} requests a minute leaves no room before the deadline",
                    self.requests_per_minute
                )));
            }
            self.clock.sleep(wait).await;
        }
    }

    fn rate_now(&self) -> Duration {
        use governor::clock::Clock as _;
        self.rate.clock().now()
    }
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace")
            .field("requests_per_minute", &self.requests_per_minute)
            .field("free_slots", &self.slots.available_permits())
            .finish_non_exhaustive()
    }
}

/// The gateway's clock, as the rate limiter reads it.
#[derive(Clone, Debug)]
struct RateClock {
    clock: Arc<dyn Clock>,
    start: Instant,
}

impl governor::clock::Clock for RateClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.clock.now().saturating_duration_since(self.start)
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::clock::FakeClock;

    fn pace(requests_per_minute: u32, max_in_flight: u32) -> (Arc<FakeClock>, Pace) {
        let clock = Arc::new(FakeClock::at(SystemTime::UNIX_EPOCH));
        let limits = ConnectionLimits {
            requests_per_minute: NonZeroU32::new(requests_per_minute).expect("not zero"),
            max_in_flight: NonZeroU32::new(max_in_flight).expect("not zero"),
            ..ConnectionLimits::default()
        };
        (Arc::clone(&clock), Pace::new(&limits, clock))
    }

    #[tokio::test]
    async fn a_burst_passes_and_the_rest_is_spread() {
        let (clock, pace) = pace(6, 8);
        let deadline = clock.now() + Duration::from_secs(120);
        for _ in 0..9 {
            drop(pace.admit(deadline).await.expect("there is room"));
        }
        let waits: Vec<u64> = clock.slept().iter().map(|wait| wait.as_millis().try_into().expect("short")).collect();
        assert_eq!(waits, [10_000, 10_000, 10_000]);
    }

    #[tokio::test]
    async fn a_wait_beyond_the_deadline_is_not_begun() {
        let (clock, pace) = pace(1, 8);
        let deadline = clock.now() + Duration::from_secs(59);
        drop(pace.admit(deadline).await.expect("the first passes"));
        let refusal = pace.admit(deadline).await.expect_err("the second would come at 60 s");
        assert!(
            matches!(&refusal, HttpError::BudgetExceeded(text) if text.contains("1 requests a minute")),
            "{refusal}"
        );
        assert!(clock.slept().is_empty());
    }

    #[tokio::test]
    async fn no_slot_by_the_deadline_is_a_timeout() {
        let (clock, pace) = pace(600, 1);
        let held = pace.admit(clock.now() + Duration::from_secs(1)).await.expect("the first passes");
        let late = pace.admit(clock.now()).await.expect_err("the slot is held");
        assert_eq!(late, HttpError::Timeout);
        drop(held);
        drop(pace.admit(clock.now() + Duration::from_secs(1)).await.expect("the slot is free again"));
    }
}

//! Time as the gateway sees it, behind a trait so that no test waits for real.
//!
//! The waits between tries and for the rate limit go through [`Clock::sleep`]. The limits on
//! a try itself are left to tokio's own timers, since a socket knows no other time.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio::time::Instant;

/// What time it is, and how to wait.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time that deadlines are measured in.
    fn now(&self) -> Instant;
    /// The calendar's time, for a `Retry-After` that names a date.
    fn wall(&self) -> SystemTime;
    /// Ends after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else here takes as an argument")]
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

/// The fake: time stands still but for the waits, which are over at once and move it on.
#[derive(Debug)]
pub struct FakeClock {
    start: Instant,
    wall: SystemTime,
    frozen: bool,
    slept: Mutex<Vec<Duration>>,
    began: Notify,
}

impl FakeClock {
    /// Begins at this calendar time.
    #[must_use]
    pub fn at(wall: SystemTime) -> Self {
        Self { start: Instant::now(), wall, frozen: false, slept: Mutex::default(), began: Notify::new() }
    }

    /// One whose waits never end.
    #[must_use]
    pub fn frozen(wall: SystemTime) -> Self {
        Self { frozen: true, ..Self::at(wall) }
    }

    /// The waits so far, in the order in which they began.
    #[must_use]
    pub fn slept(&self) -> Vec<Duration> {
        self.slept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends when a wait has begun, even if that was before the call.
    pub async fn sleep_began(&self) {
        self.began.notified().await;
    }

    fn elapsed(&self) -> Duration {
        if self.frozen { Duration::ZERO } else { self.slept().iter().sum() }
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Instant {
        self.start + self.elapsed()
    }

    fn wall(&self) -> SystemTime {
        self.wall + self.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.slept.lock().unwrap_or_else(PoisonError::into_inner).push(duration);
        self.began.notify_one();
        if self.frozen { std::future::pending().boxed() } else { tokio::task::yield_now().boxed() }
    }
}

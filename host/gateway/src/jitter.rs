//! Chance in the waits between tries, behind a trait so that a test can do without it.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Picks how long to wait.
pub trait Jitter: Send + Sync + fmt::Debug {
    /// A time from zero to `ceiling`, both included.
    fn up_to(&self, ceiling: Duration) -> Duration;
}

/// Full jitter: every time up to the ceiling is as likely as any other, so that callers
/// that failed together do not come back together.
pub struct RandomJitter(Mutex<StdRng>);

impl RandomJitter {
    /// Seeded by the operating system.
    #[must_use]
    pub fn new() -> Self {
        Self(Mutex::new(StdRng::from_os_rng()))
    }

    /// The same waits for the same seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Default for RandomJitter {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RandomJitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RandomJitter")
    }
}

impl Jitter for RandomJitter {
    fn up_to(&self, ceiling: Duration) -> Duration {
        let nanos = u64::try_from(ceiling.as_nanos()).unwrap_or(u64::MAX);
        // A poisoned lock only means that a thread panicked beside it: the generator is still sound.
        let mut rng = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Duration::from_nanos(rng.random_range(0..=nanos))
    }
}

/// The fake: always this share of the ceiling, in percent.
#[derive(Clone, Copy, Debug)]
pub struct FixedJitter(pub u32);

impl Jitter for FixedJitter {
    fn up_to(&self, ceiling: Duration) -> Duration {
        ceiling * self.0.min(100) / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_the_range_is_used() {
        let ceiling = Duration::from_secs(1);
        let draw = |seed| {
            let jitter = RandomJitter::seeded(seed);
            (0..200).map(|_| jitter.up_to(ceiling)).collect::<Vec<_>>()
        };
        let waits = draw(7);
        assert_eq!(waits, draw(7));
        assert_ne!(waits, draw(8));
        assert!(waits.iter().all(|w| *w <= ceiling));
        assert!(waits.iter().any(|w| *w < ceiling / 10), "full jitter begins at zero");
        assert!(waits.iter().any(|w| *w > ceiling * 9 / 10), "full jitter reaches the ceiling");
    }

    #[test]
    fn no_ceiling_is_too_small_or_too_large() {
        let jitter = RandomJitter::seeded(1);
        assert_eq!(jitter.up_to(Duration::ZERO), Duration::ZERO);
        let _ = jitter.up_to(Duration::MAX);
    }
}

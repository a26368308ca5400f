//! A rate limit by count: so many requests within a minute.

use std::time::{Duration, Instant};

/// Counts the requests of the running minute, which begins with the first request after the former one ended.
#[derive(Debug)]
pub(super) struct Limiter {
    per_minute: Option<u32>,
    began: Option<Instant>,
    count: u32,
}

impl Limiter {
    pub(super) const fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute, began: None, count: 0 }
    }

    /// Lets a request pass, or says for how many seconds the client should wait.
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), u64> {
        let Some(per_minute) = self.per_minute else { return Ok(()) };
        let began = match self.began {
            Some(began) if now < began + MINUTE => began,
            _ => {
                self.count = 0;
                *self.began.insert(now)
            }
        };
        if self.count < per_minute {
            self.count += 1;
            return Ok(());
        }
        Err((began + MINUTE).duration_since(now).as_millis().div_ceil(1000).max(1) as u64)
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_within_a_minute() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut limiter = Limiter::new(Some(2));
        assert_eq!(limiter.admit(at(0)), Ok(()));
        assert_eq!(limiter.admit(at(10_000)), Ok(()));
        assert_eq!(limiter.admit(at(20_500)), Err(40));
        assert_eq!(limiter.admit(at(59_999)), Err(1));
        assert_eq!(limiter.admit(at(60_000)), Ok(()));
        assert_eq!(Limiter::new(None).admit(at(0)), Ok(()));
    }
}

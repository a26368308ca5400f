//! What all connections to one origin share: a budget of retries, and a breaker that stops asking a server that is down.
//! Which outcome counts as what is left to
//! `retry` and `flight`.
//!
//! Retries help one request and hurt a server that is failing for all of them. So they are paid from a bucket that
//! only answers fill again: in a total outage a thousand requests cause a thousand tries and those that the bucket
//! held, no more. The breaker then spares the tries themselves.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::base_url::BaseUrl;
use crate::clock::Clock;

/// What holds for each origin (scheme, host and port), whichever connections lead to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginLimits {
    /// Retries that the bucket holds when it is full, as it is at first. Each retry takes one, each answer that calls
    /// for no retry gives back a tenth. Default 10.
    pub retry_budget: u32,
    /// So many tries failed one after the other, and the origin is not asked for a while. Timeouts, broken connections
    /// and answers from 500 count (but for 501 and 505, which speak of the request); any other answer but 429 begins
    /// the count anew. Default 10.
    pub failures_to_open: NonZeroU32,
    /// How long it is not asked then. After that one request goes through, and decides. Default 30 s.
    pub cool_down: Duration,
    /// What the time doubles up to, with each such request that fails again. Default 5 min.
    pub longest_cool_down: Duration,
}

impl Default for OriginLimits {
    fn default() -> Self {
        Self {
            retry_budget: 10,
            failures_to_open: const { NonZeroU32::new(10).expect("a default is not zero") },
            cool_down: Duration::from_secs(30),
            longest_cool_down: Duration::from_secs(300),
        }
    }
}

/// Every origin of one gateway.
pub(crate) struct Origins {
    limits: OriginLimits,
    clock: Arc<dyn Clock>,
    /// As many as there are servers in the settings, so none is ever taken out.
    known: Mutex<HashMap<String, Arc<Origin>>>,
}

impl Origins {
    pub(crate) fn new(limits: OriginLimits, clock: Arc<dyn Clock>) -> Self {
        Self { limits, clock, known: Mutex::default() }
    }

    pub(crate) fn of(&self, base: &BaseUrl) -> Arc<Origin> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = known.entry(base.origin()).or_insert_with(|| {
            Arc::new(Origin {
                host: base.host().to_owned(),
                limits: self.limits,
                clock: Arc::clone(&self.clock),
                state: Mutex::new(State {
                    tenths: self.limits.retry_budget.saturating_mul(10),
                    failures: 0,
                    cool_down: self.limits.cool_down,
                    phase: Phase::Closed,
                }),
            })
        });
        Arc::clone(origin)
    }
}

/// One origin's budget and breaker.
pub(crate) struct Origin {
    host: String,
    limits: OriginLimits,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    /// What is left of the retries, in tenths of one.
    tenths: u32,
    /// Tries that failed, one after the other.
    failures: u32,
    /// How long the next pause is.
    cool_down: Duration,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Asked as usual.
    Closed,
    /// Not asked before then; whoever comes first afterwards is the probe.
    Open(Instant),
    /// The probe is on its way.
    Probing,
}

/// What a try says about its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It works.
    Works,
    /// It does not.
    Fails,
    /// Nothing.
    Unknown,
}

impl Origin {
    /// Why it is not asked now, if so. Takes nothing.
    pub(crate) fn refusal(&self) -> Option<String> {
        let now = self.clock.now();
        self.refusal_in(self.lock().phase, now)
    }

    fn refusal_in(&self, phase: Phase, now: Instant) -> Option<String> {
        let until = match phase {
            Phase::Closed => return None,
            Phase::Open(until) if until <= now => return None,
            Phase::Open(until) => {
                let left = until.saturating_duration_since(now);
                format!("for {} s more", left.as_secs() + u64::from(left.subsec_nanos() > 0))
            }
            Phase::Probing => "until it is known how another request fares".to_owned(),
        };
        let failures = self.limits.failures_to_open;
        Some(format!("{} is not asked {until}: its last {failures} requests failed", self.host))
    }

    /// Leave for one try, which is to be told how it went.
    pub(crate) fn enter(&self) -> Result<Pass<'_>, String> {
        let now = self.clock.now();
        let mut state = self.lock();
        if let Some(refusal) = self.refusal_in(state.phase, now) {
            return Err(refusal);
        }
        let is_probe = state.phase != Phase::Closed;
        if is_probe {
            state.phase = Phase::Probing;
        }
        Ok(Pass { origin: self, is_probe, is_settled: false })
    }

    /// Takes one retry from the bucket, if there is one.
    pub(crate) fn take_retry(&self) -> bool {
        let mut state = self.lock();
        match state.tenths.checked_sub(10) {
            Some(left) => {
                state.tenths = left;
                true
            }
            None => false,
        }
    }

    fn settle(&self, is_probe: bool, verdict: Verdict) {
        let now = self.clock.now();
        let mut state = self.lock();
        let is_probe = is_probe && state.phase == Phase::Probing;
        match verdict {
            Verdict::Works => {
                state.tenths = state.tenths.saturating_add(1).min(self.limits.retry_budget.saturating_mul(10));
                state.failures = 0;
                state.cool_down = self.limits.cool_down;
                state.phase = Phase::Closed;
            }
            Verdict::Fails if is_probe => {
                state.cool_down = state.cool_down.saturating_mul(2).min(self.limits.longest_cool_down);
                state.phase = open_until(now, state.cool_down);
            }
            Verdict::Fails if state.phase == Phase::Closed => {
                state.failures = state.failures.saturating_add(1);
                if state.failures >= self.limits.failures_to_open.get() {
                    state.phase = open_until(now, state.cool_down);
                }
            }
            // It went out before the pause began, and changes nothing about it.
            Verdict::Fails => {}
            // The next may probe.
            Verdict::Unknown if is_probe => state.phase = Phase::Open(now),
            Verdict::Unknown => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics between two changes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origin").field("host", &self.host).field("phase", &self.lock().phase).finish_non_exhaustive()
    }
}

fn open_until(now: Instant, pause: Duration) -> Phase {
    // A pause beyond what the clock can name is as good as none that ends.
    Phase::Open(now.checked_add(pause).unwrap_or_else(|| now + Duration::from_secs(u32::MAX.into())))
}

/// Leave for one try. A try that is given up says nothing, and leaves its turn to the next.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    origin: &'a Origin,
    is_probe: bool,
    is_settled: bool,
}

impl Pass<'_> {
    pub(crate) fn settle(mut self, verdict: Verdict) {
        self.is_settled = true;
        self.origin.settle(self.is_probe, verdict);
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if !self.is_settled {
            self.origin.settle(self.is_probe, Verdict::Unknown);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::clock::FakeClock;

    fn origin() -> (Arc<FakeClock>, Arc<Origin>) {
        let clock = Arc::new(FakeClock::at(SystemTime::UNIX_EPOCH));
        let origins = Origins::new(OriginLimits::default(), Arc::clone(&clock) as Arc<dyn Clock>);
        let base = BaseUrl::parse("https://api.example", false).expect("a base URL");
        (clock, origins.of(&base))
    }

    fn go(origin: &Origin, verdict: Verdict) {
        origin.enter().expect("it is asked").settle(verdict);
    }

    #[test]
    fn retries_are_paid_for_by_answers() {
        let (_, origin) = origin();
        let taken = |origin: &Origin| (0..100).take_while(|_| origin.take_retry()).count();
        assert_eq!(taken(&origin), 10);
        for _ in 0..9 {
            go(&origin, Verdict::Works);
        }
        assert_eq!(taken(&origin), 0, "nine tenths are no retry");
        go(&origin, Verdict::Works);
        assert_eq!(taken(&origin), 1);
        for _ in 0..1_000 {
            go(&origin, Verdict::Works);
        }
        assert_eq!(taken(&origin), 10, "the bucket holds no more");
    }

    #[tokio::test]
    async fn it_opens_waits_probes_and_closes() {
        let (clock, origin) = origin();
        for _ in 0..9 {
            go(&origin, Verdict::Fails);
        }
        go(&origin, Verdict::Works);
        for _ in 0..9 {
            go(&origin, Verdict::Fails);
            go(&origin, Verdict::Unknown);
        }
        assert_eq!(origin.refusal(), None, "ten in a row, not ten in all");
        go(&origin, Verdict::Fails);
        for pause in [30, 60, 120, 240, 300, 300] {
            assert_eq!(
                origin.enter().expect_err("open"),
                format!("api.example is not asked for {pause} s more: its last 10 requests failed")
            );
            clock.sleep(Duration::from_millis(pause * 1_000 - 1)).await;
            assert!(origin.refusal().is_some_and(|text| text.contains("for 1 s more")));
            clock.sleep(Duration::from_millis(1)).await;
            let probe = origin.enter().expect("one goes through");
            let second = origin.enter().expect_err("and no other");
            assert!(second.contains("until it is known how another request fares"), "{second}");
            probe.settle(Verdict::Fails);
        }
        clock.sleep(Duration::from_secs(300)).await;
        drop(origin.enter().expect("a probe that is given up"));
        go(&origin, Verdict::Unknown);
        go(&origin, Verdict::Works);
        assert_eq!(origin.refusal(), None);
        for _ in 0..10 {
            go(&origin, Verdict::Fails);
        }
        assert!(origin.refusal().is_some_and(|text| text.contains("for 30 s more")), "the pauses begin anew");
    }

    #[test]
    fn what_went_out_before_changes_no_pause() {
        let (_, origin) = origin();
        let (early, late) = (origin.enter().expect("asked"), origin.enter().expect("asked"));
        for _ in 0..10 {
            go(&origin, Verdict::Fails);
        }
        early.settle(Verdict::Fails);
        assert!(origin.refusal().is_some_and(|text| text.contains("for 30 s more")));
        late.settle(Verdict::Works);
        assert_eq!(origin.refusal(), None, "it was a pause over nothing");
    }

    #[test]
    fn connections_to_one_origin_share_it() {
        let origins = Origins::new(OriginLimits::default(), Arc::new(FakeClock::at(SystemTime::UNIX_EPOCH)));
        let of = |text: &str| origins.of(&BaseUrl::parse(text, true).expect(text));
        assert!(Arc::ptr_eq(&of("https://a.example/x"), &of("https://A.example:443/y")));
        for other in ["https://a.example:8443", "http://a.example", "https://b.example"] {
            assert!(!Arc::ptr_eq(&of("https://a.example"), &of(other)), "{other}");
        }
    }
}

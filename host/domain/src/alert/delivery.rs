//! Telling an alert: what is told, and when it is tried again.

use super::{AlertId, AlertKind, Target};
use crate::{
    id::{ChannelName, RuleId},
    time::{DAY_MS, Instant},
};

/// What happened to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryEvent {
    /// It was fired.
    Fired,
    /// It is over.
    Resolved,
}

impl DeliveryEvent {
    /// The word in the store and in what is told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fired => "fired",
            Self::Resolved => "resolved",
        }
    }

    /// The event of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Fired, Self::Resolved].into_iter().find(|event| event.as_str() == word)
    }
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// It is to be sent, now or later.
    Due,
    /// The channel has taken it.
    Sent,
    /// It is not tried any more.
    GivenUp,
}

impl DeliveryState {
    /// The word in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Sent => "sent",
            Self::GivenUp => "given-up",
        }
    }

    /// The state of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Due, Self::Sent, Self::GivenUp].into_iter().find(|state| state.as_str() == word)
    }
}

/// What a channel is told: one event of one alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The same for every try of this event, and no other event's, of whatever store: a receiver that has seen it has
    /// seen this.
    pub id: String,
    /// What happened.
    pub event: DeliveryEvent,
    /// The sheet's name.
    pub sheet: String,
    /// The alert.
    pub alert: AlertId,
    /// The rule.
    pub rule: RuleId,
    /// What it looks for.
    pub kind: AlertKind,
    /// What it is about.
    pub target: Target,
    /// What was told when it was fired.
    pub message: String,
    /// When that was.
    pub fired: Instant,
    /// When it was over, and how that is said; only where that is what happened.
    pub resolved: Option<(Instant, String)>,
    /// Where it is told.
    pub channel: ChannelName,
}

/// After so many tries that went wrong nobody tries again.
pub const GIVEN_UP_AFTER_ATTEMPTS: u32 = 8;
/// So long after the event, a try that goes wrong is the last one: by then somebody has looked elsewhere.
pub const GIVEN_UP_AFTER_MS: i64 = 3 * DAY_MS;

const MINUTE_MS: i64 = 60_000;
/// After the first try, the second, and so on; the last one stays.
const WAITS_MS: [i64; 5] = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 120 * MINUTE_MS, 720 * MINUTE_MS];

/// When a delivery that did not go well is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backoff {
    /// Then.
    At(Instant),
    /// Never.
    GiveUp,
}

impl Backoff {
    /// After so many tries (1 after the first) of something that happened then. What the channel asks for, in seconds,
    /// is waited for at least, but no longer than the longest wait.
    #[must_use]
    pub fn after(attempts: u32, happened: Instant, now: Instant, asked_secs: Option<u64>) -> Self {
        if attempts >= GIVEN_UP_AFTER_ATTEMPTS || now.millis() - happened.millis() >= GIVEN_UP_AFTER_MS {
            return Self::GiveUp;
        }
        let longest = WAITS_MS[WAITS_MS.len() - 1];
        let step = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let usual = WAITS_MS.get(step).copied().unwrap_or(longest);
        let asked = asked_secs.map_or(0, |secs| i64::try_from(secs).unwrap_or(i64::MAX).saturating_mul(1_000));
        Self::At(now.plus_millis(usual.max(asked.min(longest))))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn waits_grow_and_then_it_is_given_up() {
        let waits: Vec<Option<i64>> = (1..=8)
            .map(|attempts| match Backoff::after(attempts, at(0), at(1_000), None) {
                Backoff::At(then) => Some((then.millis() - 1_000) / MINUTE_MS),
                Backoff::GiveUp => None,
            })
            .collect();
        assert_eq!(waits, [Some(1), Some(5), Some(30), Some(120), Some(720), Some(720), Some(720), None]);
        assert_eq!(Backoff::after(1, at(0), at(3 * DAY_MS), None), Backoff::GiveUp);
        assert_eq!(Backoff::after(1, at(0), at(3 * DAY_MS - 1), None), Backoff::At(at(3 * DAY_MS - 1 + MINUTE_MS)));
    }

    #[test]
    fn what_the_channel_asks_for_is_waited_for_within_reason() {
        let wait = |asked| Backoff::after(1, at(0), at(0), Some(asked));
        assert_eq!(wait(10), Backoff::At(at(MINUTE_MS)), "not sooner than usual");
        assert_eq!(wait(600), Backoff::At(at(10 * MINUTE_MS)));
        assert_eq!(wait(u64::MAX), Backoff::At(at(720 * MINUTE_MS)));
    }

    #[test]
    fn words_are_read_back() {
        for event in [DeliveryEvent::Fired, DeliveryEvent::Resolved] {
            assert_eq!(DeliveryEvent::parse(event.as_str()), Some(event));
        }
        for state in [DeliveryState::Due, DeliveryState::Sent, DeliveryState::GivenUp] {
            assert_eq!(DeliveryState::parse(state.as_str()), Some(state));
        }
        for kind in AlertKind::ALL {
            assert_eq!(AlertKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!((DeliveryEvent::parse("x"), DeliveryState::parse(""), AlertKind::parse("x")), (None, None, None));
    }

    proptest! {
        #[test]
        fn it_always_ends_and_never_goes_back(
            attempts in 1_u32..20, age in 0_i64..10 * DAY_MS, asked in prop::option::of(any::<u64>())
        ) {
            match Backoff::after(attempts, at(0), at(age), asked) {
                Backoff::At(then) => {
                    prop_assert!(then.millis() >= age + MINUTE_MS && then.millis() <= age + 720 * MINUTE_MS);
                    prop_assert!(attempts < GIVEN_UP_AFTER_ATTEMPTS && age < GIVEN_UP_AFTER_MS);
                }
                Backoff::GiveUp => prop_assert!(attempts >= GIVEN_UP_AFTER_ATTEMPTS || age >= GIVEN_UP_AFTER_MS),
            }
        }
    }
}

//! What to do about what is wrong: one sentence for each kind, with the names the operator knows.

use std::time::Duration;

use scoresheet_domain::{Failure, Instant, Problem, ProblemKind, ProviderName};

use crate::definition::ProviderInstance;

/// A provider's failure as a problem of the sheet. `credential` is what the operator calls the provider's key.
pub(crate) fn problem(provider: &ProviderName, failure: &Failure, credential: Option<&str>) -> Problem {
    Problem {
        kind: failure.kind(),
        provider: Some(provider.clone()),
        client: None,
        message: format!("{provider}: {failure}"),
        remedy: remedy(provider, failure.kind(), credential),
    }
}

/// As [`problem`], of a failure that the source answered at `at`: where it asks for patience, until when.
pub(crate) fn problem_at(
    provider: &ProviderName,
    instance: &ProviderInstance,
    failure: &Failure,
    at: Instant,
) -> Problem {
    let mut problem = problem(provider, failure, instance.credential.as_deref());
    if let Some(again) = Again::of(failure, at) {
        if let Some(until) = again.until {
            problem.message.push_str(&format!(", until {until}"));
        }
        problem.remedy = again.remedy(provider, instance.requests_per_minute);
    }
    problem
}

/// The time so long after the one at which a run began, which is all of the clock that it is given.
pub(crate) fn after(now: Instant, took: Duration) -> Instant {
    now.plus_millis(i64::try_from(took.as_millis()).unwrap_or_default())
}

/// When a source that limits the rate of requests can be asked again.
pub(crate) struct Again {
    /// None where it does not say.
    until: Option<Instant>,
}

impl Again {
    /// Of a failure that was answered at `at`; none where it is another.
    pub(crate) fn of(failure: &Failure, at: Instant) -> Option<Self> {
        let Failure::RateLimited(wait) = failure else { return None };
        // Up to the next whole second: a person types it, and early is for nothing.
        let until = wait.and_then(|wait| i64::try_from(wait).ok()?.checked_add(at.millis())?.checked_add(999));
        Some(Self { until: until.map(|millis| Instant::from_millis(millis).floor_second()) })
    }

    /// When to go on, and what the limit is set to.
    pub(crate) fn remedy(&self, provider: &ProviderName, requests_per_minute: Option<u32>) -> String {
        let when = self.until.map_or_else(|| "again later".to_owned(), |until| format!("after {until}"));
        let set = requests_per_minute.map(|set| format!(" (it is {set})")).unwrap_or_default();
        format!(
            "run 'scoresheet sync' {when}; where it happens often, lower requests_per_minute{set} in [providers.{provider}] limits"
        )
    }
}

/// What to do about a failure of this kind.
pub(crate) fn remedy(provider: &ProviderName, kind: ProblemKind, credential: Option<&str>) -> String {
    let key = credential.map_or_else(|| format!("the credential in [providers.{provider}] auth"), str::to_owned);
    match kind {
        ProblemKind::Unauthorized => {
            format!("check that {key} is current; then run 'scoresheet check {provider}'")
        }
        ProblemKind::Forbidden => {
            format!("give {key} the missing permission; 'scoresheet check {provider}' says which")
        }
        ProblemKind::NotFound => format!(
            "check the base URL and the settings of {provider}: another base URL or another dialect; then run 'scoresheet check {provider}'"
        ),
        ProblemKind::RateLimited => {
            format!("run 'scoresheet sync' again later, or lower requests_per_minute in [providers.{provider}] limits")
        }
        ProblemKind::Unavailable => {
            format!("try again later; 'scoresheet check {provider}' tests the connection; what was stored stands")
        }
        ProblemKind::InvalidResponse => format!(
            "check the base URL of {provider}: something else may be answering there; if it persists, the source's API has changed"
        ),
        ProblemKind::Settings => format!("correct the settings in [providers.{provider}]"),
        ProblemKind::Component => {
            format!(
                "report this to the author of the provider; 'scoresheet provider info {provider}' says which version it is"
            )
        }
        ProblemKind::Stale => format!("run 'scoresheet sync --provider {provider}'"),
        ProblemKind::Unmapped | ProblemKind::Ambiguous => {
            format!("scoresheet mapping set CLIENT {provider}:SOURCE")
        }
        ProblemKind::Store => "check the store's file and the space on its disk".to_owned(),
    }
}

/// A word for a shell, quoted where it must be.
pub(crate) fn word(text: &str) -> String {
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:@/+".contains(&b)) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

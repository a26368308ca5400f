//! Problems made from a provider's failures.

use std::time::Duration;

use scoresheet_domain::{Failure, Instant, Problem, ProviderName, Remedy};

use crate::definition::ProviderInstance;

/// A provider's failure as a problem of the sheet.
pub(crate) fn problem(provider: &ProviderName, credential: Option<&str>, failure: &Failure) -> Problem {
    Problem {
        kind: failure.kind(),
        provider: Some(provider.clone()),
        client: None,
        message: format!("{provider}: {failure}"),
        remedy: Remedy::for_failure(provider, failure, credential),
    }
}

/// As [`problem`], of a failure that the source answered at `at`: a rate limit says when it ends.
pub(crate) fn problem_at(
    provider: &ProviderName,
    instance: &ProviderInstance,
    failure: &Failure,
    at: Instant,
) -> Problem {
    let mut problem = problem(provider, instance.credential.as_deref(), failure);
    if let Some(wait) = wait(provider, instance, failure, at) {
        if let Remedy::Wait { until: Some(until), .. } = wait {
            problem.message.push_str(&format!(", until {until}"));
        }
        problem.remedy = wait;
    }
    problem
}

/// The time so long after the one at which a run began, which is all of the clock that it is given.
pub(crate) fn after(now: Instant, took: Duration) -> Instant {
    now.plus_millis(i64::try_from(took.as_millis()).unwrap_or_default())
}

/// Remedy for a rate limit that the source answered at `at`; `None` for any other failure.
pub(crate) fn wait(
    provider: &ProviderName,
    instance: &ProviderInstance,
    failure: &Failure,
    at: Instant,
) -> Option<Remedy> {
    let Failure::RateLimited(wait) = failure else { return None };
    // Rounded up to the next whole second: earlier would be too early.
    let until = wait.and_then(|wait| i64::try_from(wait).ok()?.checked_add(at.millis())?.checked_add(999));
    Some(Remedy::Wait {
        provider: provider.clone(),
        until: until.map(|millis| Instant::from_millis(millis).floor_second()),
        requests_per_minute: instance.requests_per_minute,
    })
}

//! What failures are in a line, and what can be done about those that have nothing to do with a dialect.

use scoresheet_sdk::Failure;

/// A failure in a line.
pub(super) fn explain(failure: &Failure) -> String {
    match failure {
        Failure::Unauthorized(message)
        | Failure::Forbidden(message)
        | Failure::NotFound(message)
        | Failure::Unavailable(message)
        | Failure::InvalidResponse(message)
        | Failure::Other(message) => message.clone(),
        Failure::RateLimited(None) => "CrewHu limits the rate of requests".to_owned(),
        Failure::RateLimited(Some(ms)) => {
            format!("CrewHu limits the rate of requests and asks to wait {} s", ms.div_ceil(1_000))
        }
        Failure::Cancelled => "the test was cancelled".to_owned(),
        Failure::Settings(_) => "the settings are invalid".to_owned(),
    }
}

/// What the operator can do about a failure, whichever step it is of.
pub(super) fn common_advice(failure: &Failure) -> String {
    match failure {
        Failure::RateLimited(_) => {
            "wait and try again; where it happens often, lower requests_per_minute of this connection"
        }
        Failure::Unavailable(_) => {
            "check CREWHU_BASE_URL and the network between here and there; where both are right, CrewHu itself has a \
             problem: try again later"
        }
        Failure::Cancelled => "try again, with a longer deadline where it happens often",
        _ => "check CREWHU_BASE_URL and the limits of this connection",
    }
    .to_owned()
}

/// "412 clients".
pub(super) fn count(number: u64, is_cut: bool, noun: &str) -> String {
    let at_least = if is_cut { "at least " } else { "" };
    match number {
        0 => format!("no {noun}s"),
        1 => format!("{at_least}1 {noun}"),
        _ => format!("{at_least}{number} {noun}s"),
    }
}

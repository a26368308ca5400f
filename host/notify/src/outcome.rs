//! What an answer means for a notice: taken, not now, or never.
//!
//! An answer that did not come leaves open whether the notice arrived. It is brought again, under the same id: an alert
//! that is told twice is a nuisance, one that is not told is what alerts are there to prevent.

use std::time::Duration;

use scoresheet_engine::DeliveryError;
use scoresheet_gateway::{HttpError, Response};

const REQUEST_TIMEOUT: u16 = 408;
const TOO_EARLY: u16 = 425;
const TOO_MANY_REQUESTS: u16 = 429;

pub(crate) fn later(why: impl Into<String>) -> DeliveryError {
    DeliveryError::Later { why: why.into(), after_secs: None }
}

/// What a webhook's answer means.
pub(crate) fn of_answer(host: &str, answer: &Response) -> Result<(), DeliveryError> {
    let status = answer.status;
    match status {
        200..=299 => Ok(()),
        REQUEST_TIMEOUT | TOO_EARLY | TOO_MANY_REQUESTS | 500..=599 => {
            Err(DeliveryError::Later { why: format!("{host} answered {status}"), after_secs: retry_after(answer) })
        }
        300..=399 => Err(DeliveryError::Never(format!(
            "{host} answered {status}, a redirect, which is not followed: give the address that it leads to"
        ))),
        401 | 403 | 404 | 410 => Err(DeliveryError::Never(format!(
            "{host} answered {status}: it does not know this webhook, or does not allow it; is its address current?"
        ))),
        _ => Err(DeliveryError::Never(format!("{host} answered {status}: it does not take such a message"))),
    }
}

/// Why there is no answer.
pub(crate) fn of_fault(host: &str, error: HttpError) -> DeliveryError {
    match error {
        HttpError::TooLarge(_) => DeliveryError::Never(format!("{host} answered with more than a webhook does")),
        HttpError::Timeout => later(format!("{host} did not answer in time")),
        other => later(other.to_string()),
    }
}

/// The seconds that the answer asks to wait: a number, or a date, which is held against the answer's own.
fn retry_after(answer: &Response) -> Option<u64> {
    let asked = answer.header("retry-after")?.trim();
    if let Ok(seconds) = asked.parse() {
        return Some(seconds);
    }
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let wait = date(asked)?.duration_since(date(answer.header("date")?.trim())?).unwrap_or(Duration::ZERO);
    Some(wait.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: Vec::new() }
    }

    #[test]
    fn what_may_pass_is_tried_again_and_what_will_not_is_not() {
        let of = |status| of_answer("h", &answer(status, &[]));
        for status in [200, 201, 202, 204] {
            assert_eq!(of(status), Ok(()), "{status}");
        }
        for status in [408, 425, 429, 500, 502, 503, 504, 599] {
            assert!(matches!(of(status), Err(DeliveryError::Later { after_secs: None, .. })), "{status}");
        }
        for status in [301, 302, 307, 400, 401, 403, 404, 405, 410, 413, 422] {
            assert!(matches!(of(status), Err(DeliveryError::Never(_))), "{status}");
        }
    }

    #[test]
    fn what_the_answer_asks_for_is_told_in_seconds() {
        let asked = |headers: &[(&str, &str)]| match of_answer("h", &answer(429, headers)) {
            Err(DeliveryError::Later { after_secs, .. }) => after_secs,
            other => panic!("{other:?}"),
        };
        assert_eq!(asked(&[("retry-after", " 120 ")]), Some(120));
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(asked(&[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"), date]), Some(30));
        assert_eq!(asked(&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"), date]), Some(0));
        assert_eq!(asked(&[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")]), None, "against which clock?");
        assert_eq!(asked(&[("retry-after", "-5")]), None);
        assert_eq!(asked(&[("retry-after", "soon"), date]), None);
    }
}

//! Requests, and what it means when they fail.

use crate::{Failure, Host, HttpError, Level, Method, Pair, Request, Response, text};

/// A GET of a JSON resource: path relative to the connection's base URL, query as plain text (the host encodes it).
#[must_use]
pub fn get(path: &str, query: &[(&str, &str)]) -> Request {
    let pair = |&(name, value): &(&str, &str)| Pair { name: name.to_owned(), value: value.to_owned() };
    Request {
        method: Method::Get,
        path: path.to_owned(),
        query: query.iter().map(pair).collect(),
        headers: [("Accept", "application/json"), ("Content-Type", "application/json")].iter().map(pair).collect(),
        body: None,
    }
}

/// A GET of a link that a response holds, absolute or relative to the root of the base URL.
///
/// # Errors
/// [`Failure::InvalidResponse`] if the link leads outside the connection's base URL.
pub fn get_link(host: &dyn Host, link: &str) -> Result<Request, Failure> {
    let wrong = |why: &str| Failure::InvalidResponse(format!("a link in the response cannot be followed: {why}"));
    let relative = host.relative(link).map_err(|why| wrong(&why))?;
    let (path, query) = relative.split_once('?').unwrap_or((&relative, ""));
    let mut request = get(path, &[]);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match (decoded(name), decoded(value)) {
            (Some(name), Some(value)) => request.query.push(Pair { name, value }),
            _ => return Err(wrong("its query is not UTF-8")),
        }
    }
    Ok(request)
}

/// A name or value of a query, decoded as `application/x-www-form-urlencoded`.
fn decoded(encoded: &str) -> Option<String> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = encoded.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    while let [first, rest @ ..] = bytes {
        bytes = rest;
        match (first, digit(rest.first()), digit(rest.get(1))) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                bytes = &rest[2..];
            }
            (b'+', ..) => out.push(b' '),
            _ => out.push(*first),
        }
    }
    String::from_utf8(out).ok()
}

/// Sends a request and turns everything but a 2xx answer into the [`Failure`] that the contract has for it.
///
/// # Errors
/// See [`failure_of_error`] and [`failure_of_status`].
pub fn fetch(host: &dyn Host, request: &Request) -> Result<Response, Failure> {
    match host.send(request) {
        Ok(response) if (200..300).contains(&response.status) => Ok(response),
        Ok(response) => Err(failure_of_status(request, &response)),
        Err(error) => {
            if let HttpError::BudgetExceeded(message) = &error {
                // The contract has one word for whatever makes the host give up; the log keeps the reason.
                host.log(Level::Warn, &format!("{}: {message}", name(request)));
            }
            Err(failure_of_error(request, error))
        }
    }
}

/// What it means that there was no answer. `cancelled` and an exceeded budget are handed on as
/// [`Failure::Cancelled`]: the host gave up.
#[must_use]
pub fn failure_of_error(request: &Request, error: HttpError) -> Failure {
    let name = name(request);
    match error {
        HttpError::Cancelled | HttpError::BudgetExceeded(_) => Failure::Cancelled,
        HttpError::Timeout => Failure::Unavailable(format!("{name}: no answer in time")),
        HttpError::Network(message) => Failure::Unavailable(format!("{name}: {message}")),
        HttpError::TooLarge(bytes) => {
            Failure::InvalidResponse(format!("{name}: the answer is larger than the host takes ({bytes} bytes)"))
        }
        HttpError::Denied(message) => Failure::Other(format!("{name}: refused by the host: {message}")),
    }
}

/// What an answer means whose status is not 2xx.
///
/// 401, 403, 404 and 410, 429 (with the seconds of `Retry-After`) and 408 and 5xx have failures of their own. Anything
/// else, redirects too, is an answer that the source's API does not promise.
#[must_use]
pub fn failure_of_status(request: &Request, response: &Response) -> Failure {
    let status = response.status;
    let shown = text::excerpt(&response.body);
    let colon = if shown.is_empty() { "" } else { ": " };
    let message = format!("{} answered {status}{colon}{shown}", name(request));
    match status {
        401 => Failure::Unauthorized(message),
        403 => Failure::Forbidden(message),
        404 | 410 => Failure::NotFound(message),
        429 => Failure::RateLimited(retry_after_ms(response)),
        408 | 500..=599 => Failure::Unavailable(message),
        _ => Failure::InvalidResponse(message),
    }
}

/// The value of a header, whatever the case of its name; the first where there are several.
#[must_use]
pub fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers.iter().find(|pair| pair.name.eq_ignore_ascii_case(name)).map(|pair| pair.value.as_str())
}

/// Milliseconds to wait, as `Retry-After` gives them in seconds. A date is left to the host, which has the clock and
/// has retried already.
#[must_use]
pub fn retry_after_ms(response: &Response) -> Option<u64> {
    let seconds = header(response, "retry-after")?.trim();
    // `parse` alone would take a leading '+'.
    let plain = seconds.bytes().all(|byte| byte.is_ascii_digit());
    seconds.parse::<u64>().ok().filter(|_| plain).map(|seconds| seconds.saturating_mul(1_000))
}

/// How messages name a request: "GET api/v1/clients". The query stays out: it may hold ids.
pub(crate) fn name(request: &Request) -> String {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    format!("{method} {}", request.path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ScriptedHost, response};

    fn failure(status: u16, headers: &[(&str, &str)], body: &str) -> Failure {
        let mut response = response(status, body);
        response.headers =
            headers.iter().map(|(n, v)| Pair { name: (*n).to_owned(), value: (*v).to_owned() }).collect();
        let host = ScriptedHost::at(0).on("a", &[], Ok(response));
        fetch(&host, &get("a", &[])).expect_err("not a 2xx")
    }

    #[test]
    fn maps_each_status() {
        let message = |status: u16| format!("GET a answered {status}: who?");
        for (status, expected) in [
            (401, Failure::Unauthorized(message(401))),
            (403, Failure::Forbidden(message(403))),
            (404, Failure::NotFound(message(404))),
            (410, Failure::NotFound(message(410))),
            (429, Failure::RateLimited(None)),
            (408, Failure::Unavailable(message(408))),
            (500, Failure::Unavailable(message(500))),
            (503, Failure::Unavailable(message(503))),
            (301, Failure::InvalidResponse(message(301))),
            (400, Failure::InvalidResponse(message(400))),
            (199, Failure::InvalidResponse(message(199))),
            (600, Failure::InvalidResponse(message(600))),
        ] {
            assert_eq!(failure(status, &[], "who?\n"), expected);
        }
        assert_eq!(failure(401, &[], ""), Failure::Unauthorized("GET a answered 401".to_owned()));
    }

    #[test]
    fn reads_retry_after() {
        for (header, expected) in [
            ("7", Some(7_000)),
            (" 0 ", Some(0)),
            ("18446744073709551615", Some(u64::MAX)),
            ("99999999999999999999", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("Wed, 21 Oct 2026 07:28:00 GMT", None),
            ("", None),
        ] {
            assert_eq!(failure(429, &[("RETRY-After", header)], ""), Failure::RateLimited(expected), "{header:?}");
        }
    }

    #[test]
    fn maps_each_error() {
        for (error, expected) in [
            (HttpError::Cancelled, Failure::Cancelled),
            (HttpError::BudgetExceeded("1,000 requests".to_owned()), Failure::Cancelled),
            (HttpError::Timeout, Failure::Unavailable("GET a: no answer in time".to_owned())),
            (HttpError::Network("refused".to_owned()), Failure::Unavailable("GET a: refused".to_owned())),
            (
                HttpError::TooLarge(9),
                Failure::InvalidResponse("GET a: the answer is larger than the host takes (9 bytes)".to_owned()),
            ),
            (HttpError::Denied("no".to_owned()), Failure::Other("GET a: refused by the host: no".to_owned())),
        ] {
            let host = ScriptedHost::at(0).on("a", &[], Err(error));
            assert_eq!(fetch(&host, &get("a", &[])).expect_err("an error"), expected);
        }
    }

    #[test]
    fn the_reason_of_an_exceeded_budget_is_logged() {
        let host = ScriptedHost::at(0).on("a", &[], Err(HttpError::BudgetExceeded("1,000 requests".to_owned())));
        fetch(&host, &get("a", &[])).expect_err("an error");
        assert_eq!(host.log_lines(), ["warn: GET a: 1,000 requests"]);
    }

    #[test]
    fn links_become_requests() {
        let host = ScriptedHost::at(0).base("https://source.test/v4/");
        let request =
            get_link(&host, "https://source.test/v4/tickets?page=2&q=a%20b+%C3%BC&flag&odd=%zz").expect("a request");
        assert_eq!(request.path, "tickets");
        let query: Vec<_> = request.query.iter().map(|pair| (pair.name.as_str(), pair.value.as_str())).collect();
        assert_eq!(query, [("page", "2"), ("q", "a b ü"), ("flag", ""), ("odd", "%zz")]);
        assert!(get_link(&host, "/v4/tickets").expect("a request").query.is_empty());
        for elsewhere in ["https://other.test/v4/tickets", "/v3/tickets", "tickets", "/v4/tickets?q=%ff"] {
            assert!(matches!(get_link(&host, elsewhere), Err(Failure::InvalidResponse(_))), "{elsewhere}");
        }
    }

    #[test]
    fn asks_for_json_as_the_guides_do() {
        let request = get("api/v1/clients", &[("page", "2")]);
        assert_eq!(request.query, [Pair { name: "page".to_owned(), value: "2".to_owned() }]);
        let headers: Vec<_> = request.headers.iter().map(|h| (h.name.as_str(), h.value.as_str())).collect();
        assert_eq!(headers, [("Accept", "application/json"), ("Content-Type", "application/json")]);
    }
}

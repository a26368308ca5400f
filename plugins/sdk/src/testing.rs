//! Tests of providers without a network: a scripted host, calls as the host makes them, and checks of the contract. Not
//! part of a component.
//!
//! [`describe`], [`check`], [`clients`], [`pull`] and [`score`] take settings and cursors as the host gives them, and
//! check each answer against the contract.

mod calls;
mod schema;
mod stub_contract;

use std::cell::RefCell;

pub use calls::{attribute, case, check, clients, describe, pull, pull_kinds, score, score_one};
pub use schema::{assert_schema, parse_settings};
pub use stub_contract::stub_contract;
use url::Url;

use crate::{Http, HttpError, Instant, Level, Pair, Request, Response, Run};

/// A [`Host`](crate::Host) with scripted responses that records the requests.
///
/// If several responses match a request, the first one added is returned. A request that none matches is denied.
#[derive(Debug)]
pub struct ScriptedHost {
    now: Instant,
    base: Url,
    answers: Vec<Answer>,
    requests: RefCell<Vec<Request>>,
    log: RefCell<Vec<(Level, String)>>,
}

#[derive(Debug)]
struct Answer {
    path: String,
    query: Vec<(String, String)>,
    result: Result<Response, HttpError>,
}

impl ScriptedHost {
    /// A host whose run began at this instant, with the base URL `https://source.test/`.
    #[must_use]
    pub fn at(now: Instant) -> Self {
        let base = base_url("https://source.test/");
        Self { now, base, answers: Vec::new(), requests: RefCell::default(), log: RefCell::default() }
    }

    /// Sets the base URL of the connection, which links are resolved against.
    ///
    /// # Panics
    /// If it is not a URL.
    #[must_use]
    pub fn base(mut self, url: &str) -> Self {
        self.base = base_url(url);
        self
    }

    /// Answers requests of this path whose query holds all these pairs, and maybe more.
    #[must_use]
    pub fn on(mut self, path: &str, query: &[(&str, &str)], result: Result<Response, HttpError>) -> Self {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.answers.push(Answer { path: path.to_owned(), query, result });
        self
    }

    /// Answers requests of this path with 200 and this text, as JSON.
    #[must_use]
    pub fn json(self, path: &str, query: &[(&str, &str)], body: &str) -> Self {
        self.on(path, query, Ok(response(200, body)))
    }

    /// What was asked, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.requests.borrow().clone()
    }

    /// What was asked, in order, each as "GET path?name=value&…" with nothing encoded.
    #[must_use]
    pub fn request_lines(&self) -> Vec<String> {
        self.requests.borrow().iter().map(request_line).collect()
    }

    /// What was logged, in order, each as "warn: message".
    #[must_use]
    pub fn log_lines(&self) -> Vec<String> {
        let word = |level: &Level| match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        self.log.borrow().iter().map(|(level, message)| format!("{}: {message}", word(level))).collect()
    }
}

impl Http for ScriptedHost {
    fn send(&self, request: &Request) -> Result<Response, HttpError> {
        self.requests.borrow_mut().push(request.clone());
        let holds = |(name, value): &(String, String)| {
            request.query.iter().any(|pair| pair.name == *name && pair.value == *value)
        };
        self.answers.iter().find(|answer| answer.path == request.path && answer.query.iter().all(holds)).map_or_else(
            || Err(HttpError::Denied(format!("the test has no answer to {}", request_line(request)))),
            |answer| answer.result.clone(),
        )
    }

    /// The host's rule: an absolute or root-relative link under the base URL.
    fn relative(&self, link: &str) -> Result<String, String> {
        let resolved = match Url::parse(link) {
            Err(_) if link.starts_with('/') => self.base.join(link),
            parsed => parsed,
        };
        let url = resolved.map_err(|error| error.to_string())?;
        let base = &self.base;
        let place =
            |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port_or_known_default());
        let is_same_place = place(&url) == place(base) && url.username().is_empty() && url.password().is_none();
        let path = url.path().strip_prefix(base.path()).filter(|_| is_same_place);
        let path = path.ok_or_else(|| format!("it leads outside {base}"))?;
        Ok(url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")))
    }
}

impl Run for ScriptedHost {
    fn log(&self, level: Level, message: &str) {
        self.log.borrow_mut().push((level, message.to_owned()));
    }

    fn now(&self) -> Instant {
        self.now
    }
}

/// An answer of this status, of type `application/json`.
#[must_use]
pub fn response(status: u16, body: &str) -> Response {
    let headers = vec![Pair { name: "content-type".to_owned(), value: "application/json".to_owned() }];
    Response { status, headers, body: body.as_bytes().to_vec() }
}

/// A base URL, which ends with a slash so that a path is under it or not.
fn base_url(url: &str) -> Url {
    let slash = if url.ends_with('/') { "" } else { "/" };
    Url::parse(&format!("{url}{slash}")).expect("the base URL is valid")
}

fn request_line(request: &Request) -> String {
    let query: Vec<String> = request.query.iter().map(|pair| format!("{}={}", pair.name, pair.value)).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}{mark}{}", crate::fetch::name(request), query.join("&"))
}

/// Property tests that are the same at every run.
#[cfg(test)]
pub(crate) fn properties(seed: u64) -> proptest::test_runner::Config {
    proptest::test_runner::Config {
        rng_seed: proptest::test_runner::RngSeed::Fixed(seed),
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_under_the_base_url_are_relative_to_it() {
        for base in ["https://source.test/v4/", "https://source.test/v4", "https://SOURCE.test:443/v4"] {
            let host = ScriptedHost::at(0).base(base);
            for (link, expected) in [
                ("https://source.test/v4/tickets?page=2&q=a%20b", Some("tickets?page=2&q=a%20b")),
                ("HTTPS://source.test:443/v4/tickets#top", Some("tickets")),
                ("/v4/tickets/7", Some("tickets/7")),
                ("/v4/", Some("")),
                ("/v4", None),
                ("/v44/tickets", None),
                ("/v4/../v3/tickets", None),
                ("/v4/%2e%2e/v3", None),
                ("tickets", None),
                ("?page=2", None),
                ("", None),
                ("//other.test/v4/tickets", None),
                ("/\\other.test/v4/tickets", None),
                ("http://source.test/v4/tickets", None),
                ("https://source.test:8443/v4/tickets", None),
                ("https://user@source.test/v4/tickets", None),
                ("https://source.test.other.test/v4/tickets", None),
                ("mailto:jo@source.test", None),
            ] {
                assert_eq!(host.relative(link).ok().as_deref(), expected, "{link} under {base}");
            }
        }
    }
}

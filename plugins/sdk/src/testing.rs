//! A host whose answers a test writes down, for tests of providers without a network. Not part of a component.

mod history_contract;
mod stub_contract;

use std::cell::RefCell;

pub use history_contract::figures_are_scores;
pub use stub_contract::stub_contract;

use crate::{Http, HttpError, Instant, Level, Pair, Request, Response, Run};

/// A [`Host`](crate::Host) that gives the answers it was told, and remembers what it was asked.
///
/// Of several answers that fit a request, the first that was told is given. A request that nothing fits is denied.
#[derive(Debug)]
pub struct ScriptedHost {
    now: Instant,
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
    /// A host whose run began at this instant.
    #[must_use]
    pub fn at(now: Instant) -> Self {
        Self { now, answers: Vec::new(), requests: RefCell::default(), log: RefCell::default() }
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

/// Settings as the host hands them over: these, with the defaults of the schema's properties filled in.
///
/// # Panics
/// Where either text is no JSON object, or a setting without a default is missing: a schema that says nothing about
/// it would leave the provider guessing.
#[must_use]
pub fn with_defaults(schema: &str, settings: &str) -> serde_json::Value {
    let schema: serde_json::Value = serde_json::from_str(schema).expect("the schema is JSON");
    let mut filled: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(settings).expect("the settings are a JSON object");
    for (key, property) in schema["properties"].as_object().expect("the schema lists its properties") {
        match property.get("default") {
            Some(default) => {
                filled.entry(key.clone()).or_insert_with(|| default.clone());
            }
            None => assert!(filled.contains_key(key), "`{key}` has no default and is not given"),
        }
    }
    filled.into()
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

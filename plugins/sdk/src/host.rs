//! What a provider can call: requests, the run's clock, a log. Nothing else exists.

use crate::{HttpError, Instant, Level, Request, Response, bindings::accellis::scoresheet as imports};

/// Requests to the provider's own connection.
pub trait Http {
    /// Sends one request and waits for the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`HttpError`] where there is no answer: refused by the host's policy, out of time or budget, too large.
    fn send(&self, request: &Request) -> Result<Response, HttpError>;

    /// Path and query, relative to the connection's base URL, of an absolute or root-relative link that a response
    /// holds. [`fetch::get_link`](crate::fetch::get_link) makes a request of it.
    ///
    /// # Errors
    /// Why the link cannot be followed: it leads outside the base URL, or is not such a link.
    fn relative(&self, link: &str) -> Result<String, String>;
}

/// The run a call belongs to.
pub trait Run {
    /// Writes a line to the run's log.
    fn log(&self, level: Level, message: &str);

    /// The wall clock when the run began, in milliseconds since 1970: the same throughout a run.
    fn now(&self) -> Instant;
}

/// All that a provider's `source` half is given.
pub trait Host: Http + Run {}

impl<T: Http + Run + ?Sized> Host for T {}

/// The host that a component runs in. Outside a component its calls panic: tests take
/// [`ScriptedHost`](crate::testing::ScriptedHost).
#[derive(Clone, Copy, Debug)]
pub struct Imports;

impl Http for Imports {
    fn send(&self, request: &Request) -> Result<Response, HttpError> {
        imports::http::send(request)
    }

    fn relative(&self, link: &str) -> Result<String, String> {
        imports::http::relative(link)
    }
}

impl Run for Imports {
    fn log(&self, level: Level, message: &str) {
        imports::run::log(level, message);
    }

    fn now(&self) -> Instant {
        imports::run::now()
    }
}

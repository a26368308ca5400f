//! A connection and the life of a request on it: check, wait, attach, send, and perhaps again.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderMap;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, debug, field};

use crate::address;
use crate::attempt;
use crate::base_url::BaseUrl;
use crate::credential::CredentialSource;
use crate::error::{ConnectionError, HttpError};
use crate::fault::Fault;
use crate::gateway::Gateway;
use crate::header;
use crate::limits::ConnectionLimits;
use crate::message::{Method, Request, Response};
use crate::pace::Pace;
use crate::path::RelativePath;
use crate::retry::{self, Backoff};

/// What an operator sets for a connection.
#[derive(Clone)]
pub struct ConnectionSpec {
    /// Names it in logs and errors.
    pub name: String,
    /// Where its requests go.
    pub base_url: BaseUrl,
    /// Where its credential comes from.
    pub credential: Arc<dyn CredentialSource>,
    /// Names and values that every request carries, and that the caller cannot replace.
    pub headers: Vec<(String, String)>,
    /// What it may use.
    pub limits: ConnectionLimits,
    /// Whether the base URL's host may have a private, loopback or link-local address although it does not look so: a
    /// name within the operator's own network, or a link-local address itself. An address that the base URL itself
    /// names, other than a link-local one, and `localhost` need no such leave. Usually false.
    pub allow_private_addresses: bool,
}

impl fmt::Debug for ConnectionSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("ConnectionSpec")
            .field("name", &self.name)
            .field("base_url", &self.base_url.to_string())
            .field("headers", &names)
            .field("limits", &self.limits)
            .field("allow_private_addresses", &self.allow_private_addresses)
            .finish_non_exhaustive()
    }
}

/// A way to one server, under one credential and one set of limits. Clones share the limits.
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    base_url: BaseUrl,
    credential: Arc<dyn CredentialSource>,
    fixed: HeaderMap,
    limits: ConnectionLimits,
    allow_private_addresses: bool,
    pace: Pace,
    backoff: Backoff,
    gateway: Gateway,
}

/// A request that passed every check. Only the credential is missing.
struct Prepared {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

type Outcome = Result<Response, Fault>;

impl Connection {
    pub(crate) fn open(spec: ConnectionSpec, gateway: &Gateway) -> Result<Self, ConnectionError> {
        // The client asks its resolver for names only, so an address is checked here.
        if let Some(address) = spec.base_url.address() {
            address::check_named(address, spec.allow_private_addresses)
                .map_err(|problem| ConnectionError::Address { connection: spec.name.clone(), problem })?;
        }
        let mut fixed = HeaderMap::with_capacity(spec.headers.len());
        for (name, value) in &spec.headers {
            let refuse = |problem| ConnectionError::Header {
                connection: spec.name.clone(),
                header: name.chars().take(60).collect(),
                problem,
            };
            let (parsed, value) = header::from_operator(name, value).map_err(refuse)?;
            if header::is_named_in(&fixed, parsed.as_str()) {
                return Err(refuse("is given twice; join its values by commas"));
            }
            fixed.insert(parsed, value);
        }
        // Read now only to find early what could never be sent; each try reads it again.
        if let Ok(credential) = spec.credential.current() {
            credential
                .attach(&mut fixed.clone())
                .map_err(|problem| ConnectionError::Credential { connection: spec.name.clone(), problem })?;
        }
        Ok(Self {
            inner: Arc::new(Inner {
                pace: Pace::new(&spec.limits, Arc::clone(gateway.clock())),
                backoff: Backoff::new(&spec.limits, Arc::clone(gateway.jitter())),
                name: spec.name,
                base_url: spec.base_url,
                credential: spec.credential,
                fixed,
                limits: spec.limits,
                allow_private_addresses: spec.allow_private_addresses,
                gateway: gateway.clone(),
            }),
        })
    }

    /// Its name, as the operator gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Where its requests go.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.inner.base_url
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// A GET is tried again after 429, 500, 502, 503, 504 and after a network failure that may
    /// pass, as long as the wait ends before `deadline`; the last answer is then what it is.
    /// Nothing outlives `deadline` or `cancel`.
    ///
    /// # Errors
    /// [`HttpError`], without the secret, the query or any header's value in it.
    pub async fn send(
        &self,
        request: Request,
        deadline: Instant,
        cancel: &CancellationToken,
    ) -> Result<Response, HttpError> {
        let inner = &*self.inner;
        let span = tracing::info_span!(
            "http.request",
            connection = %inner.name,
            method = %request.method,
            path = field::Empty,
            status = field::Empty,
            attempts = field::Empty,
            duration_ms = field::Empty,
            bytes = field::Empty,
        );
        let work = async {
            let prepared = inner.prepare(request).map_err(HttpError::Denied)?;
            inner.run(&prepared, deadline).await
        };
        cancel.run_until_cancelled(work.instrument(span)).await.unwrap_or(Err(HttpError::Cancelled))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("name", &self.inner.name)
            .field("base_url", &self.inner.base_url.to_string())
            .field("limits", &self.inner.limits)
            .finish_non_exhaustive()
    }
}

impl Inner {
    fn prepare(&self, request: Request) -> Result<Prepared, String> {
        let path = RelativePath::parse(&request.path)?;
        // Only now is the path known to be plain text that a log can take.
        Span::current().record("path", path.as_str());
        let url = self.base_url.join(&path, &request.query)?;
        if request.method == Method::Get && request.body.is_some() {
            return Err("a GET has no body".into());
        }
        let mut headers = header::from_caller(&request.headers, &self.fixed)?;
        headers.extend(self.fixed.clone());
        Ok(Prepared { method: request.method, url, headers, body: request.body })
    }

    /// Tries until there is an answer to hand back.
    async fn run(&self, request: &Prepared, deadline: Instant) -> Result<Response, HttpError> {
        let clock = self.gateway.clock();
        let began = clock.now();
        let mut attempt = 1;
        let mut slot = self.pace.admit(deadline).await?;
        let outcome = loop {
            let outcome = self.try_once(request, deadline).await;
            drop(slot);
            let wait = self.wait_before_next(request, attempt, deadline, &outcome);
            match &outcome {
                Ok(answer) => debug!(attempt, status = answer.status, ?wait, "tried"),
                Err(fault) => debug!(attempt, failure = fault.label(), ?wait, "tried"),
            }
            let Some(wait) = wait else { break outcome };
            clock.sleep(wait).await;
            // Where another try finds no room in time, what this one brought is the result.
            slot = match self.pace.admit(deadline).await {
                Ok(slot) => slot,
                Err(_) => break outcome,
            };
            attempt += 1;
        };
        let span = Span::current();
        span.record("attempts", attempt);
        let elapsed = clock.now().saturating_duration_since(began);
        span.record("duration_ms", u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX));
        if let Ok(answer) = &outcome {
            span.record("status", answer.status).record("bytes", answer.body.len());
        }
        outcome.map_err(|fault| fault.into_error(attempt))
    }

    async fn try_once(&self, request: &Prepared, deadline: Instant) -> Outcome {
        let client = self.gateway.client(self.base_url.is_https(), self.allow_private_addresses).await?;
        let time = deadline.saturating_duration_since(self.gateway.clock().now());
        if time.is_zero() {
            return Err(Fault::Timeout);
        }
        let mut sent = reqwest::Request::new(request.method.into(), request.url.clone());
        *sent.body_mut() = request.body.clone().map(Into::into);
        *sent.headers_mut() = request.headers.clone();
        let credential = self
            .credential
            .current()
            .map_err(|problem| Fault::Denied(format!("the credential of {} cannot be read: {problem}", self.name)))?;
        let redactor = credential.attach(sent.headers_mut()).map_err(Fault::Denied)?;
        attempt::exchange(client, &self.base_url, sent, &redactor, &self.limits, time).await
    }

    /// How long to wait before another try; none where there is to be no other.
    fn wait_before_next(
        &self,
        request: &Prepared,
        attempt: u32,
        deadline: Instant,
        outcome: &Outcome,
    ) -> Option<Duration> {
        let may_pass = match outcome {
            Ok(answer) => retry::is_retryable(answer.status),
            Err(fault) => fault.is_retryable(),
        };
        if !may_pass || !request.method.is_safe() || attempt >= self.limits.max_attempts.get() {
            return None;
        }
        let clock = self.gateway.clock();
        let asked = outcome
            .as_ref()
            .ok()
            .and_then(|answer| answer.header("retry-after"))
            .and_then(|value| retry::retry_after(value, clock.wall()));
        let wait = self.backoff.wait(attempt, asked);
        clock.now().checked_add(wait).is_some_and(|then| then < deadline).then_some(wait)
    }
}

//! The life of a request on a connection: check, wait, attach, send, and perhaps again. One try by itself is left to
//! `attempt`, whether and when there is another to `retry` and `retry_budget`.

use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderMap;
use tokio::time::Instant;
use tracing::{Span, debug};

use crate::attempt;
use crate::connection::Inner;
use crate::credential::Credential;
use crate::error::HttpError;
use crate::fault::Fault;
use crate::header;
use crate::journal::{Progress, Subject};
use crate::message::{Method, Request, Response};
use crate::path::RelativePath;
use crate::retry;

/// A request that passed every check. Only the credential is missing.
pub(crate) struct Prepared {
    pub(crate) method: Method,
    pub(crate) path: RelativePath,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
}

type Outcome = Result<Response, Fault>;

/// What one try brought.
struct Tried {
    outcome: Outcome,
    /// The digest of the credential that the server did not take; None where it took it, or asked for none.
    rejected: Option<CredentialDigest>,
}

type CredentialDigest = Option<[u8; 32]>;

/// Digests under it are compared at once and kept nowhere.
const COMPARISON: &[u8] = b"has it changed since";

const UNAUTHORIZED: u16 = 401;

impl Inner {
    pub(crate) fn prepare(&self, request: Request) -> Result<Prepared, String> {
        let path = RelativePath::parse(&request.path)?;
        // Only now is the path known to be plain text that a log can take.
        Span::current().record("path", path.as_str());
        let url = self.base_url.join(&path, &request.query)?;
        if request.method == Method::Post && !self.allow_post {
            return Err("a POST is not allowed on this connection; allow_post = true allows it".into());
        }
        if request.method == Method::Get && request.body.is_some() {
            return Err("a GET has no body".into());
        }
        let mut headers = header::from_caller(&request.headers, &self.fixed)?;
        headers.extend(self.fixed.clone());
        Ok(Prepared { method: request.method, path, url, headers, body: request.body })
    }

    /// Tries until there is an answer to hand back.
    pub(crate) async fn run(&self, request: &Prepared, deadline: Instant) -> Result<Response, HttpError> {
        let clock = self.gateway.clock();
        let began = clock.now();
        let subject = self.subject(request);
        let mut attempt = 1;
        let mut was_renewed = false;
        let mut slot = self.pace.admit(deadline).await?;
        let outcome = loop {
            let mut entry = subject.begin(attempt);
            let tried = self.try_once(request, deadline, &mut entry.progress).await;
            entry.finish(tried.outcome.as_ref().err().map(Fault::code));
            drop(slot);
            if tried.outcome.as_ref().is_ok_and(|answer| !retry::is_retryable(answer.status)) {
                self.retry_budget.refill();
            }
            let wait = if !was_renewed && self.is_renewed(request, attempt, deadline, &tried) {
                was_renewed = true;
                Some(Duration::ZERO)
            } else {
                self.wait_before_next(request, attempt, deadline, &tried.outcome)
            };
            let wait = wait.filter(|_| self.retry_budget.take());
            match &tried.outcome {
                Ok(answer) => debug!(attempt, status = answer.status, ?wait, "tried"),
                Err(fault) => debug!(attempt, failure = fault.label(), ?wait, "tried"),
            }
            let Some(wait) = wait else { break tried.outcome };
            if !wait.is_zero() {
                clock.sleep(wait).await;
            }
            // Where another try finds no room in time, what this one brought is the result.
            slot = match self.pace.admit(deadline).await {
                Ok(slot) => slot,
                Err(_) => break tried.outcome,
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

    /// Whom its notes go to.
    pub(crate) fn subject<'a>(&'a self, request: &'a Prepared) -> Subject<'a> {
        Subject {
            journal: self.gateway.journal(),
            clock: self.gateway.clock().as_ref(),
            connection: &self.name,
            method: request.method,
            path: request.path.as_str(),
            bytes_sent: request.body.as_ref().map_or(0, |body| u64::try_from(body.len()).unwrap_or(u64::MAX)),
        }
    }

    async fn try_once(&self, request: &Prepared, deadline: Instant, progress: &mut Progress) -> Tried {
        let mut credential = None;
        let outcome = self.exchange(request, deadline, progress, &mut credential).await;
        let is_rejected = matches!(&outcome, Ok(answer) if answer.status == UNAUTHORIZED);
        let rejected = credential.filter(|_| is_rejected).map(|sent: Credential| sent.digest(COMPARISON));
        Tried { outcome, rejected }
    }

    async fn exchange(
        &self,
        request: &Prepared,
        deadline: Instant,
        progress: &mut Progress,
        sent_credential: &mut Option<Credential>,
    ) -> Outcome {
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
        credential.attach(sent.headers_mut()).map_err(Fault::Denied)?;
        let redactor = credential.redactor(&self.secrets);
        *sent_credential = Some(credential);
        attempt::exchange(client, &self.base_url, sent, &redactor, &self.limits, time, progress).await
    }

    /// Whether there is another credential by now than the one that the server did not take.
    fn is_renewed(&self, request: &Prepared, attempt: u32, deadline: Instant, tried: &Tried) -> bool {
        let Some(rejected) = tried.rejected else { return false };
        request.method.is_safe()
            && attempt < self.limits.max_attempts.get()
            && self.gateway.clock().now() < deadline
            && self.credential.current().is_ok_and(|credential| credential.digest(COMPARISON) != rejected)
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

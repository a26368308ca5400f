//! The life of a request on a connection: check, wait, attach, send, and perhaps again. One try by itself is left to
//! `attempt`, whether and when there is another to `retry` and `origin`, what is kept to `cache`.

use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderMap;
use tokio::sync::SemaphorePermit;
use tokio::time::Instant;
use tracing::{Span, debug};

use crate::attempt;
use crate::cache::{self, CacheKey, Found, ResponseCache};
use crate::connection::Inner;
use crate::credential::Credential;
use crate::error::HttpError;
use crate::fault::Fault;
use crate::header;
use crate::journal::{Progress, Subject};
use crate::message::{Method, Request, Response};
use crate::origin::{Pass, Verdict};
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

/// Digests under it go into keys of the cache, and so have to be the same from run to run.
const CACHE: &[u8] = b"scoresheet response cache";

const UNAUTHORIZED: u16 = 401;
const NOT_MODIFIED: u16 = 304;

/// Why a try was not let out.
enum Held {
    /// The origin is not asked for a while.
    Closed(String),
    /// The connection's limits, or the time.
    Limits(HttpError),
}

impl Inner {
    pub(crate) fn prepare(&self, request: Request) -> Result<Prepared, String> {
        let path = RelativePath::parse(&request.path)?;
        // Only now is the path known to be plain text that a log can take.
        Span::current().record("path", path.as_str());
        let url = self.base_url.join(&path, &request.query)?;
        if request.method == Method::Get && request.body.is_some() {
            return Err("a GET has no body".into());
        }
        let mut headers = header::from_caller(&request.headers, &self.fixed)?;
        headers.extend(self.fixed.clone());
        Ok(Prepared { method: request.method, path, url, headers, body: request.body })
    }

    /// The answer, from the cache where there is one and it has it.
    pub(crate) async fn answer(&self, request: Prepared, deadline: Instant) -> Result<Response, HttpError> {
        match self.gateway.cache() {
            Some(cache) if cache::is_for(&request) => self.answer_through(cache, request, deadline).await,
            _ => self.run(&request, deadline).await,
        }
    }

    async fn answer_through(
        &self,
        cache: &dyn ResponseCache,
        mut request: Prepared,
        deadline: Instant,
    ) -> Result<Response, HttpError> {
        let clock = self.gateway.clock();
        // Without its credential the request fails, and says so itself.
        let Ok(credential) = self.credential.current() else { return self.run(&request, deadline).await };
        let key = CacheKey::of(&self.name, &request, credential.digest(CACHE));
        let left = || deadline.saturating_duration_since(clock.now());
        let kept = tokio::time::timeout(left(), cache.get(&key)).await.ok().flatten();
        let found = kept.map_or(Found::Nothing, |kept| cache::judge(&kept, clock.wall(), self.limits.max_body_bytes));
        let stale = match found {
            Found::Fresh(answer) => {
                self.subject(&request).note_cached(answer.status, answer.body.len().try_into().unwrap_or(u64::MAX));
                Span::current()
                    .record("attempts", 0)
                    .record("status", answer.status)
                    .record("bytes", answer.body.len());
                return Ok(answer);
            }
            Found::Stale(envelope) => Some(envelope),
            Found::Nothing => None,
        };
        let unconditional = stale.as_ref().map(|stale| {
            let headers = request.headers.clone();
            cache::make_conditional(&mut request.headers, stale);
            headers
        });
        let mut requested = clock.wall();
        let mut answer = self.run(&request, deadline).await?;
        if answer.status == NOT_MODIFIED
            && let Some((stale, headers)) = stale.zip(unconditional)
        {
            answer = match cache::freshen(stale, &answer) {
                Some(answer) => answer,
                // It speaks of an answer that is not the one at hand.
                None => {
                    request.headers = headers;
                    requested = clock.wall();
                    self.run(&request, deadline).await?
                }
            };
        }
        if let Some(bytes) = cache::keep(&answer, requested, clock.wall()) {
            // The answer is there: that it cannot be kept in time is no reason to do without it.
            let _ = tokio::time::timeout(left(), cache.put(&key, bytes)).await;
        }
        Ok(answer)
    }

    /// Tries until there is an answer to hand back.
    pub(crate) async fn run(&self, request: &Prepared, deadline: Instant) -> Result<Response, HttpError> {
        let clock = self.gateway.clock();
        let began = clock.now();
        let subject = self.subject(request);
        let mut attempt = 1;
        let mut was_renewed = false;
        let (mut slot, mut pass) = match self.admit(deadline).await {
            Ok(leave) => leave,
            Err(Held::Limits(error)) => return Err(error),
            Err(Held::Closed(refusal)) => {
                subject.note_refusal("circuit-open");
                return Err(HttpError::Network(refusal));
            }
        };
        let outcome = loop {
            let mut entry = subject.begin(attempt);
            let tried = self.try_once(request, deadline, pass, &mut entry.progress).await;
            entry.finish(tried.outcome.as_ref().err().map(Fault::code));
            drop(slot);
            let wait = if !was_renewed && self.is_renewed(request, attempt, deadline, &tried) {
                was_renewed = true;
                Some(Duration::ZERO)
            } else {
                self.wait_before_next(request, attempt, deadline, &tried.outcome)
            };
            let wait = wait.filter(|_| self.origin.take_retry());
            match &tried.outcome {
                Ok(answer) => debug!(attempt, status = answer.status, ?wait, "tried"),
                Err(fault) => debug!(attempt, failure = fault.label(), ?wait, "tried"),
            }
            let Some(wait) = wait else { break tried.outcome };
            if !wait.is_zero() {
                clock.sleep(wait).await;
            }
            // Where another try finds no room in time, what this one brought is the result.
            (slot, pass) = match self.admit(deadline).await {
                Ok(leave) => leave,
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

    /// Waits for the connection's own limits, and asks for the origin's leave before and after: a request that will be
    /// refused waits for nothing, and one that waited may find that others failed meanwhile.
    async fn admit(&self, deadline: Instant) -> Result<(SemaphorePermit<'_>, Pass<'_>), Held> {
        if let Some(refusal) = self.origin.refusal() {
            return Err(Held::Closed(refusal));
        }
        let slot = self.pace.admit(deadline).await.map_err(Held::Limits)?;
        let pass = self.origin.enter().map_err(Held::Closed)?;
        Ok((slot, pass))
    }

    async fn try_once(&self, request: &Prepared, deadline: Instant, pass: Pass<'_>, progress: &mut Progress) -> Tried {
        let mut credential = None;
        let outcome = self.exchange(request, deadline, pass, progress, &mut credential).await;
        let is_rejected = matches!(&outcome, Ok(answer) if answer.status == UNAUTHORIZED);
        let rejected = credential.filter(|_| is_rejected).map(|sent: Credential| sent.digest(COMPARISON));
        Tried { outcome, rejected }
    }

    async fn exchange(
        &self,
        request: &Prepared,
        deadline: Instant,
        pass: Pass<'_>,
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
        let outcome = attempt::exchange(client, &self.base_url, sent, &redactor, &self.limits, time, progress).await;
        // A server that was given no time is not to blame for needing more.
        let is_hurried = time < self.limits.header_timeout.min(self.limits.request_timeout);
        pass.settle(match &outcome {
            Ok(answer) => retry::verdict(answer.status),
            Err(Fault::Timeout) if is_hurried => Verdict::Unknown,
            Err(Fault::Timeout | Fault::Passing(_) | Fault::Lasting(_)) => Verdict::Fails,
            Err(Fault::Denied(_) | Fault::TooLarge(_)) => Verdict::Unknown,
        });
        outcome
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
        if self.origin.refusal().is_some() {
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

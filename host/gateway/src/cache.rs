//! A private cache of answers to GETs (RFC 9111): what is kept, and when it is an answer again. How long an answer is
//! fresh is left to `freshness`, its bytes to `envelope`, and keeping them to whoever implements [`ResponseCache`].
//!
//! Only what a caller saw is kept: the filtered headers, and the body with every echo of a credential taken out.
//! Nothing is guessed: an answer that names no time for which it is fresh is asked for again, by its validator.

use std::fmt;
use std::time::SystemTime;

use async_trait::async_trait;
use reqwest::header::{
    CACHE_CONTROL, HeaderMap, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, PRAGMA, RANGE,
};
use reqwest::header::{HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use crate::flight::Prepared;
use crate::message::{Method, Response};

pub(crate) mod envelope;
mod freshness;

pub(crate) use envelope::Envelope;

/// Keeps bytes under keys, for as long as it likes. It may forget anything at any time.
#[async_trait]
pub trait ResponseCache: Send + Sync + fmt::Debug {
    /// What was put there last. What is damaged is found out afterwards, and is none.
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>>;
    /// Keeps it in the place of what was there. What cannot be kept is let go: a cache is no reason to fail.
    async fn put(&self, key: &CacheKey, envelope: Vec<u8>);
}

/// Names one request of one connection under one credential. It shows nothing of either.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CacheKey([u8; 32]);

impl CacheKey {
    /// The SHA-256 of everything an answer may depend on: the connection's name, the URL with its query, the headers
    /// (the caller's and the operator's) and the credential.
    pub(crate) fn of(connection: &str, request: &Prepared, credential: Option<[u8; 32]>) -> Self {
        let mut headers: Vec<(&str, &[u8])> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        headers.sort_unstable();
        let mut digest = Sha256::new();
        let mut feed = |part: &[u8]| {
            // With its length, so that no two lists of parts come to the same bytes.
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part);
        };
        feed(b"scoresheet response 1");
        feed(connection.as_bytes());
        feed(request.url.as_str().as_bytes());
        feed(credential.as_ref().map_or(&[], |digest| digest.as_slice()));
        for (name, value) in headers {
            feed(name.as_bytes());
            feed(value);
        }
        Self(digest.finalize().into())
    }

    /// Its 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CacheKey({self})")
    }
}

/// What a request finds in the cache.
pub(crate) enum Found {
    /// Nothing of use.
    Nothing,
    /// An answer.
    Fresh(Response),
    /// One that the server may say still holds.
    Stale(Envelope),
}

/// Whether a request may be answered from the cache, and its answer kept there. A caller that sets conditions of its
/// own, asks for a part or speaks to caches has its own mind.
pub(crate) fn is_for(request: &Prepared) -> bool {
    const THEIR_OWN: [HeaderName; 8] =
        [CACHE_CONTROL, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, PRAGMA, RANGE];
    request.method == Method::Get && !THEIR_OWN.iter().any(|name| request.headers.contains_key(name))
}

/// What the bytes from the cache are worth now.
pub(crate) fn judge(bytes: &[u8], now: SystemTime, max_body_bytes: u64) -> Found {
    let Ok(envelope) = Envelope::parse(bytes) else { return Found::Nothing };
    // The cap may have been lowered since.
    if u64::try_from(envelope.body.len()).is_ok_and(|length| length > max_body_bytes) {
        return Found::Nothing;
    }
    match freshness::age_if_fresh(&envelope, now) {
        Some(age) => Found::Fresh(envelope.into_response(Some(age))),
        None if freshness::has_validator(&envelope.headers) => Found::Stale(envelope),
        None => Found::Nothing,
    }
}

/// Adds the conditions under which the server need not send a stale answer again.
pub(crate) fn make_conditional(headers: &mut HeaderMap, stale: &Envelope) {
    for (validator, name) in [
        (freshness::etag(&stale.headers), IF_NONE_MATCH),
        (freshness::last_modified(&stale.headers), IF_MODIFIED_SINCE),
    ] {
        if let Some(value) = validator.and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(name, value);
        }
    }
}

/// The bytes to keep of an answer; none where it may not be kept, or would be of no use.
pub(crate) fn keep(answer: &Response, requested: SystemTime, received: SystemTime) -> Option<Vec<u8>> {
    if answer.status != 200 || !freshness::may_be_kept(&answer.headers) {
        return None;
    }
    let envelope = Envelope { requested, received, headers: answer.headers.clone(), body: answer.body.clone() };
    envelope.to_bytes()
}

/// They speak of the body that a 304 does not have.
const OF_THE_BODY: [&str; 4] = ["content-encoding", "content-length", "content-range", "content-type"];

/// The kept answer with what a 304 says anew (section 3.2); none where the 304 speaks of another one.
pub(crate) fn freshen(stale: Envelope, not_modified: &Response) -> Option<Response> {
    if let Some(now) = freshness::etag(&not_modified.headers) {
        let then = freshness::etag(&stale.headers)?;
        if now.trim_start_matches("W/") != then.trim_start_matches("W/") {
            return None;
        }
    }
    let news: Vec<&(String, String)> =
        not_modified.headers.iter().filter(|(name, _)| !OF_THE_BODY.contains(&name.as_str())).collect();
    let mut response = stale.into_response(None);
    // An age that the 304 does not repeat is that of the old answer.
    response.headers.retain(|(name, _)| name != "age" && !news.iter().any(|(new, _)| new == name));
    response.headers.extend(news.into_iter().cloned());
    Some(response)
}

#[cfg(test)]
mod tests;

//! One try: send, read the head, read the body, each within its limits. Whether to try again is left to `flight`.

use std::time::Duration;

use reqwest::Client;
use reqwest::header::HeaderMap;

use crate::base_url::BaseUrl;
use crate::fault::{self, Fault};
use crate::header;
use crate::journal::Progress;
use crate::limits::ConnectionLimits;
use crate::message::Response;
use crate::redact::Redactor;

/// Room set aside for a body whose length the server announces; it is not to be believed further.
const MAX_RESERVED_BYTES: u64 = 1024 * 1024;

/// Sends the request and reads the whole answer, within `time` at most.
pub(crate) async fn exchange(
    client: &Client,
    base: &BaseUrl,
    request: reqwest::Request,
    redactor: &Redactor,
    limits: &ConnectionLimits,
    time: Duration,
    progress: &mut Progress,
) -> Result<Response, Fault> {
    let whole = async {
        let head = tokio::time::timeout(limits.header_timeout, client.execute(request));
        let answer = head.await.map_err(|_| Fault::Timeout)?.map_err(|e| fault::classify(e, base))?;
        read(answer, base, redactor, limits, progress).await
    };
    tokio::time::timeout(time.min(limits.request_timeout), whole).await.map_err(|_| Fault::Timeout)?
}

async fn read(
    mut answer: reqwest::Response,
    base: &BaseUrl,
    redactor: &Redactor,
    limits: &ConnectionLimits,
    progress: &mut Progress,
) -> Result<Response, Fault> {
    let cap = limits.max_body_bytes;
    let status = answer.status().as_u16();
    progress.status = Some(status);
    let headers: HeaderMap = std::mem::take(answer.headers_mut());
    let announced = answer.content_length().unwrap_or_default();
    if announced > cap {
        return Err(Fault::TooLarge(cap));
    }
    let mut body = Vec::with_capacity(usize::try_from(announced.min(MAX_RESERVED_BYTES)).unwrap_or_default());
    // The chunks are decompressed already, a few KiB at a time: a bomb is noticed at the cap, not after it went off.
    loop {
        let next = tokio::time::timeout(limits.idle_timeout, answer.chunk());
        let next = next.await.map_err(|_| Fault::Timeout)?.map_err(|e| fault::classify(e, base))?;
        let Some(chunk) = next else { break };
        progress.received = progress.received.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if progress.received > cap {
            return Err(Fault::TooLarge(cap));
        }
        body.extend_from_slice(&chunk);
    }
    let body = redactor.redact(body);
    Ok(Response { status, headers: header::visible(&headers, body.len(), redactor), body })
}

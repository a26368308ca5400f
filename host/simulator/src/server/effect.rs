//! What each fault does: to the connection, in place of an answer, or to the answer.
//! What faults do to the rows of a page stands in `page`.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use futures_util::stream;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    answer::{self, put_header},
    fault::Fault,
    state::{InFlight, pause},
    stuff,
    wire::{Ending, Plan},
};

/// How the connection fares.
pub(super) const fn plan(fault: &Fault) -> Plan {
    match fault {
        Fault::ResetConnection { after_body_bytes } => Plan::BreakOff(*after_body_bytes, Ending::Reset),
        Fault::CutBody { at_byte } => Plan::BreakOff(Some(*at_byte), Ending::Close),
        Fault::StaleKeepAlive => Plan::ResetAtNextRead,
        _ => Plan::Whole,
    }
}

/// How much longer the answer's head takes.
pub(super) const fn delay(fault: &Fault) -> Duration {
    match fault {
        Fault::Slow { millis } => Duration::from_millis(*millis),
        _ => Duration::ZERO,
    }
}

/// What is answered without looking at the request.
pub(super) fn instead(fault: &Fault) -> Option<Response> {
    Some(match fault {
        Fault::Status(status) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            answer::error(status, "simulated", &format!("a simulated fault: {status}"))
        }
        Fault::RateLimited { retry_after } => {
            let mut response = answer::error(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "too many requests");
            put_header(&mut response, header::RETRY_AFTER, retry_after);
            response
        }
        Fault::HtmlWith200 => answer::whole(StatusCode::OK, "text/html; charset=utf-8", LOGIN_PAGE),
        Fault::RedirectTo(address) => {
            let mut response = answer::error(StatusCode::FOUND, "moved", "this lives elsewhere");
            put_header(&mut response, header::LOCATION, address);
            response
        }
        Fault::GzipBomb { mebibytes } => {
            let mut response = answer::json(stuff::gzip_bomb(*mebibytes));
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        Fault::HugeBody { mebibytes } => answer::json(stuff::huge(*mebibytes)),
        Fault::DeepJson { depth } => answer::json(stuff::deep(*depth)),
        _ => return None,
    })
}

/// What becomes of the answer that would have been right.
pub(super) async fn afterwards(
    fault: &Fault,
    mut response: Response,
    authorization: Option<&str>,
    stopping: CancellationToken,
    in_flight: InFlight,
) -> Response {
    match fault {
        Fault::TruncatedJson => change_body(response, |body| body.slice(..body.len() / 2)).await,
        Fault::WrongContentType(content_type) => {
            put_header(&mut response, header::CONTENT_TYPE, content_type);
            response
        }
        Fault::EchoCredential => {
            let echoed = authorization.unwrap_or_default();
            put_header(&mut response, HeaderName::from_static("x-debug-authorization"), echoed);
            change_json(response, |body| echo(body, echoed)).await
        }
        Fault::RenamedField { from, to } => change_json(response, |body| rename(body, from, to)).await,
        Fault::Drip { bytes, millis } => {
            drip(response, (*bytes).max(1), Duration::from_millis(*millis), stopping, in_flight).await
        }
        _ => response,
    }
}

const LOGIN_PAGE: &str = "<!doctype html>\n<title>Sign in</title>\n<h1>Sign in to continue</h1>\n";

async fn change_body(response: Response, change: impl FnOnce(Bytes) -> Bytes) -> Response {
    let (parts, body) = response.into_parts();
    // The routes make their bodies in memory: reading one cannot fail.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    Response::from_parts(parts, Body::from(change(body)))
}

async fn change_json(response: Response, change: impl FnOnce(&mut Value)) -> Response {
    change_body(response, |body| match serde_json::from_slice::<Value>(&body) {
        Ok(mut json) => {
            change(&mut json);
            json.to_string().into()
        }
        Err(_) => body,
    })
    .await
}

/// Where a careless server would put it: into the error's message, or beside the data. A bare array has room for neither.
fn echo(body: &mut Value, authorization: &str) {
    if let Some(Value::String(message)) = body.pointer_mut("/error/message") {
        message.push_str(&format!(" (Authorization: {authorization})"));
    } else if let Some(object) = body.as_object_mut() {
        object.insert("debug".to_owned(), serde_json::json!({"authorization": authorization}));
    }
}

fn rename(body: &mut Value, from: &str, to: &str) {
    let rows = if body.is_array() { Some(body) } else { body.get_mut("data") };
    for row in rows.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
        if let Some(value) = row.shift_remove(from) {
            row.insert(to.to_owned(), value);
        }
    }
}

async fn drip(
    response: Response,
    bytes: usize,
    wait: Duration,
    stopping: CancellationToken,
    in_flight: InFlight,
) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
    // The request is under way until its last morsel has gone.
    let state = (body, stopping, in_flight);
    let morsels = stream::unfold(state, move |(mut rest, stopping, in_flight)| async move {
        if rest.is_empty() {
            return None;
        }
        pause(wait, &stopping).await;
        let morsel = rest.split_to(bytes.min(rest.len()));
        Some((Ok::<_, Infallible>(morsel), (rest, stopping, in_flight)))
    });
    Response::from_parts(parts, Body::from_stream(morsels))
}

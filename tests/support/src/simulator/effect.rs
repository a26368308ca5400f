//! What each fault does: to the connection, in place of an answer, or to the answer.
//! Which rows a page has is left to `page`, what they contain to `rows`, oversized bodies and heads to `oversized`.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use futures_util::stream;
use scoresheet_simulator::server::response::{self, put_header};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    fault::Fault,
    oversized, rows,
    state::{InFlight, pause},
    wire::{ChangedHeader, Ending, Place, Plan},
};

/// The request that a fault applies to.
pub(super) struct FaultedRequest {
    /// Its credential.
    pub(super) credential: Option<String>,
    /// Its page number.
    pub(super) page: u32,
    /// Ends every pause.
    pub(super) stopping: CancellationToken,
    /// The request is in flight for as long as this lives.
    pub(super) in_flight: InFlight,
}

/// What the fault does to the connection.
pub(super) fn plan(fault: &Fault) -> Plan {
    match fault {
        Fault::ResetConnection { after_body_bytes: None } | Fault::Refused => {
            Plan::BreakOff(Place::BeforeHead, Ending::Reset)
        }
        Fault::ResetConnection { after_body_bytes: Some(bytes) } => {
            Plan::BreakOff(Place::InBody(*bytes), Ending::Reset)
        }
        Fault::CutBody { at_byte } => Plan::BreakOff(Place::InBody(*at_byte), Ending::Close),
        Fault::CutConnection { at_byte } => Plan::BreakOff(Place::InAnswer(*at_byte), Ending::Close),
        Fault::StaleKeepAlive => Plan::ResetAtNextRead,
        Fault::NotHttp => Plan::Greeting,
        Fault::SlowHead { bytes, millis } => Plan::SlowHead(*bytes, Duration::from_millis(*millis)),
        Fault::WrongLength { off_by } => Plan::ChangeHeader(ChangedHeader::Length(*off_by)),
        Fault::ClockAhead { seconds } => Plan::ChangeHeader(ChangedHeader::Date(*seconds)),
        _ => Plan::Whole,
    }
}

/// The delay before the response's head.
pub(super) const fn delay(fault: &Fault) -> Duration {
    match fault {
        Fault::Slow { millis } => Duration::from_millis(*millis),
        _ => Duration::ZERO,
    }
}

/// The response that replaces the right one, when the fault applies for the nth time.
pub(super) fn instead(fault: &Fault, nth: u64) -> Option<Response> {
    Some(match fault {
        Fault::Status(status) => failed(StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)),
        Fault::Unauthorized => response::unauthorized(),
        Fault::Forbidden(permission) => response::forbidden(*permission),
        Fault::RateLimited { retry_after } => response::rate_limited("too many requests", retry_after),
        Fault::Storm => failed(STORM[(nth.saturating_sub(1) % STORM.len() as u64) as usize]),
        Fault::HtmlWith200 => response::with_body(StatusCode::OK, "text/html; charset=utf-8", LOGIN_PAGE),
        Fault::RedirectTo(address) => {
            let mut response = response::error(StatusCode::FOUND, "moved", "this lives elsewhere");
            put_header(&mut response, header::LOCATION, address);
            response
        }
        Fault::GzipBomb { mebibytes } => {
            let mut response = response::json(oversized::gzip_bomb(*mebibytes));
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        Fault::HugeBody { mebibytes } => response::json(oversized::huge(*mebibytes)),
        Fault::EndlessBody => response::json(oversized::endless()),
        Fault::DeepJson { depth } => response::json(oversized::deep(*depth)),
        _ => return None,
    })
}

fn failed(status: StatusCode) -> Response {
    response::error(status, "simulated", &format!("a simulated fault: {status}"))
}

/// What servers and the proxies before them answer when all is too much.
const STORM: [StatusCode; 4] = [
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

/// Whether the fault closes the port from this request on.
pub(super) fn closes_port(fault: &Fault) -> bool {
    *fault == Fault::Refused
}

/// Changes a response as the fault says.
pub(super) async fn afterwards(fault: &Fault, mut response: Response, request: FaultedRequest) -> Response {
    match fault {
        Fault::TruncatedJson => change_body(response, |body| body.slice(..body.len() / 2)).await,
        Fault::WrongContentType(content_type) => {
            put_header(&mut response, header::CONTENT_TYPE, content_type);
            response
        }
        Fault::EchoCredential => {
            let echoed = request.credential.as_deref().unwrap_or_default();
            put_header(&mut response, HeaderName::from_static("x-debug-authorization"), echoed);
            change_json(response, |body| echo(body, echoed)).await
        }
        Fault::HugeHead { kibibytes } => {
            oversized::fill(response.headers_mut(), *kibibytes);
            response
        }
        Fault::RenamedField { from, to } => change_json(response, |body| rows::rename(body, from, to)).await,
        Fault::FutureDates { days } => {
            let ahead = i64::from(*days) * SECONDS_IN_A_DAY;
            change_json(response, |body| rows::answered_later(body, ahead)).await
        }
        Fault::ClockAhead { seconds } => change_json(response, |body| rows::answered_later(body, *seconds)).await,
        Fault::Scores(score) => change_json(response, |body| rows::score(body, score)).await,
        Fault::Names(form) => change_json(response, |body| rows::write_names(body, *form)).await,
        Fault::EndlessPages => change_json(response, |body| rows::tell_apart(body, request.page)).await,
        Fault::Drip { bytes, millis } => {
            drip(response, (*bytes).max(1), Duration::from_millis(*millis), request.stopping, request.in_flight).await
        }
        _ => response,
    }
}

const SECONDS_IN_A_DAY: i64 = 86_400;

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

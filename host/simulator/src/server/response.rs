//! The shapes of responses: JSON, and errors in JSON.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::json;

use super::state::Permission;

/// A response with this content type.
pub fn with_body(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// 200 with this JSON.
pub fn json(body: impl Into<Body>) -> Response {
    with_body(StatusCode::OK, JSON, body)
}

/// `{"error": {"code", "message"}}`; no body where the status allows none.
#[must_use]
pub fn error(status: StatusCode, code: &str, message: &str) -> Response {
    if status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        return response;
    }
    let body = json!({"error": {"code": code, "message": message}});
    with_body(status, JSON, body.to_string())
}

/// 401 with `WWW-Authenticate`.
#[must_use]
pub fn unauthorized() -> Response {
    let mut response = error(StatusCode::UNAUTHORIZED, "unauthorized", "the API key is missing, wrong or expired");
    put_header(&mut response, header::WWW_AUTHENTICATE, "Bearer");
    response
}

/// 403 for a missing permission.
#[must_use]
pub fn forbidden(permission: Permission) -> Response {
    error(StatusCode::FORBIDDEN, "forbidden", &format!("the key lacks the permission \"{}\"", permission.title()))
}

/// 429 with this `Retry-After`; without the header if it is empty.
#[must_use]
pub fn rate_limited(message: &str, retry_after: &str) -> Response {
    let mut response = error(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message);
    if !retry_after.is_empty() {
        put_header(&mut response, header::RETRY_AFTER, retry_after);
    }
    response
}

/// Sets a header; a value that HTTP cannot carry is left out.
pub fn put_header(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// CrewHu's content type.
const JSON: &str = "application/json";

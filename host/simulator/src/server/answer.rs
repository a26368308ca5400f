//! The shapes of answers: JSON, errors in JSON.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::json;

use super::fault::Permission;

/// A body of this content type.
pub(super) fn whole(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// 200 with this JSON.
pub(super) fn json(body: impl Into<Body>) -> Response {
    whole(StatusCode::OK, JSON, body)
}

/// `{"error": {"code", "message"}}`; without a body where the status has none.
pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    if status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        return response;
    }
    let body = json!({"error": {"code": code, "message": message}});
    whole(status, JSON, body.to_string())
}

/// 401, and how to do better.
pub(super) fn unauthorised() -> Response {
    let mut response = error(StatusCode::UNAUTHORIZED, "unauthorized", "the API key is missing, wrong or expired");
    put_header(&mut response, header::WWW_AUTHENTICATE, "Bearer");
    response
}

/// 403 for want of a permission.
pub(super) fn lacking(permission: Permission) -> Response {
    error(StatusCode::FORBIDDEN, "forbidden", &format!("the key lacks the permission \"{}\"", permission.title()))
}

/// 429, and when to come again; a text that is empty is left out.
pub(super) fn rate_limited(message: &str, retry_after: &str) -> Response {
    let mut response = error(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message);
    if !retry_after.is_empty() {
        put_header(&mut response, header::RETRY_AFTER, retry_after);
    }
    response
}

/// Puts a header; a value that HTTP cannot carry is left out.
pub(super) fn put_header(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// What CrewHu says it sends.
pub(super) const JSON: &str = "application/json";

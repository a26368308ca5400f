//! The checks that every request passes before its route: rate limit, dialect, API key.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use super::{dialect, response, routes, state::Shared};

/// Rejects a request, or passes it on to its route.
pub(super) async fn gate(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    // Everything that depends on the order of arrival happens before the first wait.
    let path = request.uri().path();
    let served = shared.dialect.serves(path);
    let authorized = shared.authorizes(path, dialect::credential(path, request.headers()).as_deref());
    let admitted = shared.limiter().admit(Instant::now());

    shared.delay().await;

    match (admitted, served, authorized) {
        (Err(seconds), ..) => response::rate_limited("too many requests in this minute", &seconds.to_string()),
        (Ok(()), false, _) => routes::not_found().await,
        (Ok(()), true, false) => response::unauthorized(),
        (Ok(()), true, true) => next.run(request).await,
    }
}

//! What every request passes: the log, faults, latency, the rate limit, the key.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, Query, Request, State},
    http::{StatusCode, Version, header},
    middleware::Next,
    response::Response,
};

use super::{
    answer::{self, put_header},
    effect,
    fault::Fault,
    log::LoggedRequest,
    state::Shared,
    wire::{Ending, Plan, Wire},
};

/// The fault that a page has to be bent by, for the routes.
#[derive(Clone)]
pub(super) struct Struck(pub(super) Arc<Fault>);

/// Answers, or lets a route answer.
pub(super) async fn gate(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    mut request: Request,
    next: Next,
) -> Response {
    // Everything that depends on the order of arrival happens before the first wait.
    let in_flight = shared.in_flight();
    let path = request.uri().path().to_owned();
    let Query(query) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()).unwrap_or_default();
    let page = query.iter().find(|(name, _)| name == "page").and_then(|(_, page)| page.parse().ok()).unwrap_or(1);
    let authorization =
        request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let authorised = shared.authorises(authorization.as_deref());
    let fault = shared.faults().strike(&path, page);
    let number = shared.log().begin(LoggedRequest {
        method: request.method().to_string(),
        path,
        query,
        status: None,
        authorization_ok: authorised,
    });
    let plan = fault.as_deref().map_or(Plan::Whole, effect::plan);
    let plan = match plan {
        Plan::BreakOff(..) | Plan::ResetAtNextRead if request.version() == Version::HTTP_2 => {
            Plan::BreakOff(None, Ending::Reset)
        }
        plan => plan,
    };
    wire.plan(plan);
    let instead = fault.as_deref().and_then(effect::instead);
    let admitted = if instead.is_none() { shared.limiter().admit(Instant::now()) } else { Ok(()) };

    shared.pause(shared.latency + fault.as_deref().map_or(Duration::ZERO, effect::delay)).await;

    let response = match (instead, admitted) {
        (Some(response), _) => response,
        (None, Err(seconds)) => rate_limited(seconds),
        (None, Ok(())) => {
            if let Some(fault) = &fault {
                request.extensions_mut().insert(Struck(Arc::clone(fault)));
            }
            let response = if authorised { next.run(request).await } else { unauthorised() };
            match &fault {
                Some(fault) => {
                    effect::afterwards(fault, response, authorization.as_deref(), shared.stopping(), in_flight).await
                }
                None => response,
            }
        }
    };
    if plan != Plan::BreakOff(None, Ending::Reset) {
        shared.log().finish(number, response.status().as_u16());
    }
    response
}

fn rate_limited(seconds: u64) -> Response {
    let mut response = answer::error(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "too many requests in this minute");
    put_header(&mut response, header::RETRY_AFTER, &seconds.to_string());
    response
}

fn unauthorised() -> Response {
    let mut response =
        answer::error(StatusCode::UNAUTHORIZED, "unauthorized", "the API key is missing, wrong or expired");
    put_header(&mut response, header::WWW_AUTHENTICATE, "Bearer");
    response
}
